/** Ctrl and the wheel, or a pinch on a touchpad, make the tiles larger and smaller around the pointer; + and - around the middle. */
import { type RefObject, useEffect, useRef } from "react";
import type { ScrollPlace } from "./use-scroll-place.js";
import { stepsOfWheel, zoomed } from "./zoom.js";

interface ZoomParts {
  readonly place: Pick<ScrollPlace, "holdAt">;
  /** What the tiles are wide now. */
  readonly width: number;
  readonly onWidth: (width: number) => void;
}

/** @returns steps in and out, for keys. */
export function useZoom(scroller: RefObject<HTMLElement | null>, parts: ZoomParts): (steps: number) => void {
  const latest = useRef(parts);
  latest.current = parts;
  /** Finer than the layout, which goes by whole columns: many small turns must add up. */
  const wished = useRef<{ width: number; at: number }>(undefined);
  const zoom = useRef((steps: number) => {
    const { width, onWidth } = latest.current;
    const now = performance.now();
    const before = wished.current;
    const from = before && now - before.at < GESTURE_MS ? before.width : width;
    const next = zoomed(from, steps);
    wished.current = { width: next, at: now };
    onWidth(Math.round(next));
  });
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const turned = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      latest.current.place.holdAt(event);
      zoom.current(stepsOfWheel(event.deltaY));
    };
    // Not passive: or the browser would zoom the whole page.
    element.addEventListener("wheel", turned, { passive: false });
    return () => element.removeEventListener("wheel", turned);
  }, [scroller]);
  return zoom.current;
}

/** What comes within this time is one gesture. */
const GESTURE_MS = 600;
