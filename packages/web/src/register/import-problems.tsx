import type { RegisterImport } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import page from "../page/page.module.css";
import css from "./register.module.css";

const MOST_SHOWN = 200;

/** What is refused of a file, and why; with one of these nothing of it is taken. */
export function ImportProblems({ problems }: Pick<RegisterImport, "problems">) {
  const { t } = useTranslation();
  return (
    <section className={css.problems} aria-label={t("register.refused")}>
      <p role="alert">{t("register.refusedRows", { count: problems.length })}</p>
      <div className={css.scroll}>
        <table className={page.table}>
          <thead>
            <tr>
              <th>{t("register.at")}</th>
              <th>{t("register.device")}</th>
              <th>{t("register.field")}</th>
              <th>{t("register.why")}</th>
            </tr>
          </thead>
          <tbody>
            {problems.slice(0, MOST_SHOWN).map(({ at, device, field, message }) => (
              <tr key={`${at} ${field ?? ""} ${message}`}>
                <td className={page.nowrap}>{at}</td>
                <td>{device}</td>
                <td className="mono">{field}</td>
                <td className={css.problem}>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problems.length > MOST_SHOWN && <p className={css.dim}>{t("register.onlyFirst", { count: MOST_SHOWN })}</p>}
    </section>
  );
}
