/** The one word for how a device is: its health while it is not ready, its lease when it is. The same everywhere in the console. */
import type { Device } from "@phonerack/contract/api";

/** In the order of the filter chips: what can be used, what will be, what needs somebody. */
export const STATUSES = ["free", "taken", "cleaning", "connecting", "preparing", "unauthorised", "quarantined", "lost"] as const;
export type Status = (typeof STATUSES)[number];

export function statusOf(device: Pick<Device, "state" | "lease">): Status {
  if (device.state !== "ready") return device.state;
  if (device.lease === "leased") return "taken";
  return device.lease;
}
