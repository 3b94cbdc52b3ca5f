import { useTranslation } from "react-i18next";
import { formatDay, formatHour } from "../language/format.js";
import { placeBetween, type Span } from "./timeline.js";
import css from "./timeline.module.css";

interface TimelineAxisProps {
  ticks: readonly number[];
  span: Span;
  width: number;
  now: number;
}

const ROOM_FOR_DAY = 96;

/** The hours above the timeline, the day where it changes, and now. */
export function TimelineAxis({ ticks, span, width, now }: TimelineAxisProps) {
  const { t } = useTranslation();
  const xOf = (at: number) => placeBetween(at, span.to, { span, width })?.x ?? 0;
  const days = [span.from, ...ticks.filter((at) => new Date(at).getHours() + new Date(at).getMinutes() === 0)].filter(
    // The first day's name gives way to a second one right beside it.
    (at, index, all) => index > 0 || all[1] === undefined || xOf(all[1]) - xOf(at) > ROOM_FOR_DAY,
  );
  const inView = now >= span.from && now < span.to;
  return (
    <div className={css.axis}>
      <span className={css.corner}>{t("leases.phones")}</span>
      <div className={css.hours}>
        {days.map((at) => (
          <strong key={at} className={css.day} style={{ left: xOf(at) }}>
            {formatDay(at)}
          </strong>
        ))}
        {ticks.map((at) => (
          <span
            key={at}
            className={css.tick}
            data-hidden={(inView && Math.abs(xOf(at) + 24 - xOf(now)) < 60) || undefined}
            style={{ left: xOf(at) }}
          >
            {formatHour(at)}
          </span>
        ))}
        {inView && (
          <span className={css.nowWord} style={{ left: xOf(now) }}>
            {formatHour(now)}
          </span>
        )}
      </div>
    </div>
  );
}
