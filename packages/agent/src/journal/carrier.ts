/** Carries the decision journal into the lab's log: lines in order, again until they were taken. Nothing waits for it but old files. */
import { type Bus, decodeMessage, JournalReply, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { DecisionJournal } from "./journal.js";

/** After a decision: its input goes first, and many share a message. */
const GATHER_MS = 250;
const TAKEN_WITHIN_MS = 15_000;
const RETRY_MS = [500, 1_000, 2_000, 5_000, 15_000] as const;
/** NATS refuses messages above 1 MiB. */
const MOST_BYTES = 300_000;
const MOST_LINES = 500;

export interface CarrierParts {
  readonly agentId: string;
  readonly bus: Bus;
  readonly journal: DecisionJournal;
  readonly log: Logger;
}

export class JournalCarrier {
  readonly #parts: CarrierParts;
  readonly #forget: (() => void)[];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  /** Nothing waits. */
  #idle: boolean;
  /** When that ended, or something was taken, last. */
  #movedAt = performance.now();
  readonly #stopping = new AbortController();
  #reconciled = false;

  constructor(parts: CarrierParts) {
    this.#parts = parts;
    const again = () => {
      this.#failures = 0;
      this.#soon(0);
    };
    this.#idle = parts.journal.unsent === 0;
    const restored = parts.bus.onRestored(again);
    const committed = () => {
      if (this.#idle) this.#movedAt = performance.now();
      this.#idle = false;
      this.#soon(GATHER_MS);
    };
    this.#forget = [parts.journal.onCommit(committed), () => restored.unsubscribe()];
    this.#soon(GATHER_MS);
  }

  /** How many decisions do not stand in the log yet, since when something waits and nothing of it was taken, and whether they can be written down. */
  get lag(): { lines: number; waited: number; writes: boolean } {
    const { unsent, takes } = this.#parts.journal;
    return { lines: unsent, waited: this.#idle ? 0 : Math.round(performance.now() - this.#movedAt), writes: takes };
  }

  /** What is not carried yet is carried after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const forget of this.#forget) forget();
    clearTimeout(this.#timer);
    await this.#running;
  }

  #soon(ms: number): void {
    if (this.#stopping.signal.aborted || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#carry().finally(() => {
        this.#timer = undefined;
        if (this.#failures > 0) this.#soon(RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 0);
        else if (this.#parts.journal.unsent > 0) this.#soon(GATHER_MS);
      });
    }, ms);
  }

  /** Never rejects. */
  async #carry(): Promise<void> {
    const { journal, log } = this.#parts;
    try {
      if (!this.#reconciled && journal.unsent > 0) await this.#reconcile();
      for (
        let next = await journal.unsentLines(MOST_BYTES);
        next && !this.#stopping.signal.aborted;
        next = await journal.unsentLines(MOST_BYTES)
      ) {
        await journal.carried(await this.#send(next.lines.slice(0, MOST_LINES)));
        this.#movedAt = performance.now();
      }
      this.#idle = journal.unsent === 0;
      this.#failures = 0;
    } catch (error) {
      // Nobody appends at this moment: a control that starts, or is away.
      if (this.#failures++ === RETRY_MS.length) log.warn({ err: error, lines: journal.unsent }, "decisions wait for the log");
    }
  }

  async #reconcile(): Promise<void> {
    const { journal, log } = this.#parts;
    const before = journal.id;
    if (await journal.reconcile(await this.#send([])))
      log.warn(
        { journal: before },
        "the log has more of this journal than its disk: an older state was put back, and it goes on as another",
      );
    this.#reconciled = true;
  }

  /** Lines are JSON already. @returns up to which number they stand in the log */
  async #send(lines: readonly string[]): Promise<number> {
    const { agentId, bus, journal } = this.#parts;
    const batch = Buffer.from(`{"journal":"${journal.id}","entries":[${lines.join(",")}]}`);
    const reply = await bus.request(subjects.journal(agentId), batch, {
      timeoutMs: TAKEN_WITHIN_MS,
      signal: this.#stopping.signal,
    });
    return decodeMessage(JournalReply, reply).upTo;
  }
}
