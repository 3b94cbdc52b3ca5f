/** Holds a phone to a rate it has no reason to exceed. Reading waits, so its ADB stream does: a flooding phone slows only itself. */
import { setTimeout as sleep } from "node:timers/promises";

const WINDOW_MS = 1_000;

export class Pace {
  readonly #most: number;
  #began = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  readonly #now: () => number;

  /** @param most bytes a second */
  constructor(most: number, now: () => number = () => performance.now()) {
    this.#most = most;
    this.#now = now;
  }

  /** Counts bytes that were read. A promise to wait for when they were too many, else undefined. */
  count(bytes: number): Promise<void> | undefined {
    const now = this.#now();
    if (now - this.#began >= WINDOW_MS) {
      this.#began = now;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    return this.#bytes > this.#most ? sleep(this.#began + WINDOW_MS - now) : undefined;
  }
}
