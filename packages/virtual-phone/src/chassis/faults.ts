/** What can be wrong with a phone, by name; and the way flags name it. What each does is virtual-phone.ts's. */
import { type AdbdFault, adbdFaults } from "../adbd/faults.js";
import { VirtualPhonesError } from "./virtual-phones-error.js";

/** Faults of the phone itself; those of its daemon stand in adbd/faults.ts. */
const phoneFaults = [
  /** Every few seconds all connections drop. */
  "drop",
  /** Boots, lives 20 s, restarts. */
  "reboot-loop",
  /** The picture stands still; everything else works. */
  "frozen-picture",
  /** The encoder takes seconds to start and gives two frames a second. */
  "slow-encoder",
  /** One encoder session at a time. */
  "second-encoder-refused",
  /** 61 °C, health "overheat", charging stopped. */
  "overheat",
  /** Says the serial of the chassis' first phone. */
  "duplicate-serial",
  /** Its shell may not read what the hardware says of itself, as on many phones since Android 10. */
  "untold-hardware",
  /** `sys.boot_completed` stays empty. */
  "never-boots",
  /** Keyguard with a PIN. */
  "locked",
  /** Falls asleep again whenever it is woken. */
  "asleep",
  /** Injected input ends in a SecurityException, as on phones whose "USB debugging (Security settings)" is off. */
  "refuses-injection",
  /** Says of a package that it was disabled, and starts it all the same. */
  "feigned-disabling",
  /** The window in front forbids capture: pictures are black. */
  "secure-window",
  /** An app of its own logs 50,000 lines a second. */
  "log-flood",
  /** Its Wi-Fi is connected, and leads out. */
  "on-wifi",
  /** The same, and its own switch does nothing: only airplane mode ends it. */
  "wifi-switch-dead",
  /** The same, and it stays on whoever switches it off. */
  "wifi-stuck",
  /** Demands a key and nobody answers its prompt. */
  "unauthorised",
] as const;
export type PhoneFault = (typeof phoneFaults)[number];
export type Fault = PhoneFault | AdbdFault;
export const allFaults: readonly Fault[] = [...phoneFaults, ...adbdFaults];

export function isFault(name: string): name is Fault {
  return (allFaults as readonly string[]).includes(name);
}
export function isAdbdFault(name: Fault): name is AdbdFault {
  return (adbdFaults as readonly string[]).includes(name);
}

/**
 * Reads flags such as `3:drop`, `2-5:locked`, `1,7:asleep`, `*:overheat`.
 * @returns slot → faults. @throws VirtualPhonesError "bad-fault"
 */
export function parseFaults(flags: readonly string[], count: number): Map<number, Set<Fault>> {
  const found = new Map<number, Set<Fault>>();
  for (const flag of flags) {
    const [where = "", name = ""] = flag.split(":");
    if (!isFault(name)) throw badFault(`"${flag}": there is no fault "${name}". Known: ${allFaults.join(", ")}.`);
    for (const slot of slotsOf(where, { flag, count })) found.set(slot, new Set([...(found.get(slot) ?? []), name]));
  }
  return found;
}

function slotsOf(where: string, { flag, count }: { flag: string; count: number }): number[] {
  if (where === "*") return Array.from({ length: count }, (_, index) => index + 1);
  const slots = where.split(",").flatMap((part) => {
    const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (!first) throw badFault(`"${flag}" is not SLOT:FAULT, e.g. 3:drop, 2-5:locked or *:asleep.`);
    const [from, to] = [Number(first), Number(last ?? first)];
    return Array.from({ length: Math.max(0, Math.min(to, count + 1) - from + 1) }, (_, index) => from + index);
  });
  if (slots.length === 0 || slots.some((slot) => slot < 1 || slot > count))
    throw badFault(`"${flag}" names a slot outside 1-${count}.`);
  return slots;
}

function badFault(message: string): VirtualPhonesError {
  return new VirtualPhonesError("bad-fault", message);
}
