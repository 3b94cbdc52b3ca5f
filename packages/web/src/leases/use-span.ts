/** Which stretch of time the timeline shows: a scale, and how far from now. */
import { useLocalStorage } from "@mantine/hooks";
import { useMemo, useState } from "react";
import type { Span } from "./timeline.js";

const HOUR_MS = 3_600_000;

export const SCALES = ["hours", "day", "week"] as const;
export type Scale = (typeof SCALES)[number];

/** How long, and how much of it is past while it stands at now. */
const SHAPES: Record<Scale, { readonly ms: number; readonly pastMs: number }> = {
  hours: { ms: 6 * HOUR_MS, pastMs: HOUR_MS },
  day: { ms: 24 * HOUR_MS, pastMs: 4 * HOUR_MS },
  week: { ms: 7 * 24 * HOUR_MS, pastMs: 24 * HOUR_MS },
};
/** It moves on with the time in steps, not all the time. */
const STEP_MS = 15 * 60_000;

export function useSpan(now: number) {
  const [scale, setScale] = useLocalStorage<Scale>({ key: "phonerack.leases-scale", defaultValue: "day" });
  const [halves, setHalves] = useState(0);
  const { ms, pastMs } = SHAPES[scale] ?? SHAPES.day;
  const start = Math.floor(now / STEP_MS) * STEP_MS - pastMs;
  const span = useMemo((): Span => {
    const from = start + (halves * ms) / 2;
    return { from, to: from + ms };
  }, [start, halves, ms]);
  return {
    span,
    scale,
    atNow: halves === 0,
    setScale: (value: string) => {
      setScale(value as Scale);
      setHalves(0);
    },
    move: (by: number) => setHalves((before) => before + by),
    toNow: () => setHalves(0),
  };
}
