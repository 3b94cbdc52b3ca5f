/**
 * The wall by keyboard: one tab stop, arrows from tile to tile, with Shift selecting on the way; Space selects one, Ctrl+A all that are shown,
 * Esc none; Enter focuses, O opens, + and - zoom.
 */
import type { DeviceId } from "@phonerack/contract/api";
import { useEffect, useMemo, useRef, useState } from "react";
import { useLive } from "../live/live.js";
import type { WallLayout } from "./layout.js";
import { spotOf } from "./spots.js";
import { step } from "./steps.js";

interface TileActions {
  readonly layout: WallLayout;
  /** All that is shown, in the order of the wall. */
  readonly order: readonly DeviceId[];
  readonly onOpen: (id: DeviceId) => void;
  readonly show: (part: { y: number; height: number }) => void;
  readonly zoom: (step: 1 | -1) => void;
}

export function useTileKeys({ layout, order, onOpen, show, zoom }: TileActions) {
  const { selection } = useLive();
  const [at, setAt] = useState<DeviceId>();
  const known = useMemo(() => at !== undefined && spotOf(layout, at) !== undefined, [layout, at]);
  const current = known ? at : order[0];
  useWallKeys({ order, zoom });

  const goTo = (id: DeviceId) => {
    setAt(id);
    const spot = spotOf(layout, id);
    if (spot) show({ y: spot.y, height: layout.tile.height });
    // The row may be drawn only after the scroll.
    requestAnimationFrame(() => requestAnimationFrame(() => focusTile(id)));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    // Not the tile of the event: with a key held down, the focus is a frame behind.
    const id = tileOf(event.target) && current;
    if (!id) return;
    if (event.key === "o") return onOpen(id);
    if (event.key === " ") {
      // Or the browser would click: that is Enter's.
      event.preventDefault();
      return selection.toggle(id);
    }
    const next = step(layout, id, event.key);
    if (!next) return;
    event.preventDefault();
    if (event.shiftKey) {
      if (selection.anchor === undefined) selection.anchor = id;
      selection.extend(order, next.id);
    }
    goTo(next.id);
  };
  const onKeyUp = (event: React.KeyboardEvent) => {
    if (event.key === " " && tileOf(event.target)) event.preventDefault();
  };
  const onFocus = (event: React.FocusEvent) => {
    const id = tileOf(event.target);
    if (id) setAt(id);
  };
  return { current, handlers: { onKeyDown, onKeyUp, onFocus } };
}

/** Keys that mean the whole wall, wherever the focus is; but not those that are typed into a field or to a phone. */
function useWallKeys(parts: Pick<TileActions, "order" | "zoom">): void {
  const { selection } = useLive();
  const latest = useRef(parts);
  latest.current = parts;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey || isTyping(event.target)) return;
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key === "a") selection.put(latest.current.order);
      else if (!command && event.key === "Escape" && selection.ids.size > 0) selection.clear();
      else if (!command && (event.key === "+" || event.key === "=")) latest.current.zoom(1);
      else if (!command && event.key === "-") latest.current.zoom(-1);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [selection]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]") !== null
  );
}

function tileOf(target: EventTarget): DeviceId | undefined {
  return target instanceof HTMLElement ? target.closest<HTMLElement>("[data-device]")?.dataset.device : undefined;
}

function focusTile(id: DeviceId): void {
  document.querySelector<HTMLElement>(`[data-device="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}
