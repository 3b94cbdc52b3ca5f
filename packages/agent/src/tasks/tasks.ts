/**
 * Tasks of this agent's phones: each is done once, also when its order comes twice or the agent is killed in the middle. One at a time on a phone, in the
 * order in which they came; what each does is `perform.ts`'s.
 */
import { join } from "node:path";
import { type Bus, PhonerackError, type TaskOrder, type TaskStanding } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Blobs } from "../blobs/blobs.js";
import { lateness } from "../hold/held.js";
import { Permits } from "../permits.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { begunLine, endedLine, type Known, KnownTasks, nothingKnown } from "./known-tasks.js";
import type { Own } from "./perform.js";
import { TaskJournal } from "./task-journal.js";
import { TaskNewsDesk } from "./task-news.js";
import { type DoOrder, type Outcome, TaskRun } from "./task-run.js";

/** Under way at once on this agent; more wait in order. */
const AT_ONCE = 200;
/** Waiting for one phone. */
const MOST_WAITING = 100;
/** What tasks under way may take to end when the agent stops. */
const STOP_MS = 3_000;

export interface TasksParts {
  readonly agentId: string;
  readonly dataDir: string;
  readonly bus: Bus;
  readonly log: Logger;
  readonly blobs: Blobs;
  readonly own: Own;
  phone(id: string): PhoneAtWork | undefined;
}

interface Queued {
  readonly known: Known;
  readonly run: TaskRun;
}

interface PhoneQueue {
  readonly phone: PhoneAtWork;
  readonly tasks: Queued[];
  readonly forget: () => void;
}

export class Tasks {
  readonly #parts: TasksParts;
  readonly #known = new KnownTasks();
  readonly #journal: TaskJournal;
  readonly #news: TaskNewsDesk;
  readonly #permits = new Permits(AT_ONCE);
  readonly #queues = new Map<string, PhoneQueue>();
  readonly #working = new Set<Promise<void>>();
  #stopped = false;

  private constructor(parts: TasksParts) {
    this.#parts = parts;
    this.#news = new TaskNewsDesk(parts);
    this.#journal = new TaskJournal({ path: pathOf(parts), lines: () => this.#known.lines() });
  }

  /** Fails when the journal cannot be read: what was begun would be done twice. */
  static async load(parts: TasksParts): Promise<Tasks> {
    const tasks = new Tasks(parts);
    tasks.#known.takeUp(await TaskJournal.read(pathOf(parts)), Date.now());
    return tasks;
  }

  /** Answers at once; how it goes on is news. Fails with `too_late`, `device_not_ready` or `too_many`: the task was then not taken. */
  order(deviceId: string, order: TaskOrder): TaskStanding {
    const known = this.#known.get(order.task);
    if (known && known.deviceId !== deviceId) throw new PhonerackError("bad_request", "this task is another phone's");
    if (known) {
      if (order.order === "cancel") this.#cancel(known);
      return known.standing;
    }
    if (order.order === "do") return this.#take(deviceId, order);
    const nothing = nothingKnown(order.task, deviceId);
    if (order.order === "tell") return nothing;
    // An order that is still on its way must not begin it.
    const cancelled = this.#known.add({ task: order.task, deviceId, type: "shell", at: Date.now() });
    this.#over(cancelled, { state: "cancelled" });
    return cancelled.standing;
  }

  /** What is under way counts as interrupted, as if the agent had been killed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const reason = new PhonerackError("device_not_ready", "the agent stops");
    for (const { tasks, forget } of this.#queues.values()) {
      forget();
      for (const { run } of tasks) run.end(reason);
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    await Promise.race([Promise.all(this.#working), late]);
    clearTimeout(timer);
    this.#news.flush();
    await this.#journal.stop();
  }

  #take(deviceId: string, order: DoOrder): TaskStanding {
    const late = lateness(order.notAfter, Date.now());
    if (late) throw late;
    const phone = this.#parts.phone(deviceId);
    if (this.#stopped) throw new PhonerackError("device_not_ready", "the agent stops");
    if (!phone) throw new PhonerackError("device_not_ready", "this agent does not have it");
    const waiting = this.#queues.get(deviceId)?.tasks.length ?? 0;
    if (waiting >= MOST_WAITING) throw new PhonerackError("too_many", `${MOST_WAITING} tasks wait for this phone`);
    const known = this.#known.add({ task: order.task, deviceId, type: order.action.type, at: Date.now() });
    const { epoch, phase } = phone.custody.held;
    if (epoch !== order.epoch || phase !== "leased") {
      this.#over(known, { state: "stale", error: new PhonerackError("epoch_stale").toJSON() });
      return known.standing;
    }
    if (phone.report.state !== "ready") {
      this.#known.forget(known);
      throw new PhonerackError("device_not_ready", phone.report.reason ?? phone.report.state);
    }
    const { tasks } = this.#queueOf(phone);
    tasks.push({ known, run: this.#runOf(phone, order, known) });
    if (tasks.length === 1) this.#begin(phone.id);
    else this.#progress(known, null, "waits for another task on this phone");
    return known.standing;
  }

  #runOf(phone: PhoneAtWork, order: DoOrder, known: Known): TaskRun {
    return new TaskRun({
      again: this.#known.wasBegun(order.task),
      phone,
      order,
      blobs: this.#parts.blobs,
      own: this.#parts.own,
      permits: this.#permits,
      begin: () => {
        known.begun = true;
        known.at = Date.now();
        this.#progress(known, null, null);
        return this.#journal.write(begunLine(known));
      },
      progress: (part, note) => this.#progress(known, part, note),
      onUnexpected: (error) => this.#parts.log.error({ err: error, task: order.task, device: phone.id }, "a task failed"),
    });
  }

  #queueOf(phone: PhoneAtWork): PhoneQueue {
    const queue = this.#queues.get(phone.id);
    if (queue) return queue;
    const tasks: Queued[] = [];
    const forget = phone.watch({
      cut: () => {
        for (const { run } of tasks) run.end(new PhonerackError("epoch_stale"));
      },
      lost: () => {
        for (const { run } of tasks)
          run.lost(new PhonerackError("device_not_ready", phone.report.reason ?? "its connection is over"));
      },
      ready: () => undefined,
    });
    const made = { phone, tasks, forget };
    this.#queues.set(phone.id, made);
    return made;
  }

  #begin(deviceId: string): void {
    const working = this.#work(deviceId);
    this.#working.add(working);
    void working.finally(() => this.#working.delete(working));
  }

  async #work(deviceId: string): Promise<void> {
    const queue = this.#queues.get(deviceId);
    if (!queue) return;
    for (let next = queue.tasks[0]; next && !this.#stopped; next = queue.tasks[0]) {
      const { known, run } = next;
      const outcome = await run.run();
      queue.tasks.shift();
      // It counts as begun and not ended then, and the next start says what that means.
      if (!this.#stopped && known.standing.state === "running") this.#over(known, outcome);
    }
    if (this.#queues.get(deviceId) !== queue) return;
    this.#queues.delete(deviceId);
    queue.forget();
  }

  #cancel(known: Known): void {
    const tasks = this.#queues.get(known.deviceId)?.tasks ?? [];
    const queued = tasks.find((one) => one.known === known);
    if (!queued || known.begun) return;
    queued.run.end(new PhonerackError("epoch_stale"));
    this.#over(known, { state: "cancelled" });
  }

  #progress(known: Known, progress: number | null, note: string | null): void {
    if (known.standing.state !== "running") return;
    known.standing = { ...known.standing, progress, note };
    this.#news.tell(known.standing);
  }

  /** Told when it is on disk: whoever has heard of an end must never be told otherwise. */
  #over(known: Known, outcome: Outcome): void {
    this.#known.end(known, outcome, Date.now());
    this.#journal.write(endedLine(known)).then(
      () => this.#news.tell(known.standing),
      (error: unknown) => {
        this.#parts.log.error({ err: error, task: known.task }, "how a task ended could not be written down");
        this.#news.tell(known.standing);
      },
    );
  }
}

function pathOf({ dataDir }: Pick<TasksParts, "dataDir">): string {
  return join(dataDir, "tasks.jsonl");
}
