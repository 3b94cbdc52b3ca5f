/** The SQL of what flags pause: who gets no more devices, and under which epochs an agent lets nothing through. Who raises flags is left to `watch`. */
import type { Grounds } from "@phonerack/contract/bus";
import { type SQL, sql } from "drizzle-orm";
import { Rollback, rows, type Tx } from "./transaction.js";

const PAUSES = sql`(f.numbers ->> 'pauses')`;

/** Flags after which an organisation gets no more devices: any that pauses, until a person has decided; one on all that it does, until it is cleared. */
const STOPS_LEASES = sql`${PAUSES} <> 'nothing' AND (f.state IN ('open', 'appealed') OR (f.state = 'upheld' AND ${PAUSES} <> 'lease'))`;

/** Rolls back (`paused`) while a flag keeps an organisation from more devices. */
export async function requireNoPause(tx: Tx, tenant: string): Promise<void> {
  await refuseIf(tx, sql`f.tenant = ${tenant} AND ${STOPS_LEASES}`);
}

/** The same for a lease that there is: it gets no more time and no other holder, also when only it is paused. */
export async function requireNoPauseOf(tx: Tx, leaseId: string): Promise<void> {
  await refuseIf(
    tx,
    sql`(f.lease = ${leaseId} AND ${PAUSES} = 'lease' AND f.state <> 'cleared')
      OR (f.tenant = (SELECT tenant FROM leases WHERE id = ${leaseId}) AND ${STOPS_LEASES})`,
  );
}

async function refuseIf(tx: Tx, which: SQL): Promise<void> {
  const [flag] = await rows<{ id: string; rule: string }>(
    tx,
    sql`SELECT f.id, f.rule FROM flags f WHERE ${which} ORDER BY f.at LIMIT 1`,
  );
  if (flag) throw new Rollback({ refused: "paused", detail: `flag ${flag.id} (${flag.rule})` });
}

/** What agents are told of it. */
export async function readPaused(tx: Tx, tenant: string): Promise<NonNullable<Grounds["paused"]> | undefined> {
  const [all] = await rows(
    tx,
    sql`SELECT FROM flags f WHERE f.tenant = ${tenant} AND ${PAUSES} = 'organisation' AND f.state <> 'cleared' LIMIT 1`,
  );
  const holds = await rows<{ device: string; epoch: number }>(
    tx,
    sql`SELECT DISTINCT h.device_id AS device, h.epoch FROM flags f JOIN holds h ON h.lease_id = f.lease
      WHERE f.tenant = ${tenant} AND ${PAUSES} = 'lease' AND f.state <> 'cleared' AND h.state = 'leased' LIMIT 2000`,
  );
  return all || holds.length > 0 ? { all: all !== undefined, holds } : undefined;
}
