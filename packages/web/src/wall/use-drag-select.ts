/**
 * Drawing a rectangle over the tiles selects what it touches; with Ctrl or Shift, besides what was selected before. The wall scrolls when the
 * pointer comes near its edge. By mouse and pen only: a finger scrolls.
 */
import { type RefObject, useCallback, useEffect, useRef } from "react";
import { useLive } from "../live/live.js";
import type { WallLayout } from "./layout.js";
import { type Point, tilesUnder } from "./spots.js";

/** Less is a click with an unsteady hand. */
const DRAG_PX = 6;
/** So near to the edge, the wall scrolls; the nearer the faster. */
const EDGE_PX = 48;
const MOST_PX_PER_FRAME = 24;

interface DragParts {
  readonly scroller: RefObject<HTMLElement | null>;
  /** What scrolls in it: its upper left corner is the wall's. */
  readonly rows: RefObject<HTMLElement | null>;
  /** The rectangle that is drawn, hidden until then. */
  readonly band: RefObject<HTMLElement | null>;
  readonly layout: WallLayout;
}

export function useDragSelect(parts: DragParts) {
  const { selection } = useLive();
  const latest = useRef(parts);
  latest.current = parts;
  const drag = useRef<Drag>(undefined);
  useEffect(() => () => drag.current?.end(), []);
  /** The click that ends a drag is no click. */
  const dragged = useRef(false);
  const onPointerDown = useCallback(
    (event: React.PointerEvent) => {
      dragged.current = false;
      if (event.button !== 0 || event.pointerType === "touch" || !isGround(event.target)) return;
      const kept = event.ctrlKey || event.metaKey || event.shiftKey ? [...selection.ids] : [];
      const undo = [...selection.ids];
      drag.current?.end();
      drag.current = startDrag(event.nativeEvent, latest, {
        onBegin: () => {
          dragged.current = true;
        },
        onOver: (ids) => selection.put([...kept, ...ids]),
        onCancel: () => selection.put(undo),
      });
    },
    [selection],
  );
  return { onPointerDown, dragged };
}

/** On a tile or between them, not on what has a use of its own. */
function isGround(target: EventTarget): boolean {
  return target instanceof Element && !target.closest("button:not([data-device]), a, input, label, [role=menu]");
}

interface Drag {
  end(): void;
}

interface DragEvents {
  readonly onBegin: () => void;
  readonly onOver: (ids: readonly string[]) => void;
  readonly onCancel: () => void;
}

function startDrag(down: PointerEvent, parts: RefObject<DragParts>, events: DragEvents): Drag {
  const ended = new AbortController();
  const { signal } = ended;
  const from = pointIn(parts.current.rows.current, down);
  let last: Pick<PointerEvent, "clientX" | "clientY"> = down;
  let begun = false;
  const draw = () => {
    const { rows, band, layout } = parts.current;
    const to = pointIn(rows.current, last);
    showBand(band.current, { from, to });
    events.onOver(tilesUnder(layout, { from, to }));
  };
  const end = () => {
    ended.abort();
    if (parts.current.band.current) parts.current.band.current.hidden = true;
  };
  const scroll = () => {
    if (signal.aborted) return;
    const by = scrollStep(parts.current.scroller.current, last);
    if (by !== 0) {
      parts.current.scroller.current?.scrollBy(0, by);
      draw();
    }
    requestAnimationFrame(scroll);
  };
  const moved = (event: PointerEvent) => {
    if (event.pointerId !== down.pointerId) return;
    last = event;
    if (!begun && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < DRAG_PX) return;
    if (!begun) {
      begun = true;
      events.onBegin();
      // The tile below is not pressed any more, and the pointer is ours also outside of the wall.
      parts.current.scroller.current?.setPointerCapture(down.pointerId);
      requestAnimationFrame(scroll);
    }
    draw();
  };
  const cancelled = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !begun) return;
    event.preventDefault();
    event.stopPropagation();
    events.onCancel();
    end();
  };
  window.addEventListener("pointermove", moved, { signal });
  window.addEventListener("pointerup", end, { signal });
  window.addEventListener("pointercancel", end, { signal });
  window.addEventListener("keydown", cancelled, { signal, capture: true });
  return { end };
}

function pointIn(element: HTMLElement | null, { clientX, clientY }: Pick<PointerEvent, "clientX" | "clientY">): Point {
  const box = element?.getBoundingClientRect();
  return { x: clientX - (box?.left ?? 0), y: clientY - (box?.top ?? 0) };
}

function showBand(element: HTMLElement | null, { from, to }: { from: Point; to: Point }): void {
  if (!element) return;
  element.hidden = false;
  element.style.left = `${Math.min(from.x, to.x)}px`;
  element.style.top = `${Math.min(from.y, to.y)}px`;
  element.style.width = `${Math.abs(from.x - to.x)}px`;
  element.style.height = `${Math.abs(from.y - to.y)}px`;
}

function scrollStep(scroller: HTMLElement | null, { clientY }: Pick<PointerEvent, "clientY">): number {
  const box = scroller?.getBoundingClientRect();
  if (!box) return 0;
  const beyond = Math.max(0, clientY - (box.bottom - EDGE_PX)) - Math.max(0, box.top + EDGE_PX - clientY);
  return Math.round(Math.max(-1, Math.min(1, beyond / EDGE_PX)) * MOST_PX_PER_FRAME);
}
