/** Devices × time as arithmetic: which rows, which bars, where they go, and what a drag over free time means. */
import { CLEANING_MARGIN_MS, type Device, type Lease, type Session } from "@phonerack/contract/api";

export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Tone = "mine" | "colleague" | "other";

export interface Bar {
  readonly lease: Lease;
  readonly tone: Tone;
  readonly from: number;
  /** When it ends or did end. */
  readonly until: number;
  /** Kept free for cleaning after it; null when it is over and its phone may be clean already. */
  readonly cleanedBy: number | null;
  /** The row above, or below, has the same bar: they are drawn as one. */
  readonly above: boolean;
  readonly below: boolean;
}

export type Row =
  | { readonly kind: "group"; readonly key: string; readonly name: string | null; readonly devices: readonly Device[] }
  | { readonly kind: "device"; readonly key: string; readonly device: Device; readonly bars: readonly Bar[] };

interface RowsOf {
  readonly devices: readonly Device[];
  readonly leases: readonly Lease[];
  readonly session: Session | undefined;
  /** Groups of which only the head is shown, by key. */
  readonly folded: ReadonlySet<string>;
}

export const YOURS = "yours";

/** One's own phones first, then chassis by chassis; within each by slot. */
export function rowsOf({ devices, leases, session, folded }: RowsOf): readonly Row[] {
  const bars = barsByDevice(leases, session);
  const groups = new Map<string, Device[]>([[YOURS, []]]);
  for (const device of devices) {
    const own = bars.get(device.id)?.some(({ tone, lease }) => tone === "mine" && lease.phase !== "ended") ?? false;
    const key = own ? YOURS : `chassis ${device.chassis ?? ""}`;
    const members = groups.get(key);
    if (members) members.push(device);
    else groups.set(key, [device]);
  }
  return [...groups]
    .filter(([, members]) => members.length > 0)
    .sort(([a], [b]) => compareGroups(a, b))
    .flatMap(([key, members]): Row[] => [
      { kind: "group", key, name: key === YOURS ? null : key.slice("chassis ".length), devices: members },
      ...(folded.has(key) ? [] : deviceRows([...members].sort(byPlace), bars)),
    ]);
}

function deviceRows(devices: readonly Device[], bars: ReadonlyMap<string, readonly Bar[]>): Row[] {
  const has = (at: number, { lease }: Bar) => (bars.get(devices[at]?.id ?? "") ?? []).some((bar) => bar.lease.id === lease.id);
  return devices.map((device, at) => ({
    kind: "device",
    key: device.id,
    device,
    bars: (bars.get(device.id) ?? []).map((bar) => ({ ...bar, above: has(at - 1, bar), below: has(at + 1, bar) })),
  }));
}

function barsByDevice(leases: readonly Lease[], session: Session | undefined): Map<string, Bar[]> {
  const bars = new Map<string, Bar[]>();
  for (const lease of leases) {
    const until = lease.endedAt ?? lease.until;
    const cleanedBy = lease.phase === "ended" ? null : until + CLEANING_MARGIN_MS;
    const bar = { lease, tone: toneOf(lease, session), from: lease.from, until, cleanedBy, above: false, below: false };
    for (const { id } of lease.devices) {
      const known = bars.get(id);
      if (known) known.push(bar);
      else bars.set(id, [bar]);
    }
  }
  return bars;
}

export function toneOf({ actor, tenant }: Pick<Lease, "actor" | "tenant">, session: Session | undefined): Tone {
  if (actor === session?.actor) return "mine";
  return tenant === session?.tenant ? "colleague" : "other";
}

const order = new Intl.Collator("en", { numeric: true });

function compareGroups(a: string, b: string): number {
  if (a === YOURS || b === YOURS) return a === b ? 0 : a === YOURS ? -1 : 1;
  // Those in no chassis come last.
  if (a.endsWith(" ") !== b.endsWith(" ")) return a.endsWith(" ") ? 1 : -1;
  return order.compare(a, b);
}

function byPlace(a: Device, b: Device): number {
  return order.compare(a.chassis ?? "", b.chassis ?? "") || (a.slot ?? 1e9) - (b.slot ?? 1e9) || order.compare(a.name, b.name);
}

/** From the left edge, in pixels of a track `width` wide; cut at both ends. Undefined when nothing of it is in the span. */
export function placeBetween(
  from: number,
  until: number,
  { span, width }: { span: Span; width: number },
): { x: number; width: number } | undefined {
  const start = Math.max(from, span.from);
  const end = Math.min(until, span.to);
  if (end <= start || width <= 0) return undefined;
  const scale = width / (span.to - span.from);
  return { x: (start - span.from) * scale, width: (end - start) * scale };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Steps in which the axis is written, and the narrowest a step may be. */
const TICKS = [15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS];
const NARROWEST_TICK = 72;

/** Round hours of the reader's own clock. `offsetMs`: what local time is ahead of UTC. */
export function ticksOf(span: Span, width: number, offsetMs: number): readonly number[] {
  const step = TICKS.find((tick) => (width * tick) / (span.to - span.from) >= NARROWEST_TICK) ?? 24 * HOUR_MS;
  const ticks: number[] = [];
  for (let at = Math.ceil((span.from + offsetMs) / step) * step - offsetMs; at < span.to; at += step) ticks.push(at);
  return ticks;
}

/** What a drag snaps to: finer where an hour is wider. */
export function stepOf(span: Span): number {
  return span.to - span.from > 48 * HOUR_MS ? HOUR_MS : 15 * MINUTE_MS;
}

interface Drag {
  readonly from: number;
  readonly to: number;
}

/** The time between two places on a track, either way round: whole steps, not before now; a mere click is an hour. */
export function timesOfDrag({ from, to }: Drag, { span, width, now }: { span: Span; width: number; now: number }): Span {
  const step = stepOf(span);
  const timeAt = (x: number) => span.from + (Math.min(Math.max(x, 0), width) / width) * (span.to - span.from);
  const start = Math.max(now, Math.floor(timeAt(Math.min(from, to)) / step) * step);
  const end = Math.ceil(timeAt(Math.max(from, to)) / step) * step;
  const click = Math.abs(to - from) < 4;
  return { from: start, to: click ? start + HOUR_MS : Math.max(end, start + step) };
}

/** The devices of the rows between two, either way round. */
export function devicesBetween(rows: readonly Row[], a: number, b: number): readonly Device[] {
  return rows.slice(Math.min(a, b), Math.max(a, b) + 1).flatMap((row) => (row.kind === "device" ? [row.device] : []));
}

/** Those of them that nobody has then, with the time for cleaning, and those that somebody has. */
export function splitByFree(devices: readonly Device[], { from, to }: Span, leases: readonly Lease[]) {
  const busy = new Set<string>();
  for (const lease of leases) {
    if (lease.phase === "ended" || lease.phase === "queued") continue;
    const meets = lease.from < to + CLEANING_MARGIN_MS && from < lease.until + CLEANING_MARGIN_MS;
    if (meets) for (const { id } of lease.devices) busy.add(id);
  }
  return {
    free: devices.filter(({ id, quarantine }) => !busy.has(id) && quarantine === null),
    taken: devices.filter(({ id, quarantine }) => busy.has(id) || quarantine !== null),
  };
}
