/**
 * Time as a phone sees it. Every delay in this package goes through a Clock, so that a test can hold time still and
 * so that "an idle phone has no timers" can be counted instead of believed.
 */

/** Cancels what it was returned for; calling it twice does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `run` once after `ms` milliseconds. */
  after(ms: number, run: () => void): Cancel;
}

/** The machine's own time. Its timers do not keep the process alive: a phone never decides how long a process lives. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Pending {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that moves only when told to: for tests, and for counting what a phone has under way. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(start = Date.UTC(2026, 10, 24, 9, 41, 0)) {
    this.#now = start;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Cancel {
    const entry: Pending = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#pending.add(entry);
    return () => {
      this.#pending.delete(entry);
    };
  }

  /** Moves time forward by `ms`, running what falls due in order, also what that starts in turn. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }

  #next(end: number): Pending | undefined {
    let best: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.at > end) continue;
      if (!best || entry.at < best.at || (entry.at === best.at && entry.order < best.order)) best = entry;
    }
    return best;
  }
}
