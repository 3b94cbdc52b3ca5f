/** Writes how tasks went, of all jobs together: what changed meanwhile waits for the next write, and a database that does not answer is left alone for a moment. */
import type { Logger } from "pino";
import type { LiveJob } from "./live-job.js";
import type { JobStore } from "./store.js";

const REST_MS = 1_000;

export interface JobWritesParts {
  readonly store: Pick<JobStore, "save">;
  readonly log: Logger;
  readonly now: () => number;
}

export class JobWrites {
  readonly #parts: JobWritesParts;
  #saving: Promise<void> | undefined;
  #restUntil = 0;

  constructor(parts: JobWritesParts) {
    this.#parts = parts;
  }

  /** Nothing is to be written now. */
  get resting(): boolean {
    return this.#parts.now() < this.#restUntil;
  }

  rest(): void {
    this.#restUntil = this.#parts.now() + REST_MS;
  }

  /** What could not be written is tried again with the next. Never rejects. */
  save(jobs: Iterable<LiveJob>): Promise<void> {
    this.#saving ??= this.#saveNow(jobs).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveNow(jobs: Iterable<LiveJob>): Promise<void> {
    const { store, log } = this.#parts;
    if (this.resting) return;
    const taken = [...jobs].filter(({ dirty }) => dirty.size > 0).map((job) => ({ job, tasks: [...job.dirty] }));
    if (taken.length === 0) return;
    for (const { job } of taken) job.dirty.clear();
    try {
      await store.save(taken.flatMap(({ tasks }) => tasks.map(({ row }) => row)));
      // What a thousand phones printed need not stay in memory.
      for (const { job, tasks } of taken)
        for (const task of tasks) if (!job.dirty.has(task)) task.row = { ...task.row, result: null };
    } catch (error) {
      for (const { job, tasks } of taken) for (const task of tasks) job.dirty.add(task);
      this.rest();
      log.error({ err: error }, "how tasks went could not be written");
    }
  }
}
