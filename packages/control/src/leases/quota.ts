/** The SQL of quotas: what an organisation may hold, and what it uses. */
import type { Quota } from "@phonerack/contract/bus";
import { sql } from "drizzle-orm";
import { Rollback, rows, type Tx } from "./transaction.js";

export interface Use extends Quota {
  readonly tenant: string;
  readonly devices: number;
  /** Device-hours of this calendar month (UTC), leases that go on counted to their end. */
  readonly hours: number;
}

/** Rolls back (`quota`) what would be beyond it. The tenant's row is locked: two grants of one tenant count one after the other. */
export async function requireQuota(tx: Tx, tenant: string, more: { devices: number; hours: number }): Promise<void> {
  const [quota] = await rows<Quota>(
    tx,
    sql`SELECT devices_at_once AS "devicesAtOnce", hours_per_month AS "hoursPerMonth" FROM quotas WHERE tenant = ${tenant} FOR UPDATE`,
  );
  if (!quota) return;
  const [use] = await rows<{ devices: number; hours: number }>(
    tx,
    sql`SELECT count(h.device_id)::int AS devices, coalesce(sum(${HOURS}), 0)::float8 AS hours FROM ${USE} WHERE l.tenant = ${tenant}`,
  );
  const devices = (use?.devices ?? 0) + more.devices;
  const hours = (use?.hours ?? 0) + more.hours;
  const refuse = (detail: string) => {
    throw new Rollback({ refused: "quota", detail });
  };
  if (more.devices > 0 && quota.devicesAtOnce !== null && devices > quota.devicesAtOnce)
    refuse(`${devices} devices at once, of ${quota.devicesAtOnce} allowed`);
  if (quota.hoursPerMonth !== null && hours > quota.hoursPerMonth)
    refuse(`${Math.ceil(hours)} device-hours this month, of ${quota.hoursPerMonth} allowed`);
}

export async function setQuota(tx: Tx, tenant: string, { devicesAtOnce, hoursPerMonth }: Quota): Promise<void> {
  await tx.execute(sql`INSERT INTO quotas (tenant, devices_at_once, hours_per_month) VALUES (${tenant}, ${devicesAtOnce}, ${hoursPerMonth})
    ON CONFLICT (tenant) DO UPDATE SET devices_at_once = excluded.devices_at_once, hours_per_month = excluded.hours_per_month`);
}

/** Of all organisations that have a quota or a lease. */
export async function uses(tx: Tx): Promise<Use[]> {
  return rows(
    tx,
    sql`SELECT coalesce(u.tenant, q.tenant) AS tenant, coalesce(u.devices, 0)::int AS devices, coalesce(u.hours, 0)::float8 AS hours,
      q.devices_at_once AS "devicesAtOnce", q.hours_per_month AS "hoursPerMonth"
      FROM (SELECT l.tenant, count(h.device_id) AS devices, sum(${HOURS}) AS hours FROM ${USE} GROUP BY l.tenant) u
      FULL JOIN quotas q ON q.tenant = u.tenant`,
  );
}

/** Device-hours of this calendar month (UTC), with the devices held now: for `GROUP BY` or one tenant. */
const USE = sql`leases l JOIN lease_devices d ON d.lease_id = l.id LEFT JOIN holds h ON h.device_id = d.device_id AND h.lease_id = l.id AND l.phase = 'active'`;
const HOURS = sql`greatest(0, extract(epoch FROM (least(coalesce(l.ended_at, l.until), upper(d.period)) - greatest(l."from", date_trunc('month', now(), 'UTC'))))) / 3600`;
