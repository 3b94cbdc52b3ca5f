import { useTranslation } from "react-i18next";
import { formatNumber } from "../language/format.js";
import css from "./flags.module.css";

const MOST_SHOWN = 99;

/** How many wait for a person, beside what leads to them; nothing where none does. */
export function WaitingMark({ count, late = false }: { count: number; late?: boolean }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <span className={css.waiting} data-late={late || undefined} title={t("flags.waits", { count })}>
      <span aria-hidden="true">{count > MOST_SHOWN ? `${MOST_SHOWN}+` : formatNumber(count)}</span>
      <span className="visually-hidden">{t("flags.waits", { count })}</span>
    </span>
  );
}
