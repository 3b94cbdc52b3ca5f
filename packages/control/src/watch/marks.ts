/**
 * What organisations may have in common that stands in no leaf: addresses from which people log in, and scripts. Kept as digests with the lab's own salt, for thirty days
 * from when they were last seen; addresses that everybody behind a router has are none.
 */
import { createHmac } from "node:crypto";
import { BlockList, isIP } from "node:net";
import { LAB_TENANT } from "@phonerack/contract/api";
import { sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { rows } from "../leases/transaction.js";

export const MARK_DAYS = 30;
/** A shorter one may be alike by chance. */
const SCRIPT_LENGTH = 400;
const MOST = 20_000;

const INNER = new BlockList();
for (const [net, bits] of [
  ["10.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
] as const)
  INNER.addSubnet(net, bits, "ipv4");
for (const [net, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
] as const)
  INNER.addSubnet(net, bits, "ipv6");

interface Met {
  readonly tenant: string;
  readonly what: string;
}

/** Writes down what is there now, and gives what several have: a kind, a space and a digest → organisations. */
export async function readMarks(db: Db, salt: string): Promise<Record<string, string[]>> {
  const addresses = await rows<Met>(
    db,
    sql`SELECT DISTINCT active_organization_id AS tenant, ip_address AS what FROM auth_sessions
      WHERE ip_address IS NOT NULL AND active_organization_id IS NOT NULL AND active_organization_id <> ${LAB_TENANT} AND expires_at > now() LIMIT ${MOST}`,
  );
  const scripts = await rows<Met>(
    db,
    sql`SELECT DISTINCT tenant, encode(sha256(convert_to(app_id || chr(10) || yaml, 'UTF8')), 'hex') AS what FROM flows
      WHERE length(yaml) >= ${SCRIPT_LENGTH} AND tenant <> ${LAB_TENANT} LIMIT ${MOST}`,
  );
  const digest = (what: string) => createHmac("sha256", salt).update(what).digest("hex");
  const found = [
    ...addresses
      .filter(({ what }) => isOuter(what))
      .map(({ tenant, what }) => ({ kind: "address", tenant, digest: digest(what) })),
    ...scripts.map(({ tenant, what }) => ({ kind: "script", tenant, digest: digest(what) })),
  ];
  await db.execute(sql`INSERT INTO shared_marks (kind, digest, tenant, seen_at)
    SELECT one ->> 'kind', one ->> 'digest', one ->> 'tenant', now() FROM jsonb_array_elements(${JSON.stringify(found)}::jsonb) AS one
    ON CONFLICT (kind, digest, tenant) DO UPDATE SET seen_at = excluded.seen_at`);
  const shared = await rows<{ mark: string; tenants: string[] }>(
    db,
    sql`SELECT kind || ' ' || digest AS mark, jsonb_agg(tenant ORDER BY tenant) AS tenants FROM shared_marks
      WHERE seen_at > now() - ${MARK_DAYS} * interval '1 day' GROUP BY kind, digest HAVING count(*) > 1 LIMIT ${MOST}`,
  );
  return Object.fromEntries(shared.map(({ mark, tenants }) => [mark, tenants]));
}

function isOuter(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !INNER.check(address, family === 6 ? "ipv6" : "ipv4");
}
