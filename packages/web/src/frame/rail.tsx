import {
  IconApps,
  IconBuildingCommunity,
  IconCalendarTime,
  IconLayoutGrid,
  IconListCheck,
  IconSearch,
  IconServer2,
  IconSettings,
  IconUsersGroup,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useWaiting } from "../flags/use-waiting.js";
import { WaitingMark } from "../flags/waiting-mark.js";
import { hasRole, useSession } from "../session/use-session.js";
import css from "./frame.module.css";

const ICON = { size: 20, stroke: 1.5, "aria-hidden": true } as const;

/** The pages there are; a bar at the bottom on narrow screens, where search has its place in it. */
export function Rail({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation();
  const session = useSession();
  const waiting = useWaiting();
  return (
    <nav className={css.rail} aria-label={t("nav.label")}>
      <Link to="/" className={css.item} activeOptions={{ exact: true, includeSearch: false }}>
        <IconLayoutGrid {...ICON} />
        {t("nav.wall")}
      </Link>
      <Link to="/racks" className={`${css.item} ${css.wideOnly}`}>
        <IconServer2 {...ICON} />
        {t("nav.racks")}
      </Link>
      <Link to="/leases" className={css.item} activeOptions={{ includeSearch: false }}>
        <IconCalendarTime {...ICON} />
        {t("nav.leases")}
      </Link>
      <Link to="/groups" className={css.item}>
        <IconUsersGroup {...ICON} />
        {t("nav.groups")}
      </Link>
      <Link to="/apps" className={`${css.item} ${css.wideOnly}`}>
        <IconApps {...ICON} />
        {t("nav.apps")}
      </Link>
      <Link to="/jobs" className={`${css.item} ${css.wideOnly}`}>
        <IconListCheck {...ICON} />
        {t("nav.jobs")}
      </Link>
      <button type="button" className={`${css.item} ${css.narrowOnly}`} onClick={onSearch}>
        <IconSearch {...ICON} />
        {t("nav.search")}
      </button>
      {(hasRole(session, "operator") || session?.lab) && (
        <Link to="/admin/{-$part}" className={`${css.item} ${css.marked} ${css.last} ${css.wideOnly}`}>
          <IconBuildingCommunity {...ICON} />
          {t("nav.admin")}
          <WaitingMark count={waiting.flags + waiting.cases} late={waiting.overdue > 0} />
        </Link>
      )}
      <Link to="/settings" className={`${css.item} ${css.last} ${css.wideOnly}`}>
        <IconSettings {...ICON} />
        {t("nav.settings")}
      </Link>
    </nav>
  );
}
