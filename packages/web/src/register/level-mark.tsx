import type { Licence } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import css from "./register.module.css";

const STEPS: readonly Licence["level"][] = ["shape-ok", "document-attached", "registry-confirmed"];

/** How far a licence was shown, as three steps of which only the last one counts. */
export function LevelMark({ level }: { level: Licence["level"] }) {
  const { t } = useTranslation();
  const reached = STEPS.indexOf(level) + 1;
  return (
    <span className={css.level} data-level={level}>
      <span className={css.steps} aria-hidden="true">
        {STEPS.map((step, at) => (
          <i key={step} data-on={at < reached || undefined} />
        ))}
      </span>
      {t(`register.level.${level}`)}
    </span>
  );
}
