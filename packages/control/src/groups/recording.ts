/** Writes down what is done on groups that record, gathered: the only place where what was typed is kept, and only because somebody asked for it. */
import type { Logger } from "pino";
import type { LiveGroup } from "./live-group.js";
import type { RecordedStep } from "./rows.js";
import type { GroupStore } from "./store.js";

const GATHER_MS = 200;

export interface RecordingParts {
  readonly store: GroupStore;
  readonly log: Logger;
  /** The recording is full. */
  readonly full: (groupId: string) => void;
}

export class Recording {
  readonly #parts: RecordingParts;
  readonly #waiting = new Map<string, RecordedStep[]>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(parts: RecordingParts) {
    this.#parts = parts;
  }

  /** Moves of a finger are left out: a flow knows where it began and ended. */
  take({ id, row }: LiveGroup, recorded: RecordedStep): void {
    if (!row.recording || row.mode === "replay" || (recorded.step.type === "touch" && recorded.step.phase === "move")) return;
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.push(recorded);
    else this.#waiting.set(id, [recorded]);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS);
  }

  /** Resolves when all that was taken is written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const batches = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, steps] of batches) {
      try {
        if (!(await this.#parts.store.record(id, steps))) this.#parts.full(id);
      } catch (error) {
        this.#parts.log.error({ err: error, group: id, steps: steps.length }, "recorded steps could not be written");
      }
    }
  }
}
