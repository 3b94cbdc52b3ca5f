/** Names that devices go by until a person gives them one, and the order in which lists show them. */
import type { DeviceReport } from "@phonerack/contract/bus";

/** `V01-07` for slot 7 of chassis V01; elsewhere the model with the end of the id, since a room has many of one model. */
export function defaultName(report: DeviceReport): string {
  if (report.chassis !== null && report.slot !== null) return `${report.chassis}-${String(report.slot).padStart(2, "0")}`;
  return `${report.model ?? "Phone"} ${report.id.slice(-4)}`;
}

const collator = new Intl.Collator("en", { numeric: true });

/** By name as people count (slot 9 before slot 10), then by id: an order without ties, so that a page can begin after any device. */
export function compareNames(a: { name: string; id: string }, b: { name: string; id: string }): number {
  return (
    collator.compare(a.name, b.name) ||
    (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}
