/** How the wall's devices hang together: by the chassis they stand in, or by what they have in common. */
import type { Device, DeviceId } from "@phonerack/contract/api";
import { STATUSES, statusOf } from "../status/status.js";

export const GROUPINGS = ["chassis", "rack", "label", "model", "android", "status", "none"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Cell {
  /** Null: a slot without a device. */
  readonly id: DeviceId | null;
  /** Null where slots say nothing: outside of a chassis. */
  readonly slot: number | null;
}

export interface WallGroup {
  readonly key: string;
  /** Of the chassis, rack, labels, model, SDK or status; null for devices that have none, and for an ungrouped wall. */
  readonly name: string | null;
  /** The rack that a chassis stands in. */
  readonly rack: string | null;
  readonly by: Grouping;
  readonly cells: readonly Cell[];
}

const order = new Intl.Collator("en", { numeric: true });

interface GroupOptions {
  /** Show the empty slots between a chassis' devices (not while a filter hides some). */
  readonly gaps: boolean;
  /** Whose phones are "yours". */
  readonly actor?: string | undefined;
}

export function groupDevices(devices: readonly Device[], by: Grouping, { gaps, actor }: GroupOptions): readonly WallGroup[] {
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    const name = nameOf(device, by, actor) ?? "";
    const group = groups.get(name);
    if (group) group.push(device);
    else groups.set(name, [device]);
  }
  return [...groups]
    .map(([name, members]) => ({
      key: `${by}:${name}`,
      name: name || null,
      by,
      rack: by === "chassis" ? (members[0]?.rack ?? null) : null,
      cells: cellsOf(members, { by, named: name !== "", gaps }),
    }))
    .sort(compare);
}

function nameOf(device: Device, by: Grouping, actor: string | undefined): string | null {
  switch (by) {
    case "chassis":
      return device.chassis;
    case "rack":
      return device.rack;
    case "label":
      // By all that it bears: each phone stands on the wall once.
      return [...device.labels].sort(order.compare).join(" · ");
    case "model":
      return device.model;
    case "android":
      return device.sdk === null ? null : String(device.sdk);
    case "status":
      return statusOf(device, actor);
    case "none":
      return null;
  }
}

function compare(a: WallGroup, b: WallGroup): number {
  // What has no name comes last.
  if (!a.name || !b.name) return a.name === b.name ? 0 : a.name ? -1 : 1;
  if (a.by === "status") return STATUSES.indexOf(a.name as never) - STATUSES.indexOf(b.name as never);
  // As they stand in the room: rack by rack, and what stands in none after them.
  if (a.rack !== b.rack) return a.rack && b.rack ? order.compare(a.rack, b.rack) : a.rack ? -1 : 1;
  return order.compare(a.name, b.name);
}

interface CellOptions {
  readonly by: Grouping;
  readonly named: boolean;
  readonly gaps: boolean;
}

function cellsOf(members: readonly Device[], { by, named, gaps }: CellOptions): readonly Cell[] {
  if (by === "chassis" && named) return bySlot(members, gaps);
  const placed = by === "rack" ? [...members].sort(byPlace) : members;
  return placed.map(({ id }) => ({ id, slot: null }));
}

function byPlace(a: Device, b: Device): number {
  return order.compare(a.chassis ?? "", b.chassis ?? "") || (a.slot ?? 1e9) - (b.slot ?? 1e9);
}

/** All devices of the groups in the order in which they are shown: what a range between two of them is. */
export function orderOf(groups: readonly WallGroup[]): readonly DeviceId[] {
  return groups.flatMap(({ cells }) => cells.flatMap(({ id }) => id ?? []));
}

/** More empty slots than this are a numbering of its own, not gaps. */
const MOST_SLOTS = 64;

function bySlot(members: readonly Device[], gaps: boolean): readonly Cell[] {
  const sorted = [...members].sort((a, b) => (a.slot ?? 1e9) - (b.slot ?? 1e9));
  const cells: Cell[] = [];
  for (const { id, slot } of sorted) {
    const next = (cells.at(-1)?.slot ?? 0) + 1;
    if (gaps && slot !== null && slot <= MOST_SLOTS) {
      for (let empty = next; empty < slot; empty++) cells.push({ id: null, slot: empty });
    }
    cells.push({ id, slot });
  }
  return cells;
}

/** The groups before, as far as nothing in them moved: devices change all the time, where they stand does not. */
export function keepGroups(before: readonly WallGroup[] | undefined, next: readonly WallGroup[]): readonly WallGroup[] {
  if (!before) return next;
  const known = new Map(before.map((group) => [group.key, group]));
  const kept = next.map((group) => {
    const old = known.get(group.key);
    return old && old.rack === group.rack && sameCells(old.cells, group.cells) ? old : group;
  });
  return kept.length === before.length && kept.every((group, at) => group === before[at]) ? before : kept;
}

function sameCells(a: readonly Cell[], b: readonly Cell[]): boolean {
  return a.length === b.length && a.every((cell, at) => cell.id === b[at]?.id && cell.slot === b[at].slot);
}
