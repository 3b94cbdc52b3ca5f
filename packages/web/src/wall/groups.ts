/** How the wall's devices hang together: by the chassis they stand in, or by what they have in common. */
import type { Device, DeviceId } from "@phonerack/contract/api";
import { STATUSES, statusOf } from "../status/status.js";

export const GROUPINGS = ["chassis", "model", "status", "none"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface Cell {
  /** Null: a slot without a device. */
  readonly id: DeviceId | null;
  /** Null where slots say nothing: outside of a chassis. */
  readonly slot: number | null;
}

export interface WallGroup {
  readonly key: string;
  /** Of the chassis, model or status; null for devices that stand in no chassis, and for an ungrouped wall. */
  readonly name: string | null;
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
    .sort(([a], [b]) => compare(a, b, by))
    .map(([name, members]) => ({
      key: `${by}:${name}`,
      name: name || null,
      by,
      cells: by === "chassis" && name ? bySlot(members, gaps) : members.map(({ id }) => ({ id, slot: null })),
    }));
}

function nameOf(device: Device, by: Grouping, actor: string | undefined): string | null {
  if (by === "chassis") return device.chassis;
  if (by === "model") return device.model;
  return by === "status" ? statusOf(device, actor) : null;
}

function compare(a: string, b: string, by: Grouping): number {
  // What has no name comes last.
  if (!a || !b) return a === b ? 0 : a ? -1 : 1;
  if (by === "status") return STATUSES.indexOf(a as never) - STATUSES.indexOf(b as never);
  return order.compare(a, b);
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
    return old && sameCells(old.cells, group.cells) ? old : group;
  });
  return kept.length === before.length && kept.every((group, at) => group === before[at]) ? before : kept;
}

function sameCells(a: readonly Cell[], b: readonly Cell[]): boolean {
  return a.length === b.length && a.every((cell, at) => cell.id === b[at]?.id && cell.slot === b[at].slot);
}
