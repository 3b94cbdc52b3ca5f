/** The SQL that keeps an organisation within its tier: asked inside of each transaction that lends, prolongs or hands over. */
import { LAB_TENANT, type TenancyState, type TenantTier } from "@phonerack/contract/api";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { idsOf, ms, Rollback, rows, type Tx } from "../leases/transaction.js";
import { NO_TIER, phonesOf, type Standing, StoredFacts, tierNow } from "./tier.js";

export const DECLARATION = "declaration";
const Declared = z.object({ ownOnly: z.boolean() });

/** As far as a control knows by its own ears. */
export type IsVirtual = (deviceId: string) => boolean;

export interface Wanted {
  readonly tenant: string;
  readonly phones: readonly string[];
  readonly now: number;
  readonly isVirtual: IsVirtual;
  readonly later?: boolean;
}

export interface Weighed {
  readonly standing: Standing;
  readonly state: TenancyState;
  /** Whether tiers count for it. */
  readonly applies: boolean;
}

interface Found {
  readonly tier: TenantTier | null;
  readonly facts: unknown;
  readonly state: TenancyState | null;
  readonly reviewDue: number | null;
  readonly tenants: number;
  readonly declared: unknown;
  readonly ownsApp: boolean;
  readonly ownerAtDomain: boolean;
}

/** `lock`: two who lend to the same organisation count one after the other. */
export async function weigh(tx: Tx, tenant: string, lock: boolean): Promise<Weighed> {
  if (lock) await tx.execute(sql`SELECT FROM tenancies WHERE tenant = ${tenant} FOR UPDATE`);
  const [found] = await rows<Found>(
    tx,
    sql`SELECT t.tier, t.facts, t.state, ${ms("t.review_due")} AS "reviewDue", (SELECT count(*)::int FROM organizations) AS tenants,
      (SELECT value FROM lab_facts WHERE key = ${DECLARATION}) AS declared,
      EXISTS (SELECT FROM apps WHERE apps.tenant = ${tenant} AND ownership IS NOT NULL) AS "ownsApp",
      EXISTS (SELECT FROM members m JOIN users u ON u.id = m.user_id WHERE m.organization_id = ${tenant} AND m.role = 'owner' AND u.email_verified
        AND right('.' || split_part(lower(u.email), '@', 2), length(t.facts ->> 'domain') + 1) = '.' || (t.facts ->> 'domain')) AS "ownerAtDomain"
      FROM (SELECT 1) AS one LEFT JOIN tenancies t ON t.tenant = ${tenant}`,
  );
  const { tier = null, state = null, reviewDue = null, ownsApp = false, ownerAtDomain = false, tenants = 0 } = found ?? {};
  const given = tier === null ? NO_TIER : { tier, facts: StoredFacts.parse(found?.facts), reviewDue };
  const standing: Standing = { ...given, ownsApp, ownerAtDomain };
  const applies = hasTiers({ tenants, declared: found?.declared }) && tenant !== LAB_TENANT;
  return { standing, state: state ?? "active", applies };
}

/** A lab of one organisation, or one that serves only its own, has none. */
export function hasTiers({ tenants, declared }: { tenants: number; declared: unknown }): boolean {
  return tenants > 1 && !Declared.catch({ ownOnly: false }).parse(declared ?? {}).ownOnly;
}

/**
 * Rolls back (`tier`, `suspended`) what would be beyond its tier, or what an organisation that is paused asks for. `phones`: those of the lease that are not
 * virtual, held already or not; `later`: it is booked, and what is held now does not count.
 */
export async function requireTier(tx: Tx, { tenant, phones, now, isVirtual, later = false }: Wanted): Promise<void> {
  const { standing, state, applies } = await weigh(tx, tenant, phones.length > 0);
  if (state !== "active") throw new Rollback({ refused: "suspended", detail: `it is ${state}` });
  if (!applies || phones.length === 0) return;
  const limit = phonesOf(standing, now);
  const all = phones.length + (later ? 0 : await heldBeside(tx, { tenant, phones, isVirtual }));
  if (all <= limit) return;
  const tier = tierNow(standing, now);
  const detail = limit === 0 ? `${tier}: virtual phones only` : `${tier}: ${all} phones at once, of ${limit} allowed`;
  throw new Rollback({ refused: "tier", detail });
}

/** Phones that are not virtual, which it holds now beside these: one of which nothing is known counts. */
export async function heldBeside(
  tx: Tx,
  { tenant, phones, isVirtual }: { tenant: string; phones: readonly string[]; isVirtual: IsVirtual },
): Promise<number> {
  const held = await rows<{ id: string; reach: string | null }>(
    tx,
    sql`SELECT h.device_id AS id, d.report ->> 'reach' AS reach FROM holds h JOIN leases l ON l.id = h.lease_id LEFT JOIN devices d ON d.id = h.device_id
      WHERE l.tenant = ${tenant} AND h.state = 'leased' AND h.device_id NOT IN (${idsOf(phones)})`,
  );
  // A report is written some seconds after it was heard.
  return held.filter(({ id, reach }) => reach !== "virtual" && !isVirtual(id)).length;
}
