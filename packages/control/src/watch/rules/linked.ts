/**
 * Organisations that belong together: the same person, adb key, signing key or script in several of them. Those that hang together, over however many steps, may hold
 * together what one may; a network address in common is no more than a hint.
 */
import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { LAB_TENANT } from "@phonerack/contract/bus";
import { z } from "zod";
import { cited, type Finding, ruleOf } from "../rule.js";
import type { ChangeSeen, Seen } from "../seen.js";

/** Devices that organisations which belong together may hold at once before somebody looks. */
export const LINKED_DEVICES = FLAG_BOUNDS.linked.devices;
/** An organisation has at most as many apps as `apps.ts` lets it have, so none of them fills this alone. */
const MOST_MARKS = 20_000;
const MOST_HELD = 20_000;
const WEAK = "address";
const UNLOGGED: ReadonlySet<string> = new Set(["address", "script"]);
const TABLES: ReadonlySet<string> = new Set(["members", "adb_keys", "apps", "leases", "holds"]);

/** What is kept of all organisations: one row. A leaf is -1 where a mark stands in none. */
const Counts = z.object({
  /** Mark → organisation → the leaf that says so. */
  marks: z.record(z.string(), z.record(z.string(), z.int())),
  /** A person's adb keys, by pseudonym: whose organisations they link may be known later. */
  keys: z.record(z.string(), z.record(z.string(), z.int())),
  leases: z.record(z.string(), z.tuple([z.string(), z.int()])),
  /** Device → lease. */
  held: z.record(z.string(), z.string()),
});
type Counts = z.infer<typeof Counts>;

const nothing = (): Counts => ({ marks: {}, keys: {}, leases: {}, held: {} });

export const linked = ruleOf(Counts, {
  name: "linked",
  subject: (seen) => (seen.kind === "marks" || (seen.kind === "change" && TABLES.has(seen.table)) ? "all" : undefined),
  late: true,
  count: (counts = nothing(), seen): Counts => (seen.kind === "marks" ? renewed(counts, seen.marks) : changed(counts, seen)),
  judge: (counts) => judged(counts),
});

/** Those that stand in no leaf are told all together. */
function renewed(counts: Counts, marks: Readonly<Record<string, readonly string[]>>): Counts {
  const logged = Object.entries(counts.marks).filter(([mark]) => !UNLOGGED.has(kindOf(mark)));
  let next: Counts = { ...counts, marks: Object.fromEntries(logged) };
  for (const [mark, tenants] of Object.entries(marks)) for (const tenant of tenants) next = marked(next, mark, [tenant, -1]);
  return next;
}

function changed(counts: Counts, seen: Seen): Counts {
  if (seen.kind !== "change") return counts;
  const text = (column: string): string => (typeof seen.row[column] === "string" ? seen.row[column] : "");
  switch (seen.table) {
    case "members": {
      const [mark, tenant] = [`person ${text("user_id")}`, text("organization_id")];
      return seen.op === "delete" ? without(counts, mark, tenant) : marked(counts, mark, [tenant, seen.seq]);
    }
    case "adb_keys": {
      const known = counts.keys[text("actor")] ?? {};
      const keys = seen.op === "delete" ? left(known, text("fingerprint")) : { ...known, [text("fingerprint")]: seen.seq };
      return { ...counts, keys: { ...counts.keys, [text("actor")]: keys } };
    }
    case "apps": {
      const mark = `signer ${text("signer")}`;
      const owned = seen.op !== "delete" && seen.row.ownership === true;
      return owned ? marked(counts, mark, [text("tenant"), seen.seq]) : counts;
    }
    default:
      return holding(counts, seen);
  }
}

function holding(counts: Counts, { table, op, row, seq }: ChangeSeen): Counts {
  if (table === "leases") {
    const { id, tenant, phase } = row;
    if (typeof id !== "string" || typeof tenant !== "string") return counts;
    const over = op === "delete" || phase === "ended";
    const known = counts.leases[id];
    if (!over && known) return counts;
    return { ...counts, leases: over ? left(counts.leases, id) : { ...counts.leases, [id]: [tenant, seq] } };
  }
  const { device_id: device, lease_id: lease } = row;
  if (typeof device !== "string") return counts;
  const { held } = counts;
  // Changed in place: a lease of a thousand phones comes as a thousand of these.
  if (typeof lease !== "string" || op === "delete") delete held[device];
  else if (held[device] === undefined && isFull(held)) return counts;
  else held[device] = lease;
  return { ...counts };
}

function isFull(held: Readonly<Record<string, string>>): boolean {
  let count = 0;
  for (const _ in held) if (++count >= MOST_HELD) return true;
  return false;
}

function marked(counts: Counts, mark: string, [tenant, leaf]: readonly [string, number]): Counts {
  const known = counts.marks[mark];
  if (tenant === "" || known?.[tenant] !== undefined) return counts;
  if (!known && Object.keys(counts.marks).length >= MOST_MARKS) return counts;
  return { ...counts, marks: { ...counts.marks, [mark]: { ...known, [tenant]: leaf } } };
}

function without(counts: Counts, mark: string, tenant: string): Counts {
  const known = counts.marks[mark];
  if (!known) return counts;
  const rest = left(known, tenant);
  const marks = Object.keys(rest).length > 0 ? { ...counts.marks, [mark]: rest } : left(counts.marks, mark);
  return { ...counts, marks };
}

function left<T>(all: Readonly<Record<string, T>>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([one]) => one !== key));
}

function judged(counts: Counts): Finding[] {
  const held = devicesOf(counts);
  if ([...held.values()].reduce((total, { devices }) => total + devices, 0) <= LINKED_DEVICES) return [];
  const marks = allMarks(counts);
  const strong = marks.filter(([mark]) => kindOf(mark) !== WEAK);
  const findings = new Map<string, Finding>();
  for (const [pauses, which] of [
    ["nothing", marks],
    ["new-leases", strong],
  ] as const)
    for (const group of components(which)) {
      const devices = group.reduce((total, tenant) => total + (held.get(tenant)?.devices ?? 0), 0);
      if (group.length < 2 || devices <= LINKED_DEVICES) continue;
      const by = which.filter(([, of]) => Object.keys(of).filter((tenant) => group.includes(tenant)).length > 1);
      const shared = [...new Set(by.map(([mark]) => kindOf(mark)))].sort().join(", ");
      const leaves = cited([
        ...group.flatMap((tenant) => held.get(tenant)?.leaves ?? []),
        ...by.flatMap(([, of]) => Object.values(of)).filter((leaf) => leaf >= 0),
      ]);
      const measured = { organisations: group.length, devices, shared };
      for (const tenant of group)
        if (held.has(tenant))
          findings.set(tenant, { rule: "linked", tenant, lease: null, deviceId: null, pauses, leaves, measured });
    }
  return [...findings.values()];
}

/** With a person's adb keys as marks of all their organisations. */
function allMarks({ marks, keys }: Counts): [string, Readonly<Record<string, number>>][] {
  const found = new Map<string, Record<string, number>>(Object.entries(marks));
  for (const [person, own] of Object.entries(keys))
    for (const tenant of Object.keys(marks[`person ${person}`] ?? {}))
      for (const [fingerprint, leaf] of Object.entries(own)) {
        const mark = `adb-key ${fingerprint}`;
        found.set(mark, { ...found.get(mark), [tenant]: leaf });
      }
  // The lab's own people help everywhere: what the lab has too links nobody.
  return [...found].filter(([, of]) => Object.keys(of).length > 1 && of[LAB_TENANT] === undefined);
}

function devicesOf({ leases, held }: Counts): Map<string, { devices: number; leaves: number[] }> {
  const found = new Map<string, { devices: number; leaves: number[] }>();
  for (const lease of Object.values(held)) {
    const [tenant, leaf] = leases[lease] ?? [LAB_TENANT, -1];
    if (tenant === LAB_TENANT) continue;
    const known = found.get(tenant) ?? { devices: 0, leaves: [] };
    found.set(tenant, { devices: known.devices + 1, leaves: [...known.leaves, leaf] });
  }
  return found;
}

/** Union-find over what each mark holds together. */
function components(marks: readonly (readonly [string, Readonly<Record<string, number>>])[]): string[][] {
  const parent = new Map<string, string>();
  const rootOf = (tenant: string): string => {
    let at = tenant;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) {
      // Halved on the way, so that long chains stay short.
      parent.set(at, parent.get(up) ?? up);
      at = up;
    }
    return at;
  };
  for (const [, of] of marks) {
    const [first, ...rest] = Object.keys(of);
    if (first === undefined) continue;
    if (!parent.has(first)) parent.set(first, first);
    for (const tenant of rest) {
      if (!parent.has(tenant)) parent.set(tenant, tenant);
      parent.set(rootOf(tenant), rootOf(first));
    }
  }
  const groups = new Map<string, string[]>();
  for (const tenant of parent.keys()) groups.set(rootOf(tenant), [...(groups.get(rootOf(tenant)) ?? []), tenant]);
  return [...groups.values()];
}

function kindOf(mark: string): string {
  return mark.split(" ")[0] ?? mark;
}
