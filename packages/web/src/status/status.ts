/** How a device is, in words that are the same everywhere in the console: its health while it is not ready, and who has it. */
import type { Device } from "@phonerack/contract/api";
import { isMine } from "../session/may.js";

/** In the order of the filter chips: what is one's own, what can be used, what will be, what needs somebody. */
export const STATUSES = [
  "yours",
  "free",
  "taken",
  "cleaning",
  "connecting",
  "preparing",
  "unauthorised",
  "quarantined",
  "lost",
] as const;
export type Status = (typeof STATUSES)[number];

export type StatusOf = Pick<Device, "state" | "lease" | "holder" | "quarantine">;

/** What is said first where there is room for one: what keeps it from being used, else who has it. */
export function statusOf(device: StatusOf, actor: string | undefined): Status {
  if (device.state === "lost") return "lost";
  if (device.quarantine) return "quarantined";
  if (device.state !== "ready") return device.state;
  return leaseStatus(device, actor);
}

/** All that holds: a lost phone of yours is both. One that is out of use is never also called free. */
export function statusesOf(device: StatusOf, actor: string | undefined): readonly Status[] {
  const first = statusOf(device, actor);
  const quarantined = device.quarantine && first !== "quarantined" ? (["quarantined"] as const) : [];
  const lease = leaseStatus(device, actor);
  return [first, ...quarantined, ...(lease === first || lease === "free" ? [] : [lease])];
}

function leaseStatus(device: StatusOf, actor: string | undefined): Status {
  if (device.lease !== "leased") return device.lease;
  return isMine(device, actor) ? "yours" : "taken";
}
