/** The SQL of the log: what was committed, what waits, and one transaction in which the second becomes the first. */
import { fromHex, packEntries, toHex, unpackEntries } from "@phonerack/policy";
import { sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { logBulks, logHands, logJournals, logQueue, logSpans, logTail, logTallies } from "../database/law-schema.js";
import { idsOf, ms, rows, time } from "../leases/transaction.js";
import type { Tail } from "./tree.js";

export interface Head {
  readonly size: number;
  readonly root: Uint8Array;
  /** Milliseconds since the Unix epoch. */
  readonly lastAt: number;
}

export interface Queued {
  readonly id: number;
  readonly at: number;
  readonly kind: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Hand {
  readonly deviceId: string;
  readonly epoch: number;
  readonly window: number;
  readonly entry: Readonly<Record<string, unknown>>;
}

export interface Bulk {
  readonly commitment: string;
  readonly leaf: number;
  readonly lease: string | null;
  readonly deviceId: string;
  readonly epoch: number;
  readonly tenant: string | null;
  readonly salt: Uint8Array;
  readonly bulk: Uint8Array;
  readonly at: number;
}

export interface Span {
  readonly lease: string;
  readonly tenant: string;
  readonly first: number;
  readonly last: number;
  readonly leaves: number;
  readonly denials: number;
}

export interface Tally {
  /** Of the leaves' time, in hours since the Unix epoch. */
  readonly hour: number;
  readonly kind: string;
  readonly leaves: number;
  readonly denials: number;
}

export interface Append {
  readonly from: Head;
  readonly to: Head;
  readonly entries: readonly Uint8Array[];
  readonly queued: readonly number[];
  readonly journals: readonly { readonly agent: string; readonly journal: string; readonly upTo: number }[];
  readonly hands: readonly Hand[];
  readonly handled: readonly number[];
  readonly bulks: readonly Bulk[];
  readonly spans: readonly Span[];
  readonly tallies: readonly Tally[];
}

export interface Kept {
  readonly size: number;
  readonly root: string;
  readonly note: string;
  readonly at: number;
}

/** Another control has appended meanwhile. */
export class Overtaken extends Error {}

export const HOUR_MS = 3_600_000;
const MOST_AT_ONCE = 500;

export class LogStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  /** What was committed last; the empty log when there is none yet. */
  async head(empty: Uint8Array): Promise<Head> {
    const db = await this.#db;
    const read = () =>
      rows<{ size: string | number; root: string; at: number }>(
        db,
        sql`SELECT size, root, ${ms("last_at")} AS at FROM log_head WHERE id = 1`,
      );
    let [head] = await read();
    if (!head) {
      await db.execute(
        sql`INSERT INTO log_head (id, size, root, last_at) VALUES (1, 0, ${toHex(empty)}, ${time(0)}) ON CONFLICT DO NOTHING`,
      );
      [head] = await read();
    }
    return { size: Number(head?.size ?? 0), root: fromHex(head?.root ?? "") ?? empty, lastAt: Number(head?.at ?? 0) };
  }

  /** Of a log of this size: what does not stand in stored tiles yet, or more. */
  async tail(size: number): Promise<Tail> {
    const db = await this.#db;
    const found = await db.select().from(logTail).orderBy(logTail.from);
    const from = found[0]?.from ?? size;
    // It has grown since, and more of it is stored.
    if (from > size) return { from: size, entries: [] };
    return { from, entries: found.flatMap((row) => unpackEntries(Uint8Array.from(row.entries)) ?? []) };
  }

  /** What stands before this entry stands in stored tiles. */
  async forgetTail(upTo: number): Promise<void> {
    const db = await this.#db;
    await db.execute(sql`DELETE FROM log_tail WHERE "from" + count <= ${upTo}`);
  }

  async journals(): Promise<Map<string, number>> {
    const db = await this.#db;
    const found = await db.select().from(logJournals);
    return new Map(found.map(({ agent, journal, upTo }) => [`${agent} ${journal}`, upTo]));
  }

  async queued(limit: number): Promise<Queued[]> {
    const db = await this.#db;
    const found = await rows<Queued>(
      db,
      sql`SELECT id::float8 AS id, ${ms("at")} AS at, kind, body FROM log_queue ORDER BY log_queue.id LIMIT ${limit}`,
    );
    return found.map((row) => ({ ...row, id: Number(row.id), at: Number(row.at) }));
  }

  /** Of windows before this one, whole windows only, as long as they are few enough. */
  async closedHands(before: number): Promise<(Hand & { readonly id: number })[]> {
    const db = await this.#db;
    const found = await rows<Hand & { id: number }>(
      db,
      sql`SELECT id::float8 AS id, device_id AS "deviceId", epoch, "window"::float8 AS window, entry FROM log_hands
        WHERE "window" = (SELECT min("window") FROM log_hands) AND "window" < ${before} ORDER BY log_hands.id`,
    );
    return found.map((row) => ({ ...row, id: Number(row.id), window: Number(row.window), epoch: Number(row.epoch) }));
  }

  /** All of it or nothing. Fails with Overtaken. */
  async append(order: Append): Promise<void> {
    const db = await this.#db;
    const { from, to, entries, queued, journals, hands, handled, bulks, spans, tallies } = order;
    await db.transaction(async (tx) => {
      const moved = await rows<{ size: unknown }>(
        tx,
        sql`UPDATE log_head SET size = ${to.size}, root = ${toHex(to.root)}, last_at = ${time(to.lastAt)}
          WHERE id = 1 AND size = ${from.size} AND root = ${toHex(from.root)} RETURNING size`,
      );
      if (moved.length !== 1) throw new Overtaken("another control has appended");
      if (entries.length > 0)
        await tx.insert(logTail).values({ from: from.size, count: entries.length, entries: packEntries(entries) });
      if (queued.length > 0) await tx.execute(sql`DELETE FROM log_queue WHERE id IN (${numbers(queued)})`);
      for (const part of inParts(hands)) await tx.insert(logHands).values([...part]);
      if (handled.length > 0) await tx.execute(sql`DELETE FROM log_hands WHERE id IN (${numbers(handled)})`);
      for (const part of inParts(bulks))
        await tx.insert(logBulks).values(part.map((bulk) => ({ ...bulk, at: new Date(bulk.at) })));
      for (const part of inParts(spans)) await tx.insert(logSpans).values([...part]);
      if (tallies.length > 0)
        await tx
          .insert(logTallies)
          .values([...tallies])
          .onConflictDoUpdate({
            target: [logTallies.hour, logTallies.kind],
            set: {
              leaves: sql`${logTallies.leaves} + excluded.leaves`,
              denials: sql`${logTallies.denials} + excluded.denials`,
            },
          });
      if (journals.length > 0)
        await tx
          .insert(logJournals)
          .values([...journals])
          .onConflictDoUpdate({ target: [logJournals.agent, logJournals.journal], set: { upTo: sql`excluded.up_to` } });
    });
  }

  /** How many leaves there are by kind, and in each hour from this one on how many denials. */
  async tallies(from: number): Promise<{ kinds: Record<string, number>; denials: Map<number, number> }> {
    const db = await this.#db;
    const kinds = await rows<{ kind: string; leaves: number }>(
      db,
      sql`SELECT kind, sum(leaves)::float8 AS leaves FROM log_tallies GROUP BY kind ORDER BY kind`,
    );
    const hours = await rows<{ hour: number; denials: number }>(
      db,
      sql`SELECT hour, sum(denials)::float8 AS denials FROM log_tallies WHERE hour >= ${from} GROUP BY hour`,
    );
    return {
      kinds: Object.fromEntries(kinds.map(({ kind, leaves }) => [kind, Number(leaves)])),
      denials: new Map(hours.map(({ hour, denials }) => [Number(hour), Number(denials)])),
    };
  }

  /** When the oldest change that waits for its place was made; undefined: none waits. */
  async waitingSince(): Promise<number | undefined> {
    const [oldest] = await rows<{ at: number }>(
      await this.#db,
      sql`SELECT ${ms("at")} AS at FROM log_queue ORDER BY log_queue.id LIMIT 1`,
    );
    return oldest && Number(oldest.at);
  }

  async keepCheckpoint({ size, root, note, at }: Kept): Promise<void> {
    const db = await this.#db;
    await db.execute(
      sql`INSERT INTO log_checkpoints (size, root, note, at) VALUES (${size}, ${root}, ${note}, ${time(at)})
        ON CONFLICT (size) DO UPDATE SET note = excluded.note, at = excluded.at`,
    );
  }

  /** The newest first, of those below this size. */
  async checkpoints(limit: number, before = Number.MAX_SAFE_INTEGER): Promise<Kept[]> {
    const db = await this.#db;
    const found = await rows<Kept>(
      db,
      sql`SELECT size::float8 AS size, root, note, ${ms("at")} AS at FROM log_checkpoints
        WHERE log_checkpoints.size < ${before}::bigint ORDER BY log_checkpoints.size DESC LIMIT ${limit}`,
    );
    return found.map((row) => ({ ...row, size: Number(row.size), at: Number(row.at) }));
  }

  /** The pseudonyms of these people, programs and organisations: those that have none get one. */
  async pseudonyms(subjects: readonly string[], fresh: (subject: string) => string): Promise<Map<string, string>> {
    const db = await this.#db;
    const made = subjects.map((subject) => ({ subject, pseudonym: fresh(subject) }));
    await db.execute(sql`INSERT INTO log_pseudonyms (subject, pseudonym, at)
      SELECT one ->> 'subject', one ->> 'pseudonym', now() FROM jsonb_array_elements(${JSON.stringify(made)}::jsonb) AS one
      ON CONFLICT DO NOTHING`);
    const found = await rows<{ subject: string; pseudonym: string }>(
      db,
      sql`SELECT subject, pseudonym FROM log_pseudonyms WHERE subject IN (${idsOf(subjects)})`,
    );
    return new Map(found.map(({ subject, pseudonym }) => [subject, pseudonym]));
  }

  /** Who is called so; those whose name was forgotten are left out. */
  async calledSo(pseudonyms: readonly string[]): Promise<Map<string, string>> {
    const db = await this.#db;
    const found = await rows<{ subject: string; pseudonym: string }>(
      db,
      sql`SELECT subject, pseudonym FROM log_pseudonyms WHERE pseudonym IN (${idsOf(pseudonyms)})`,
    );
    return new Map(found.map(({ subject, pseudonym }) => [pseudonym, subject]));
  }

  /** Whose lease a device's epoch belongs to, or belonged to before the lease was handed over. */
  async leaseOf(deviceId: string, epoch: number): Promise<{ lease: string; tenant: string } | undefined> {
    const db = await this.#db;
    const [found] = await rows<{ lease: string; tenant: string }>(
      db,
      sql`SELECT l.id AS lease, l.tenant FROM lease_devices d JOIN leases l ON l.id = d.lease_id
        WHERE d.device_id = ${deviceId} AND d.epoch = ${epoch}
        UNION ALL SELECT l.id, l.tenant FROM lease_terms t JOIN leases l ON l.id = t.lease_id
        WHERE t.device_id = ${deviceId} AND t.epoch = ${epoch} LIMIT 1`,
    );
    return found;
  }

  async spansOf(lease: string): Promise<Span[]> {
    const db = await this.#db;
    return db.select().from(logSpans).where(sql`lease = ${lease}`).orderBy(logSpans.first).limit(10_000);
  }

  async bulk(commitment: string): Promise<{ salt: Uint8Array; bulk: Uint8Array; tenant: string | null } | undefined> {
    const db = await this.#db;
    const [found] = await db.select().from(logBulks).where(sql`commitment = ${commitment}`);
    return found && { salt: Uint8Array.from(found.salt), bulk: Uint8Array.from(found.bulk), tenant: found.tenant };
  }

  /** Those of these that are kept still. */
  async bulks(commitments: readonly string[]): Promise<Map<string, Uint8Array>> {
    const db = await this.#db;
    if (commitments.length === 0) return new Map();
    const found = await db
      .select({ commitment: logBulks.commitment, bulk: logBulks.bulk })
      .from(logBulks)
      .where(sql`commitment IN (${idsOf(commitments)})`);
    return new Map(found.map(({ commitment, bulk }) => [commitment, Uint8Array.from(bulk)]));
  }

  async dropBulks(before: number): Promise<void> {
    const db = await this.#db;
    await db.delete(logBulks).where(sql`at < ${time(before)}`);
  }

  /** For code whose change stands in no table that is watched. */
  async note(kind: "event", body: Readonly<Record<string, unknown>>): Promise<void> {
    const db = await this.#db;
    await db.insert(logQueue).values({ kind, body: { ...body } });
  }
}

function numbers(ids: readonly number[]) {
  return sql`SELECT (jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))::bigint`;
}

function* inParts<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += MOST_AT_ONCE) yield all.slice(at, at + MOST_AT_ONCE);
}
