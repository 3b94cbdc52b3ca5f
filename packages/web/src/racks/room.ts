/** The lab as it stands in the room: the places from the API, who stands in them from the live devices, which move before the places do. */
import type { Device, DeviceId, Lab } from "@phonerack/contract/api";

export interface RoomChassis {
  readonly name: string;
  readonly labels: readonly string[];
  /** The only organisation that uses it; null: everybody. */
  readonly tenant: string | null;
  /** From slot 1 on; null where a slot is empty. */
  readonly slots: readonly (DeviceId | null)[];
}

export interface RoomRack {
  readonly name: string;
  readonly chassis: readonly RoomChassis[];
}

export interface RoomSite {
  readonly name: string;
  readonly racks: readonly RoomRack[];
}

export interface Room {
  readonly sites: readonly RoomSite[];
  /** Devices that stand nowhere: in no chassis, in no slot, or in one that another has. */
  readonly elsewhere: readonly DeviceId[];
}

/** The most slots that a chassis is drawn with, whatever a device says of itself. */
const MOST_SLOTS = 100;

export function roomOf(lab: Lab, devices: readonly Device[]): Room {
  const inChassis = new Map<string, Device[]>();
  for (const device of devices) {
    const name = device.chassis ?? "";
    const members = inChassis.get(name);
    if (members) members.push(device);
    else inChassis.set(name, [device]);
  }
  const placed = new Set<DeviceId>();
  const sites = lab.sites.map((site) => ({
    name: site.name,
    racks: site.racks.map((rack) => ({
      name: rack.name,
      chassis: rack.chassis.map(({ name, labels, tenant, slots }) => {
        const filled = fill(slots, inChassis.get(name) ?? []);
        for (const id of filled) if (id !== null) placed.add(id);
        return { name, labels, tenant, slots: filled };
      }),
    })),
  }));
  return { sites, elsewhere: devices.flatMap(({ id }) => (placed.has(id) ? [] : id)) };
}

function fill(count: number, devices: readonly Device[]): readonly (DeviceId | null)[] {
  const highest = Math.max(count, ...devices.map(({ slot }) => slot ?? 0));
  const slots = Array.from({ length: Math.min(MOST_SLOTS, highest) }, (): DeviceId | null => null);
  // Where two claim a slot, the one that is there goes before the one that is lost.
  for (const { id, slot } of [...devices].sort((a, b) => Number(a.state === "lost") - Number(b.state === "lost"))) {
    if (slot !== null && slot <= slots.length && slots[slot - 1] === null) slots[slot - 1] = id;
  }
  return slots;
}

/** Slots in a row: two rows of ten for a chassis of twenty, and never more than ten. */
export const COLUMNS = 10;

/** The slot that an arrow key leads to, from 0; undefined when it leads out of the chassis. */
export function slotBeside(at: number, key: string, count: number): number | undefined {
  const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -COLUMNS, ArrowDown: COLUMNS };
  const step = steps[key];
  if (step === undefined) return undefined;
  const next = at + step;
  return next >= 0 && next < count ? next : undefined;
}

const COOL = 20;
const HOT = 50;

/** How much of its bar a battery's heat fills, from 0 to 1. Degrees Celsius. */
export function heatOf(degrees: number): number {
  return Math.min(1, Math.max(0, (degrees - COOL) / (HOT - COOL)));
}
