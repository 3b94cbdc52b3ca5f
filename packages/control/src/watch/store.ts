/** The SQL of watching: counts and flags move on together with the place in the log up to which leaves were looked at, in one transaction. */
import { FlagMoment, FlagPause, FlagRule, type FlagState, LAB_TENANT } from "@phonerack/contract/api";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { raise } from "../apps/store.js";
import type { Db } from "../database/database.js";
import { flags } from "../database/law-schema.js";
import { newId } from "../ids.js";
import { rows, time } from "../leases/transaction.js";
import type { CountRow, Found } from "./counting.js";
import { cited } from "./rule.js";

export type FlagRow = typeof flags.$inferSelect;

/** Where in the log the watching stands: a row among the counts. */
const PLACE = { rule: "log", subject: "place" } as const;
/** A flag that goes on grows no more often, unless it pauses more. */
const GROW_MS = 10 * 60_000;
const MONTH_MS = 30 * 24 * 3_600_000;
const MOST_MOMENTS = 200;
/** Of one rule and organisation. */
const MOST_OPEN = 20;

/** Another control has looked at these leaves. */
export class Watched extends Error {}

export const Numbers = z.object({
  pauses: FlagPause,
  subject: z.string(),
  grewAt: z.number(),
  measured: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type Numbers = z.infer<typeof Numbers>;

export interface Step {
  readonly from: number;
  readonly to: number;
  readonly now: number;
  readonly counts: { readonly rows: readonly CountRow[]; readonly gone: readonly { rule: string; subject: string }[] };
  readonly found: readonly Found[];
}

export interface Raised {
  readonly id: string;
  readonly rule: FlagRule;
  readonly tenant: string;
  readonly pauses: FlagPause;
}

type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

export class WatchStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async load(): Promise<{ next: number; counts: CountRow[] }> {
    const db = await this.#db;
    await db.execute(
      sql`INSERT INTO watch_counts (rule, subject, counts, at) VALUES (${PLACE.rule}, ${PLACE.subject}, '{"next":0}'::jsonb, now())
        ON CONFLICT DO NOTHING`,
    );
    const found = await rows<{ rule: string; subject: string; counts: object; at: number }>(
      db,
      sql`SELECT rule, subject, counts, (extract(epoch FROM at) * 1000)::float8 AS at FROM watch_counts`,
    );
    const place = found.find(({ rule, subject }) => rule === PLACE.rule && subject === PLACE.subject);
    const next = z.object({ next: z.int().nonnegative() }).parse(place?.counts).next;
    return { next, counts: found.filter((row) => row !== place).map((row) => ({ ...row, at: Number(row.at) })) };
  }

  /** All of it or nothing. Fails with Watched. @returns flags that are new, or pause more than before */
  async step({ from, to, now, counts, found }: Step): Promise<Raised[]> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const moved = await rows(
        tx,
        sql`UPDATE watch_counts SET counts = ${JSON.stringify({ next: to })}::jsonb, at = ${time(now)}
          WHERE rule = ${PLACE.rule} AND subject = ${PLACE.subject} AND (counts ->> 'next')::bigint = ${from} RETURNING rule`,
      );
      if (moved.length !== 1) throw new Watched("another control has looked at these leaves");
      await tx.execute(sql`DELETE FROM watch_counts w USING jsonb_array_elements(${JSON.stringify(counts.gone)}::jsonb) AS one
        WHERE w.rule = one ->> 'rule' AND w.subject = one ->> 'subject'`);
      await tx.execute(sql`INSERT INTO watch_counts (rule, subject, counts, at)
        SELECT one ->> 'rule', one ->> 'subject', one -> 'counts', to_timestamp((one ->> 'at')::float8 / 1000)
        FROM jsonb_array_elements(${JSON.stringify(counts.rows)}::jsonb) AS one
        ON CONFLICT (rule, subject) DO UPDATE SET counts = excluded.counts, at = excluded.at`);
      const raised: Raised[] = [];
      for (const one of found) raised.push(...(await raiseFlag(tx, one, now)));
      for (const tenant of new Set(raised.filter(({ pauses }) => pauses !== "nothing").map((one) => one.tenant)))
        await raise(tx, tenant);
      return raised;
    });
  }

  async list(query: {
    tenant: string | undefined;
    state?: string | undefined;
    rule?: string | undefined;
    limit: number;
  }): Promise<FlagRow[]> {
    const db = await this.#db;
    const { tenant = null, state = null, rule = null, limit } = query;
    const which = sql`(${tenant}::text IS NULL OR tenant = ${tenant}) AND (${state}::text IS NULL OR state = ${state}) AND (${rule}::text IS NULL OR rule = ${rule})`;
    // Those that wait for a person first.
    return db.select().from(flags).where(which).orderBy(sql`state NOT IN ('open', 'appealed')`, sql`at DESC`).limit(limit);
  }

  async waiting(tenant: string | undefined): Promise<number> {
    const which = tenant === undefined ? sql`true` : sql`tenant = ${tenant}`;
    const [found] = await rows<{ n: number }>(
      await this.#db,
      sql`SELECT count(*)::int AS n FROM flags WHERE state IN ('open', 'appealed') AND ${which}`,
    );
    return found?.n ?? 0;
  }

  async get(id: string): Promise<FlagRow | undefined> {
    const db = await this.#db;
    return (await db.select().from(flags).where(sql`id = ${id}`))[0];
  }

  /** Under a lock, so that of two who decide at once one comes second. `weigh` gives what it becomes, or fails. */
  async change(
    id: string,
    weigh: (row: FlagRow) => { state: FlagState; moments: readonly FlagMoment[]; pauses?: FlagPause } | undefined,
  ): Promise<FlagRow | undefined> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const [row] = await tx.select().from(flags).where(sql`id = ${id}`).for("update");
      const next = row && weigh(row);
      if (!row || !next) return undefined;
      const numbers = next.pauses === undefined ? row.numbers : { ...row.numbers, pauses: next.pauses };
      const history = [...row.history, ...next.moments].slice(-MOST_MOMENTS);
      const [changed] = await tx.update(flags).set({ state: next.state, numbers, history }).where(sql`id = ${id}`).returning();
      await raise(tx, row.tenant);
      return changed;
    });
  }

  /** Whether a person is a member of an organisation. */
  async isMember(person: string, tenant: string): Promise<boolean> {
    const found = await rows(
      await this.#db,
      sql`SELECT FROM members WHERE user_id = ${person} AND organization_id = ${tenant} LIMIT 1`,
    );
    return found.length > 0;
  }

  /** Whether there is anybody who could decide in place of this person about a flag of this organisation. */
  async isAnother(person: string, tenant: string): Promise<boolean> {
    const found = await rows(
      await this.#db,
      sql`SELECT FROM members m WHERE m.organization_id = ${LAB_TENANT} AND m.role IN ('owner', 'operator') AND m.user_id <> ${person}
        AND (${tenant} = ${LAB_TENANT} OR NOT EXISTS (SELECT FROM members o WHERE o.user_id = m.user_id AND o.organization_id = ${tenant})) LIMIT 1`,
    );
    return found.length > 0;
  }

  async holderOf(lease: string): Promise<string | undefined> {
    return (await rows<{ actor: string }>(await this.#db, sql`SELECT actor FROM leases WHERE id = ${lease}`))[0]?.actor;
  }
}

async function raiseFlag(tx: Tx, found: Found, now: number): Promise<Raised[]> {
  const { rule, tenant, subject, pauses, deviceId, leaves, measured } = found;
  const lease = found.lease ?? (deviceId === null ? null : await leaseOn(tx, deviceId, tenant));
  const known = await sameFlag(tx, { found, lease });
  if (known && known.state !== "cleared") return grow(tx, { known, found, now });
  if (known && isSettled(known, found, now)) return [];
  const full = pauses === "nothing" ? await newestOfMany(tx, found) : undefined;
  if (full) return grow(tx, { known: full, found, now });
  const id = newId("w");
  const numbers: Numbers = { pauses, subject, grewAt: now, measured: { ...measured } };
  const history: FlagMoment[] = [{ at: now, what: "raised", by: null, reason: "" }];
  const row = { id, rule, tenant, lease, deviceId, at: new Date(now), leaves: [...leaves], numbers, state: "open" as const };
  await tx.insert(flags).values({ ...row, history });
  return [{ id, rule, tenant, pauses }];
}

/** One that is about the same, and about the same lease where it is about one: a flag on a lease that is over pauses nothing in the next. */
async function sameFlag(tx: Tx, { found, lease }: { found: Found; lease: string | null }): Promise<FlagRow | undefined> {
  const { rule, tenant, subject } = found;
  const about = sql`(lease IS NOT DISTINCT FROM ${lease}::text OR (state <> 'cleared' AND numbers ->> 'pauses' IN ('organisation', 'new-leases')))`;
  const [known] = await tx
    .select()
    .from(flags)
    .where(sql`rule = ${rule} AND tenant = ${tenant} AND numbers ->> 'subject' = ${subject} AND ${about}`)
    .orderBy(sql`state = 'cleared'`, sql`at DESC`)
    .limit(1)
    .for("update");
  return known;
}

/** Where an organisation has so many flags of a rule that nobody has decided about, what pauses nothing adds to the newest: people are not to be buried. */
async function newestOfMany(tx: Tx, { rule, tenant }: Found): Promise<FlagRow | undefined> {
  const open = sql`rule = ${rule} AND tenant = ${tenant} AND state = 'open'`;
  const [many] = await rows<{ n: number }>(tx, sql`SELECT count(*)::int AS n FROM flags WHERE ${open}`);
  if ((many?.n ?? 0) < MOST_OPEN) return undefined;
  return (await tx.select().from(flags).where(open).orderBy(sql`at DESC`).limit(1).for("update"))[0];
}

/** It is the same thing, which goes on. */
async function grow(tx: Tx, { known, found, now }: { known: FlagRow; found: Found; now: number }): Promise<Raised[]> {
  const numbers = Numbers.parse(known.numbers);
  const more = RANK[found.pauses] > RANK[numbers.pauses];
  if (!more && now < numbers.grewAt + GROW_MS) return [];
  const pauses = more ? found.pauses : numbers.pauses;
  const next: Numbers = { ...numbers, pauses, grewAt: now, measured: { ...found.measured } };
  const moment: FlagMoment[] = more ? [{ at: now, what: "grew", by: null, reason: "" }] : [];
  // What a person has upheld and that now pauses more is open again.
  const state = more && known.state === "upheld" ? "open" : known.state;
  const leaves = cited([...known.leaves, ...found.leaves]);
  const history = [...known.history, ...moment].slice(-MOST_MOMENTS);
  await tx.update(flags).set({ numbers: next, leaves, history, state }).where(sql`id = ${known.id}`);
  return more ? [{ id: known.id, rule: found.rule, tenant: found.tenant, pauses }] : [];
}

/** Organisations that belong together go on doing so: who was told that it is right is not asked again each month but when they hold more. */
function isSettled({ rule, at, numbers }: FlagRow, found: Found, now: number): boolean {
  if (rule !== "linked" || at.getTime() < now - MONTH_MS) return false;
  const before = Numbers.parse(numbers);
  const [then, today] = [before.measured.devices, found.measured.devices];
  return RANK[found.pauses] <= RANK[before.pauses] && typeof then === "number" && typeof today === "number" && today <= then;
}

async function leaseOn(tx: Tx, device: string, tenant: string): Promise<string | null> {
  const [found] = await rows<{ lease: string }>(
    tx,
    sql`SELECT h.lease_id AS lease FROM holds h JOIN leases l ON l.id = h.lease_id WHERE h.device_id = ${device} AND l.tenant = ${tenant}`,
  );
  return found?.lease ?? null;
}

const RANK: Record<FlagPause, number> = { nothing: 0, "new-leases": 1, lease: 2, organisation: 3 };

export function momentsOf(row: FlagRow): FlagMoment[] {
  return FlagMoment.array().catch([]).parse(row.history);
}

export function ruleOfRow(row: FlagRow): FlagRule {
  return FlagRule.parse(row.rule);
}
