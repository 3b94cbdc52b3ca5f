/**
 * The SQL of leases. Every change is one transaction, and what must never happen is refused by the database: two leases of one device at the
 * same time by an exclusion constraint, a grant of a device that is not clean by the condition of the update that raises its epoch.
 */
import { CONFIRM_WITHIN_MS } from "@phonerack/contract/api";
import { CLEANING_MARGIN_MS, type CleanRecord, type LeaseEnd, type LeasePhase, type Quota } from "@phonerack/contract/bus";
import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { type IsVirtual, requireTier, type Wanted as TierWanted } from "../tenancies/limit.js";
import { requireNoPause, requireNoPauseOf } from "./pauses.js";
import { requireQuota, setQuota, type Use, uses } from "./quota.js";
import type { HoldRow, LeaseRow, SupportRow } from "./rows.js";
import { idsOf, ms, type Refusal, Rollback, rows, type Tx, time } from "./transaction.js";

export type Granted = { readonly lease: LeaseRow; readonly holds: readonly HoldRow[] };

export interface EndOrder {
  readonly leaseId: string;
  /** Undefined: the whole lease. */
  readonly devices?: readonly string[];
  readonly at: number;
  readonly reason: LeaseEnd;
  readonly note: string | null;
  /** Only if it still is due: another replica may have heard of an extension or of a touch. */
  readonly ifDue?: "until" | "idle" | "unconfirmed";
}

/** Deadlock and serialisation failure: PostgreSQL ended one of two that waited for each other; it may try again. */
const AGAIN = new Set(["40P01", "40001"]);
const TRIES = 4;
/** The exclusion constraint refused a second holder. */
const EXCLUDED = "23P01";

export class LeaseStore {
  readonly #db: Promise<Db>;
  readonly #isVirtual: IsVirtual;

  /** `db` may still be opening. `isVirtual`: tiers do not count such. */
  constructor(db: Promise<Db>, isVirtual: IsVirtual) {
    this.#db = db;
    this.#isVirtual = isVirtual;
  }

  /** All that has not ended, and every hold: what a control keeps in memory. */
  async open(): Promise<{ leases: LeaseRow[]; holds: HoldRow[]; supports: SupportRow[] }> {
    const db = await this.#db;
    const [leases, holds, supports] = [
      await readLeases(db, sql`l.phase <> 'ended'`),
      await rows<HoldRow>(db, sql`SELECT ${HOLD} FROM holds h`),
      await rows<SupportRow>(db, sql`SELECT ${SUPPORT} FROM supports s WHERE s.until > now()`),
    ];
    return { leases, holds, supports };
  }

  /** These leases, ended or not. */
  async leases(ids: readonly string[]): Promise<LeaseRow[]> {
    return readLeases(await this.#db, sql`l.id IN (${idsOf(ids)})`);
  }

  /** Ended ones that overlap a time, newest first. */
  async ended(query: { from: number; until: number; limit: number; device?: string | undefined }): Promise<LeaseRow[]> {
    const ofDevice =
      query.device === undefined
        ? sql``
        : sql`AND EXISTS (SELECT FROM lease_devices x WHERE x.lease_id = l.id AND x.device_id = ${query.device})`;
    const overlaps = sql`l.phase = 'ended' AND l.ended_at >= ${time(query.from)} AND l."from" <= ${time(query.until)} ${ofDevice}`;
    return readLeases(await this.#db, sql`${overlaps} ORDER BY l.created_at DESC LIMIT ${query.limit}`, true);
  }

  async holds(devices: readonly string[]): Promise<HoldRow[]> {
    return rows<HoldRow>(await this.#db, sql`SELECT ${HOLD} FROM holds h WHERE h.device_id IN (${idsOf(devices)})`);
  }

  /** Makes the lease with all its devices, or refuses and changes nothing. Booked ones get their epochs when they begin (`begin`). */
  grant(lease: LeaseRow): Promise<Granted | Refusal> {
    return this.#transaction(async (tx) => {
      await requireNoPause(tx, lease.tenant);
      await requireTier(tx, { ...this.#weighed(lease), later: lease.phase === "booked" });
      await requireQuota(tx, lease.tenant, sizeOf(lease));
      await insertLease(tx, lease);
      return await takeDevices(tx, lease);
    });
  }

  /** Puts a lease into the queue, unless a flag has paused its organisation. */
  async enqueue(lease: LeaseRow): Promise<Refusal | undefined> {
    return this.#transaction(async (tx) => {
      await requireNoPause(tx, lease.tenant);
      const phones = (lease.wanted.devices ?? []).filter((id) => !this.#isVirtual(id));
      await requireTier(tx, { tenant: lease.tenant, phones, now: lease.createdAt, isVirtual: this.#isVirtual, later: true });
      await insertLease(tx, lease);
      return undefined;
    });
  }

  /** A queued or booked lease becomes active with these devices from now on; whatever it had booked before is let go. */
  begin(lease: LeaseRow, was: "queued" | "booked"): Promise<Granted | Refusal> {
    return this.#transaction(async (tx) => {
      await requirePhase(tx, lease.id, was);
      await requireNoPause(tx, lease.tenant);
      await requireTier(tx, this.#weighed(lease));
      await tx.execute(sql`DELETE FROM lease_devices WHERE lease_id = ${lease.id}`);
      // A booking too: others of its tenant may have begun since it was made.
      await requireQuota(tx, lease.tenant, sizeOf(lease));
      await tx.execute(
        sql`UPDATE leases SET phase = ${lease.phase}, "from" = ${time(lease.from)}, until = ${time(lease.until)}, active_at = ${time(lease.activeAt)} WHERE id = ${lease.id}`,
      );
      return await takeDevices(tx, lease);
    });
  }

  /** A later or earlier end; idleness counts from now. Refused (`taken`) when somebody has booked one of its devices meanwhile. */
  extend(leaseId: string, until: number, now: number): Promise<{ until: number } | Refusal> {
    return this.#transaction(async (tx) => {
      await requirePhase(tx, leaseId, "active", "booked");
      await requireNoPauseOf(tx, leaseId);
      await this.#requireStillWithin(tx, leaseId, now);
      await tx.execute(sql`UPDATE leases SET until = ${time(until)}, active_at = ${time(now)} WHERE id = ${leaseId}`);
      const blocked = await rows<{ deviceId: string }>(
        tx,
        sql`SELECT d.device_id AS "deviceId" FROM lease_devices d JOIN lease_devices o ON o.device_id = d.device_id AND o.lease_id <> d.lease_id
          WHERE d.lease_id = ${leaseId} AND upper(d.period) > now() AND o.period && tstzrange(lower(d.period), ${time(until + CLEANING_MARGIN_MS)})`,
      );
      if (blocked.length > 0) throw new Rollback({ refused: "taken", devices: blocked.map(({ deviceId }) => deviceId) });
      await tx.execute(sql`UPDATE lease_devices d SET period = tstzrange(lower(d.period), ${time(until + CLEANING_MARGIN_MS)})
        WHERE d.lease_id = ${leaseId} AND (d.epoch = 0 OR EXISTS (SELECT FROM holds h WHERE h.device_id = d.device_id AND h.lease_id = ${leaseId}))`);
      const [lease] = await rows<{ tenant: string }>(tx, sql`SELECT tenant FROM leases WHERE id = ${leaseId}`);
      // Its hours are counted to the new end by now.
      if (lease) await requireQuota(tx, lease.tenant, { devices: 0, hours: 0 });
      return { until };
    });
  }

  /** Another holder, under new epochs. */
  async handOver(
    leaseId: string,
    to: { actor: string; actorName: string },
    now: number,
  ): Promise<{ lease: LeaseRow; holds: HoldRow[] } | Refusal> {
    return await this.#transaction(async (tx) => {
      await requirePhase(tx, leaseId, "active", "booked", "queued");
      // Its new epochs would not be those that are paused.
      await requireNoPauseOf(tx, leaseId);
      await this.#requireStillWithin(tx, leaseId, now);
      await tx.execute(
        sql`INSERT INTO lease_terms (lease_id, device_id, epoch, actor) SELECT l.id, d.device_id, d.epoch, l.actor
          FROM lease_devices d JOIN leases l ON l.id = d.lease_id WHERE l.id = ${leaseId} AND d.epoch > 0 ON CONFLICT DO NOTHING`,
      );
      await tx.execute(
        sql`UPDATE leases SET actor = ${to.actor}, actor_name = ${to.actorName}, active_at = ${time(now)} WHERE id = ${leaseId}`,
      );
      const holds = await rows<HoldRow>(
        tx,
        sql`UPDATE holds h SET epoch = h.epoch + 1 WHERE h.device_id IN (SELECT device_id FROM holds WHERE lease_id = ${leaseId} ORDER BY device_id FOR UPDATE) RETURNING ${HOLD}`,
      );
      await tx.execute(
        sql`UPDATE lease_devices d SET epoch = h.epoch FROM holds h WHERE d.lease_id = ${leaseId} AND h.device_id = d.device_id AND h.lease_id = ${leaseId}`,
      );
      const [lease] = await readLeases(tx, sql`l.id = ${leaseId}`);
      if (!lease) throw new Rollback({ refused: "over" });
      return { lease, holds };
    });
  }

  /** Ends a lease or some of its devices; undefined when there was nothing (left) to end. */
  async end(order: EndOrder): Promise<{ lease: LeaseRow; holds: HoldRow[] } | undefined> {
    const ended = await this.#transaction(async (tx) => {
      const due =
        order.ifDue === "until"
          ? sql`AND until <= ${time(order.at)}`
          : order.ifDue === "idle"
            ? sql`AND active_at + idle_minutes * interval '1 minute' <= ${time(order.at)}`
            : order.ifDue === "unconfirmed"
              ? sql`AND automated_since <= ${time(order.at - CONFIRM_WITHIN_MS)}`
              : sql``;
      const open = await rows<{ phase: LeasePhase }>(
        tx,
        sql`SELECT phase FROM leases WHERE id = ${order.leaseId} AND phase <> 'ended' ${due} FOR UPDATE`,
      );
      if (open.length === 0) throw new Rollback({ refused: "over" });
      const holds = await releaseDevices(tx, order);
      const left = await rows(tx, sql`SELECT FROM holds WHERE lease_id = ${order.leaseId} LIMIT 1`);
      if (order.devices === undefined || left.length === 0) await endLease(tx, order);
      const [lease] = await readLeases(tx, sql`l.id = ${order.leaseId}`);
      if (!lease) throw new Rollback({ refused: "over" });
      return { lease, holds };
    });
    return "refused" in ended ? undefined : ended;
  }

  /** The last input or command of each; never an earlier one than is known. */
  async touch(active: ReadonlyMap<string, number>): Promise<void> {
    const db = await this.#db;
    for (const [id, at] of active) {
      await db.execute(sql`UPDATE leases SET active_at = greatest(active_at, ${time(at)}) WHERE id = ${id} AND phase = 'active'`);
    }
  }

  /** A group or a script is at work on these since then; never later than is known. @returns of which that was news */
  async automate(since: ReadonlyMap<string, number>): Promise<string[]> {
    const db = await this.#db;
    const marked: string[] = [];
    for (const [id, at] of since) {
      const found = await rows<{ id: string }>(
        db,
        sql`UPDATE leases SET automated_since = ${time(at)} WHERE id = ${id} AND phase = 'active' AND (automated_since IS NULL OR automated_since > ${time(at)})
          AND NOT EXISTS (SELECT FROM lease_confirmations c WHERE c.lease_id = ${id} AND c.at > ${time(at)}) RETURNING id`,
      );
      marked.push(...found.map((row) => row.id));
    }
    return marked;
  }

  /** A person's word that the group or script may go on; undefined when the lease is over. */
  async confirm(leaseId: string, by: string, now: number): Promise<LeaseRow | undefined> {
    const done = await this.#transaction(async (tx) => {
      await requirePhase(tx, leaseId, "active");
      await requireNoPauseOf(tx, leaseId);
      await tx.execute(
        sql`INSERT INTO lease_confirmations (lease_id, at, by) VALUES (${leaseId}, ${time(now)}, ${by}) ON CONFLICT DO NOTHING`,
      );
      await tx.execute(sql`UPDATE leases SET automated_since = NULL WHERE id = ${leaseId}`);
      const [lease] = await readLeases(tx, sql`l.id = ${leaseId}`);
      if (!lease) throw new Rollback({ refused: "over" });
      return { lease };
    });
    return "refused" in done ? undefined : done.lease;
  }

  /** What the agent found after cleaning. Changes the hold only while it waits for just that; the record is kept in any case. */
  cleaned(record: CleanRecord, epoch: number): Promise<HoldRow | undefined> {
    return this.#hold(async (tx) => {
      await tx.execute(
        sql`INSERT INTO clean_records (device_id, epoch, ended_at, record) VALUES (${record.deviceId}, ${record.epoch}, ${time(record.endedAt)}, ${JSON.stringify(record)}::jsonb) ON CONFLICT DO NOTHING`,
      );
      const quarantine = record.clean
        ? sql`cleaned_at = greatest(coalesce(ended_at, now()), ${time(record.endedAt)})`
        : sql`quarantine = coalesce(quarantine, ${record.reason ?? "cleaning failed"}), quarantined_at = coalesce(quarantined_at, now())`;
      return rows<HoldRow>(
        tx,
        sql`UPDATE holds h SET state = 'free', ${quarantine} WHERE h.device_id = ${record.deviceId} AND h.epoch = ${epoch} AND h.state = 'cleaning' RETURNING ${HOLD}`,
      );
    });
  }

  /** Who had the device last before it came to this epoch. */
  async lastTenant(deviceId: string, epoch: number): Promise<string | undefined> {
    const [found] = await rows<{ tenant: string }>(
      await this.#db,
      sql`SELECT l.tenant FROM lease_devices d JOIN leases l ON l.id = d.lease_id
        WHERE d.device_id = ${deviceId} AND d.epoch > 0 AND d.epoch < ${epoch} ORDER BY d.epoch DESC LIMIT 1`,
    );
    return found?.tenant;
  }

  async records(deviceId: string, limit: number): Promise<CleanRecord[]> {
    const db = await this.#db;
    const found = await rows<{ record: CleanRecord }>(
      db,
      sql`SELECT record FROM clean_records WHERE device_id = ${deviceId} ORDER BY ended_at DESC LIMIT ${limit}`,
    );
    return found.map(({ record }) => record);
  }

  /** Takes a device out of use; a lease goes on until it ends. */
  quarantine(deviceId: string, reason: string): Promise<HoldRow | undefined> {
    return this.#hold((tx) =>
      rows<HoldRow>(
        tx,
        sql`INSERT INTO holds AS h (device_id, epoch, state, quarantine, quarantined_at) VALUES (${deviceId}, 0, 'free', ${reason}, now())
          ON CONFLICT (device_id) DO UPDATE SET quarantine = excluded.quarantine, quarantined_at = excluded.quarantined_at RETURNING ${HOLD}`,
      ),
    );
  }

  /**
   * A device that nobody holds begins anew under a higher epoch: to be cleaned and verified, or (free) as it stands. `least`: above what its
   * agent knows, if that is more. Undefined when somebody holds it.
   */
  renew(deviceId: string, state: "cleaning" | "free", least = 0): Promise<HoldRow | undefined> {
    return this.#hold((tx) =>
      rows<HoldRow>(
        tx,
        sql`INSERT INTO holds AS h (device_id, epoch, state, ended_at) VALUES (${deviceId}, ${least + 1}, ${state}, now())
          ON CONFLICT (device_id) DO UPDATE SET epoch = greatest(h.epoch, ${least}) + 1, state = excluded.state, ended_at = now(),
            cleaned_at = CASE WHEN ${state} = 'free' THEN now() ELSE h.cleaned_at END, quarantine = NULL, quarantined_at = NULL
          WHERE h.state <> 'leased' RETURNING ${HOLD}`,
      ),
    );
  }

  async support(row: SupportRow): Promise<void> {
    const db = await this.#db;
    await db.execute(
      sql`INSERT INTO supports (device_id, lease_id, by, by_name, reason, since, until) VALUES (${row.deviceId}, ${row.leaseId}, ${row.by}, ${row.byName}, ${row.reason}, ${time(row.since)}, ${time(row.until)})`,
    );
  }

  async endSupport(deviceId: string, now: number): Promise<void> {
    const db = await this.#db;
    await db.execute(sql`UPDATE supports SET until = ${time(now)} WHERE device_id = ${deviceId} AND until > ${time(now)}`);
  }

  async supports(devices: readonly string[]): Promise<SupportRow[]> {
    return rows<SupportRow>(
      await this.#db,
      sql`SELECT ${SUPPORT} FROM supports s WHERE s.until > now() AND s.device_id IN (${idsOf(devices)})`,
    );
  }

  async setQuota(tenant: string, quota: Quota): Promise<void> {
    await setQuota(await this.#db, tenant, quota);
  }

  async uses(): Promise<Use[]> {
    return uses(await this.#db);
  }

  #weighed({ tenant, devices, activeAt }: LeaseRow): TierWanted {
    const isVirtual = this.#isVirtual;
    return { tenant, phones: devices.map(({ id }) => id).filter((id) => !isVirtual(id)), now: activeAt, isVirtual };
  }

  /** A tier may have fallen since it was granted: it is not prolonged then. */
  async #requireStillWithin(tx: Tx, leaseId: string, now: number): Promise<void> {
    const [lease] = await readLeases(tx, sql`l.id = ${leaseId}`);
    if (lease) await requireTier(tx, { ...this.#weighed(lease), now, later: lease.phase === "booked" });
  }

  async #transaction<T>(run: (tx: Tx) => Promise<T>): Promise<T | Refusal> {
    const db = await this.#db;
    for (let attempt = 1; ; attempt++) {
      try {
        return await db.transaction((tx) => run(tx));
      } catch (error) {
        if (error instanceof Rollback) return error.refusal;
        // Somebody was quicker between our look and our write.
        if (sqlState(error) === EXCLUDED) return { refused: "taken", devices: [] };
        if (attempt >= TRIES || !AGAIN.has(sqlState(error))) throw error;
      }
    }
  }

  async #hold(run: (tx: Tx) => Promise<HoldRow[]>): Promise<HoldRow | undefined> {
    const changed = await this.#transaction(run);
    return "refused" in changed ? undefined : changed[0];
  }
}

function sizeOf({ devices, from, until }: LeaseRow): { devices: number; hours: number } {
  return { devices: devices.length, hours: (devices.length * (until - from)) / 3_600_000 };
}

async function insertLease(tx: Tx, lease: LeaseRow): Promise<void> {
  await tx.execute(
    sql`INSERT INTO leases (id, tenant, actor, actor_name, purpose, phase, created_at, "from", until, wanted, idle_minutes, active_at)
      VALUES (${lease.id}, ${lease.tenant}, ${lease.actor}, ${lease.actorName}, ${lease.purpose}, ${lease.phase}, ${time(lease.createdAt)},
        ${time(lease.from)}, ${time(lease.until)}, ${JSON.stringify(lease.wanted)}::jsonb, ${lease.idleMinutes}, ${time(lease.activeAt)})`,
  );
}

/** Inserted in the order of the ids, so that two grants that want the same devices wait for each other and never in a ring. */
async function takeDevices(tx: Tx, lease: LeaseRow): Promise<Granted> {
  const wanted = lease.devices.map(({ id }) => id).sort();
  const taken = await rows<{ deviceId: string }>(
    tx,
    sql`INSERT INTO lease_devices (lease_id, device_id, period)
      SELECT ${lease.id}, id, tstzrange(${time(lease.from)}, ${time(lease.until + CLEANING_MARGIN_MS)})
      FROM jsonb_array_elements_text(${JSON.stringify(wanted)}::jsonb) AS id ORDER BY id
      ON CONFLICT DO NOTHING RETURNING device_id AS "deviceId"`,
  );
  requireAll("taken", wanted, taken);
  if (lease.phase !== "active") return { lease, holds: [] };
  const holds = await rows<HoldRow>(
    tx,
    sql`INSERT INTO holds AS h (device_id, epoch, state, lease_id)
      SELECT id, 1, 'leased', ${lease.id} FROM jsonb_array_elements_text(${JSON.stringify(wanted)}::jsonb) AS id ORDER BY id
      ON CONFLICT (device_id) DO UPDATE SET epoch = h.epoch + 1, state = 'leased', lease_id = excluded.lease_id
        WHERE h.state = 'free' AND h.quarantine IS NULL AND (h.ended_at IS NULL OR h.cleaned_at >= h.ended_at)
      RETURNING ${HOLD}`,
  );
  requireAll("not-free", wanted, holds);
  await tx.execute(
    sql`UPDATE lease_devices d SET epoch = h.epoch FROM holds h WHERE d.lease_id = ${lease.id} AND h.device_id = d.device_id`,
  );
  return { lease: { ...lease, devices: holds.map(({ deviceId, epoch }) => ({ id: deviceId, epoch })) }, holds };
}

function requireAll(refused: "taken" | "not-free", wanted: readonly string[], got: readonly { deviceId: string }[]): void {
  if (got.length === wanted.length) return;
  const have = new Set(got.map(({ deviceId }) => deviceId));
  throw new Rollback({ refused, devices: wanted.filter((id) => !have.has(id)) });
}

async function requirePhase(tx: Tx, leaseId: string, ...phases: LeasePhase[]): Promise<void> {
  const [lease] = await rows<{ phase: LeasePhase }>(tx, sql`SELECT phase FROM leases WHERE id = ${leaseId} FOR UPDATE`);
  if (!lease || !phases.includes(lease.phase)) throw new Rollback({ refused: "over" });
}

/** Devices go to cleaning under a higher epoch; what was only booked is free again. */
async function releaseDevices(tx: Tx, { leaseId, devices, at }: EndOrder): Promise<HoldRow[]> {
  const some = devices === undefined ? sql`` : sql`AND device_id IN (${idsOf(devices)})`;
  const holds = await rows<HoldRow>(
    tx,
    sql`UPDATE holds h SET epoch = h.epoch + 1, state = 'cleaning', lease_id = NULL, ended_at = ${time(at)}
      WHERE h.device_id IN (SELECT device_id FROM holds WHERE lease_id = ${leaseId} ${some} ORDER BY device_id FOR UPDATE) RETURNING ${HOLD}`,
  );
  await tx.execute(sql`DELETE FROM lease_devices WHERE lease_id = ${leaseId} AND epoch = 0 ${some}`);
  // From here on `holds` says that it is not free yet; a booking that would begin before it is waits for that.
  await tx.execute(
    sql`UPDATE lease_devices SET period = tstzrange(lower(period), greatest(lower(period) + interval '1 millisecond', ${time(at)})) WHERE lease_id = ${leaseId} AND upper(period) > ${time(at)} ${some}`,
  );
  return holds;
}

async function endLease(tx: Tx, { leaseId, at, reason, note }: EndOrder): Promise<void> {
  await tx.execute(
    sql`UPDATE leases SET phase = 'ended', ended_at = ${time(at)}, end_reason = ${reason}, end_note = ${note} WHERE id = ${leaseId}`,
  );
}

/** An active lease has the devices that are held by it now; any other all that it ever had or has booked. */
async function readLeases(db: Tx, which: SQL, ordered = false): Promise<LeaseRow[]> {
  const query = sql`SELECT l.id, l.tenant, l.actor, l.actor_name AS "actorName", l.purpose, l.phase, ${ms("l.created_at")} AS "createdAt",
    ${ms('l."from"')} AS "from", ${ms("l.until")} AS until, ${ms("l.ended_at")} AS "endedAt", l.end_reason AS "endReason", l.end_note AS "endNote",
    l.wanted, l.idle_minutes AS "idleMinutes", ${ms("l.active_at")} AS "activeAt", ${ms("l.automated_since")} AS "automatedSince",
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', d.device_id, 'epoch', d.epoch) ORDER BY d.device_id) FROM lease_devices d
      LEFT JOIN holds h ON h.device_id = d.device_id WHERE d.lease_id = l.id AND (l.phase <> 'active' OR h.lease_id = l.id)), '[]'::jsonb) AS devices
    FROM leases l WHERE ${which}`;
  return rows<LeaseRow>(db, ordered ? query : sql`${query} ORDER BY l.created_at, l.id`);
}

const HOLD = sql`h.device_id AS "deviceId", h.epoch, h.state, h.lease_id AS "leaseId", ${ms("h.ended_at")} AS "endedAt", ${ms("h.cleaned_at")} AS "cleanedAt", h.quarantine, ${ms("h.quarantined_at")} AS "quarantinedAt"`;
const SUPPORT = sql`s.device_id AS "deviceId", s.lease_id AS "leaseId", s.by, s.by_name AS "byName", s.reason, ${ms("s.since")} AS since, ${ms("s.until")} AS until`;

/** drizzle wraps the driver's error. */
function sqlState(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: string; cause?: { code?: string } };
  return code ?? cause?.code ?? "";
}
