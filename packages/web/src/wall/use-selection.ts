import type { DeviceId } from "@phonerack/contract/api";
import { useCallback, useSyncExternalStore } from "react";
import { useLive } from "../live/live.js";

/** Everything that is selected; re-renders at each change. */
export function useSelectedIds(): ReadonlySet<DeviceId> {
  const { selection } = useLive();
  return useSyncExternalStore(selection.subscribe, () => selection.ids);
}

/** Whether this one is. */
export function useSelected(id: DeviceId): boolean {
  const { selection } = useLive();
  const subscribe = useCallback((changed: () => void) => selection.subscribeTo(id, changed), [selection, id]);
  return useSyncExternalStore(subscribe, () => selection.has(id));
}

/** How many of these are. */
export function useSelectedAmong(ids: readonly DeviceId[]): number {
  const { selection } = useLive();
  return useSyncExternalStore(selection.subscribe, () => ids.reduce((sum, id) => sum + (selection.has(id) ? 1 : 0), 0));
}
