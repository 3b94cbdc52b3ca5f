/**
 * The SQL of an erasure: one transaction after which nothing in the database says who somebody was, and what has to be done again some time after, because it
 * was under way (what waited for the log) or must not go yet (what hands did in a lease about which somebody has still to decide).
 *
 * Ids are random, so wherever one stands it is theirs. An address and a name are chosen, by people who may mean ill: each is only looked for where it can be
 * theirs, and as a whole.
 */
import { createHash } from "node:crypto";
import { type Erasure, PhonerackError } from "@phonerack/contract/api";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { idsOf, rows, type Tx } from "../leases/transaction.js";
import { NAMES } from "./about.js";
import { actorsOf, type Person, personOf, subjectsOf } from "./person.js";
import { areHandsOf, leasesEverOf } from "./records.js";

/** The sealed log is never changed: its leaves have pseudonyms. What waits for it is about to be one. */
const SEALED = /^log_/;
/** An erasure that is not forgotten yet, by its alias. */
const ERASED = "erased ";
/** What an agent has kept to itself for longer comes too late. */
const REMEMBER_MS = 91 * 24 * 3_600_000;

/** Digests: what has to be forgotten must not be kept for it. */
const Remembered = z.object({ subjects: z.array(z.string()), at: z.number() });

interface Column {
  readonly table: string;
  readonly column: string;
  readonly json: boolean;
  /** The column with the organisation that the row belongs to. */
  readonly tenant: string | null;
}

/** All of it or nothing; within a transaction. Fails with `member_not_found` for who is erased already, and `last_owner`. */
export async function erase(tx: Tx, id: string, { alias, now }: { alias: string; now: number }): Promise<Erasure> {
  await tx.execute(sql`SELECT FROM users WHERE id = ${id} FOR UPDATE`);
  const person = await personOf(tx, id);
  if (!person) throw new PhonerackError("member_not_found", id);
  await refuseLastOwner(tx, person);
  const columns = await columnsIn(tx);
  await removeAccount(tx, person);
  const changed = await replaceIds(tx, person, alias);
  await eraseName(tx, person, alias);
  const places = columns.filter(({ tenant }) => tenant !== null);
  for (const place of places) await replaceAddress(tx, place, { person, alias });
  const value = { subjects: subjectsOf(person).map(digestOf), at: now };
  await tx.execute(sql`INSERT INTO settings (key, value) VALUES (${ERASED + alias}, ${JSON.stringify(value)})`);
  return { alias, changed, ...(await settleOne(tx, alias, value)) };
}

/** Once more, after what was under way has come in: ids only, as names and addresses stand in nothing that is under way. */
export async function replaceIds(tx: Tx, person: Pick<Person, "id" | "keys">, alias: string): Promise<number> {
  const [own = "", ...keys] = actorsOf(person).map(escaped);
  const patterns = [[own, alias] as const, ...inParts(keys).map((part) => [`(?:${part.join("|")})`, `${alias}-key`] as const)];
  let changed = 0;
  for (const { table, column, json } of await columnsIn(tx)) {
    const [t, c] = [sql.identifier(table), sql.identifier(column)];
    for (const [pattern, to] of patterns) {
      const next = sql`regexp_replace(${c}::text, ${pattern}, ${to}, 'g')`;
      const set = json ? sql`(${next})::jsonb` : next;
      changed += (await rows(tx, sql`UPDATE ${t} SET ${c} = ${set} WHERE ${c}::text ~ ${pattern} RETURNING 1 AS one`)).length;
    }
  }
  return changed;
}

/** So many as one pattern takes well. */
function inParts(all: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < all.length; at += 200) parts.push(all.slice(at, at + 200));
  return parts;
}

/** What was left of erasures: pseudonyms that came about again, what hands did in leases about which it is decided now. */
export async function settle(tx: Tx, now: number): Promise<void> {
  const found = await rows<{ key: string; value: string }>(
    tx,
    sql`SELECT key, value FROM settings WHERE starts_with(key, ${ERASED}) ORDER BY key`,
  );
  for (const { key, value } of found) {
    const remembered = Remembered.parse(JSON.parse(value));
    const { held } = await settleOne(tx, key.slice(ERASED.length), remembered);
    if (remembered.at < now - REMEMBER_MS && held.length === 0) await tx.execute(sql`DELETE FROM settings WHERE key = ${key}`);
  }
}

async function settleOne(
  tx: Tx,
  alias: string,
  { subjects }: z.infer<typeof Remembered>,
): Promise<{ bulks: number; held: string[] }> {
  await tx.execute(
    sql`DELETE FROM log_pseudonyms WHERE encode(sha256(convert_to(subject, 'UTF8')), 'hex') IN (${idsOf(subjects)})`,
  );
  const aliases = [alias, `${alias}-key`];
  const held = await rows<{ id: string }>(
    tx,
    sql`SELECT l.id FROM leases l WHERE l.id IN (${leasesEverOf(aliases)}) AND ${isHeld("l.id")} ORDER BY l.id`,
  );
  const bulks = await rows(
    tx,
    sql`DELETE FROM log_bulks b WHERE ${areHandsOf(aliases)} AND b.lease NOT IN (${idsOf(held.map(({ id }) => id))}) RETURNING 1 AS one`,
  );
  return { bulks: bulks.length, held: held.map(({ id }) => id) };
}

/** Whether somebody has still to decide about a lease. */
export function isHeld(lease: "l.id" | "lease_id") {
  const id = sql.raw(lease);
  return sql`(EXISTS (SELECT FROM flags f WHERE f.lease = ${id} AND f.state IN ('open', 'appealed'))
    OR EXISTS (SELECT FROM abuse_cases c WHERE c.state <> 'closed' AND position(${id} in c.found::text) > 0))`;
}

/** Who leaves others behind makes one of them owner first; who is alone in an organisation leaves it to the lab. */
async function refuseLastOwner(tx: Tx, { id, tenants }: Person): Promise<void> {
  // Two owners who go at once: one comes second.
  await tx.execute(sql`SELECT FROM organizations WHERE id IN (${idsOf(tenants)}) ORDER BY id FOR UPDATE`);
  const found = await rows<{ name: string }>(
    tx,
    sql`SELECT o.name FROM members m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = ${id} AND m.role = 'owner'
      AND NOT EXISTS (SELECT FROM members x WHERE x.organization_id = m.organization_id AND x.user_id <> ${id} AND x.role = 'owner')
      AND EXISTS (SELECT FROM members x WHERE x.organization_id = m.organization_id AND x.user_id <> ${id}) ORDER BY o.name`,
  );
  if (found.length > 0) throw new PhonerackError("last_owner", found.map(({ name }) => name).join(", "));
}

async function removeAccount(tx: Tx, { id, email, keys }: Person): Promise<void> {
  await tx.execute(sql`DELETE FROM adb_keys WHERE actor = ${id}`);
  await tx.execute(sql`DELETE FROM trials WHERE actor = ${id}`);
  await tx.execute(sql`DELETE FROM api_keys WHERE id IN (${idsOf(keys)})`);
  await tx.execute(sql`DELETE FROM invitations WHERE lower(email) = lower(${email})`);
  // Minutes old, and begun anew by whoever needs it.
  await tx.execute(
    sql`DELETE FROM auth_verifications WHERE position(${id} in value) > 0 OR identifier ~* ${wholeAddress(email)} OR value ~* ${wholeAddress(email)}`,
  );
  await tx.execute(sql`DELETE FROM device_codes WHERE user_id = ${id}`);
  // Sessions, accounts, passkeys, memberships and second factors go with it.
  await tx.execute(sql`DELETE FROM users WHERE id = ${id}`);
}

/** Wherever it stands beside their id, which is their alias now. */
async function eraseName(tx: Tx, { name, email, tenants }: Person, alias: string): Promise<void> {
  const aliases = idsOf([alias, `${alias}-key`]);
  for (const one of NAMES)
    await tx.execute(
      sql`UPDATE ${sql.identifier(one.table)} SET ${sql.identifier(one.name)} = 'erased' WHERE ${sql.identifier(one.id)} IN (${aliases})`,
    );
  await tx.execute(
    sql`UPDATE apps SET ownership = jsonb_set(ownership, '{byName}', '"erased"') WHERE ownership ->> 'by' IN (${aliases})`,
  );
  await tx.execute(
    sql`UPDATE flags SET history = (SELECT jsonb_agg(CASE WHEN one #>> '{by,actor}' IN (${aliases}) THEN jsonb_set(one, '{by,name}', '"erased"') ELSE one END ORDER BY n)
      FROM jsonb_array_elements(history) WITH ORDINALITY AS all_of (one, n)) WHERE position(${alias} in history::text) > 0`,
  );
  await tx.execute(
    sql`UPDATE tenancies SET facts = jsonb_set(facts, '{signedOff,name}', '"erased"') WHERE facts #>> '{signedOff,by}' IN (${aliases})`,
  );
  // Nobody answers for it any more: its organisation names another.
  await tx.execute(
    sql`UPDATE tenancies SET facts = jsonb_set(facts, '{responsible}', 'null') WHERE tenant IN (${idsOf(tenants)}) AND lower(facts #>> '{responsible,email}') = lower(${email})`,
  );
  // "Who: why", as it is shown.
  const begun = `${name}: `;
  await tx.execute(
    sql`UPDATE leases SET end_note = 'erased' || substr(end_note, char_length(${name}::text) + 1) WHERE starts_with(end_note, ${begun}) AND tenant IN (${idsOf(tenants)})`,
  );
  await tx.execute(
    sql`UPDATE holds SET quarantine = 'erased' || substr(quarantine, char_length(${name}::text) + 1) WHERE starts_with(quarantine, ${begun})
      AND EXISTS (SELECT FROM events e WHERE e.kind = 'device.quarantined' AND e.subject = holds.device_id AND e.actor IN (${aliases}))`,
  );
}

/** In what their organisations keep, wherever it stands; and in events of any that invited them. */
async function replaceAddress(
  tx: Tx,
  { table, column, json, tenant }: Column,
  { person, alias }: { person: Person; alias: string },
): Promise<void> {
  const [t, c] = [sql.identifier(table), sql.identifier(column)];
  const pattern = wholeAddress(person.email);
  const next = sql`regexp_replace(${c}::text, ${pattern}, ${alias}, 'gi')`;
  const isTheirs = sql`${sql.identifier(tenant ?? "")} IN (${idsOf(person.tenants)})`;
  const invited =
    table === "events" ? sql`OR (kind = 'invitation.made' AND lower(detail ->> 'email') = lower(${person.email}))` : sql``;
  await tx.execute(
    sql`UPDATE ${t} SET ${c} = ${json ? sql`(${next})::jsonb` : next} WHERE ${c}::text ~* ${pattern} AND (${isTheirs} ${invited})`,
  );
}

/** Not as the end or the beginning of another. */
function wholeAddress(email: string): string {
  return `(?<![A-Za-z0-9._%+'-])${escaped(email)}(?![A-Za-z0-9@-]|\\.[A-Za-z0-9])`;
}

function escaped(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9@_: -]/g, (sign) => `\\${sign}`);
}

function digestOf(subject: string): string {
  return createHash("sha256").update(subject).digest("hex");
}

async function columnsIn(tx: Tx): Promise<Column[]> {
  const found = await rows<{ table: string; column: string; type: string; tenant: string | null }>(
    tx,
    sql`SELECT c.table_name AS "table", c.column_name AS "column", c.data_type AS type,
      (SELECT o.column_name FROM information_schema.columns o WHERE o.table_schema = 'public' AND o.table_name = c.table_name AND o.column_name IN ('tenant', 'organization_id') LIMIT 1) AS tenant
      FROM information_schema.columns c JOIN information_schema.tables t ON t.table_name = c.table_name AND t.table_schema = c.table_schema
      WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type IN ('text', 'jsonb') ORDER BY 1, 2`,
  );
  return found.flatMap(({ type, ...one }) => (SEALED.test(one.table) ? [] : [{ ...one, json: type === "jsonb" }]));
}
