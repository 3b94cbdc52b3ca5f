/** What the fences of all phones of an agent have in one: the journal, and how often a closed fence may be looked after. */
import type { FenceJournal } from "./journal.js";

/** How soon a package that somebody put there or enabled is seen, on an agent with few closed fences. */
const CHECK_MS = 2_000;
/** Checks in a second on an agent with many: each costs the phone and the agent some milliseconds. */
const CHECKS_A_SECOND = 50;

export class Fences {
  readonly journal: FenceJournal;
  /** The phones whose fence is closed. */
  readonly #closed = new Set<string>();

  constructor(journal: FenceJournal) {
    this.journal = journal;
  }

  count(id: string, closed: boolean): void {
    if (closed) this.#closed.add(id);
    else this.#closed.delete(id);
  }

  /** Milliseconds until the next check of one phone; ± 10 % so that a rack does not act in step. */
  get checkMs(): number {
    return Math.max(CHECK_MS, (this.#closed.size / CHECKS_A_SECOND) * 1_000) * (0.9 + Math.random() * 0.2);
  }

  stop(): Promise<void> {
    return this.journal.stop();
  }
}
