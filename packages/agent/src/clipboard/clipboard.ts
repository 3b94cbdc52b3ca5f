/** The clipboard of one phone, through its control session: a shell by itself may not touch it. */
import type { ActionResult, DeviceAction } from "@phonerack/contract/bus";
import { requireAllowed } from "../tasks/allowed.js";
import { untilAborted } from "../tasks/command.js";
import type { Doing } from "../tasks/doing.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";

/** As much as the contract carries; scrcpy gives up to 256 KiB. */
const MOST_CHARACTERS = 100_000;

/** Fails with `device_timeout` where the phone does not answer. */
export async function readClipboard(phone: PhoneAtWork): Promise<string> {
  const session = await phone.hands();
  return (await session.readClipboard()).slice(0, MOST_CHARACTERS);
}

/** Fails with `denied`, `text_unsupported` (it does not confirm), or the connection's errors. */
export async function setClipboard(doing: Doing, { text }: Extract<DeviceAction, { type: "clipboard" }>): Promise<ActionResult> {
  const session = await untilAborted(doing.phone.hands(), doing.signal);
  await requireAllowed(doing, "setting");
  await untilAborted(session.setClipboard(text), doing.signal);
  return {};
}
