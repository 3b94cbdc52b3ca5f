/** Keeps what a person did in a view tree over its making anew, by id, as Activity.onSaveInstanceState does. */
import type { View } from "./view.js";

export function saveViews(root: View): ReadonlyMap<string, unknown> {
  const state = new Map<string, unknown>();
  for (const view of root.walk()) {
    if (view.id === undefined) continue;
    const own = view.saveState();
    if (own !== undefined) state.set(view.id, own);
  }
  return state;
}

export function restoreViews(root: View, state: ReadonlyMap<string, unknown>): void {
  for (const view of root.walk()) if (view.id !== undefined && state.has(view.id)) view.restoreState(state.get(view.id));
}
