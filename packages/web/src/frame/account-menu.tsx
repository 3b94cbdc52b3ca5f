import { Menu } from "@mantine/core";
import type { Session } from "@phonerack/contract/api";
import {
  IconApps,
  IconBuildingCommunity,
  IconCheck,
  IconChevronDown,
  IconListCheck,
  IconLogout,
  IconSettings,
  IconUser,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { useWaiting } from "../flags/use-waiting.js";
import { WaitingMark } from "../flags/waiting-mark.js";
import { useEntered } from "../log-in/use-entered.js";
import { hasRole, useSession } from "../session/use-session.js";
import css from "./frame.module.css";

const ICON = { size: 16, stroke: 1.5, "aria-hidden": true } as const;

/** Who one is and for which organisation one acts; another of them, the account, the way out. */
export function AccountMenu() {
  const session = useSession();
  if (!session) return <span className={css.account} aria-hidden="true" />;
  return <MenuOf session={session} />;
}

function MenuOf({ session }: { session: Session }) {
  const { t } = useTranslation();
  const entered = useEntered();
  const waiting = useWaiting();
  const act = useMutation(api.session.act.mutationOptions({ onSuccess: entered }));
  const end = useMutation(api.session.end.mutationOptions({ onSuccess: entered }));
  return (
    <Menu position="bottom-end" shadow="none" width={240}>
      <Menu.Target>
        <button type="button" className={css.account} aria-label={t("account.menu", { name: session.name })}>
          <span className={css.tenant}>{session.tenantName}</span>
          <span className={css.avatar} aria-hidden="true">
            {initialsOf(session.name)}
          </span>
          <IconChevronDown size={14} stroke={1.5} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={css.who}>
          <strong>{session.name}</strong>
          {session.email && <span>{session.email}</span>}
        </div>
        {session.tenants.length > 0 && (
          <>
            <Menu.Divider />
            <Menu.Label>{t("account.organisations")}</Menu.Label>
            {session.tenants.map(({ id, name, role }) => (
              <Menu.Item
                key={id}
                disabled={act.isPending}
                aria-current={id === session.tenant ? "true" : undefined}
                rightSection={id === session.tenant ? <IconCheck {...ICON} /> : undefined}
                onClick={() => id !== session.tenant && act.mutate({ tenant: id })}
              >
                {name} <span className={css.dim}>{t(`account.role.${role}`)}</span>
              </Menu.Item>
            ))}
          </>
        )}
        <Menu.Divider />
        {/* Their places in the rail are on wide screens only. */}
        <Menu.Item className={css.narrowOnly ?? ""} component={Link} to="/apps" leftSection={<IconApps {...ICON} />}>
          {t("nav.apps")}
        </Menu.Item>
        <Menu.Item className={css.narrowOnly ?? ""} component={Link} to="/jobs" leftSection={<IconListCheck {...ICON} />}>
          {t("nav.jobs")}
        </Menu.Item>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser {...ICON} />}>
          {t("account.open")}
        </Menu.Item>
        {(hasRole(session, "operator") || session.lab) && (
          <Menu.Item component={Link} to="/admin/{-$part}" leftSection={<IconBuildingCommunity {...ICON} />}>
            {t("nav.admin")} <WaitingMark count={waiting.flags + waiting.cases} late={waiting.overdue > 0} />
          </Menu.Item>
        )}
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings {...ICON} />}>
          {t("nav.settings")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout {...ICON} />} onClick={() => end.mutate(undefined)}>
          {t("account.logOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The first letters of the first and the last word. */
function initialsOf(name: string): string {
  const words = name.split(/[\s@.]+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => Array.from(word ?? "")[0] ?? "");
  return letters.join("").toLocaleUpperCase() || "?";
}
