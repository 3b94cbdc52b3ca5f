/** The wall by keyboard: one tab stop, arrows from tile to tile, Enter to focus, O to open. */
import type { DeviceId } from "@phonerack/contract/api";
import { useMemo, useState } from "react";
import type { WallLayout } from "./layout.js";
import { step } from "./steps.js";

interface TileActions {
  onFocus: (id: DeviceId) => void;
  onOpen: (id: DeviceId) => void;
  scrollTo: (row: number) => void;
}

export function useTileKeys(layout: WallLayout, { onOpen, scrollTo }: TileActions) {
  const [at, setAt] = useState<DeviceId>();
  const first = useMemo(() => layout.rows[0]?.blocks[0]?.cells.find(({ id }) => id !== null)?.id ?? undefined, [layout]);
  const known = useMemo(
    () => at !== undefined && layout.rows.some((row) => row.blocks.some((block) => block.cells.some(({ id }) => id === at))),
    [layout, at],
  );
  const current = known ? at : first;

  const onKeyDown = (event: React.KeyboardEvent) => {
    // Not the tile of the event: with a key held down, the focus is a frame behind.
    const id = tileOf(event.target) && current;
    if (!id) return;
    if (event.key === "o") return onOpen(id);
    const next = step(layout, id, event.key);
    if (!next) return;
    event.preventDefault();
    setAt(next.id);
    scrollTo(next.row);
    // The row may be drawn only after the scroll.
    requestAnimationFrame(() => requestAnimationFrame(() => focusTile(next.id)));
  };
  const onFocus = (event: React.FocusEvent) => {
    const id = tileOf(event.target);
    if (id) setAt(id);
  };
  return { current, handlers: { onKeyDown, onFocus } };
}

function tileOf(target: EventTarget): DeviceId | undefined {
  return target instanceof HTMLElement ? target.closest<HTMLElement>("[data-device]")?.dataset.device : undefined;
}

function focusTile(id: DeviceId): void {
  document.querySelector<HTMLElement>(`[data-device="${CSS.escape(id)}"]`)?.focus({ preventScroll: false });
}
