import { useTranslation } from "react-i18next";
import { formatDay, formatNumber } from "../language/format.js";
import { useNow } from "../leases/use-now.js";
import css from "./register.module.css";
import { ENDS, type EndsFilter, type RegisterSearch } from "./register-search.js";

const DAY_MS = 24 * 3_600_000;

interface EndsProps {
  /** How many phones a licence's end isolates, by days ahead. */
  days: readonly number[];
  chosen: EndsFilter | undefined;
  onFilter: (change: Partial<RegisterSearch>) => void;
}

/** The next sixty days, a bar for each on which licences end; and the three spans in which the lab warns. */
export function Ends({ days, chosen, onFilter }: EndsProps) {
  const { t } = useTranslation();
  const now = useNow(60_000);
  const most = Math.max(1, ...days);
  const within = (span: number) => days.slice(0, span).reduce((sum, count) => sum + count, 0);
  const choose = (span: EndsFilter) =>
    onFilter({ ends: chosen === span ? undefined : span, class: undefined, open: undefined, reason: undefined });
  const title = t("register.ends", { day: formatDay(now + days.length * DAY_MS) });
  const spanOf = (day: number): EndsFilter => ENDS.find((span) => day < span) ?? 60;
  return (
    <section className={css.pictureHalf} aria-label={title}>
      <h3>{title}</h3>
      {/* For the eye and the mouse; the keyboard and screen readers have the spans below. */}
      <div className={css.days} aria-hidden="true">
        {days.map((count, day) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a day has no other name than how far ahead it is.
            key={day}
            type="button"
            tabIndex={-1}
            title={t("register.endsOn", { count, day: formatDay(now + day * DAY_MS) })}
            data-span={count === 0 ? "none" : spanOf(day)}
            data-dim={(chosen !== undefined && day >= chosen) || undefined}
            onClick={() => choose(spanOf(day))}
          >
            <i style={{ height: count === 0 ? 1 : `max(4px, ${(count / most) * 100}%)` }} />
          </button>
        ))}
      </div>
      <div className={css.legend}>
        {ENDS.map((span) => (
          <button
            key={span}
            type="button"
            data-span={span}
            data-none={within(span) === 0 || undefined}
            aria-pressed={chosen === span}
            onClick={() => choose(span)}
          >
            <strong>{formatNumber(within(span))}</strong>
            <span>{t("register.within", { count: span })}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
