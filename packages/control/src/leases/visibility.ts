/**
 * Who sees which device, whose picture, and who may touch: pure functions over a device as it stands. What somebody may not see is answered
 * like an id that does not exist.
 */
import { type Device, PhonerackError, type Role } from "@phonerack/contract/bus";

/** As much of a caller as decides what they see. */
export interface Onlooker {
  readonly actor: string;
  /** The organisation they act for. */
  readonly tenant: string | null;
  readonly role: Role | null;
  /** They run the lab. */
  readonly lab: "owner" | "operator" | null;
}

export function maySee(who: Onlooker, device: Device): boolean {
  if (who.lab) return true;
  if (who.tenant === null) return false;
  if (device.tenant !== null && device.tenant !== who.tenant) return false;
  return device.holder === null || device.holder.tenant === who.tenant;
}

/** Whether the device may be lent to this tenant at all. */
export function isFor(tenant: string, device: Device): boolean {
  return device.tenant === null || device.tenant === tenant;
}

/** Undefined: they may look at its picture. */
export function watchRefusal(who: Onlooker, device: Device): PhonerackError | undefined {
  if (!maySee(who, device)) return new PhonerackError("device_not_found", device.id);
  if (device.holder) {
    if (device.holder.tenant === who.tenant) return undefined;
    // Whoever sees it by now runs the lab.
    return device.support?.by === who.actor ? undefined : new PhonerackError("watch_denied", "it is leased");
  }
  return who.lab ? undefined : new PhonerackError("watch_denied", "nobody holds it");
}

export function isHolder(who: Onlooker, { holder }: Device): boolean {
  return holder?.actor === who.actor && holder.tenant === who.tenant && who.role !== "viewer" && who.role !== null;
}

/** Fails with `device_not_found` or `lease_required` unless they hold the device, as far as this control knows (`held.ts` asks the database too). */
export function requireHolder(who: Onlooker, device: Device): void {
  if (!maySee(who, device)) throw new PhonerackError("device_not_found", device.id);
  if (isHolder(who, device)) return;
  const { holder } = device;
  throw new PhonerackError("lease_required", holder ? `${holder.actorName} holds ${device.name}` : device.name);
}

/** The device as they see it; undefined when they do not. What was found on it after somebody else's lease is the lab's business. */
export function viewFor(who: Onlooker, device: Device): Device | undefined {
  if (!maySee(who, device)) return undefined;
  if (who.lab) return device;
  const { quarantine } = device;
  return {
    ...device,
    hold: { ...device.hold, note: null },
    doubt: null,
    ...(device.holder ? {} : { foreground: null }),
    ...(quarantine && {
      quarantine: { ...quarantine, reason: OPERATORS_LOOK },
      reason: device.state === "quarantined" ? OPERATORS_LOOK : device.reason,
    }),
  };
}

const OPERATORS_LOOK = "An operator looks after it.";

/** Onlookers with the same key see the same: what is written once for all of them. */
export function viewKey(who: Onlooker): string {
  return who.lab ? "lab" : `tenant:${who.tenant ?? ""}`;
}
