import { memo } from "react";
import { useTranslation } from "react-i18next";
import { formatRange } from "../language/format.js";
import { type Bar, placeBetween, type Span } from "./timeline.js";
import css from "./timeline.module.css";

interface LeaseBarProps {
  bar: Bar;
  track: { span: Span; width: number };
  device: string;
  chosen: boolean;
  onChoose: (lease: string) => void;
}

/** Narrower than this, a bar has no room for a name. */
const ROOM_FOR_NAME = 44;

/** One lease on one phone: a click tells all about it. The time for cleaning after it is hatched. */
export const LeaseBar = memo(function LeaseBar({ bar, track, device, chosen, onChoose }: LeaseBarProps) {
  const { t } = useTranslation();
  const { lease, tone } = bar;
  const place = placeBetween(bar.from, bar.until, track);
  const margin = bar.cleanedBy === null ? undefined : placeBetween(bar.until, bar.cleanedBy, track);
  const words = [lease.actorName, lease.purpose].filter(Boolean).join(" · ");
  const times = formatRange(bar.from, bar.until);
  return (
    <>
      {place && (
        <button
          type="button"
          className={css.bar}
          style={{ left: place.x, width: Math.max(3, place.width) }}
          data-tone={tone}
          data-phase={lease.phase}
          data-above={bar.above || undefined}
          data-below={bar.below || undefined}
          aria-pressed={chosen}
          aria-label={[device, words, times, t(`leases.phase.${lease.phase}`)].join(", ")}
          title={`${words}\n${times}`}
          onClick={() => onChoose(lease.id)}
        >
          {!bar.above && place.width >= ROOM_FOR_NAME && <span>{words}</span>}
        </button>
      )}
      {margin && <span className={css.cleaning} style={{ left: margin.x, width: margin.width }} title={t("leases.cleaning")} />}
    </>
  );
});
