/** The SQL of tenancies: tiers that were given, what they rest on, and the lab's own declaration. */
import type { LabDeclaration, TenancyState, TenantTier } from "@phonerack/contract/api";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Db } from "../database/database.js";
import { ms, rows, time } from "../leases/transaction.js";
import { DECLARATION, hasTiers, heldBeside, type IsVirtual, type Weighed, weigh } from "./limit.js";
import type { StoredFacts } from "./tier.js";

export interface TenancyRow extends Weighed {
  readonly tenant: string;
  /** Phones that are not virtual, held now. */
  readonly held: number;
}

/** What somebody changes; what is left out stays. */
export interface TenancyChange {
  readonly tier?: TenantTier;
  readonly facts?: StoredFacts;
  readonly state?: TenancyState;
  readonly reviewDue?: number | null;
}

const Declared = z.object({ ownOnly: z.boolean() });

export class TenancyStore {
  readonly #db: Promise<Db>;
  readonly #isVirtual: IsVirtual;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>, isVirtual: IsVirtual) {
    this.#db = db;
    this.#isVirtual = isVirtual;
  }

  async get(tenant: string): Promise<TenancyRow> {
    const db = await this.#db;
    return {
      tenant,
      ...(await weigh(db, tenant, false)),
      held: await heldBeside(db, { tenant, phones: [], isVirtual: this.#isVirtual }),
    };
  }

  async all(): Promise<TenancyRow[]> {
    const tenants = await rows<{ id: string }>(await this.#db, sql`SELECT id FROM organizations ORDER BY created_at, id`);
    const found: TenancyRow[] = [];
    for (const { id } of tenants) found.push(await this.get(id));
    return found;
  }

  /** Under a lock, so that what is weighed is what is changed. `make` gives what it becomes, or fails. */
  async change(tenant: string, { by, at }: { by: string; at: number }, make: (before: Weighed) => TenancyChange): Promise<void> {
    const db = await this.#db;
    await db.transaction(async (tx) => {
      await tx.execute(
        sql`INSERT INTO tenancies (tenant, tier, facts, state, at, by) VALUES (${tenant}, 'T0', '{}'::jsonb, 'active', ${time(at)}, ${by}) ON CONFLICT DO NOTHING`,
      );
      const before = await weigh(tx, tenant, true);
      const change = make(before);
      const { tier, facts, reviewDue } = { ...before.standing, ...change };
      const state = change.state ?? before.state;
      await tx.execute(
        sql`UPDATE tenancies SET tier = ${tier}, facts = ${JSON.stringify(facts)}::jsonb, state = ${state},
          review_due = ${reviewDue === null ? null : time(reviewDue)}, at = ${time(at)}, by = ${by} WHERE tenant = ${tenant}`,
      );
    });
  }

  async declaration(): Promise<LabDeclaration> {
    const [found] = await rows<{ value: unknown; by: string; at: number }>(
      await this.#db,
      sql`SELECT value, by, ${ms("at")} AS at FROM lab_facts WHERE key = ${DECLARATION}`,
    );
    if (!found) return { ownOnly: false, by: null, at: null };
    return { ...Declared.parse(found.value), by: found.by, at: found.at };
  }

  async declare(ownOnly: boolean, { by, at }: { by: string; at: number }): Promise<void> {
    await (await this.#db).execute(
      sql`INSERT INTO lab_facts (key, value, at, by) VALUES (${DECLARATION}, ${JSON.stringify({ ownOnly })}::jsonb, ${time(at)}, ${by})
        ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at, by = excluded.by`,
    );
  }

  /** Whether the lab has tiers at all. */
  async hasTiers(): Promise<boolean> {
    const [found] = await rows<{ tenants: number; declared: unknown }>(
      await this.#db,
      sql`SELECT (SELECT count(*)::int FROM organizations) AS tenants, (SELECT value FROM lab_facts WHERE key = ${DECLARATION}) AS declared`,
    );
    return found !== undefined && hasTiers(found);
  }
}
