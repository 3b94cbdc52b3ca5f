/** The SQL of privacy: where people are named, what is old, and the one transaction in which a name goes everywhere. */
import type { Erasure, PrivacyDays } from "@phonerack/contract/api";
import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { idsOf, rows, type Tx } from "../leases/transaction.js";

/** The sealed log is never changed: its leaves have pseudonyms. What waits for it is about to be one. */
const SEALED = /^log_/;
const MOST_SHOWN = 5_000;
const AT_ONCE = 500;
/** Never shown: secrets, their digests, and what others would be read by. */
const SECRET =
  /^(?:token|key|password|secret|backup_codes|value|public_key|credential_id|access_token|refresh_token|id_token|device_code|user_code|certificate|report|bytes|counts)$/;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly tenants: readonly string[];
  readonly keys: readonly string[];
}

interface Column {
  readonly table: string;
  readonly column: string;
  readonly json: boolean;
}

export class PrivacyStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async person(id: string): Promise<Person | undefined> {
    const [found] = await rows<Person>(
      await this.#db,
      sql`SELECT u.id, u.name, u.email, coalesce((SELECT jsonb_agg(m.organization_id) FROM members m WHERE m.user_id = u.id), '[]'::jsonb) AS tenants,
        coalesce((SELECT jsonb_agg(k.id) FROM api_keys k WHERE k.reference_id = u.id OR k.reference_id IN (SELECT m.id FROM members m WHERE m.user_id = u.id)), '[]'::jsonb) AS keys
        FROM users u WHERE u.id = ${id}`,
    );
    return found;
  }

  /** Everything in which they, or their keys, are named, without secrets; at most so much of each table. */
  async records({ id, email, keys }: Person): Promise<{ records: Record<string, Record<string, unknown>[]>; cut: string[] }> {
    const db = await this.#db;
    const records: Record<string, Record<string, unknown>[]> = {};
    const cut: string[] = [];
    for (const [table, columns] of byTable(await this.#columns(db))) {
      const names = [id, email, ...keys.map((key) => `key:${key}`)];
      const which = sql.join(
        columns.flatMap(({ column }) => names.map((name) => sql`position(${name} in t.${sql.identifier(column)}::text) > 0`)),
        sql` OR `,
      );
      const found = await rows<{ row: Record<string, unknown> }>(
        db,
        sql`SELECT to_jsonb(t) AS row FROM ${sql.identifier(table)} t WHERE ${which} LIMIT ${MOST_SHOWN + 1}`,
      );
      if (found.length > MOST_SHOWN) cut.push(table);
      if (found.length > 0) records[table] = found.slice(0, MOST_SHOWN).map(({ row }) => withoutSecrets(row));
    }
    return { records, cut };
  }

  async pseudonym(id: string): Promise<string | null> {
    const [found] = await rows<{ pseudonym: string }>(
      await this.#db,
      sql`SELECT pseudonym FROM log_pseudonyms WHERE subject = ${id}`,
    );
    return found?.pseudonym ?? null;
  }

  async leaves(id: string): Promise<{ lease: string; first: number; last: number; count: number }[]> {
    const found = await rows<{ lease: string; first: string; last: string; count: number }>(
      await this.#db,
      sql`SELECT s.lease, s.first, s.last, s.leaves AS count FROM log_spans s JOIN leases l ON l.id = s.lease WHERE l.actor = ${id} ORDER BY s.first LIMIT ${MOST_SHOWN}`,
    );
    return found.map((row) => ({ ...row, first: Number(row.first), last: Number(row.last) }));
  }

  async counts(id: string): Promise<Record<string, number>> {
    const [found] = await rows<Record<string, number>>(
      await this.#db,
      sql`SELECT (SELECT count(*)::int FROM auth_sessions WHERE user_id = ${id}) AS "log-ins",
        (SELECT count(*)::int FROM adb_keys WHERE actor = ${id}) + (SELECT count(*)::int FROM passkeys WHERE user_id = ${id}) AS keys,
        (SELECT count(*)::int FROM leases WHERE actor = ${id}) AS leases,
        (SELECT count(*)::int FROM events WHERE actor = ${id} OR subject = ${id}) AS events,
        (SELECT count(*)::int FROM jobs WHERE actor = ${id}) + (SELECT count(*)::int FROM groups WHERE actor = ${id}) AS work,
        (SELECT count(*)::int FROM log_bulks b JOIN leases l ON l.id = b.lease WHERE l.actor = ${id}) AS hands,
        (SELECT coalesce(sum(s.leaves), 0)::int FROM log_spans s JOIN leases l ON l.id = s.lease WHERE l.actor = ${id}) AS leaves,
        (SELECT count(*)::int FROM artifacts a JOIN leases l ON l.id = a.lease_id WHERE l.actor = ${id}) AS artifacts,
        (SELECT count(*)::int FROM trials WHERE actor = ${id}) AS trials`,
    );
    return found ?? {};
  }

  /** All of it or nothing. Afterwards nothing in the database says who they were; leaves of the log are nobody's, and what their hands did cannot be opened. */
  async erase({ id, name, email, keys }: Person, alias: string): Promise<Erasure> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const own = await rows<{ id: string }>(
        tx,
        sql`SELECT id FROM leases WHERE actor = ${id} OR actor IN (${idsOf(keys.map((key) => `key:${key}`))})`,
      );
      const leases = own.map((lease) => lease.id);
      const held = await this.#held(tx, leases);
      const bulks = await rows(
        tx,
        sql`DELETE FROM log_bulks WHERE lease IN (${idsOf(leases.filter((lease) => !held.includes(lease)))}) RETURNING lease`,
      );
      await removeAccount(tx, { id, email, keys });
      let changed = 0;
      for (const column of await this.#columns(tx)) {
        // The name first: where it stands is told by the id beside it.
        await nameIn(tx, column, { id, name });
        for (const one of [id, email]) changed += await replaceIn(tx, column, { from: one, to: alias });
        for (const key of keys) changed += await replaceIn(tx, column, { from: `key:${key}`, to: `${alias}-key` });
      }
      for (const [table, column] of NAMES)
        await tx.execute(
          sql`UPDATE ${sql.identifier(table)} SET ${sql.identifier(column)} = 'erased' WHERE ${sql.identifier(column.replace(/_name$/, ""))} IN (${alias}, ${`${alias}-key`})`,
        );
      for (const [table, column] of SENTENCES)
        await tx.execute(
          sql`UPDATE ${sql.identifier(table)} SET ${sql.identifier(column)} = 'erased' || substr(${sql.identifier(column)}, ${name.length + 1}) WHERE starts_with(${sql.identifier(column)}, ${`${name}: `})`,
        );
      await this.forget(tx, [id, ...keys.map((key) => `key:${key}`)]);
      return { alias, changed, bulks: bulks.length, held };
    });
  }

  /** Their pseudonyms: without these the leaves are nobody's. */
  async forget(tx: Tx | undefined, subjects: readonly string[]): Promise<void> {
    await (tx ?? (await this.#db)).execute(sql`DELETE FROM log_pseudonyms WHERE subject IN (${idsOf(subjects)})`);
  }

  /** Of these leases those about which somebody has still to decide. */
  async #held(tx: Tx, leases: readonly string[]): Promise<string[]> {
    const found = await rows<{ lease: string }>(
      tx,
      sql`SELECT DISTINCT f.lease FROM flags f WHERE f.state IN ('open', 'appealed') AND f.lease IN (${idsOf(leases)})
        UNION SELECT l.lease FROM (SELECT value AS lease FROM jsonb_array_elements_text(${JSON.stringify(leases)}::jsonb)) l
          JOIN abuse_cases c ON c.state <> 'closed' AND position(l.lease in c.found::text) > 0`,
    );
    return found.map(({ lease }) => lease);
  }

  /** What is over for so long. At most so much at once. @returns how much went */
  async sweep(days: PrivacyDays): Promise<number> {
    const db = await this.#db;
    const old = (n: number) => sql`now() - ${n} * interval '1 day'`;
    const some = (query: SQL) => rows(db, query);
    const gone = [
      await some(
        sql`DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ${old(days.events)} ORDER BY id LIMIT ${AT_ONCE}) RETURNING id`,
      ),
      await some(
        sql`DELETE FROM lease_devices WHERE lease_id IN (SELECT id FROM leases WHERE phase = 'ended' AND ended_at < ${old(days.leases)} ORDER BY ended_at LIMIT ${AT_ONCE}) RETURNING lease_id`,
      ),
      await some(
        sql`DELETE FROM leases WHERE id IN (SELECT l.id FROM leases l WHERE phase = 'ended' AND ended_at < ${old(days.leases)}
          AND NOT EXISTS (SELECT FROM lease_devices d WHERE d.lease_id = l.id) ORDER BY ended_at LIMIT ${AT_ONCE}) RETURNING id`,
      ),
      await some(
        sql`DELETE FROM trials WHERE (to_jsonb(trials) ->> 'day') < to_char(now() - interval '2 days', 'YYYY-MM-DD') RETURNING day`,
      ),
      await some(
        sql`DELETE FROM job_tasks WHERE job_id IN (SELECT id FROM jobs WHERE state = 'ended' AND ended_at < ${old(days.work)} LIMIT ${AT_ONCE}) RETURNING job_id`,
      ),
      await some(
        sql`DELETE FROM jobs WHERE id IN (SELECT j.id FROM jobs j WHERE j.state = 'ended' AND j.ended_at < ${old(days.work)}
          AND NOT EXISTS (SELECT FROM job_tasks t WHERE t.job_id = j.id) LIMIT ${AT_ONCE}) RETURNING id`,
      ),
      await some(
        sql`DELETE FROM groups WHERE id IN (SELECT id FROM groups WHERE ended_at < ${old(days.work)} LIMIT ${AT_ONCE}) RETURNING id`,
      ),
      await some(sql`DELETE FROM abuse_cases WHERE state = 'closed' AND closed_at < ${old(days.cases)} RETURNING id`),
      await some(sql`DELETE FROM auth_sessions WHERE expires_at < now() - interval '1 day' RETURNING id`),
    ];
    return gone.reduce((sum, all) => sum + all.length, 0);
  }

  async #columns(tx: Tx): Promise<Column[]> {
    const found = await rows<{ table: string; column: string; type: string }>(
      tx,
      sql`SELECT c.table_name AS "table", c.column_name AS "column", c.data_type AS type FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_name = c.table_name AND t.table_schema = c.table_schema
        WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.data_type IN ('text', 'jsonb') ORDER BY 1, 2`,
    );
    return found.flatMap(({ table, column, type }) => (SEALED.test(table) ? [] : [{ table, column, json: type === "jsonb" }]));
  }
}

/** Columns with a person's name, beside one with their id. */
const NAMES: readonly (readonly [string, string])[] = [
  ["leases", "actor_name"],
  ["groups", "actor_name"],
  ["jobs", "actor_name"],
  ["supports", "by_name"],
  ["permits", "by_name"],
  ["builds", "uploaded_by_name"],
  ["artifacts", "created_by_name"],
];
/** "Who: why". */
const SENTENCES: readonly (readonly [string, string])[] = [
  ["leases", "end_note"],
  ["holds", "quarantine"],
];

async function removeAccount(tx: Tx, { id, email, keys }: Pick<Person, "id" | "email" | "keys">): Promise<void> {
  await tx.execute(sql`DELETE FROM adb_keys WHERE actor = ${id}`);
  await tx.execute(sql`DELETE FROM trials WHERE actor = ${id}`);
  await tx.execute(sql`DELETE FROM api_keys WHERE id IN (${idsOf(keys)})`);
  await tx.execute(sql`DELETE FROM invitations WHERE lower(email) = lower(${email})`);
  await tx.execute(
    sql`DELETE FROM auth_verifications WHERE position(${email} in identifier) > 0 OR position(${id} in value) > 0`,
  );
  await tx.execute(sql`DELETE FROM device_codes WHERE user_id = ${id}`);
  // Sessions, accounts, passkeys, memberships and second factors go with it.
  await tx.execute(sql`DELETE FROM users WHERE id = ${id}`);
}

async function replaceIn(tx: Tx, { table, column, json }: Column, { from, to }: { from: string; to: string }): Promise<number> {
  const [t, c] = [sql.identifier(table), sql.identifier(column)];
  const next = json ? sql`replace(${c}::text, ${from}, ${to})::jsonb` : sql`replace(${c}, ${from}, ${to})`;
  const changed = await rows(
    tx,
    sql`UPDATE ${t} SET ${c} = ${next} WHERE position(${from} in ${c}::text) > 0 RETURNING 1 AS one`,
  );
  return changed.length;
}

/** In JSON beside their id, e.g. who decided about a flag. */
async function nameIn(tx: Tx, { table, column, json }: Column, { id, name }: Pick<Person, "id" | "name">): Promise<void> {
  if (!json) return;
  const [t, c] = [sql.identifier(table), sql.identifier(column)];
  const quoted = JSON.stringify(name);
  await tx.execute(
    sql`UPDATE ${t} SET ${c} = replace(${c}::text, ${quoted}, '"erased"')::jsonb WHERE position(${id} in ${c}::text) > 0 AND position(${quoted} in ${c}::text) > 0`,
  );
}

function byTable(columns: readonly Column[]): Map<string, Column[]> {
  const found = new Map<string, Column[]>();
  for (const column of columns) found.set(column.table, [...(found.get(column.table) ?? []), column]);
  return found;
}

function withoutSecrets(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !SECRET.test(column)));
}
