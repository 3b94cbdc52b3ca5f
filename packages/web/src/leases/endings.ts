/** Which of one's leases end soon, by time, because nothing was done, or because a program is at work and no person has said that it may go on: worked out from the live devices, so that it is true on every page. */
import { CONFIRM_WARN_MS, type Device, type Holder, LEASE_WARN_MS } from "@phonerack/contract/api";
import { isMine } from "../session/may.js";

export interface Ending {
  readonly lease: string;
  readonly until: number;
  /** The earliest of all. */
  readonly at: number;
  readonly because: "time" | "idleness" | "confirmation";
  readonly devices: readonly Device[];
  /** The chassis they all stand in, the one device's name, or null for phones here and there. */
  readonly name: string | null;
}

/** The soonest first. `now` in milliseconds since the epoch (Unix). */
export function endingsOf(devices: readonly Device[], actor: string | undefined, now: number): readonly Ending[] {
  const leases = new Map<string, Device[]>();
  for (const device of devices) {
    if (!isMine(device, actor) || !device.holder) continue;
    const { at, because } = endOf(device.holder);
    if (at - now > (because === "confirmation" ? CONFIRM_WARN_MS[0] : LEASE_WARN_MS)) continue;
    const members = leases.get(device.holder.lease);
    if (members) members.push(device);
    else leases.set(device.holder.lease, [device]);
  }
  return [...leases]
    .flatMap(([lease, members]) => {
      const holder = members[0]?.holder;
      return holder ? [{ lease, until: holder.until, ...endOf(holder), devices: members, name: nameOf(members) }] : [];
    })
    .sort((a, b) => a.at - b.at);
}

function endOf({ until, idleAt, confirmBy }: Pick<Holder, "until" | "idleAt" | "confirmBy">): Pick<Ending, "at" | "because"> {
  const at = Math.min(until, idleAt ?? Infinity, confirmBy ?? Infinity);
  return { at, because: at === until ? "time" : at === confirmBy ? "confirmation" : "idleness" };
}

function nameOf(devices: readonly Device[]): string | null {
  if (devices.length === 1) return devices[0]?.name ?? null;
  const [chassis, ...others] = new Set(devices.map((device) => device.chassis));
  return others.length === 0 ? (chassis ?? null) : null;
}
