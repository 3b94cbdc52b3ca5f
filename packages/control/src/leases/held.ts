/**
 * Whether somebody holds devices, asked once more of the database before they are refused: another control may have lent them a moment ago, and its
 * word is on the way.
 */
import type { Device } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import { isHolder, type Onlooker, requireHolder } from "./visibility.js";

/** Fails with `device_not_found` or `lease_required` unless they hold the device. */
export async function requireHeld(who: Onlooker, devices: Devices, id: string): Promise<Device> {
  await freshenUnheld(who, devices, [id]);
  const device = devices.require(id);
  requireHolder(who, device);
  return device;
}

/** Reads those again that they do not hold as far as this control knows. */
export async function freshenUnheld(who: Onlooker, devices: Devices, ids: readonly string[]): Promise<void> {
  const unheld = ids.filter((id) => {
    const device = devices.get(id);
    return device !== undefined && !isHolder(who, device);
  });
  if (unheld.length > 0) await devices.freshen(unheld);
}
