/**
 * Jobs as people ask for them: one action on devices that they hold, seen, stopped and tried again by their organisation. How a job is run is
 * `runner.ts`'s.
 */
import {
  type Device,
  type DeviceAction,
  type Job,
  type JobOutcome,
  type JobRequest,
  type JobTask,
  PhonerackError,
  type TaskState,
} from "@phonerack/contract/bus";
import type { Caller } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { newId } from "../ids.js";
import { freshenUnheld } from "../leases/held.js";
import { requireHolder } from "../leases/visibility.js";
import { Keeper } from "./keeper.js";
import { type JobRow, jobView, noCounts, type TaskRow, taskView } from "./rows.js";
import type { Runner } from "./runner.js";
import type { Again, JobStore, TaskQuery } from "./store.js";
import { filesOf, wordsOf } from "./words.js";

const MOST_OPEN = 200;
const MOST_NAMED = 5;
/** Whoever waits for a job that another control runs looks so often. */
const LOOK_MS = 500;
const RETRIABLE: ReadonlySet<TaskState> = new Set<TaskState>(["failed", "stale", "interrupted", "cancelled"]);

export interface JobsParts {
  readonly store: JobStore;
  readonly runner: Runner;
  readonly devices: Devices;
  /** The fence may close on it without anybody's word. */
  readonly isEnrolled: (deviceId: string) => boolean;
  readonly record: RecordEvent;
  readonly now: () => number;
  /** This job has changed: whoever waits is told, and the other controls, soon or at once. */
  readonly changed: (id: string, atOnce?: boolean) => void;
  readonly onChange: (listener: (id: string) => void) => () => void;
}

export interface JobListing {
  readonly single?: boolean | undefined;
  readonly device?: string | undefined;
  readonly open?: boolean | undefined;
  readonly limit: number;
}

export class Jobs {
  readonly #parts: JobsParts;

  constructor(parts: JobsParts) {
    this.#parts = parts;
  }

  /** Fails with `device_not_found`, `lease_required` (and names them), `fence_unagreed`, `blob_not_found` or `too_many`; then nothing was begun. */
  async create(who: Caller, request: JobRequest): Promise<Job> {
    const { store, runner, now, record, changed } = this.#parts;
    const { action, pace, agreed } = request;
    const devices = await this.#requireAllHeld(who, [...new Set(request.devices)]);
    // A key is a program, also when it drives one phone.
    const mode = who.kind === "key" ? "script" : devices.length > 1 ? "group" : "unicast";
    // What is only looked at and kept closes no fence.
    if (!agreed && !Keeper.does(action) && (mode !== "unicast" || action.type === "shell")) this.#requireEnrolled(devices);
    await this.#requireFiles(who, action);
    const tenant = who.tenant ?? "";
    if ((await store.openOf(tenant)) >= MOST_OPEN)
      throw new PhonerackError("too_many", `${MOST_OPEN} jobs of your organisation have not ended`);
    const row: JobRow = {
      id: newId("j"),
      tenant,
      actor: who.actor,
      actorName: who.name,
      name: request.name ?? wordsOf(action),
      action,
      mode,
      pace,
      agreed,
      state: "running",
      reason: null,
      size: devices.length,
      createdAt: now(),
      endedAt: null,
    };
    await store.insert(
      row,
      devices.map((device, number) => this.#taskOf(row.id, device, number)),
    );
    record({ ...eventOf(who, row), kind: "job.created", detail: { action: action.type, devices: row.size } });
    await runner.adopt(row.id, false);
    changed(row.id);
    return this.#ended(row.id, request.wait);
  }

  async list(who: Caller, { single = false, device, open, limit }: JobListing): Promise<Job[]> {
    const tenant = who.lab ? undefined : (who.tenant ?? "");
    const rows = await this.#parts.store.list({ tenant, single, device, open, limit });
    return this.#views(rows);
  }

  async get(who: Caller, id: string): Promise<Job> {
    const [view] = await this.#views([await this.#require(who, id)]);
    if (!view) throw new PhonerackError("job_not_found", id);
    return view;
  }

  async tasks(who: Caller, id: string, query: TaskQuery): Promise<JobTask[]> {
    const { store, runner } = this.#parts;
    await this.#require(who, id);
    await runner.save();
    const live = runner.get(id)?.tasks;
    return (await store.tasks(id, query)).map((row) => taskView(row, row.endedAt === null ? live?.[row.number] : undefined));
  }

  async outcomes(who: Caller, id: string): Promise<JobOutcome[]> {
    const { store, runner } = this.#parts;
    await this.#require(who, id);
    await runner.save();
    return store.outcomes(id);
  }

  /** What runs is let end. Fails with `job_not_found`, `forbidden` or `job_over`. */
  async cancel(who: Caller, id: string): Promise<Job> {
    const { store, runner, record, changed } = this.#parts;
    requireTheirs(who, await this.#require(who, id));
    const reason = `cancelled by ${who.name}`;
    const row = await store.stop(id, reason);
    if (row) {
      record({ ...eventOf(who, row), kind: "job.cancelled", detail: {} });
      runner.stopped(id, reason);
      // Another that runs it begins no further.
      changed(id, true);
    } else if ((await this.#require(who, id)).state === "ended") throw new PhonerackError("job_over", id);
    return this.get(who, id);
  }

  /** Fails with `job_not_found`, `forbidden`, `lease_required`, or `bad_request` where there is nothing to try again. */
  async retry(who: Caller, id: string, only: readonly string[] | undefined): Promise<Job> {
    const { store, runner, record, changed } = this.#parts;
    const row = await this.#require(who, id);
    // It acts in their name.
    if (row.actor !== who.actor) throw new PhonerackError("forbidden", `it is ${row.actorName}'s; begin one of your own`);
    requireTheirs(who, row);
    if (row.state !== "ended") throw new PhonerackError("bad_request", "it has not ended yet");
    if (row.action.type === "clipboard") throw new PhonerackError("bad_request", "its text was forgotten when it ended");
    const wanted = only && new Set(only);
    const tasks = (await store.tasks(id)).filter(
      ({ state, deviceId }) => RETRIABLE.has(state) && (wanted === undefined || wanted.has(deviceId)),
    );
    if (tasks.length === 0) throw new PhonerackError("bad_request", "there is no device of it to try again");
    const devices = await this.#requireAllHeld(
      who,
      tasks.map(({ deviceId }) => deviceId),
    );
    await this.#requireFiles(who, row.action);
    const again = tasks.map(({ number }, at): Again => ({ number, ...this.#leaseOf(devices[at]) }));
    if (!(await store.again(id, again))) throw new PhonerackError("bad_request", "somebody else tries it again already");
    record({ ...eventOf(who, row), kind: "job.retried", detail: { devices: tasks.length } });
    await runner.adopt(id, false);
    changed(id);
    return this.get(who, id);
  }

  /** It as it is when it has ended, or after that time. */
  async #ended(id: string, waitMs: number): Promise<Job> {
    const { store, onChange, now } = this.#parts;
    const until = now() + waitMs;
    for (;;) {
      const [view] = await this.#views(await store.byIds([id]));
      if (!view) throw new PhonerackError("job_not_found", id);
      const left = until - now();
      if (view.state === "ended" || left <= 0) return view;
      await new Promise<void>((resolve) => {
        const go = () => {
          clearTimeout(timer);
          forget();
          resolve();
        };
        const timer = setTimeout(go, Math.min(left, LOOK_MS));
        const forget = onChange((changed) => {
          if (changed === id && this.#parts.runner.get(id) === undefined) go();
        });
      });
    }
  }

  async #views(rows: readonly JobRow[]): Promise<Job[]> {
    const { store, runner } = this.#parts;
    const elsewhere = rows.filter(({ id }) => !runner.get(id)).map(({ id }) => id);
    const counts = await store.counts(elsewhere);
    return rows.map((row) => runner.get(row.id)?.view() ?? jobView(row, counts.get(row.id) ?? noCounts()));
  }

  async #require(who: Caller, id: string): Promise<JobRow> {
    const [row] = await this.#parts.store.byIds([id]);
    if (!row || (!who.lab && row.tenant !== who.tenant)) throw new PhonerackError("job_not_found", id);
    return row;
  }

  async #requireAllHeld(who: Caller, ids: readonly string[]): Promise<Device[]> {
    const { devices } = this.#parts;
    await freshenUnheld(who, devices, ids);
    const refused: PhonerackError[] = [];
    const held = ids.flatMap((id) => {
      try {
        const device = devices.require(id);
        requireHolder(who, device);
        return [device];
      } catch (error) {
        if (!(error instanceof PhonerackError)) throw error;
        refused.push(error);
        return [];
      }
    });
    const [first] = refused;
    if (!first) return held;
    throw new PhonerackError(first.code, listed(refused.map(({ detail }) => detail ?? "")));
  }

  #requireEnrolled(devices: readonly Device[]): void {
    const others = devices.filter(({ id }) => !this.#parts.isEnrolled(id)).map(({ name }) => name);
    if (others.length > 0) throw new PhonerackError("fence_unagreed", listed(others));
  }

  async #requireFiles(who: Caller, action: DeviceAction): Promise<void> {
    const digests = [...new Set(filesOf(action).map(({ sha256 }) => sha256))];
    if (digests.length === 0) return;
    const missing = await this.#parts.store.missingBlobs(who.tenant ?? "", digests);
    if (missing.length > 0) throw new PhonerackError("blob_not_found", missing[0]);
  }

  #taskOf(jobId: string, device: Device, number: number): TaskRow {
    const nothing = { startedAt: null, endedAt: null, error: null, result: null };
    const { id: deviceId, name: deviceName } = device;
    return { jobId, number, deviceId, deviceName, ...this.#leaseOf(device), state: "waiting", attempt: 1, ...nothing };
  }

  #leaseOf(device: Device | undefined): { epoch: number; leaseId: string } {
    return { epoch: this.#parts.devices.epochOf(device?.id ?? ""), leaseId: device?.holder?.lease ?? "" };
  }
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return [...names.slice(0, MOST_NAMED), ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}

/** Whoever began it, and who looks after the organisation or the lab. */
function requireTheirs(who: Caller, { actor, actorName, tenant }: JobRow): void {
  if (who.role === "viewer") throw new PhonerackError("forbidden", "viewers only look");
  const own = actor === who.actor;
  const looksAfter = who.lab !== null || (tenant === who.tenant && (who.role === "operator" || who.role === "owner"));
  if (!own && !looksAfter) throw new PhonerackError("forbidden", `it is ${actorName}'s`);
}

function eventOf({ actor }: Caller, { id, tenant }: JobRow): { actor: string; subject: string; tenant: string } {
  return { actor, subject: id, tenant };
}
