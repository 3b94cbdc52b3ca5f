/** Ctrl and the wheel, or a pinch on a touchpad, make the tiles larger and smaller around the pointer; + and - around the middle. */
import { type RefObject, useEffect, useRef } from "react";
import type { ScrollPlace } from "./use-scroll-place.js";
import { stepsOfWheel, zoomed, zoomedVisibly } from "./zoom.js";

interface ZoomParts {
  readonly place: Pick<ScrollPlace, "holdAt">;
  /** What the tiles are wished to be wide; undefined: as large as fits. */
  readonly wished: number | undefined;
  /** What they are wide when so much is wished: the layout goes by whole columns and fills its lines. */
  readonly shownAt: (wished: number | undefined) => number;
  readonly onWidth: (width: number) => void;
}

/** @returns a step in (1) or out (-1) that can be seen, for keys. */
export function useZoom(scroller: RefObject<HTMLElement | null>, parts: ZoomParts): (step: 1 | -1) => void {
  const latest = useRef(parts);
  latest.current = parts;
  /** Turns that come before the wall has followed the ones before must add up. */
  const told = useRef<{ width: number; at: number }>(undefined);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const turned = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { wished, shownAt, place, onWidth } = latest.current;
      const before = told.current;
      const from = before && event.timeStamp - before.at < GESTURE_MS ? before.width : (wished ?? shownAt(undefined));
      const width = zoomed(from, stepsOfWheel(event.deltaY));
      told.current = { width, at: event.timeStamp };
      place.holdAt(event);
      onWidth(Math.round(width));
    };
    // Not passive: or the browser would zoom the whole page.
    element.addEventListener("wheel", turned, { passive: false });
    return () => element.removeEventListener("wheel", turned);
  }, [scroller]);
  const step = useRef((direction: 1 | -1) => {
    const { wished, shownAt, onWidth } = latest.current;
    onWidth(zoomedVisibly(wished ?? shownAt(undefined), { direction, shownAt }));
  });
  return step.current;
}

/** What comes within this time is one gesture. */
const GESTURE_MS = 600;
