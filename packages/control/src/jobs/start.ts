/** Puts the parts of jobs together: takes up what was begun, listens to agents and other controls, and forgets what is old. */
import {
  type Bus,
  type Device,
  decodeMessage,
  encodeMessage,
  JobsChanged,
  PhonerackError,
  subjects,
  TaskNews,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { GroundsTeller } from "../apps/grounds.js";
import type { Trials } from "../apps/trials.js";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { Errands } from "./errands.js";
import { Jobs } from "./jobs.js";
import type { Keeper } from "./keeper.js";
import type { LiveJob } from "./live-job.js";
import type { JobRow } from "./rows.js";
import { Runner } from "./runner.js";
import { JobStore } from "./store.js";

const GATHER_MS = 200;
const MOST_AT_ONCE = 1_000;
const TIDY_MS = 60 * 60_000;
const KEEP_MS = 90 * 24 * 60 * 60_000;

export interface JobOptions {
  readonly bus: Bus;
  readonly replica: string;
  readonly db: Promise<Db>;
  readonly devices: Devices;
  readonly trials: Pick<Trials, "has" | "claim">;
  readonly grounds: Pick<GroundsTeller, "of">;
  readonly isEnrolled: (deviceId: string) => boolean;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly used: (leaseId: string, automated?: boolean) => void;
  readonly hears: (agentId: string) => boolean;
  /** Has these files of the lab on the agent's host. */
  readonly ensure: (agentId: string, files: readonly { sha256: string; size: number }[]) => Promise<void>;
  /** Takes a screenshot for a job, and keeps it. */
  readonly keeper: Pick<Keeper, "do">;
  readonly now?: () => number;
}

export interface JobDesk {
  readonly jobs: Jobs;
  /** Calls with ids of jobs that changed, here or at another control. @returns forgets the listener. */
  onChange(listener: (id: string) => void): () => void;
  /** Whose jobs these are. */
  tenantsOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** To be awaited before anything is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createJobDesk(options: JobOptions): JobDesk {
  const { bus, replica, now = Date.now, log, record } = options;
  const store = new JobStore(options);
  const changes = new Changes({ bus, replica });
  const errands = new Errands({ bus, isTrial: ({ job, device }) => isTrial(options, job, device) });
  const changed = (id: string, atOnce = false) => changes.note(id, atOnce);
  const runner = new Runner({ ...options, store, errands, now, changed, ended: (job) => recordEnd(record, job) });
  const jobs = new Jobs({ ...options, store, runner, now, changed, onChange: (listener) => changes.listen(listener) });
  const stops = listen({ bus, replica, hears: options.hears, store, runner, changes, log });
  const tidy = setInterval(() => {
    store.removeOld(now() - KEEP_MS).catch((error: unknown) => log.warn({ err: error }, "old jobs could not be removed"));
  }, TIDY_MS);
  return {
    jobs,
    onChange: (listener) => changes.listen(listener),
    tenantsOf: async (ids) => new Map((await store.byIds(ids)).map(({ id, tenant }) => [id, tenant])),
    start: () => runner.start(),
    stop: async () => {
      clearInterval(tidy);
      for (const stop of stops) stop();
      await runner.stop();
      changes.stop();
    },
  };
}

interface Ears {
  readonly bus: Bus;
  readonly replica: string;
  readonly hears: (agentId: string) => boolean;
  readonly store: JobStore;
  readonly runner: Runner;
  readonly changes: Changes;
  readonly log: Logger;
}

function listen({ bus, replica, hears, store, runner, changes, log }: Ears): (() => void)[] {
  const news = bus.subscribe(subjects.taskNews("*"), ({ subject, payload }) => {
    const agentId = subject.split(".")[1] ?? "";
    if (!hears(agentId)) return undefined;
    const { agentId: named, tasks } = decodeMessage(TaskNews, payload);
    if (named !== agentId) throw new PhonerackError("denied", "an agent spoke in another's name");
    runner.hear(agentId, tasks);
    return undefined;
  });
  const others = bus.subscribe(subjects.jobs, async ({ payload }) => {
    const { replica: from, ids } = decodeMessage(JobsChanged, payload);
    if (from === replica) return undefined;
    for (const id of ids) changes.heard(id);
    // Somebody may have stopped one there that is run here.
    const mine = ids.filter((id) => runner.get(id));
    const rows = await store.byIds(mine).catch((error: unknown) => {
      log.warn({ err: error }, "jobs that changed could not be read");
      return [];
    });
    for (const { id, state, reason } of rows) if (state === "stopping") runner.stopped(id, reason);
    return undefined;
  });
  return [() => news.unsubscribe(), () => others.unsubscribe()];
}

/** Which jobs changed, told to the other controls in one message now and then. */
class Changes {
  readonly #parts: { readonly bus: Bus; readonly replica: string };
  readonly #listeners = new Set<(id: string) => void>();
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { readonly bus: Bus; readonly replica: string }) {
    this.#parts = parts;
  }

  listen(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  note(id: string, atOnce: boolean): void {
    this.#waiting.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
    if (atOnce) this.#flush();
    this.heard(id);
  }

  heard(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  stop(): void {
    this.#flush();
    this.#listeners.clear();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    const { bus, replica } = this.#parts;
    for (let at = 0; at < all.length; at += MOST_AT_ONCE)
      bus.publish(subjects.jobs, encodeMessage(JobsChanged, { replica, ids: all.slice(at, at + MOST_AT_ONCE) }));
  }
}

function recordEnd(record: RecordEvent, { row, counts }: LiveJob): void {
  const { actor, tenant, id: subject, reason } = row;
  const detail = { action: row.action.type, ...counts, ...(reason !== null && { reason }) };
  record({ actor, tenant, kind: "job.ended", subject, detail });
}

/** Claims one only where it is about somebody else's app: the gate lets nobody else do more by it. */
async function isTrial(
  { trials, grounds }: Pick<JobOptions, "trials" | "grounds">,
  job: JobRow,
  device: Device,
): Promise<boolean> {
  const { tenant, actor, action } = job;
  const trial = { tenant, actor, deviceId: device.id };
  if (trials.has(trial)) return true;
  const about = "package" in action ? action.package : undefined;
  if (about === undefined || action.type === "link") return false;
  const { owned } = await grounds.of(tenant);
  return !owned.some((app) => app.package === about) && (await trials.claim(trial));
}
