import { type Flag, FlagRule } from "@phonerack/contract/api";
import { useTranslation } from "react-i18next";
import { formatDay } from "../language/format.js";
import css from "./flags.module.css";

const DAYS = 30;
const DAY_MS = 86_400_000;
const [HEIGHT, BAR, GAP] = [24, 4, 2];

/** How often each rule flagged lately: a bar a day, the oldest first. */
export function RuleCounts({ flags }: { flags: readonly Flag[] }) {
  const { t } = useTranslation();
  const today = new Date().setHours(0, 0, 0, 0);
  const first = today - (DAYS - 1) * DAY_MS;
  const perRule = FlagRule.options.map((rule) => {
    const days = Array.from({ length: DAYS }, () => 0);
    for (const flag of flags) {
      const day = Math.floor((flag.at - first) / DAY_MS);
      if (flag.rule === rule && day >= 0) days[Math.min(DAYS - 1, day)] = (days[Math.min(DAYS - 1, day)] ?? 0) + 1;
    }
    return { rule, days, count: days.reduce((sum, one) => sum + one, 0) };
  });
  const most = Math.max(1, ...perRule.flatMap(({ days }) => days));
  return (
    <ul className={css.rules}>
      {perRule.map(({ rule, days, count }) => (
        <li key={rule} data-none={count === 0 || undefined}>
          <span className={css.ruleName}>{t(`flags.rule.${rule}`)}</span>
          <svg width={DAYS * (BAR + GAP)} height={HEIGHT} aria-hidden="true">
            {days.map((of, day) => {
              const height = of === 0 ? 1 : Math.max(4, (of / most) * HEIGHT);
              const at = first + day * DAY_MS;
              return (
                <rect
                  key={at}
                  x={day * (BAR + GAP)}
                  y={HEIGHT - height}
                  width={BAR}
                  height={height}
                  data-none={of === 0 || undefined}
                >
                  <title>{t("flags.dayOf", { day: formatDay(at), count: of })}</title>
                </rect>
              );
            })}
          </svg>
          <span className={css.ruleCount}>{t("flags.countOf", { count })}</span>
        </li>
      ))}
    </ul>
  );
}
