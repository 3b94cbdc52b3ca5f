/** The SQL of the lab's face: what it says of itself, its addresses, and cases. */
import { AbuseCase, type EgressPrefix, FaceSettings, type FoundLease } from "@phonerack/contract/api";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../database/database.js";
import { readFact, writeFact } from "../database/lab-facts.js";
import { abuseCases, egressPrefixes } from "../database/law-schema.js";
import { idsOf, ms, rows, time } from "../leases/transaction.js";

const SETTINGS = "face";

export interface ActiveLease {
  readonly lease: string;
  readonly tenant: string;
  readonly from: number;
  readonly until: number;
}

export interface EgressTimes {
  /** From when on the new set is in force. */
  readonly from: number;
  readonly now: number;
}

export interface EgressOrder {
  readonly prefixes: readonly string[];
  readonly by: string;
  readonly weigh: (known: readonly EgressPrefix[]) => EgressTimes;
}

export type CaseRow = typeof abuseCases.$inferSelect;

const Asked = z.object({ ip: z.string(), time: z.number(), contact: z.string() });
const Found = z.object({ leases: AbuseCase.shape.leases });

export class FaceStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async settings(): Promise<FaceSettings | null> {
    const found = await readFact(await this.#db, SETTINGS);
    return found ? FaceSettings.parse(found.value) : null;
  }

  async setSettings(settings: FaceSettings, by: string): Promise<void> {
    await writeFact(await this.#db, SETTINGS, { value: settings, by });
  }

  async egress(): Promise<EgressPrefix[]> {
    return egressIn(await this.#db);
  }

  /**
   * Ends those that are not in the new set, begins those that were not in the old, in one transaction. `weigh` is given the set as it is while nobody else can change it;
   * what it throws changes nothing. @returns what it said
   */
  async changeEgress({ prefixes, by, weigh }: EgressOrder): Promise<EgressTimes> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      await tx.execute(sql`LOCK TABLE egress_prefixes IN SHARE ROW EXCLUSIVE MODE`);
      const known = await egressIn(tx);
      const times = weigh(known);
      const { from, now } = times;
      const open = known.filter(({ until }) => until === null).map(({ prefix }) => prefix);
      const kept = open.filter((prefix) => prefixes.includes(prefix));
      await tx.execute(
        sql`UPDATE egress_prefixes SET until = ${time(from)}, announced_at = ${time(now)} WHERE until IS NULL AND prefix NOT IN (${idsOf(kept)})`,
      );
      for (const prefix of prefixes.filter((one) => !kept.includes(one)))
        await tx.insert(egressPrefixes).values({ prefix, announcedAt: new Date(now), from: new Date(from), until: null, by });
      return times;
    });
  }

  /** Leases that had devices at that time. */
  async leasesAt(at: number, limit: number): Promise<ActiveLease[]> {
    return rows<ActiveLease>(
      await this.#db,
      sql`SELECT l.id AS lease, l.tenant, ${ms("l.from")} AS "from", ${ms("coalesce(l.ended_at, l.until)")} AS until
        FROM leases l WHERE l."from" <= ${time(at)} AND coalesce(l.ended_at, l.until) >= ${time(at)} AND l.phase <> 'booked'
        AND EXISTS (SELECT FROM lease_devices d WHERE d.lease_id = l.id AND d.epoch > 0)
        ORDER BY l.from LIMIT ${limit}`,
    );
  }

  /** By organisation: packages whose ownership was proved or granted. */
  async ownedPackages(tenants: readonly string[]): Promise<Map<string, string[]>> {
    const found = await rows<{ tenant: string; package: string }>(
      await this.#db,
      sql`SELECT DISTINCT tenant, package FROM apps WHERE ownership IS NOT NULL AND ownership <> 'null'::jsonb AND tenant IN (${idsOf(tenants)})
        ORDER BY package LIMIT 5000`,
    );
    const owned = new Map<string, string[]>();
    for (const { tenant, package: name } of found) owned.set(tenant, [...(owned.get(tenant) ?? []), name]);
    return owned;
  }

  /** How leases are called towards others: each has one name for ever. */
  async references(leases: readonly string[], fresh: () => string): Promise<Map<string, string>> {
    const db = await this.#db;
    const made = JSON.stringify(leases.map((lease) => ({ lease, reference: fresh() })));
    await db.execute(sql`INSERT INTO lease_references (lease_id, reference)
      SELECT one ->> 'lease', one ->> 'reference' FROM jsonb_array_elements(${made}::jsonb) AS one ON CONFLICT DO NOTHING`);
    const found = await rows<{ lease: string; reference: string }>(
      db,
      sql`SELECT lease_id AS lease, reference FROM lease_references WHERE lease_id IN (${idsOf(leases)})`,
    );
    return new Map(found.map(({ lease, reference }) => [lease, reference]));
  }

  async addCase(row: typeof abuseCases.$inferInsert): Promise<void> {
    await (await this.#db).insert(abuseCases).values(row);
  }

  async case(id: string): Promise<CaseRow | undefined> {
    const [found] = await (await this.#db).select().from(abuseCases).where(sql`id = ${id}`);
    return found;
  }

  /** Those that wait first, the soonest due of them first. */
  async cases(state: string | undefined, limit: number): Promise<CaseRow[]> {
    const db = await this.#db;
    const all = db.select().from(abuseCases);
    const some = state === undefined ? all : all.where(sql`state = ${state}`);
    return some.orderBy(sql`state <> 'open'`, abuseCases.dueAt).limit(limit);
  }

  /** Those that nobody has answered, and which of them are late. */
  async waitingCases(now: number): Promise<{ waiting: number; overdue: number }> {
    const [found] = await rows<{ waiting: number; overdue: number }>(
      await this.#db,
      sql`SELECT count(*)::int AS waiting, (count(*) FILTER (WHERE due_at < ${time(now)}))::int AS overdue FROM abuse_cases WHERE state = 'open'`,
    );
    return found ?? { waiting: 0, overdue: 0 };
  }

  async openCases(): Promise<number> {
    const [found] = await rows<{ count: unknown }>(
      await this.#db,
      sql`SELECT count(*) AS count FROM abuse_cases WHERE state <> 'closed'`,
    );
    return Number(found?.count ?? 0);
  }

  /** One statement, so that two who write at once both stand there. */
  async say(
    id: string,
    message: { at: number; by: "asker" | "lab"; text: string },
    state: AbuseCase["state"] | undefined,
  ): Promise<void> {
    const added = JSON.stringify([message]);
    const next = state === undefined ? sql`` : sql`, state = ${state}`;
    const closed = state === "closed" ? sql`, closed_at = now()` : sql``;
    await (await this.#db).execute(
      sql`UPDATE abuse_cases SET messages = messages || ${added}::jsonb ${next} ${closed} WHERE id = ${id}`,
    );
  }
}

async function egressIn(db: Pick<Db, "select">): Promise<EgressPrefix[]> {
  const found = await db.select().from(egressPrefixes).orderBy(egressPrefixes.from, egressPrefixes.prefix);
  return found.map((row) => ({
    prefix: row.prefix,
    announcedAt: row.announcedAt.getTime(),
    from: row.from.getTime(),
    until: row.until?.getTime() ?? null,
  }));
}

/** As people of the lab see it. */
export function viewOf(row: CaseRow, now: number): AbuseCase {
  const { ip, time: at, contact } = Asked.parse(row.asked);
  return {
    id: row.id,
    state: row.state,
    ip,
    time: at,
    contact,
    leases: Found.parse(row.found).leases,
    messages: AbuseCase.shape.messages.parse(row.messages),
    createdAt: row.createdAt.getTime(),
    answerBy: row.dueAt.getTime(),
    overdue: row.state === "open" && row.dueAt.getTime() < now,
    closedAt: row.closedAt?.getTime() ?? null,
  };
}

export function publicLeases(leases: AbuseCase["leases"]): FoundLease[] {
  return leases.map(({ reference, from, until, packages }) => ({ reference, from, until, packages }));
}
