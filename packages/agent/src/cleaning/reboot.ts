/** Restarts a phone and waits until it is up again: another start than before, and through. */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import { type Contact, untilAborted } from "./contact.js";
import { askBoot } from "./look.js";
import type { Verdict } from "./repair.js";

/** A phone that takes longer to boot needs somebody to look at it. */
const BACK_MS = 5 * 60_000;
/** How long a phone may take to go down. */
const DOWN_MS = 15_000;
const PAUSE_MS = 500;

/** Fails only with the signal's reason. */
export async function restart(contact: Contact): Promise<Verdict> {
  const deadline = Date.now() + BACK_MS;
  try {
    const { boot } = await askBoot(contact);
    const link = await contact.link();
    if (!(await goesDown(contact, link))) return { result: "failed", detail: "the phone did not restart when told to" };
    while (Date.now() < deadline) {
      await contact.link(deadline - Date.now());
      const now = await askBoot(contact);
      if (now.booted && (now.boot !== boot || boot === "")) {
        const seconds = Math.round((BACK_MS - (deadline - Date.now())) / 1_000);
        // Without a boot id all that is known is that the connection went and came.
        return { result: boot === "" ? "cleared" : "verified", detail: `up again after ${seconds} s` };
      }
      await sleep(PAUSE_MS);
    }
  } catch (error) {
    contact.signal.throwIfAborted();
    const words = error instanceof PhonerackError ? (error.detail ?? error.message) : "it was lost";
    return { result: "failed", detail: `the phone was told to restart, and ${words}` };
  }
  return { result: "failed", detail: `the phone was told to restart and was not up again within ${BACK_MS / 60_000} minutes` };
}

/** @returns whether its connection ended. */
async function goesDown(contact: Contact, link: PhoneLink): Promise<boolean> {
  const down = new Promise<boolean>((resolve) => link.life.onEnd(() => resolve(true)));
  const late = async () => {
    await sleep(DOWN_MS);
    return false;
  };
  // ADB's own service first; some makers let only the shell's command through.
  const orders = [() => link.open("reboot:"), () => runShell(link, "svc power reboot || reboot", { timeoutMs: DOWN_MS })];
  for (const order of orders) {
    if (link.life.ended) return true;
    order().catch(() => undefined);
    if (await untilAborted(Promise.race([down, late()]), contact.signal)) return true;
  }
  return false;
}
