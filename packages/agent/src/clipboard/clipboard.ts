/** The clipboard of one phone, through its control session. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

/** Fails with `device_timeout` where the phone does not answer. */
export async function readClipboard(_phone: PhoneAtWork): Promise<string> {
  throw new PhonerackError("not_found", "clipboard");
}
