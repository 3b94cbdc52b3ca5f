/** What the phone's own record says of the view that a finger or a key met. */
import type { InputView } from "../phone/input-record.js";
import { fullId } from "./resource-id.js";
import type { View } from "./view.js";

const MAX_TEXT = 120;

/** @param hit the deepest view at a point, or the focused one. What takes the press is named: its nearest clickable parent. */
export function inputView(hit: View | undefined | null, packageName: string): InputView | null {
  if (!hit) return null;
  let target: View | undefined = hit;
  while (target && !(target.clickable || target.onLongClick)) target = target.parent;
  const named = target ?? hit;
  // A row has no words of its own: then those under the finger, or the first inside it.
  const text = named.textValue || hit.textValue || firstText(named);
  return {
    id: named.id === undefined ? "" : fullId(named.id, packageName),
    text: text.slice(0, MAX_TEXT),
    description: named.description.slice(0, MAX_TEXT),
    className: named.className,
  };
}

function firstText(view: View): string {
  for (const inner of view.walk()) if (inner.textValue) return inner.textValue;
  return "";
}
