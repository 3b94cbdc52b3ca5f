/** How tasks go on, gathered for some milliseconds and told in messages that fit the bus. Whoever missed one asks (`tell`). */
import { type Bus, encodeMessage, subjects, TaskNews, type TaskStanding } from "@phonerack/contract/bus";

const GATHER_MS = 100;
const MOST_AT_ONCE = 100;
/** NATS refuses messages above 1 MiB; one task has at most 128 KiB of output, and more when its characters must be escaped. */
const MOST_BYTES = 300_000;

export class TaskNewsDesk {
  readonly #parts: { readonly agentId: string; readonly bus: Bus };
  readonly #waiting = new Map<string, TaskStanding>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { readonly agentId: string; readonly bus: Bus }) {
    this.#parts = parts;
  }

  /** What it was before within the same moment is not told. */
  tell(standing: TaskStanding): void {
    this.#waiting.set(standing.task, standing);
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    let batch: TaskStanding[] = [];
    let bytes = 0;
    for (const standing of this.#waiting.values()) {
      const size = JSON.stringify(standing).length;
      if (batch.length > 0 && (batch.length >= MOST_AT_ONCE || bytes + size > MOST_BYTES)) {
        this.#publish(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(standing);
      bytes += size;
    }
    this.#waiting.clear();
    if (batch.length > 0) this.#publish(batch);
  }

  #publish(tasks: TaskStanding[]): void {
    const { agentId, bus } = this.#parts;
    bus.publish(subjects.taskNews(agentId), encodeMessage(TaskNews, { agentId, tasks }));
  }
}
