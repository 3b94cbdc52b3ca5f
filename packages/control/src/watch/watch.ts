/**
 * Looks at the lab's log as it grows: each leaf once, in order, on the control that appends to it. What rules find becomes flags in the transaction in which the
 * place in the log moves on, so that neither a restart nor another control forgets or doubles anything; what a flag pauses is told to agents right after.
 */
import type { HandDecision, Leaf } from "@phonerack/policy";
import type { Logger } from "pino";
import type { RecordEvent } from "../events/events.js";
import { Counting } from "./counting.js";
import { RULES } from "./rules.js";
import { type MarksSeen, seenIn } from "./seen.js";
import { type Raised, Watched, type WatchStore } from "./store.js";

/** Leaves are looked at in groups: what is found pauses within this and two statements. */
const GATHER_MS = 250;
const AGAIN_MS = 5_000;
const MOST_AT_ONCE = 1_000;
/** Beyond it what waits is read from the log, where it stands anyway. */
const MOST_WAITING = 20_000;
const SWEEP_MS = 3_600_000;

interface Taken {
  readonly leaves: readonly Leaf[];
  /** The leaf that comes after them. */
  readonly to: number;
}

export interface WatchParts {
  readonly store: WatchStore;
  readonly log: Logger;
  readonly record: RecordEvent;
  /** Whether this control appends to the log. */
  readonly leads: () => boolean;
  readonly leaves: (from: number, limit: number) => Promise<Taken>;
  /** With organisations by their own ids, which the log does not say. */
  readonly known: (leaves: readonly Leaf[]) => Promise<readonly Leaf[]>;
  readonly hands: (commitments: readonly string[]) => Promise<ReadonlyMap<string, readonly HandDecision[]>>;
  /** Tells agents what is paused now. */
  readonly paused: (tenant: string) => Promise<void>;
  readonly now?: () => number;
}

export class Watch {
  readonly #parts: WatchParts;
  readonly #now: () => number;
  #counting: Counting | undefined;
  /** The next leaf to be looked at. */
  #next = 0;
  #waiting: Leaf[] = [];
  #marks: MarksSeen | undefined;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #busy = false;
  #stopped = false;
  #swept = 0;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Leaves were appended here. */
  heard(leaves: readonly Leaf[]): void {
    if (this.#waiting.length + leaves.length > MOST_WAITING) this.#waiting = [];
    else this.#waiting.push(...leaves);
    this.#soon(GATHER_MS);
  }

  /** What organisations have in common beside what leaves tell. */
  marked(marks: MarksSeen["marks"]): void {
    this.#marks = { kind: "marks", at: this.#now(), marks };
    this.#soon(GATHER_MS);
  }

  /** Where it stands. */
  get next(): number {
    return this.#next;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  #soon(ms: number): void {
    if (this.#stopped || this.#busy) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#busy = true;
      this.#working = this.#passes().then((again) => {
        this.#busy = false;
        if (again !== undefined) this.#soon(again);
      });
    }, ms);
  }

  /** Never fails. @returns in how many milliseconds there is more to do */
  async #passes(): Promise<number | undefined> {
    try {
      while (!this.#stopped && this.#parts.leads()) if (!(await this.#pass())) break;
      return this.#waiting.length > 0 ? GATHER_MS : undefined;
    } catch (error) {
      // Read anew: what is in memory may be ahead of what was written.
      this.#counting = undefined;
      this.#waiting = [];
      if (!(error instanceof Watched)) this.#parts.log.warn({ err: error }, "the log could not be watched; it is tried again");
      return AGAIN_MS;
    }
  }

  /** @returns whether there may be more */
  async #pass(): Promise<boolean> {
    const counting = await this.#load();
    const from = this.#next;
    const { leaves: taken, to } = await this.#take();
    const leaves = await this.#parts.known(taken);
    const marks = this.#marks;
    this.#marks = undefined;
    const now = this.#now();
    if (now > this.#swept + SWEEP_MS) {
      counting.sweep(now);
      this.#swept = now;
    }
    const found = marks ? counting.see(marks) : [];
    const commitments = leaves.flatMap((leaf) => (leaf.kind === "hands" ? leaf.commitment : []));
    const hands = await this.#parts.hands(commitments);
    for (const leaf of leaves) {
      if (leaf.kind === "change" && leaf.table === "flags") await this.#settled(counting, leaf.row);
      for (const seen of seenIn(leaf, leaf.kind === "hands" ? hands.get(leaf.commitment) : undefined))
        found.push(...counting.see(seen));
    }
    found.push(...counting.late());
    const changes = counting.changes();
    if (to === from && changes.rows.length + changes.gone.length === 0) return false;
    // Of each thing the last word: it has counted most.
    const last = new Map(found.map((one) => [`${one.rule} ${one.tenant} ${one.subject} ${one.lease} ${one.deviceId}`, one]));
    const raised = await this.#parts.store.step({ from, to, now, counts: changes, found: [...last.values()] });
    this.#next = to;
    this.#tell(raised);
    return to > from;
  }

  async #load(): Promise<Counting> {
    if (this.#counting) return this.#counting;
    const { next, counts } = await this.#parts.store.load();
    this.#next = next;
    this.#counting = new Counting(RULES, counts);
    return this.#counting;
  }

  /** The leaves that come next: those that were heard, or from the log what was not. */
  async #take(): Promise<Taken> {
    const heard = this.#waiting.findIndex(({ seq }) => seq === this.#next);
    if (heard < 0) {
      this.#waiting = this.#waiting.filter(({ seq }) => seq > this.#next);
      return this.#parts.leaves(this.#next, MOST_AT_ONCE);
    }
    const leaves = this.#waiting.splice(0, heard + MOST_AT_ONCE).slice(heard);
    // Another control may have appended between two that were heard here.
    const gap = leaves.findIndex(({ seq }, at) => seq !== this.#next + at);
    if (gap < 0) return { leaves, to: this.#next + leaves.length };
    this.#waiting.unshift(...leaves.splice(gap));
    return { leaves, to: this.#next + gap };
  }

  /** A person has cleared a flag: what led to it does not count any more. */
  async #settled(counting: Counting, row: Readonly<Record<string, unknown>>): Promise<void> {
    if (row.state !== "cleared" || typeof row.id !== "string" || row.rule === "linked") return;
    const flag = await this.#parts.store.get(row.id);
    const subject = flag?.numbers.subject;
    if (flag && typeof subject === "string") counting.forget(flag.rule, subject);
  }

  #tell(raised: readonly Raised[]): void {
    const { record, log, paused } = this.#parts;
    for (const { id, rule, tenant, pauses } of raised)
      record({ actor: "phonerack", tenant, kind: "flag.raised", subject: id, detail: { rule, pauses } });
    for (const tenant of new Set(raised.filter(({ pauses }) => pauses !== "nothing").map((one) => one.tenant)))
      paused(tenant).catch((error: unknown) =>
        log.warn({ err: error, tenant }, "agents were not told of a pause; they are at their next beat"),
      );
  }
}
