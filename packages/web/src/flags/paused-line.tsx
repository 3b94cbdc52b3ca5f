import { IconPlayerPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { api } from "../api/client.js";
import { useSession } from "../session/use-session.js";
import css from "./flags.module.css";

const AGAIN_MS = 15_000;

/** Above every page of an organisation of which watching has paused something: what, and where it can be appealed. */
export function PausedLine() {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname } = useLocation();
  const tenant = session?.role == null ? null : session.tenant;
  const flags = useQuery({
    ...api.flags.list.queryOptions({ input: { tenant: tenant ?? "", limit: 50 } }),
    enabled: tenant !== null,
    refetchInterval: AGAIN_MS,
    retry: false,
  });
  const paused = (flags.data?.items ?? []).filter((flag) => flag.paused && flag.tenant === tenant);
  const [first] = paused;
  if (!first || pathname === "/admin/flags") return null;
  return (
    <div className={css.line} role="status">
      <IconPlayerPause size={18} stroke={1.5} aria-hidden="true" />
      <span>
        {t("flags.line", { count: paused.length, rule: t(`flags.rule.${first.rule}`) })}{" "}
        <Link to="/admin/{-$part}" params={{ part: "flags" }}>
          {t("flags.lineDo")}
        </Link>
      </span>
    </div>
  );
}
