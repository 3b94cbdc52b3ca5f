/** What was started, to be stopped in reverse order. */
import type { Logger } from "pino";

/** What has been done, to be undone once, in reverse order; a step that fails does not keep the rest. */
export class Undo {
  readonly #log: Logger;
  readonly #steps: (() => unknown)[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  run(): Promise<void> {
    this.#running ??= this.#all();
    return this.#running;
  }

  async #all(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (error) {
        this.#log.error({ err: error }, "stopping failed in part");
      }
    }
  }
}
