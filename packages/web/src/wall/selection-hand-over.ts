/**
 * A selection on its way from the wall to another page: kept for this tab, because a thousand ids do not fit into an address. The address
 * says that there is one: `/groups/new?devices=selection`.
 */
import { DeviceId } from "@phonerack/contract/api";

const KEY = "phonerack.selection";
/** What `devices` in the address says then. */
export const HANDED_OVER = "selection";
const MOST = 5_000;

/** @returns the address of the page that makes a group of it. */
export function handOverSelection(ids: Iterable<DeviceId>): string {
  sessionStorage.setItem(KEY, JSON.stringify([...ids].slice(0, MOST)));
  return `/groups/new?devices=${HANDED_OVER}`;
}

/** What was handed over last, in the order of the wall; it stays, so that a reload shows the same. Empty when there is nothing. */
export function handedOverSelection(): readonly DeviceId[] {
  try {
    const ids: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(ids) ? ids.flatMap((id) => DeviceId.safeParse(id).data ?? []).slice(0, MOST) : [];
  } catch {
    return [];
  }
}
