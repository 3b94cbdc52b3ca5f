/** Dragging over free time: across for how long, down for which phones. What was dragged is booked in a dialog, not at once. */
import type { Device } from "@phonerack/contract/api";
import { type PointerEvent, useMemo, useRef, useState } from "react";
import { formatHour } from "../language/format.js";
import { devicesBetween, placeBetween, type Row, type Span, timesOfDrag } from "./timeline.js";

interface BookingDrag {
  rows: readonly Row[];
  span: Span;
  width: number;
  now: number;
  onBook: ((devices: readonly Device[], span: Span) => void) | undefined;
}

/** What to draw over the rows from `first` to `last`. */
export interface Drawn {
  readonly first: number;
  readonly last: number;
  readonly x: number;
  readonly width: number;
  readonly words: string;
}

interface Pulled {
  readonly row: number;
  readonly x: number;
  readonly toRow: number;
  readonly toX: number;
}

export function useBookingDrag({ rows, span, width, now, onBook }: BookingDrag) {
  const [pulled, setPulled] = useState<Pulled>();
  const current = useRef<Pulled>(undefined);
  const set = (next: Pulled | undefined) => {
    current.current = next;
    setPulled(next);
  };
  const drawn = useMemo(() => pulled && drawnOf(pulled, { span, width, now }), [pulled, span, width, now]);

  const track = (index: number) =>
    onBook && {
      onPointerDown: (event: PointerEvent<HTMLElement>) => {
        // Only the free part of the track: bars are buttons of their own. Fingers scroll.
        if (event.button !== 0 || event.pointerType === "touch" || event.target !== event.currentTarget) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
        set({ row: index, x, toRow: index, toX: x });
      },
      onPointerMove: (event: PointerEvent<HTMLElement>) => {
        const before = current.current;
        if (!before) return;
        const { left, top, height } = event.currentTarget.getBoundingClientRect();
        const toRow = before.row + Math.floor((event.clientY - top) / height);
        set({ ...before, toX: event.clientX - left, toRow: Math.min(Math.max(0, toRow), rows.length - 1) });
      },
      onPointerUp: () => {
        const done = current.current;
        set(undefined);
        if (!done) return;
        onBook(devicesBetween(rows, done.row, done.toRow), timesOfDrag({ from: done.x, to: done.toX }, { span, width, now }));
      },
      onPointerCancel: () => set(undefined),
    };
  return { drawn, track };
}

function drawnOf({ row, x, toRow, toX }: Pulled, track: { span: Span; width: number; now: number }): Drawn | undefined {
  const times = timesOfDrag({ from: x, to: toX }, track);
  const place = placeBetween(times.from, times.to, track);
  const words = `${formatHour(times.from)} – ${formatHour(times.to)}`;
  return place && { first: Math.min(row, toRow), last: Math.max(row, toRow), ...place, words };
}
