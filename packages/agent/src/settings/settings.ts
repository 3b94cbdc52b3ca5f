/** What of a phone's settings people change while they test. */
import { type DeviceSettingsNow, PhonerackError } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

export async function readDeviceSettings(_phone: PhoneAtWork): Promise<DeviceSettingsNow> {
  throw new PhonerackError("not_found", "settings");
}
