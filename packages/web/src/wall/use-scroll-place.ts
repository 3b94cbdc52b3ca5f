/**
 * How far the wall is scrolled. When its layout changes, by a zoom or another size of window, it scrolls so that what was under the pointer,
 * or else in the middle, stays at its height. (Its column it cannot keep: other sizes make other lines.)
 */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { WallLayout } from "./layout.js";
import { type Anchor, anchorAt, type Point, pointOf } from "./spots.js";

export interface ScrollPlace {
  /** CSS pixels. */
  readonly top: number;
  /** The next layout turns around this place of the window. */
  readonly holdAt: (place: Pick<PointerEvent, "clientX" | "clientY">) => void;
  /** Scrolls no further than it must for the part to be seen. */
  readonly show: (part: { readonly y: number; readonly height: number }) => void;
}

/** A pointer that rests for no longer than this between two turns of the wheel means the same phone, though another lies under it by now. */
const GESTURE_MS = 1_000;
const RESTING_PX = 3;

/** Where layouts turn around, within the scrolled window. */
interface Pivot extends Point {
  readonly at: number;
  anchor: Anchor | undefined;
  /** Not yet turned around. */
  due: boolean;
}

export function useScrollPlace(scroller: RefObject<HTMLElement | null>, layout: WallLayout): ScrollPlace {
  const [top, setTop] = useState(0);
  const before = useRef(layout);
  const pivot = useRef<Pivot>(undefined);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const scrolled = () => setTop(element.scrollTop);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => element.removeEventListener("scroll", scrolled);
  }, [scroller]);

  useLayoutEffect(() => {
    const old = before.current;
    before.current = layout;
    const element = scroller.current;
    const place = pivot.current?.due ? pivot.current : undefined;
    if (place) place.due = false;
    if (!element || old === layout || old.rows.length === 0) return;
    if (old.tile.width === layout.tile.width && old.rows.length === layout.rows.length) return;
    // At the very top, what changes is seen from the top.
    if (!place && top === 0) return;
    const at = place ?? { x: element.clientWidth / 2, y: element.clientHeight / 2 };
    const anchor = place?.anchor ?? anchorAt(old, { x: at.x, y: at.y + top });
    if (place) place.anchor = anchor;
    const point = anchor && pointOf(layout, anchor);
    if (!point) return;
    element.scrollTop = point.y - at.y;
    setTop(element.scrollTop);
  }, [scroller, layout, top]);

  const holdAt = useCallback(
    ({ clientX, clientY }: Pick<PointerEvent, "clientX" | "clientY">) => {
      const box = scroller.current?.getBoundingClientRect();
      if (!box) return;
      const [x, y, at] = [clientX - box.left, clientY - box.top, performance.now()];
      const before = pivot.current;
      const same = before && at - before.at < GESTURE_MS && Math.hypot(before.x - x, before.y - y) < RESTING_PX;
      pivot.current = { x, y, at, anchor: same ? before.anchor : undefined, due: true };
    },
    [scroller],
  );
  const show = useCallback(
    ({ y, height }: { readonly y: number; readonly height: number }) => {
      const element = scroller.current;
      if (!element) return;
      if (y < element.scrollTop) element.scrollTop = y;
      else if (y + height > element.scrollTop + element.clientHeight) element.scrollTop = y + height - element.clientHeight;
    },
    [scroller],
  );
  return { top, holdAt, show };
}
