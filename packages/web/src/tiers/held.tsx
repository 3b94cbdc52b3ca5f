import type { Tenancy } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { Use } from "../admin/use.js";
import css from "./tiers.module.css";

/** Phones that are held, of how many the tier allows; virtual ones are free and do not count. */
export function Held({ tenancy: { held, phones } }: { tenancy: Pick<Tenancy, "held" | "phones"> }) {
  const { t } = useTranslation();
  if (phones === 0 && held === 0) return <span className={css.small}>{t("tiers.phones.T0")}</span>;
  return <Use name={t("tiers.held")} used={held} most={phones} />;
}
