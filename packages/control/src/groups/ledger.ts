/**
 * The last steps of one group and how each device took them, in memory. Bounded: full answers of the last steps only, and of what is sent to
 * everybody who follows at most so many answers.
 */
import type { AimedElement, GroupStep, StepAnswer, StepOutcome, StepRecord } from "@phonerack/contract/bus";

const KEPT = 200;
/** In the record of a step that is among the newest so many; older ones show a few, all of them can be asked for. */
const NEWEST = 20;
const MOST_SHOWN = 100;
const SHOWN_OF_OLDER = 10;

export interface Begun {
  readonly seq: number;
  readonly at: number;
  readonly by: string;
  /** As it may be shown. */
  readonly step: GroupStep;
  readonly words: string;
  readonly element: AimedElement | null;
  /** Whoever has not answered by then is late. */
  readonly until: number;
}

interface Entry extends Begun {
  until: number;
  readonly waiting: Set<string>;
  readonly answers: Map<string, StepAnswer>;
  /** Those who wait for the last answer. */
  readonly done: (() => void)[];
}

/** From what says most that something is wrong to what says least. */
const WORST: readonly StepOutcome[] = ["denied", "failed", "not-found", "late", "delivered", "applied"];

export class Ledger {
  readonly #entries: Entry[] = [];

  /** The newest, undefined before the first. */
  get last(): Begun | undefined {
    return this.#entries.at(-1);
  }

  get(seq: number): Begun | undefined {
    return this.#find(seq);
  }

  /** A step that these devices are to answer; one that is known already (done again on some) waits for these once more. */
  begin(begun: Begun, devices: Iterable<string>): void {
    const known = this.#find(begun.seq);
    if (known) {
      known.until = Math.max(known.until, begun.until);
      for (const id of devices) {
        known.answers.delete(id);
        known.waiting.add(id);
      }
      return;
    }
    const entry: Entry = { ...begun, waiting: new Set(devices), answers: new Map(), done: [] };
    // Other controls' steps may come in another order than they were begun.
    let place = this.#entries.length;
    while (place > 0 && isAfter(this.#entries[place - 1], begun)) place--;
    this.#entries.splice(place, 0, entry);
    for (const gone of this.#entries.splice(0, Math.max(0, this.#entries.length - KEPT))) this.#settle(gone);
  }

  /** False when nobody asked for it. An answer that comes after all takes the place of `late`; of a gesture's several, the worst counts. */
  answer(seq: number, answer: StepAnswer): boolean {
    const entry = this.#find(seq);
    if (!entry) return false;
    const before = entry.answers.get(answer.deviceId);
    if (!entry.waiting.delete(answer.deviceId)) {
      if (!before) return false;
      if (before.outcome !== "late" && WORST.indexOf(answer.outcome) >= WORST.indexOf(before.outcome)) return false;
    }
    entry.answers.set(answer.deviceId, answer);
    if (entry.waiting.size === 0) this.#settle(entry);
    return true;
  }

  /** Those who have not answered in time are late: their answers, to be taken like any other. */
  overdue(now: number): { readonly seq: number; readonly deviceIds: string[] }[] {
    return this.#entries.flatMap(({ seq, until, waiting }) =>
      waiting.size > 0 && now >= until ? [{ seq, deviceIds: [...waiting] }] : [],
    );
  }

  /** Whether a device still owes the answer to a step that began before `at`. */
  owes(seq: number, deviceId: string, at: number): boolean {
    const entry = this.#find(seq);
    return entry !== undefined && entry.at <= at && entry.waiting.has(deviceId);
  }

  answerOf(seq: number, deviceId: string): StepAnswer | undefined {
    return this.#find(seq)?.answers.get(deviceId);
  }

  waiting(seq: number): number {
    return this.#find(seq)?.waiting.size ?? 0;
  }

  /** Resolves when all have answered, or after so many milliseconds. */
  async answered(seq: number, ms: number): Promise<void> {
    const entry = this.#find(seq);
    if (!entry || entry.waiting.size === 0 || ms === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      entry.done.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Nobody is waited for any more. */
  close(): void {
    for (const entry of this.#entries) this.#settle(entry);
  }

  record(seq: number): StepRecord | undefined {
    const index = this.#entries.findIndex((entry) => entry.seq === seq);
    const entry = this.#entries[index];
    return entry && recordOf(entry, index >= this.#entries.length - NEWEST ? MOST_SHOWN : SHOWN_OF_OLDER);
  }

  answers(seq: number): StepAnswer[] {
    return [...(this.#find(seq)?.answers.values() ?? [])];
  }

  /** All that are kept, newest last. */
  get records(): StepRecord[] {
    return this.#entries.flatMap(({ seq }) => this.record(seq) ?? []);
  }

  #settle(entry: Entry): void {
    for (const done of entry.done.splice(0)) done();
  }

  #find(seq: number): Entry | undefined {
    return this.#entries.find((entry) => entry.seq === seq);
  }
}

function isAfter(entry: Begun | undefined, other: Begun): boolean {
  return entry !== undefined && (entry.at > other.at || (entry.at === other.at && entry.seq > other.seq));
}

function recordOf({ seq, at, by, step, words, waiting, answers }: Entry, most: number): StepRecord {
  const counts = { applied: 0, delivered: 0, "not-found": 0, denied: 0, late: 0, failed: 0 };
  const shown: StepAnswer[] = [];
  let ms: number | null = null;
  for (const answer of answers.values()) {
    counts[answer.outcome]++;
    if (answer.outcome === "applied" || answer.outcome === "delivered") ms = Math.max(ms ?? 0, answer.ms);
    else shown.push(answer);
  }
  shown.sort((a, b) => WORST.indexOf(a.outcome) - WORST.indexOf(b.outcome));
  return { seq, at, by, step, words, counts, waiting: waiting.size, answers: shown.slice(0, most), ms };
}
