/**
 * A double click opens a phone's page. The browser's own `dblclick` will not do: the first click brings the phone into focus, the wall makes
 * room for it, and under the second click lies something else, maybe the phone's glass, which must not be touched by it.
 */
import type { DeviceId } from "@phonerack/contract/api";
import { useEffect, useRef } from "react";

const SOON_MS = 500;
const NEAR_PX = 8;

interface FirstClick {
  readonly id: DeviceId;
  readonly x: number;
  readonly y: number;
  readonly at: number;
}

/** Opens the tile that was clicked twice, wherever on the page tiles are. */
export function useSecondClick(onOpen: (id: DeviceId) => void): void {
  const first = useRef<FirstClick>(undefined);
  useEffect(() => {
    const ended = new AbortController();
    // The second press ends in a click of its own; until the page has changed, it would bring the tile below it into focus instead.
    let opening = false;
    const pressed = (event: PointerEvent) => {
      const before = first.current;
      first.current = undefined;
      opening = false;
      if (!before || !isSecond(before, event)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      opening = true;
      onOpen(before.id);
    };
    const clicked = (event: MouseEvent) => {
      if (opening) {
        opening = false;
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      const id = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-device]")?.dataset.device : undefined;
      // With a key held it selects. Enter on a tile is a click too, without a place.
      const alone = !event.ctrlKey && !event.metaKey && !event.shiftKey;
      if (id && alone && event.detail > 0) first.current = { id, x: event.clientX, y: event.clientY, at: event.timeStamp };
    };
    // Before anything else that listens: the second press is nobody else's.
    window.addEventListener("pointerdown", pressed, { capture: true, signal: ended.signal });
    window.addEventListener("click", clicked, { capture: true, signal: ended.signal });
    return () => ended.abort();
  }, [onOpen]);
}

function isSecond(first: FirstClick, event: PointerEvent): boolean {
  const near = Math.hypot(event.clientX - first.x, event.clientY - first.y) <= NEAR_PX;
  return event.button === 0 && near && event.timeStamp - first.at <= SOON_MS;
}
