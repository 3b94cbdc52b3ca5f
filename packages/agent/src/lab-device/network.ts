/** Whether a phone has a way out, by its own routes, and how its radios are switched off. */
import type { DeviceReport } from "@phonerack/contract/bus";

/** iproute2's words; the loopback's own routes are always among them, so that an answer without any is none. */
export const ROUTES_COMMAND = "ip route show table all; ip -6 route show table all";

/** These lead nowhere: traffic that matches is refused or stays. */
const NOWHERE = /^(?:unreachable|blackhole|prohibit|throw)\b/;
const INSIDE = /^(?:lo|dummy\d*|ifb\d*)$/;

/** By which interfaces it leads out; undefined: the phone does not tell. */
export function waysOut(printed: string): string[] | undefined {
  const lines = printed.split("\n").map((line) => line.trim());
  if (!lines.some((line) => /\bdev\b/.test(line))) return undefined;
  const ways = lines.flatMap((line) => {
    if (NOWHERE.test(line) || !/^(?:unicast )?(?:default|0\.0\.0\.0\/[01]|128\.0\.0\.0\/1|::\/[01])\b/.test(line)) return [];
    const device = /\bdev (\S+)/.exec(line)?.[1] ?? "";
    return INSIDE.test(device) ? [] : [device];
  });
  return [...new Set(ways)].slice(0, 8);
}

/** Over its own network we would cut ourselves off: there only mobile data can go. */
export function switchOff({ reach }: Pick<DeviceReport, "reach">): string {
  return reach === "network" ? "svc data disable" : "svc wifi disable; svc data disable";
}

/** What is put back when the register lets it out again. */
export function switchOn({ reach, sdk }: Pick<DeviceReport, "reach" | "sdk">): string {
  if (reach === "network") return "svc data enable";
  return `${airplane({ reach, sdk }, false)}; svc wifi enable; svc data enable`;
}

/** Where the switches do not help. A command since Android 11; over its own network it would cut ourselves off. */
export function airplane({ reach, sdk }: Pick<DeviceReport, "reach" | "sdk">, on: boolean): string {
  if (reach === "network" || (sdk ?? 0) < 30) return ":";
  return `cmd connectivity airplane-mode ${on ? "enable" : "disable"}`;
}

/** Why it cannot be lent, in words that say what to do. */
export function leadsOutWords(ways: readonly string[] | undefined, { reach }: Pick<DeviceReport, "reach">): string {
  if (ways === undefined)
    return "It does not tell its routes ('ip route' says nothing), so nobody knows whether it has a way out.";
  const by = ways.join(", ");
  if (reach === "network")
    return `It leads out by ${by}, over which it is reached: give that network no gateway, or enter its licences.`;
  return `It leads out by ${by} although its radios were switched off: switch them off by hand, or enter its licences.`;
}
