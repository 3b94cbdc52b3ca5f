/**
 * One phone's side of its hold: tells the phone when it changes hands, has it cleaned when nobody holds it any more, and sees to it that what it
 * should be like (its baseline) is known before anybody may change it. Which hold counts is `Holds`' to say, how a phone is cleaned the cleaner's.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type CleanRecord, type Hold, PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Cleaner } from "../cleaning/cleaner.js";
import type { LIMITS } from "../limits.js";
import type { Permits } from "../permits.js";
import type { PhoneLink } from "../transports/link.js";
import { type Held, holdOf, requireFresh, requireIdle, requireShown } from "./held.js";
import type { Holds } from "./holds.js";
import type { CleanRecords } from "./records.js";

const RETRY_MS = [1_000, 5_000, 15_000] as const;
const BASELINE_RETRY_MS = 60_000;

/** What the custodies of all phones share. */
export interface CustodyContext {
  readonly holds: Holds;
  readonly records: CleanRecords;
  readonly cleaner: Cleaner;
  readonly log: Logger;
  /** How many are connected and prepared at once; who waits for it comes first. */
  readonly permits: Permits;
  readonly cleanings: Permits;
  readonly baselines: Permits;
  readonly limits: { readonly [key in keyof typeof LIMITS]: number };
}

export interface CustodyParts {
  readonly id: string;
  readonly context: CustodyContext;
  /** Whoever had the phone has it no more: no picture, no finger, no waiting input may be left of them when this returns. */
  onCut(): void;
  /** Resolves when nothing on it is disabled by the fence any more, or could not be enabled now. Never rejects. */
  unfenced(): Promise<void>;
  /** What the phone's report says. */
  onHold(hold: Hold): void;
}

interface Job {
  readonly work: number;
  readonly control: AbortController;
}

export class Custody {
  readonly #parts: CustodyParts;
  readonly #forget: () => void;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<(link: PhoneLink) => void>();
  #seen: Held;
  #link: PhoneLink | undefined;
  #job: Job | undefined;
  #baseline: Promise<number> | undefined;
  #opening: Promise<void> | undefined;
  #baselineDue = Number.POSITIVE_INFINITY;

  constructor(parts: CustodyParts) {
    this.#parts = parts;
    const { holds } = parts.context;
    this.#seen = holds.get(parts.id);
    this.#forget = holds.listen(parts.id, {
      changed: (held) => this.#onChanged(held),
      settled: (held) => parts.onHold(holdOf(held)),
    });
    this.#tend(this.#seen);
  }

  /** The hold as it counts now. */
  get held(): Held {
    return this.#parts.context.holds.get(this.#parts.id);
  }

  /** While there is one, input waits: it resolves when the phone is known well enough to be changed by its holder. Never rejects. */
  get opening(): Promise<void> | undefined {
    return this.#opening;
  }

  /** While there is one, nothing may change the phone: what it is like is being taken for what it should be. */
  get baselining(): Promise<unknown> | undefined {
    return this.#baseline;
  }

  /** Refuses orders that look at the phone: `epoch_stale`, `device_busy`, `too_late`. Ask again before what was made of them leaves. */
  requireShown({ epoch, notAfter }: { epoch: number; notAfter?: number }): void {
    requireShown(this.held, epoch);
    if (notAfter !== undefined) requireFresh(notAfter, Date.now());
  }

  /** The phone is connected and prepared. */
  prepared(link: PhoneLink): void {
    this.#link = link;
    this.#baselineDue = Date.now() + this.#parts.context.limits.baselineAfterMs;
    for (const resolve of this.#waiting) resolve(link);
  }

  lost(): void {
    this.#link = undefined;
  }

  /** The connection to the prepared phone, at once or when there is one. Rejects with the signal's reason. */
  ready(signal: AbortSignal): Promise<PhoneLink> {
    if (signal.aborted) return Promise.reject(asError(signal.reason));
    if (this.#link && !this.#link.life.ended) return Promise.resolve(this.#link);
    return new Promise((resolve, reject) => {
      const settle = (link: PhoneLink) => {
        this.#waiting.delete(settle);
        signal.removeEventListener("abort", leave);
        resolve(link);
      };
      const leave = () => {
        this.#waiting.delete(settle);
        reject(asError(signal.reason));
      };
      this.#waiting.add(settle);
      signal.addEventListener("abort", leave, { once: true });
    });
  }

  /** The record of the cleaning that stands at this epoch. Fails with `epoch_stale` or `device_busy`. */
  async record(epoch: number): Promise<CleanRecord> {
    const held = this.held;
    if (held.epoch !== epoch || held.phase === "leased") throw new PhonerackError("epoch_stale");
    if (held.phase === "cleaning") throw new PhonerackError("device_busy", held.note ?? "it is being cleaned");
    const record = await this.#parts.context.records.last(this.#parts.id);
    if (record?.epoch !== held.work) throw new PhonerackError("epoch_stale", "nothing was cleaned at this epoch");
    return { ...record, epoch };
  }

  /** What is on the phone now is what should be, says an operator. Fails with `epoch_stale`, `device_busy`, `too_late`, `device_not_ready`. */
  async renewBaseline({ epoch, notAfter }: { epoch: number; notAfter: number }): Promise<number> {
    requireIdle(this.held, epoch);
    requireFresh(notAfter, Date.now());
    if (!this.#link) throw new PhonerackError("device_not_ready");
    await this.#baseline?.then(nothing, nothing);
    requireIdle(this.held, epoch);
    return this.#takeBaseline();
  }

  /** Has the baseline taken when there is none and nothing better to do. */
  tick(now: number): void {
    const { context, id } = this.#parts;
    if (now < this.#baselineDue || !this.#link || !context.permits.calm) return;
    this.#baselineDue = Number.POSITIVE_INFINITY;
    if (context.cleaner.baselineAt(id) !== null) return;
    this.#baselineQuietly().catch((error: unknown) => {
      context.log.debug({ device: id, err: error }, "the baseline could not be taken");
      this.#baselineDue = Date.now() + BASELINE_RETRY_MS;
    });
  }

  stop(): void {
    this.#forget();
    this.#stopping.abort(new PhonerackError("device_not_ready", "the agent stops"));
    this.#job?.control.abort(this.#stopping.signal.reason);
    this.#job = undefined;
  }

  #onChanged(held: Held): void {
    const before = this.#seen;
    this.#seen = held;
    const ended = before.phase === "leased" && held.phase !== "leased";
    if (held.epoch !== before.epoch || ended) this.#parts.onCut();
    if (held.phase === "leased" && held.epoch !== before.epoch) this.#open();
    this.#tend(held);
  }

  /** A lease begins: what the phone was like before it must be known, or could never be told again. */
  #open(): void {
    const { context, id } = this.#parts;
    if (!this.#link || context.cleaner.baselineAt(id) !== null) return;
    const waited = new AbortController();
    const taken = this.#takeBaseline().then(
      () => undefined,
      (error: unknown) => context.log.warn({ device: id, err: error }, "leased without a baseline"),
    );
    const enough = sleep(context.limits.baselineMs, undefined, { signal: waited.signal }).catch(() => undefined);
    const opening = Promise.race([taken, enough]).finally(() => {
      waited.abort();
      if (this.#opening === opening) this.#opening = undefined;
    });
    this.#opening = opening;
  }

  async #baselineQuietly(): Promise<void> {
    const { context, id } = this.#parts;
    const release = await context.baselines.take(this.#stopping.signal);
    try {
      const held = this.held;
      const idle = held.phase === "free" && !held.lent;
      if (idle && this.#link && context.cleaner.baselineAt(id) === null) await this.#takeBaseline();
    } finally {
      release();
    }
  }

  #takeBaseline(): Promise<number> {
    const { context, id } = this.#parts;
    // What the fence has disabled must not be taken for what should be.
    this.#baseline ??= this.#parts
      .unfenced()
      .then(() => context.cleaner.takeBaseline(id))
      .finally(() => {
        this.#baseline = undefined;
      });
    return this.#baseline;
  }

  /** Begins the cleaning that the hold asks for, and ends one that it does not ask for any more. */
  #tend(held: Held): void {
    const work = held.phase === "cleaning" ? held.work : undefined;
    if (this.#job?.work === work) return;
    this.#job?.control.abort(new PhonerackError("epoch_stale"));
    this.#job = undefined;
    if (work === undefined) return;
    const job = { work, control: new AbortController() };
    this.#job = job;
    void this.#clean(job);
  }

  /** Never rejects. */
  async #clean(job: Job): Promise<void> {
    const { holds, records, log } = this.#parts.context;
    const { id } = this.#parts;
    const record = await this.#recordOf(job);
    for (let attempt = 0; this.#job === job; attempt++) {
      try {
        await records.keep(record);
        break;
      } catch (error) {
        log.error({ device: id, err: error }, "the record of a cleaning cannot be kept");
        await pause(attempt, this.#stopping.signal);
      }
    }
    if (this.#job !== job) return;
    holds.finish(id, { work: job.work, reason: record.clean ? null : (record.reason ?? "it is not as it was") });
  }

  /** The cleaner's record, or one that says why there is none. */
  async #recordOf(job: Job): Promise<CleanRecord> {
    const { limits, cleanings } = this.#parts.context;
    const { signal } = job.control;
    let startedAt = Date.now();
    let timer: NodeJS.Timeout | undefined;
    let release: () => void = () => undefined;
    try {
      await this.ready(signal);
      release = await cleanings.take(signal);
      startedAt = Date.now();
      timer = setTimeout(() => job.control.abort(tooLong(limits.cleaningMs, this.held.note)), limits.cleaningMs);
      // What is being taken for the phone as it should be must not see it half cleaned.
      if (this.#baseline) await orAborted(this.#baseline.then(nothing, nothing), signal);
      // Cleaning would enable it too, but only where it has a baseline.
      await orAborted(this.#parts.unfenced(), signal);
      return await this.#keepTrying(job);
    } catch (error) {
      const { detail, message } = asError(error);
      const ends = { startedAt, endedAt: Date.now(), clean: false, reason: detail ?? message };
      return { deviceId: this.#parts.id, epoch: job.work, ...ends, items: [] };
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  /** A phone that was lost under the cleaner is cleaned from the beginning. Rejects when the job is over. */
  async #keepTrying(job: Job): Promise<CleanRecord> {
    const { context, id } = this.#parts;
    const { signal } = job.control;
    for (let attempt = 0; ; attempt++) {
      await this.ready(signal);
      try {
        const order = { deviceId: id, epoch: job.work, reboot: this.#seen.reboot, isolated: this.#seen.isolated, signal };
        const onProgress = (note: string) => {
          if (this.#job === job) context.holds.note(id, note);
        };
        return await orAborted(context.cleaner.clean({ ...order, onProgress }), signal);
      } catch (error) {
        signal.throwIfAborted();
        context.log.info({ device: id, err: error }, "cleaning begins again");
        await pause(attempt, signal);
      }
    }
  }
}

function nothing(): void {}

/** Ends early, without a word, when the signal is aborted. */
async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
  await sleep(wait, undefined, { signal }).catch(() => undefined);
}

/** The work's result, or the signal's reason however long the work goes on. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(asError(signal.reason));
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function tooLong(ms: number, note: string | null): PhonerackError {
  return new PhonerackError(
    "device_timeout",
    `cleaning took longer than ${Math.round(ms / 60_000)} minutes${note ? `; last: ${note}` : ""}`,
  );
}

function asError(error: unknown): PhonerackError {
  if (error instanceof PhonerackError) return error;
  return new PhonerackError("internal", error instanceof Error ? error.message : undefined, { cause: error });
}
