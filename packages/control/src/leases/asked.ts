/** Between a wish and a lease: the row that a wish begins as, and what a row that has no devices yet still asks for. */
import { newId } from "../ids.js";
import type { LeaseRow, Wanted } from "./rows.js";
import type { Wish } from "./wish.js";

export interface Asked {
  readonly who: { readonly actor: string; readonly name: string };
  readonly tenant: string;
  readonly wish: Wish;
  readonly now: number;
}

/** As it is before it has devices. */
export function newRow({ who, tenant, wish, now }: Asked): LeaseRow {
  const { where, count, wholeChassis, devices } = wish;
  return {
    id: newId("l"),
    tenant,
    actor: who.actor,
    actorName: who.name,
    purpose: wish.purpose,
    phase: wish.later ? "booked" : "active",
    createdAt: now,
    from: wish.from,
    until: wish.until,
    endedAt: null,
    endReason: null,
    endNote: null,
    wanted: { where: devices ? null : where, count, wholeChassis, ...(devices && { devices: [...devices] }) },
    idleMinutes: wish.idleMinutes,
    activeAt: now,
    automatedSince: null,
    devices: [],
  };
}

/** What a lease that waits, or was booked, still asks for. */
export function wishOf({ wanted }: LeaseRow): Wanted & Pick<Wish, "devices" | "where"> {
  return { ...wanted, devices: wanted.devices ? [...wanted.devices] : undefined, where: wanted.where ?? {} };
}
