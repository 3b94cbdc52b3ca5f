/**
 * Trials: on which devices a person freely tries others' apps by hand today. A claim is counted in the database under a lock of the day's tenant,
 * so that two replicas cannot give away more than there are; what was answered is kept, since every input asks.
 */
import { PhonerackError, TENANT_TRIALS_A_DAY, TRIAL_DEVICES_A_DAY } from "@phonerack/contract/bus";
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import { type Caller, known } from "../access/caller.js";
import type { Db } from "../database/database.js";
import type { RecordEvent } from "../events/events.js";
import { rows, type Tx } from "../leases/transaction.js";

/** A refusal is asked again after so long: the limit may have been raised. */
const REFUSED_MS = 30_000;
const MOST_KEPT = 20_000;

export interface TrialsParts {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly log: Logger;
  readonly record: RecordEvent;
  readonly hasTenant: (id: string) => Promise<boolean>;
  readonly now?: () => number;
}

export interface TrialOf {
  readonly tenant: string;
  readonly actor: string;
  readonly deviceId: string;
}

export class Trials {
  readonly #parts: TrialsParts;
  readonly #now: () => number;
  /** By day, tenant, actor and device: until when the answer holds. */
  readonly #answers = new Map<string, { readonly granted: boolean; readonly until: number }>();
  readonly #asking = new Map<string, Promise<boolean>>();

  constructor(parts: TrialsParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Whether it is claimed already, as far as this replica knows. */
  has(trial: TrialOf): boolean {
    return this.#answers.get(this.#key(trial))?.granted ?? false;
  }

  /** Whether this device is one of this person's of today, claiming it if there is still one to claim. False when nobody can tell. */
  async claim(trial: TrialOf): Promise<boolean> {
    const key = this.#key(trial);
    const answer = this.#answers.get(key);
    if (answer && (answer.granted || answer.until > this.#now())) return answer.granted;
    const asking = this.#asking.get(key) ?? this.#ask(key, trial).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }

  /** The operator sets how many there are; the answer says how many are used. */
  async limit(caller: Caller | null, id: string, devicesPerDay: number): Promise<{ devicesPerDay: number; usedToday: number }> {
    if (!(await this.#parts.hasTenant(id))) throw new PhonerackError("tenant_not_found", id);
    const db = await this.#parts.db;
    await db.execute(sql`INSERT INTO trial_limits (tenant, devices_per_day) VALUES (${id}, ${devicesPerDay})
      ON CONFLICT (tenant) DO UPDATE SET devices_per_day = excluded.devices_per_day`);
    const [used] = await rows<{ used: number }>(
      db,
      sql`SELECT count(DISTINCT device_id)::int AS used FROM trials WHERE day = ${this.#day()} AND tenant = ${id}`,
    );
    const { actor } = known(caller);
    this.#parts.record({ actor, tenant: id, kind: "trial.limit", subject: id, detail: { devicesPerDay } });
    return { devicesPerDay, usedToday: used?.used ?? 0 };
  }

  async #ask(key: string, trial: TrialOf): Promise<boolean> {
    try {
      const db = await this.#parts.db;
      const claim = { ...trial, day: this.#day() };
      const { granted, made } = await db.transaction((tx) => claimIn(tx, claim));
      this.#keep(key, granted);
      const { tenant, actor, deviceId } = trial;
      if (made) this.#parts.record({ actor, tenant, kind: "trial.claimed", subject: deviceId, detail: { day: claim.day } });
      return granted;
    } catch (error) {
      this.#parts.log.warn({ err: error }, "a trial could not be claimed");
      return false;
    }
  }

  #keep(key: string, granted: boolean): void {
    if (this.#answers.size >= MOST_KEPT) this.#answers.clear();
    this.#answers.set(key, { granted, until: this.#now() + REFUSED_MS });
  }

  #key({ tenant, actor, deviceId }: TrialOf): string {
    return `${this.#day()} ${tenant} ${actor} ${deviceId}`;
  }

  /** UTC, e.g. `2026-11-26`. */
  #day(): string {
    return new Date(this.#now()).toISOString().slice(0, 10);
  }
}

interface Claim extends TrialOf {
  readonly day: string;
}

interface Count {
  readonly has: boolean;
  readonly mine: number;
  readonly shared: boolean;
  readonly devices: number;
  readonly most: number | null;
}

async function claimIn(tx: Tx, { day, tenant, actor, deviceId }: Claim): Promise<{ granted: boolean; made: boolean }> {
  // Two claims of one tenant count one after the other, whichever replicas they come from.
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`phonerack trials ${day} ${tenant}`}, 0))`);
  const [count] = await rows<Count>(
    tx,
    sql`SELECT coalesce(bool_or(actor = ${actor} AND device_id = ${deviceId}), false) AS has,
        (count(*) FILTER (WHERE actor = ${actor}))::int AS mine,
        coalesce(bool_or(device_id = ${deviceId}), false) AS shared,
        count(DISTINCT device_id)::int AS devices,
        (SELECT devices_per_day FROM trial_limits WHERE tenant = ${tenant}) AS most
      FROM trials WHERE day = ${day} AND tenant = ${tenant}`,
  );
  if (!count || count.has) return { granted: count !== undefined, made: false };
  const most = count.most ?? TENANT_TRIALS_A_DAY;
  const free = count.mine < TRIAL_DEVICES_A_DAY && (count.shared ? most > 0 : count.devices < most);
  if (!free) return { granted: false, made: false };
  await tx.execute(
    sql`INSERT INTO trials (day, tenant, actor, device_id) VALUES (${day}, ${tenant}, ${actor}, ${deviceId}) ON CONFLICT DO NOTHING`,
  );
  return { granted: true, made: true };
}
