/** What was started, to be stopped in reverse order: once, whatever fails on the way, and never longer than a person waits for Ctrl-C. */
import type { Logger } from "pino";

export class Undo {
  readonly #steps: { readonly what: string; readonly undo: () => Promise<void> | void }[] = [];
  #undoing: Promise<void> | undefined;

  add(what: string, undo: () => Promise<void> | void): void {
    this.#steps.push({ what, undo });
  }

  run(log: Logger): Promise<void> {
    this.#undoing ??= this.#run(log);
    return this.#undoing;
  }

  async #run(log: Logger): Promise<void> {
    for (const { what, undo } of this.#steps.reverse()) {
      try {
        await undo();
      } catch (error) {
        log.error({ err: error }, `${what} did not stop cleanly`);
      }
    }
  }
}
