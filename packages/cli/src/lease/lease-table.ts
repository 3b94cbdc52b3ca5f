/** Leases for people: as a table, or one in full. */
import type { Lease } from "@phonerack/contract/api";
import { table } from "../table.js";
import { clock, length } from "./times.js";

const COLUMNS: readonly [title: string, cell: (lease: Lease) => string][] = [
  ["ID", ({ id }) => id],
  ["PHASE", phaseOf],
  ["WHO", ({ actorName }) => actorName],
  ["DEVICES", devicesOf],
  ["FROM", ({ from }) => clock(from)],
  ["UNTIL", ({ until, endedAt }) => clock(endedAt ?? until)],
  ["PURPOSE", ({ purpose }) => purpose],
];

/** Ends with a line break; says so in words when there are none. */
export function leaseTable(leases: readonly Lease[]): string {
  if (leases.length === 0) return "No leases. 'phonerack lease take --count 1' takes a phone.\n";
  return table(COLUMNS, leases);
}

/** In one line: what came of asking. */
export function leaseLine(lease: Lease, now = Date.now()): string {
  const { id, phase, from, until, queue } = lease;
  const what = `${id}: ${devicesOf(lease)}`;
  if (phase === "queued") return `${what}, waiting${queue ? `, place ${queue.position}` : ""}`;
  if (phase === "booked") return `${what}, booked from ${clock(from, now)} until ${clock(until, now)}`;
  if (phase === "ended") return `${what}, ended: ${lease.endReason ?? "over"}${lease.endNote ? ` (${lease.endNote})` : ""}`;
  return `${what}, yours until ${clock(until, now)} (${length(until - now)})`;
}

export function leaseDetails(lease: Lease): string {
  const rows: [string, string | null][] = [
    ["lease", lease.id],
    ["phase", phaseOf(lease)],
    ["held by", `${lease.actorName} (${lease.tenantName})`],
    ["purpose", lease.purpose],
    ["asked", clock(lease.createdAt)],
    ["from", clock(lease.from)],
    ["until", clock(lease.until)],
    ["ended", lease.endedAt === null ? null : clock(lease.endedAt)],
    ["why", lease.endNote],
    ["idle", lease.idleMinutes === null ? "never ends it" : `ends it after ${lease.idleMinutes} min`],
    ["queue", lease.queue ? queueWords(lease.queue) : null],
    [
      "devices",
      lease.devices.length === 0 ? devicesOf(lease) : lease.devices.map(({ name, id }) => `${name} (${id})`).join(", "),
    ],
  ];
  return rows
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name.padEnd(8)} ${value}`)
    .join("\n");
}

/** `place 2, about 14:10`. */
export function queueWords({ position, estimate }: NonNullable<Lease["queue"]>): string {
  return `place ${position}, ${estimate === null ? "nobody can say when" : `about ${clock(estimate)}`}`;
}

function phaseOf({ phase, endReason }: Lease): string {
  return phase === "ended" && endReason ? endReason : phase;
}

function devicesOf({ devices, wanted }: Lease): string {
  if (devices.length === 0)
    return wanted.wholeChassis ? "a whole chassis" : `${wanted.count} ${wanted.count === 1 ? "phone" : "phones"}`;
  if (devices.length > 3) return `${devices.length} phones`;
  return devices.map(({ name }) => name).join(", ");
}
