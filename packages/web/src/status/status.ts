/** How a device is, in words that are the same everywhere in the console: its health while it is not ready, who has it, and that it gets no route out. */
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
  "isolated",
  "unauthorised",
  "quarantined",
  "lost",
] as const;
export type Status = (typeof STATUSES)[number];

export type StatusOf = Pick<Device, "state" | "lease" | "holder" | "quarantine" | "isolated" | "isolation">;

/** What is said first where there is room for one: what keeps it from being used, else who has it. */
export function statusOf(device: StatusOf, actor: string | undefined): Status {
  if (device.state === "lost") return "lost";
  if (device.quarantine) return "quarantined";
  if (device.state !== "ready") return device.state;
  const lease = leaseStatus(device, actor);
  return lease === "free" && device.isolated && !isCutOff(device) ? "isolated" : lease;
}

/** Whether its agent has looked, and it has no way out. */
export function isCutOff({ isolation }: Pick<Device, "isolation">): boolean {
  return isolation !== undefined && isolation.verified !== null && isolation.leadsOut === null;
}

/** All that holds: a lost phone of yours is both. One that is out of use is never also called free. */
export function statusesOf(device: StatusOf, actor: string | undefined): readonly Status[] {
  const first = statusOf(device, actor);
  const quarantined = device.quarantine && first !== "quarantined" ? (["quarantined"] as const) : [];
  const lease = leaseStatus(device, actor);
  const isolated = device.isolated && first !== "isolated" ? (["isolated"] as const) : [];
  return [first, ...quarantined, ...(lease === first || lease === "free" ? [] : [lease]), ...isolated];
}

function leaseStatus(device: StatusOf, actor: string | undefined): Status {
  if (device.lease !== "leased") return device.lease;
  return isMine(device, actor) ? "yours" : "taken";
}
