/**
 * The SQL of jobs. A job is run by one control at a time: its row names it, with a time that the database's clock tells, and only that one writes its
 * tasks. A task that is over stays as it is until somebody has it tried again.
 */
import type { JobOutcome, JobState, JobTask, TaskState } from "@phonerack/contract/bus";
import { and, desc, eq, getTableColumns, inArray, ne, type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { jobs, jobTasks } from "../database/work-schema.js";
import { rows } from "../leases/transaction.js";
import { type Counts, type JobRow, noCounts, type TaskRow } from "./rows.js";

/** Who runs a job says so at least this often; nobody heard for so long does not run it any more. */
export const RUNNER_MS = 10_000;
/** Of one statement. */
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_ROWS = 1_000;
/** Of all outputs that one answer holds. */
const ANSWER_BYTES = 8 * 1024 * 1024;

const COLUMNS = {
  id: jobs.id,
  tenant: jobs.tenant,
  actor: jobs.actor,
  actorName: jobs.actorName,
  name: jobs.name,
  action: jobs.action,
  mode: jobs.mode,
  pace: jobs.pace,
  agreed: jobs.agreed,
  state: jobs.state,
  reason: jobs.reason,
  size: jobs.size,
  createdAt: jobs.createdAt,
  endedAt: jobs.endedAt,
};

export interface JobQuery {
  /** Undefined: of all. */
  readonly tenant: string | undefined;
  readonly single: boolean;
  readonly device: string | undefined;
  readonly open: boolean | undefined;
  readonly limit: number;
}

/** What a job is tried with once more, per device. */
export interface Again {
  readonly number: number;
  readonly epoch: number;
  readonly leaseId: string;
}

/** A result, its outputs cut where all of the answer together would be too long. */
const cutResult = sql<JobTask["result"]>`CASE WHEN octet_length(result::text) <= ${ANSWER_BYTES} / count(*) OVER () THEN result
  ELSE result || jsonb_build_object('stdout', left(result ->> 'stdout', 2000), 'stderr', left(result ->> 'stderr', 2000), 'truncated', true) END`;

export interface TaskQuery {
  readonly state?: TaskState | undefined;
  readonly device?: string | undefined;
  readonly limit?: number;
}

const until = sql`now() + ${RUNNER_MS} * interval '1 millisecond'`;

export class JobStore {
  readonly #db: Promise<Db>;
  readonly #replica: string;

  /** `db` may still be opening. */
  constructor({ db, replica }: { db: Promise<Db>; replica: string }) {
    this.#db = db;
    this.#replica = replica;
  }

  /** Makes it, to be run by this control. */
  async insert(row: JobRow, tasks: readonly TaskRow[]): Promise<void> {
    const db = await this.#db;
    await db.transaction(async (tx) => {
      await tx.insert(jobs).values({
        ...row,
        createdAt: new Date(row.createdAt),
        endedAt: null,
        runner: this.#replica,
        runnerUntil: until as unknown as Date,
      });
      await tx.insert(jobTasks).values(tasks.map((task) => ({ ...task, startedAt: null, endedAt: null })));
    });
  }

  /** How many of a tenant's have not ended. */
  async openOf(tenant: string): Promise<number> {
    return (await this.#db).$count(jobs, and(eq(jobs.tenant, tenant), ne(jobs.state, "ended")));
  }

  /** Says that this control still runs what it runs, and takes over what nobody does. @returns all that it runs now. */
  async claim(): Promise<{ id: string; state: JobState; reason: string | null }[]> {
    return rows(
      await this.#db,
      sql`UPDATE jobs SET runner = ${this.#replica}, runner_until = ${until}
        WHERE state <> 'ended' AND (runner = ${this.#replica} OR runner IS NULL OR runner_until < now())
        RETURNING id, state, reason`,
    );
  }

  /** Others need not wait until this control's time is over. */
  async giveBack(): Promise<void> {
    await (await this.#db).execute(sql`UPDATE jobs SET runner = NULL WHERE runner = ${this.#replica} AND state <> 'ended'`);
  }

  async byIds(ids: readonly string[]): Promise<JobRow[]> {
    return ids.length === 0 ? [] : this.#read(inArray(jobs.id, [...ids]), ids.length);
  }

  async list({ tenant, single, device, open, limit }: JobQuery): Promise<JobRow[]> {
    const wanted: SQL[] = [];
    if (tenant !== undefined) wanted.push(eq(jobs.tenant, tenant));
    if (!single && device === undefined) wanted.push(sql`${jobs.size} > 1`);
    if (device !== undefined) wanted.push(sql`${jobs.id} IN (SELECT job_id FROM job_tasks WHERE device_id = ${device})`);
    if (open !== undefined) wanted.push(open ? ne(jobs.state, "ended") : eq(jobs.state, "ended"));
    return this.#read(and(...wanted), limit);
  }

  async counts(ids: readonly string[]): Promise<Map<string, Counts>> {
    const all = new Map(ids.map((id) => [id, noCounts()]));
    if (ids.length === 0) return all;
    const found = await (await this.#db)
      .select({ id: jobTasks.jobId, state: jobTasks.state, count: sql<number>`count(*)::int` })
      .from(jobTasks)
      .where(inArray(jobTasks.jobId, [...ids]))
      .groupBy(jobTasks.jobId, jobTasks.state);
    for (const { id, state, count } of found) {
      const counts = all.get(id);
      if (counts) counts[state] = count;
    }
    return all;
  }

  /** By number. */
  async tasks(jobId: string, { state, device, limit = MOST_ROWS }: TaskQuery = {}): Promise<TaskRow[]> {
    const wanted = [eq(jobTasks.jobId, jobId)];
    if (state !== undefined) wanted.push(eq(jobTasks.state, state));
    if (device !== undefined) wanted.push(eq(jobTasks.deviceId, device));
    const found = await (await this.#db)
      .select({ ...getTableColumns(jobTasks), result: cutResult })
      .from(jobTasks)
      .where(and(...wanted))
      .orderBy(jobTasks.number)
      .limit(limit);
    return found.map((task) => ({
      ...task,
      startedAt: task.startedAt?.getTime() ?? null,
      endedAt: task.endedAt?.getTime() ?? null,
      error: task.error ?? null,
      result: task.result ?? null,
    }));
  }

  /** Devices grouped by what came of it, the most alike first. */
  async outcomes(jobId: string): Promise<JobOutcome[]> {
    return rows(
      await this.#db,
      sql`SELECT state, error, ${cutResult} AS result, jsonb_agg(jsonb_build_object('id', device_id, 'name', device_name) ORDER BY number) AS devices
        FROM job_tasks WHERE job_id = ${jobId} GROUP BY state, error, result ORDER BY count(*) DESC, min(number)`,
    );
  }

  /** Writes how these are, where this control runs their job. */
  async save(tasks: readonly TaskRow[]): Promise<void> {
    const db = await this.#db;
    for (const batch of batches(tasks)) {
      await db.execute(sql`UPDATE job_tasks t
        SET state = v.state, started_at = to_timestamp(v.started / 1000), ended_at = to_timestamp(v.ended / 1000), error = v.error, result = v.result
        FROM jsonb_to_recordset(${batch}::jsonb) AS v(job text, number int, attempt int, state text, started float8, ended float8, error jsonb, result jsonb)
        WHERE t.job_id = v.job AND t.number = v.number AND t.attempt = v.attempt AND t.state IN ('waiting', 'running')
          AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = t.job_id AND j.runner = ${this.#replica})`);
    }
  }

  /** Begins no further task; undefined when it has ended, or stops already. */
  async stop(id: string, reason: string): Promise<JobRow | undefined> {
    const found = await (await this.#db)
      .update(jobs)
      .set({ state: "stopping", reason })
      .where(and(eq(jobs.id, id), eq(jobs.state, "running")))
      .returning(COLUMNS);
    return found.map(rowOf)[0];
  }

  /** Undefined when another control runs it, or ended it before. What stood in a clipboard is forgotten. */
  async end(id: string, { at, reason }: { at: number; reason: string | null }): Promise<JobRow | undefined> {
    const found = await (await this.#db)
      .update(jobs)
      .set({
        state: "ended",
        endedAt: new Date(at),
        // That it was to stop may not have been written.
        ...(reason !== null && { reason }),
        action: sql`CASE WHEN ${jobs.action} ->> 'type' = 'clipboard' THEN jsonb_set(${jobs.action}, '{text}', '""') ELSE ${jobs.action} END`,
      })
      .where(and(eq(jobs.id, id), eq(jobs.runner, this.#replica), ne(jobs.state, "ended")))
      .returning(COLUMNS);
    return found.map(rowOf)[0];
  }

  /** Once more on these, by this control; false when it is not over, or somebody was quicker. */
  async again(id: string, tasks: readonly Again[]): Promise<boolean> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const taken = await tx
        .update(jobs)
        .set({ state: "running", reason: null, endedAt: null, runner: this.#replica, runnerUntil: until as unknown as Date })
        .where(and(eq(jobs.id, id), eq(jobs.state, "ended")))
        .returning({ id: jobs.id });
      if (taken.length === 0) return false;
      await tx.execute(sql`UPDATE job_tasks t
        SET attempt = t.attempt + 1, state = 'waiting', epoch = v.epoch, lease_id = v.lease, started_at = NULL, ended_at = NULL, error = NULL, result = NULL
        FROM jsonb_to_recordset(${JSON.stringify(tasks.map(({ number, epoch, leaseId }) => ({ number, epoch, lease: leaseId })))}::jsonb)
          AS v(number int, epoch int, lease text)
        WHERE t.job_id = ${id} AND t.number = v.number`);
      return true;
    });
  }

  /** Of these files, those that the lab does not have of this tenant. */
  async missingBlobs(tenant: string, digests: readonly string[]): Promise<string[]> {
    const found = await rows<{ sha256: string }>(
      await this.#db,
      sql`SELECT b.sha256 FROM blobs b JOIN blob_tenants t ON t.sha256 = b.sha256 AND t.tenant = ${tenant}
        WHERE b.sha256 IN (SELECT jsonb_array_elements_text(${JSON.stringify(digests)}::jsonb))`,
    );
    const there = new Set(found.map(({ sha256 }) => sha256));
    return digests.filter((digest) => !there.has(digest));
  }

  /** Those that ended before `at`. */
  async removeOld(at: number): Promise<void> {
    const db = await this.#db;
    await db.transaction(async (tx) => {
      const old = await tx
        .delete(jobs)
        .where(and(eq(jobs.state, "ended"), sql`${jobs.endedAt} < ${new Date(at).toISOString()}`))
        .returning({ id: jobs.id });
      const ids = JSON.stringify(old.map(({ id }) => id));
      await tx.execute(sql`DELETE FROM job_tasks WHERE job_id IN (SELECT jsonb_array_elements_text(${ids}::jsonb))`);
    });
  }

  async #read(where: SQL | undefined, limit: number): Promise<JobRow[]> {
    const found = await (await this.#db).select(COLUMNS).from(jobs).where(where).orderBy(desc(jobs.createdAt)).limit(limit);
    return found.map(rowOf);
  }
}

type Read = Omit<JobRow, "createdAt" | "endedAt"> & { createdAt: Date; endedAt: Date | null };

function rowOf({ createdAt, endedAt, ...row }: Read): JobRow {
  return { ...row, createdAt: createdAt.getTime(), endedAt: endedAt?.getTime() ?? null };
}

/** As JSON, each within a bound. */
function* batches(tasks: readonly TaskRow[]): Iterable<string> {
  let batch: string[] = [];
  let bytes = 0;
  for (const { jobId: job, number, attempt, state, startedAt: started, endedAt: ended, error, result } of tasks) {
    const text = storable(JSON.stringify({ job, number, attempt, state, started, ended, error, result }));
    if (batch.length > 0 && (bytes + text.length > MOST_BYTES || batch.length >= MOST_ROWS)) {
      yield `[${batch.join(",")}]`;
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    bytes += text.length;
  }
  if (batch.length > 0) yield `[${batch.join(",")}]`;
}

/** JSON that PostgreSQL takes: it refuses NUL and halves of characters, which any command may print. */
export function storable(json: string): string {
  return json.replace(/\\(?:u(?:0000|d[89a-f][0-9a-f]{2})|.)/gi, (written) =>
    /^\\u(?:0000|d[89a-f])/i.test(written) ? "\\ufffd" : written,
  );
}
