/** The SQL of what goes by itself: what is over for so long, of each kind at most so much at once. What somebody has still to decide about stays. */
import { HANDS_DAYS, type PrivacyDays } from "@phonerack/contract/api";
import { type SQL, sql } from "drizzle-orm";
import { rows, type Tx, time } from "../leases/transaction.js";
import { isHeld } from "./erasing.js";

const AT_ONCE = 500;
const DAY_MS = 24 * 3_600_000;

/** @returns whether there may be more */
export async function sweepOnce(db: Tx, days: PrivacyDays, now: number): Promise<boolean> {
  const before = (count: number) => time(now - count * DAY_MS);
  const endedLeases = sql`phase = 'ended' AND ended_at < ${before(days.leases)} AND NOT ${isHeld("l.id")}`;
  const gone = [
    await drop(db, "events", sql`at < ${before(days.events)}`),
    await drop(
      db,
      "lease_devices",
      sql`lease_id IN (SELECT l.id FROM leases l WHERE ${endedLeases} ORDER BY l.ended_at LIMIT ${AT_ONCE})`,
    ),
    await drop(db, "leases l", sql`${endedLeases} AND NOT EXISTS (SELECT FROM lease_devices d WHERE d.lease_id = l.id)`),
    await drop(db, "lease_terms", sql`NOT EXISTS (SELECT FROM leases l WHERE l.id = lease_id)`),
    await drop(db, "lease_confirmations", sql`at < ${before(days.leases)}`),
    await drop(db, "supports", sql`until < ${before(days.leases)} AND NOT ${isHeld("lease_id")}`),
    // An opaque reference is of use as long as its lease can be found.
    await drop(db, "lease_references", sql`NOT EXISTS (SELECT FROM leases l WHERE l.id = lease_id)`),
    await drop(db, "trials", sql`day < ${new Date(now - 2 * DAY_MS).toISOString().slice(0, 10)}`),
    await drop(
      db,
      "job_tasks",
      sql`job_id IN (SELECT id FROM jobs WHERE state = 'ended' AND ended_at < ${before(days.work)} ORDER BY ended_at LIMIT ${AT_ONCE})`,
    ),
    await drop(
      db,
      "jobs j",
      sql`state = 'ended' AND ended_at < ${before(days.work)} AND NOT EXISTS (SELECT FROM job_tasks t WHERE t.job_id = j.id)`,
    ),
    await drop(db, "groups", sql`ended_at < ${before(days.work)}`),
    await drop(db, "abuse_cases", sql`state = 'closed' AND closed_at < ${before(days.cases)}`),
    // The last moment of its history is the one in which it was decided.
    await drop(
      db,
      "flags",
      sql`state IN ('cleared', 'upheld') AND coalesce(to_timestamp((history -> -1 ->> 'at')::float8 / 1000), at) < ${before(days.cases)}`,
    ),
    await drop(db, "auth_sessions", sql`expires_at < ${before(1)}`),
    await drop(db, "auth_verifications", sql`expires_at < ${before(1)}`),
    await drop(db, "device_codes", sql`expires_at < ${before(1)}`),
    await drop(db, "invitations", sql`expires_at < ${before(HANDS_DAYS)}`),
  ];
  return gone.some((count) => count >= AT_ONCE);
}

/** `table` may have a name for the condition: `leases l`. Another control deletes the same: what it has hold of is left to it. */
async function drop(db: Tx, table: string, which: SQL): Promise<number> {
  const [name = table, called = name] = table.split(" ");
  const found = await rows(
    db,
    sql`DELETE FROM ${sql.identifier(name)} WHERE ctid IN (SELECT ${sql.identifier(called)}.ctid FROM ${sql.identifier(name)} AS ${sql.identifier(called)}
      WHERE ${which} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED) RETURNING 1 AS one`,
  );
  return found.length;
}
