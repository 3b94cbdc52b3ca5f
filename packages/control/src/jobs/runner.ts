/**
 * Runs jobs of this control: begins what may begin, hears and asks what became of it, and writes that down, gathered. A task is sent under a name that its
 * agent does once; so whoever takes a job over asks first, or sends it again without harm. What a job allows is `live-job.ts`'s.
 */
import { type Device, type ErrorCode, PhonerackError, REPEATABLE, TASK_OVER, type TaskStanding } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";
import { toPhonerackError } from "../http/errors.js";
import { Turns } from "../turns.js";
import type { Errands } from "./errands.js";
import { Keeper } from "./keeper.js";
import { LiveJob, type LiveTask } from "./live-job.js";
import type { JobStore } from "./store.js";
import { filesOf } from "./words.js";
import { JobWrites } from "./writes.js";

const PASS_MS = 250;
const SAVE_MS = 200;
/** How often this control says what it runs, and looks for what nobody runs. */
const CLAIM_MS = 3_000;
/** An agent that said nothing of a task for so long is asked. */
const QUIET_MS = 2_000;
/** An agent that said that it is at it is asked again after so long, if it says nothing by itself. */
const ASK_AGAIN_MS = 10_000;
/** A phone that is not ready is tried again. */
const AGAIN_MS = 1_000;
/** ... and given up after so long. */
const NOT_READY_MS = 60_000;
/** An agent that has a task and does not answer is given up after so long. */
const SILENT_MS = 5 * 60_000;
/** What may be asked and sent at once, of all jobs together. */
const ASKING_AT_ONCE = 200;
/** Pictures are in memory, files on this machine's disk until they are kept. */
const KEEPING_AT_ONCE = 16;

/** Its agent did not take it, but may in a moment. */
const LATER: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["device_not_ready", "too_late", "too_many", "pipe_broken"]);
/** Nobody knows whether its agent has taken it. */
const UNKNOWN: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["agent_unreachable", "device_timeout"]);

export interface RunnerParts {
  readonly store: JobStore;
  readonly devices: Devices;
  readonly errands: Errands;
  readonly log: Logger;
  readonly now: () => number;
  readonly used: (leaseId: string, automated?: boolean) => void;
  /** Has these files of the lab on the agent's host. */
  readonly ensure: (agentId: string, files: readonly { sha256: string; size: number }[]) => Promise<void>;
  /** What control does itself. Fails with the phone's errors. */
  readonly keeper: Pick<Keeper, "do">;
  /** These have changed. */
  readonly changed: (id: string) => void;
  readonly ended: (job: LiveJob) => void;
}

export class Runner {
  readonly #parts: RunnerParts;
  readonly #jobs = new Map<string, LiveJob>();
  readonly #writes: JobWrites;
  readonly #adopting = new Map<string, Promise<LiveJob | undefined>>();
  #timers: NodeJS.Timeout[] = [];
  /** What this control does itself, by organisation and whether it takes its time: nobody waits for others' files. */
  readonly #keeping = new Map<string, Turns>();
  /** Waits for its turn there. */
  readonly #queued = new Set<LiveTask>();
  #asking = 0;
  #claiming: Promise<void> | undefined;
  #stopped = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.#writes = new JobWrites(parts);
  }

  async start(): Promise<void> {
    await this.#claim();
    this.#timers = [
      setInterval(() => this.pass(), PASS_MS),
      setInterval(() => void this.save(), SAVE_MS),
      setInterval(() => {
        this.#claiming ??= this.#claim().finally(() => {
          this.#claiming = undefined;
        });
      }, CLAIM_MS),
    ];
  }

  /** Others take over what it runs, at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#claiming;
    await this.save();
    if (this.#jobs.size > 0)
      await this.#parts.store
        .giveBack()
        .catch((error: unknown) => this.#parts.log.warn({ err: error }, "jobs were not given back"));
    this.#jobs.clear();
  }

  get(id: string): LiveJob | undefined {
    return this.#jobs.get(id);
  }

  /** Takes a job up whose row names this control. `taken`: others may have begun it. */
  adopt(id: string, taken: boolean): Promise<LiveJob | undefined> {
    const known = this.#jobs.get(id);
    if (known) return Promise.resolve(known);
    const adopting = this.#adopting.get(id) ?? this.#read(id, taken).finally(() => this.#adopting.delete(id));
    this.#adopting.set(id, adopting);
    return adopting;
  }

  /** Its row says that it stops now. */
  stopped(id: string, reason: string | null): void {
    const job = this.#jobs.get(id);
    if (job?.row.state !== "running") return;
    job.row = { ...job.row, state: "stopping", reason };
    for (const task of job.tasks) if (this.#queued.has(task)) this.#change(job, task, { state: "cancelled" });
    this.#parts.changed(id);
    this.#pump(job);
  }

  /** What an agent says of tasks of its phones. */
  hear(agentId: string, standings: readonly TaskStanding[]): void {
    const jobs = new Set<LiveJob>();
    for (const standing of standings) {
      const found = this.#taskOf(standing.task);
      const device = this.#parts.devices.reportOf(standing.deviceId);
      if (!found || found.task.row.deviceId !== standing.deviceId || device?.agentId !== agentId) continue;
      if (standing.state === "unknown") continue;
      this.#apply(found.job, found.task, standing);
      jobs.add(found.job);
    }
    for (const job of jobs) this.#pumpSoon(job);
  }

  /** What is due by the passing of time; called by its own clock. */
  pass(): void {
    for (const job of this.#jobs.values()) {
      this.#pump(job);
      for (const task of job.tasks) if (this.#isQuiet(task)) this.#attend(job, task);
    }
  }

  /** Writes what changed since the last time; what could not be written is tried again with the next. */
  save(): Promise<void> {
    return this.#writes.save(this.#jobs.values());
  }

  async #read(id: string, taken: boolean): Promise<LiveJob | undefined> {
    const { store } = this.#parts;
    const [[row], tasks] = await Promise.all([store.byIds([id]), store.tasks(id)]);
    if (!row || row.state === "ended" || this.#stopped) return undefined;
    const job = new LiveJob(row, tasks, taken);
    this.#jobs.set(id, job);
    this.#pump(job);
    return job;
  }

  async #claim(): Promise<void> {
    const { store, log } = this.#parts;
    const before = [...this.#jobs.keys()];
    try {
      const mine = await store.claim();
      if (this.#stopped) return;
      const ids = new Set(mine.map(({ id }) => id));
      // Another control has taken it over.
      for (const id of before) if (!ids.has(id)) this.#jobs.delete(id);
      for (const { id, state, reason } of mine) {
        if (!this.#jobs.has(id)) await this.adopt(id, true);
        if (state === "stopping") this.stopped(id, reason);
      }
    } catch (error) {
      log.warn({ err: error }, "jobs could not be claimed");
    }
  }

  #taskOf(name: string): { job: LiveJob; task: LiveTask } | undefined {
    const [id = "", number, attempt] = name.split(".");
    const job = this.#jobs.get(id);
    const task = job?.tasks[Number(number)];
    return job && task?.row.attempt === Number(attempt) ? { job, task } : undefined;
  }

  #isQuiet({ row, busy, sent, heardAt, due }: LiveTask): boolean {
    if (TASK_OVER.has(row.state) || busy || !sent) return false;
    const now = this.#parts.now();
    return now >= due && now - heardAt >= QUIET_MS && this.#asking < ASKING_AT_ONCE;
  }

  /** What changes in one turn of the event loop is looked at once. */
  #pumpSoon(job: LiveJob): void {
    if (job.pumping) return;
    job.pumping = true;
    setImmediate(() => {
      job.pumping = false;
      this.#pump(job);
    });
  }

  #pump(job: LiveJob): void {
    if (this.#stopped || this.#jobs.get(job.id) !== job) return;
    const now = this.#parts.now();
    const failing = job.failing();
    if (failing !== undefined) this.#halt(job, failing);
    if (job.row.state === "stopping") this.#cancelRest(job);
    for (const task of job.startable(now)) {
      if (this.#asking >= ASKING_AT_ONCE) break;
      this.#attend(job, task);
    }
    if (job.over) void this.#finish(job);
  }

  #halt(job: LiveJob, reason: string): void {
    job.row = { ...job.row, state: "stopping", reason };
    this.#parts.changed(job.id);
    this.#parts.store
      .stop(job.id, reason)
      .catch((error: unknown) => this.#parts.log.warn({ err: error, job: job.id }, "that a job stops could not be written"));
  }

  #cancelRest(job: LiveJob): void {
    const now = this.#parts.now();
    for (const task of job.tasks) {
      if (TASK_OVER.has(task.row.state) || task.busy) continue;
      if (!task.sent) this.#change(job, task, { state: "cancelled" });
      else if (!task.cancelled && task.due <= now && this.#asking < ASKING_AT_ONCE) this.#attend(job, task);
    }
  }

  /** Does what is to be done next about one task. */
  #attend(job: LiveJob, task: LiveTask): void {
    task.busy = true;
    this.#asking++;
    this.#next(job, task)
      .catch((error: unknown) => this.#refused(job, task, error))
      .finally(() => {
        task.busy = false;
        this.#asking--;
        this.#pumpSoon(job);
      });
  }

  async #next(job: LiveJob, task: LiveTask): Promise<void> {
    const device = this.#parts.devices.get(task.row.deviceId);
    if (task.sent) return this.#ask(job, task, device);
    if (job.row.state !== "running") return this.#change(job, task, { state: "cancelled" });
    if (!device) throw new PhonerackError("device_not_found", task.row.deviceId);
    await this.#begin(job, task, device);
  }

  /** What has become of it? Its agent may have it. */
  async #ask(job: LiveJob, task: LiveTask, device: Device | undefined): Promise<void> {
    const cancel = job.row.state === "stopping" && !task.cancelled;
    let standing: TaskStanding;
    try {
      if (!device) throw new PhonerackError("device_not_found", task.row.deviceId);
      const errand = { job: job.row, task: task.row, device };
      standing = await this.#parts.errands.ask(errand, cancel ? "cancel" : "tell");
    } catch (error) {
      return this.#silent(job, task, toPhonerackError(error, "jobs"));
    }
    task.cancelled ||= cancel;
    task.due = this.#parts.now() + ASK_AGAIN_MS;
    if (standing.state !== "unknown") return this.#apply(job, task, standing);
    const moved = task.agentId !== undefined && task.agentId !== device.agentId;
    if (moved && !REPEATABLE.has(job.row.action.type))
      return this.#apply(job, task, { ...standing, state: "interrupted", error: new PhonerackError("interrupted").toJSON() });
    // It never came there, or was not begun: it is sent in its turn.
    task.sent = false;
    task.due = 0;
    if (task.row.state === "running") this.#change(job, task, { state: "waiting" });
  }

  async #begin(job: LiveJob, task: LiveTask, device: Device): Promise<void> {
    const { errands, ensure, used, now } = this.#parts;
    const { action } = job.row;
    this.#requireUsable(job, task, device);
    if (Keeper.does(action)) {
      this.#queued.add(task);
      return this.#aside(this.#turnsOf(job).run(() => this.#keep(job, task)));
    }
    const files = filesOf(action);
    if (files.length > 0) {
      this.#note(job, task, "sending its files to the host of the device");
      await this.#aside(ensure(device.agentId, files));
      // It may have been stopped meanwhile.
      if (job.row.state !== "running") return;
    }
    used(task.row.leaseId, job.row.mode !== "unicast");
    task.sent = true;
    task.agentId = device.agentId;
    task.heardAt = now();
    this.#change(job, task, { state: "running" });
    this.#apply(job, task, await errands.do({ job: job.row, task: task.row, device }));
  }

  /** Held by who began the job, in the same lease, and ready. */
  #requireUsable({ row: { actor, tenant } }: LiveJob, task: LiveTask, device: Device): void {
    const { holder } = device;
    if (this.#parts.devices.epochOf(device.id) !== task.row.epoch || holder?.actor !== actor || holder.tenant !== tenant)
      throw new PhonerackError("epoch_stale");
    if (device.state !== "ready") throw new PhonerackError("device_not_ready", device.reason ?? device.state);
  }

  #turnsOf({ row: { tenant, action } }: LiveJob): Turns {
    const key = `${tenant} ${action.type === "get" || action.type === "log" ? "slow" : "quick"}`;
    const turns = this.#keeping.get(key) ?? new Turns(KEEPING_AT_ONCE);
    this.#keeping.set(key, turns);
    return turns;
  }

  /** What this control does itself, in its turn: the device may be another's by then, and the job stopped. */
  async #keep(job: LiveJob, task: LiveTask): Promise<void> {
    this.#queued.delete(task);
    // Cancelled meanwhile, or another control's.
    if (this.#stopped || this.#jobs.get(job.id) !== job || TASK_OVER.has(task.row.state)) return;
    if (job.row.state !== "running") return this.#change(job, task, { state: "cancelled" });
    const device = this.#parts.devices.get(task.row.deviceId);
    if (!device) throw new PhonerackError("device_not_found", task.row.deviceId);
    this.#requireUsable(job, task, device);
    this.#parts.used(task.row.leaseId, job.row.mode !== "unicast");
    this.#change(job, task, { state: "running" });
    try {
      this.#change(job, task, { state: "done", result: await this.#parts.keeper.do(job.row, device) });
    } catch (error) {
      // It had begun.
      if (!(error instanceof PhonerackError) || error.code !== "epoch_stale") throw error;
      this.#change(job, task, { state: "failed", error: error.toJSON() });
    }
  }

  /** What takes its time keeps no agent from being asked. */
  async #aside<T>(working: Promise<T>): Promise<T> {
    this.#asking--;
    return working.finally(() => this.#asking++);
  }

  #apply(job: LiveJob, task: LiveTask, { state, progress, note, error, result }: TaskStanding): void {
    if (state === "unknown" || TASK_OVER.has(task.row.state)) return;
    task.heardAt = this.#parts.now();
    task.waitingSince = undefined;
    task.silentSince = undefined;
    task.sent = true;
    task.progress = progress;
    task.note = note;
    if (state !== "running") this.#parts.used(task.row.leaseId, job.row.mode !== "unicast");
    if (state !== task.row.state) this.#change(job, task, { state, error, result });
    else this.#parts.changed(job.id);
  }

  /** It was not begun: it waits, or has failed. */
  #refused(job: LiveJob, task: LiveTask, cause: unknown): void {
    const error = toPhonerackError(cause, "jobs");
    const { code } = error;
    if (code === "internal") this.#parts.log.error({ err: cause, job: job.id, task: task.row.number }, "a task could not be run");
    const now = this.#parts.now();
    task.due = now + AGAIN_MS;
    // Its agent may have taken it all the same: it is asked.
    if (task.sent && UNKNOWN.has(code)) return;
    task.waitingSince ??= now;
    const waits = (LATER.has(code) || UNKNOWN.has(code)) && now - task.waitingSince < NOT_READY_MS;
    if (!waits) return this.#change(job, task, { state: code === "epoch_stale" ? "stale" : "failed", error: error.toJSON() });
    task.sent = false;
    if (task.row.state === "running") this.#change(job, task, { state: "waiting" });
    this.#note(job, task, "waits until the device is ready");
  }

  /** Its agent may have it, and does not answer. */
  #silent(job: LiveJob, task: LiveTask, error: PhonerackError): void {
    const now = this.#parts.now();
    task.due = now + AGAIN_MS;
    task.silentSince ??= now;
    if (now - task.silentSince < SILENT_MS) return this.#note(job, task, "its agent does not answer");
    const again = REPEATABLE.has(job.row.action.type);
    const outcome = again ? error : new PhonerackError("interrupted", "its agent did not come back");
    this.#change(job, task, { state: again ? "failed" : "interrupted", error: outcome.toJSON() });
  }

  #note(job: LiveJob, task: LiveTask, note: string): void {
    if (task.note === note) return;
    task.note = note;
    this.#parts.changed(job.id);
  }

  #change(job: LiveJob, task: LiveTask, change: Parameters<LiveJob["change"]>[1]): void {
    job.change(task, change, this.#parts.now());
    this.#parts.changed(job.id);
  }

  /** Written when all of its tasks are. */
  async #finish(job: LiveJob): Promise<void> {
    const { store, log, now, ended, changed } = this.#parts;
    if (job.ending || this.#writes.resting) return;
    job.ending = true;
    try {
      await this.save();
      await this.save();
      if (job.dirty.size > 0) return;
      const row = await store.end(job.id, { at: now(), reason: job.row.reason });
      this.#jobs.delete(job.id);
      if (row) {
        job.row = row;
        ended(job);
      }
      changed(job.id);
    } catch (error) {
      this.#writes.rest();
      log.warn({ err: error, job: job.id }, "that a job has ended could not be written");
    } finally {
      job.ending = false;
    }
  }
}
