import type { Kept } from "@phonerack/contract/api";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import page from "../page/page.module.css";
import css from "./privacy.module.css";

/** Each kind of what is kept: what it is, why, how long; and, where it is somebody's, how much. */
export function KeptTable({ items, counted = false }: { items: readonly Kept[]; counted?: boolean }) {
  const { t } = useTranslation();
  return (
    <table className={page.table}>
      <thead>
        <tr>
          <th>{t("privacy.what")}</th>
          <th>{t("privacy.howLong")}</th>
          {counted && <th>{t("privacy.ofYou")}</th>}
        </tr>
      </thead>
      <tbody>
        {items.map((kept) => (
          <tr key={kept.kind}>
            <td>
              {t(`privacy.kind.${kept.kind}`)}
              <span className={css.why}>{t(`privacy.why.${kept.kind}`)}</span>
            </td>
            <td className={css.long} data-name={t("privacy.howLong")}>
              {howLong(t, kept)}
            </td>
            {counted && (
              <td className={css.count} data-name={t("privacy.ofYou")}>
                {formatNumber(kept.count)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function howLong(t: TFunction, { kind, days }: Kept): string {
  if (days === null) return t(`privacy.until.${kind}` as "privacy.until.account");
  return t(kind === "hands" || kind === "trials" || kind === "events" ? "privacy.days" : "privacy.daysAfter", { count: days });
}
