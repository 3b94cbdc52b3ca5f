import { Link, useLocation } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useSession } from "../session/use-session.js";
import css from "./frame.module.css";

/** For the owner who came in by the printed link, until there is another way back. */
export function CompleteLine() {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname } = useLocation();
  if (!session || session.complete || session.kind !== "person" || pathname === "/account") return null;
  return (
    <div className={css.calm} role="status">
      {t("account.complete")}
      <Link to="/account">{t("account.completeDo")}</Link>
    </div>
  );
}
