/** The SQL of what is given to people: what is kept of them, how much of it, and what their hands did as long as the log can open it. */
import { inflateRawSync } from "node:zlib";
import type { KeptHands, KeptKind, PersonalData } from "@phonerack/contract/api";
import { readHands } from "@phonerack/policy";
import { type SQL, sql } from "drizzle-orm";
import { idsOf, ms, rows, type Tx } from "../leases/transaction.js";
import { ABOUT, type About } from "./about.js";
import { actorsOf, type Person } from "./person.js";

/** Of one table; of bulks, and of what is in them. */
const MOST_SHOWN = 5_000;
const MOST_BULKS = 2_000;
const MOST_HAND_BYTES = 16 * 1024 * 1024;

export type Given = Pick<PersonalData, "records" | "cut">;

/** Everything that is theirs, without secrets; without how they log in where it is not they who ask. */
export async function recordsOf(db: Tx, person: Person, byThemselves: boolean): Promise<Given> {
  const records: Given["records"] = {};
  const cut: string[] = [];
  for (const about of ABOUT) {
    if (about.own && !byThemselves) continue;
    const name = about.as ?? about.table;
    const found = await rows<{ row: Record<string, unknown> }>(db, queryOf(about, person));
    if (found.length > MOST_SHOWN) cut.push(name);
    if (found.length > 0) records[name] = found.slice(0, MOST_SHOWN).map(({ row }) => row);
  }
  return { records, cut };
}

function queryOf({ table, columns, by, shown, newest }: About, person: Person): SQL {
  const t = sql.identifier(table);
  const which = sql.join(
    columns.map((column) => isTheirs(sql`t.${sql.identifier(column)}`, by, person)),
    sql` OR `,
  );
  const some = sql.join(
    shown.map((column) => sql`t.${sql.identifier(column)}`),
    sql`, `,
  );
  const order = newest === undefined ? sql`` : sql`ORDER BY t.${sql.identifier(newest)} DESC`;
  return sql`SELECT to_jsonb(one) AS row FROM (SELECT ${some} FROM ${t} t WHERE ${which} ${order} LIMIT ${MOST_SHOWN + 1}) AS one`;
}

function isTheirs(column: SQL, by: About["by"], person: Person): SQL {
  switch (by) {
    case "person":
      return sql`${column} = ${person.id}`;
    case "email":
      return sql`lower(${column}) = lower(${person.email})`;
    case "keys":
      return sql`${column} IN (${idsOf(person.keys)})`;
    case "actors":
      return sql`${column} IN (${idsOf(actorsOf(person))})`;
    case "leases":
      return sql`${column} IN (${leasesOf(actorsOf(person))})`;
  }
}

/** Those that they hold, or held last. */
function leasesOf(actors: readonly string[]): SQL {
  return sql`SELECT held.id FROM leases held WHERE held.actor IN (${idsOf(actors)})`;
}

/** Those, and those that they handed over. */
export function leasesEverOf(actors: readonly string[]): SQL {
  return sql`${leasesOf(actors)} UNION SELECT handed.lease_id FROM lease_terms handed WHERE handed.actor IN (${idsOf(actors)})`;
}

/** Whether the hands of a row `b` of log_bulks were theirs as its holder: before a hand-over they were the earlier one's. */
export function areHandsOf(actors: readonly string[]): SQL {
  // By lease first: whose each row was is asked only of the few that can be theirs.
  return sql`b.lease IN (${leasesEverOf(actors)}) AND coalesce((SELECT t.actor FROM lease_terms t WHERE t.device_id = b.device_id AND t.epoch = b.epoch),
    (SELECT held.actor FROM leases held WHERE held.id = b.lease)) IN (${idsOf(actors)})`;
}

export async function pseudonymOf(db: Tx, id: string): Promise<string | null> {
  const [found] = await rows<{ pseudonym: string }>(db, sql`SELECT pseudonym FROM log_pseudonyms WHERE subject = ${id}`);
  return found?.pseudonym ?? null;
}

/** Where the leaves of their leases stand. */
export async function leavesOf(db: Tx, person: Person): Promise<{ leaves: PersonalData["leaves"]; cut: boolean }> {
  const found = await rows<{ lease: string; first: string; last: string; count: number }>(
    db,
    sql`SELECT s.lease, s.first, s.last, s.leaves AS count FROM log_spans s WHERE s.lease IN (${leasesEverOf(actorsOf(person))})
      ORDER BY s.first DESC LIMIT ${MOST_SHOWN + 1}`,
  );
  const leaves = found.slice(0, MOST_SHOWN).map((row) => ({ ...row, first: Number(row.first), last: Number(row.last) }));
  return { leaves, cut: found.length > MOST_SHOWN };
}

/** What they did by hand: of what others did in their leases nothing. */
export async function handsOf(db: Tx, person: Person): Promise<{ hands: KeptHands[]; cut: boolean }> {
  const own = await rows<{ pseudonym: string }>(
    db,
    sql`SELECT pseudonym FROM log_pseudonyms WHERE subject IN (${idsOf(actorsOf(person))})`,
  );
  const names = new Set<unknown>(own.map(({ pseudonym }) => pseudonym));
  const found = await rows<{ leaf: unknown; lease: string; at: number; bulk: Uint8Array }>(
    db,
    sql`SELECT b.leaf, b.lease, ${ms("b.at")} AS at, b.bulk FROM log_bulks b WHERE b.lease IN (${leasesEverOf(actorsOf(person))})
      ORDER BY b.leaf DESC LIMIT ${MOST_BULKS + 1}`,
  );
  const hands: KeptHands[] = [];
  let bytes = 0;
  for (const { leaf, lease, at, bulk } of found.slice(0, MOST_BULKS)) {
    const opened = inflateRawSync(bulk, { maxOutputLength: MOST_HAND_BYTES });
    bytes += opened.length;
    if (bytes > MOST_HAND_BYTES) return { hands, cut: true };
    const decisions = readHands(opened).flatMap((one) => (one && names.has(one.facts.actor) ? [{ ...one }] : []));
    if (decisions.length > 0) hands.push({ leaf: Number(leaf), lease, at: Number(at), decisions });
  }
  return { hands, cut: found.length > MOST_BULKS };
}

/** How much there is of each kind. */
export async function countsOf(db: Tx, person: Person): Promise<Partial<Record<KeptKind, number>>> {
  const actors = idsOf(actorsOf(person));
  const leases = leasesOf(actorsOf(person));
  const [found] = await rows<Record<string, number>>(
    db,
    sql`SELECT (SELECT count(*)::int FROM auth_sessions WHERE user_id = ${person.id}) AS "log-ins",
      (SELECT count(*)::int FROM adb_keys WHERE actor IN (${actors})) + (SELECT count(*)::int FROM passkeys WHERE user_id = ${person.id}) + ${person.keys.length} AS keys,
      (SELECT count(*)::int FROM leases WHERE actor IN (${actors})) AS leases,
      (SELECT count(*)::int FROM events WHERE actor IN (${actors}) OR subject IN (${actors})) AS events,
      (SELECT count(*)::int FROM jobs WHERE actor IN (${actors})) + (SELECT count(*)::int FROM groups WHERE actor IN (${actors})) AS work,
      (SELECT count(*)::int FROM log_bulks b WHERE ${areHandsOf(actorsOf(person))}) AS hands,
      (SELECT coalesce(sum(leaves), 0)::int FROM log_spans WHERE lease IN (${leasesEverOf(actorsOf(person))})) AS leaves,
      (SELECT count(*)::int FROM artifacts WHERE lease_id IN (${leases})) AS artifacts,
      (SELECT count(*)::int FROM trials WHERE actor IN (${actors})) AS trials,
      (SELECT count(*)::int FROM flags WHERE lease IN (${leases})) AS cases`,
  );
  return found ?? {};
}
