/**
 * Appends to the log, on one control at a time. What waits (changes in `log_queue`, decisions that agents carry here, hands whose ten seconds are over)
 * gets its place and becomes part of the tree in one transaction that compares the log's size: two that both think they may append cannot both. Only then is
 * an agent told that it need not keep its lines any more.
 */
import { type JournalBatch, type JournalReply, PhonerackError } from "@phonerack/contract/bus";
import { emptyRoot, encodeLeaf, gateVersion, LEAF_VERSION, type Leaf, type LeafBody } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import type { Logger } from "pino";
import type { Alone } from "../database/opened.js";
import { type Gap, type Heard, tidy } from "./bodies.js";
import { Drafter, spansOf, talliesOf, type Waits, WINDOW_MS } from "./draft.js";
import { type Append, type Head, type LogStore, Overtaken } from "./store.js";
import { TileFlow } from "./tile-flow.js";
import { LogTree, type TreeParts } from "./tree.js";

/** What waits is looked for so often; a decision comes by itself. */
const LOOK_MS = 1_000;
const MOST_QUEUED = 1_000;
/** An agent's clock may be behind: its hands may still come. */
const WINDOW_LATE_MS = 5_000;
/** Batches that wait. Beyond it agents are told to come again: they keep their lines. */
const MOST_INBOX = 200;
const POLICY = gateVersion(sha256);

export interface SequencerParts extends TreeParts {
  readonly store: LogStore;
  readonly log: Logger;
  readonly alone: () => Promise<Alone | undefined>;
  /** What each sequencer says first. */
  readonly start: () => Promise<Omit<Extract<LeafBody, { kind: "start" }>, "kind" | "policy">>;
  readonly now?: () => number;
  /** Default 64 MiB. */
  readonly mostUnstoredBytes?: number;
  /** Told of leaves that stand in the log. */
  readonly onLeaves: (leaves: readonly Leaf[]) => void;
}

interface Waiting {
  readonly agent: string;
  readonly batch: JournalBatch;
  readonly resolve: (reply: JournalReply) => void;
  readonly reject: (error: unknown) => void;
}

export class Sequencer {
  readonly #parts: SequencerParts;
  readonly #drafter: Drafter;
  readonly #flow: TileFlow;
  #alone: Alone | undefined;
  #tree: LogTree | undefined;
  #head: Head | undefined;
  #journals = new Map<string, number>();
  #inbox: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #busy = false;
  #stopped = false;
  #said = false;
  /** Why nothing is appended here, though it should be. */
  #broken: PhonerackError | undefined;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
    this.#drafter = new Drafter(parts.store);
    this.#flow = new TileFlow({ log: parts.log, most: parts.mostUnstoredBytes });
  }

  start(): void {
    this.#soon(0);
  }

  /** How these are called is not to be remembered. */
  forget(subjects: readonly string[]): void {
    this.#drafter.forget(subjects);
  }

  /** Whether this control appends. */
  get leads(): boolean {
    return this.#alone?.holds === true && this.#tree !== undefined;
  }

  get broken(): PhonerackError | undefined {
    return this.#broken;
  }

  /** The tree, while this control appends. */
  get tree(): LogTree | undefined {
    return this.leads ? this.#tree : undefined;
  }

  /** undefined: another control appends. Answered when they stand in the log; fails with `log_away` when too many wait. */
  take(agent: string, batch: JournalBatch): Promise<JournalReply> | undefined {
    if (!this.leads) return undefined;
    if (this.#broken || this.#inbox.length >= MOST_INBOX) return Promise.reject(new PhonerackError("log_away"));
    return new Promise((resolve, reject) => {
      this.#inbox.push({ agent, batch: tidy(batch), resolve, reject });
      this.#soon(0);
    });
  }

  /** Something waits: it need not wait for the next look. */
  poke(): void {
    this.#soon(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    if (this.leads) await this.#pass().catch(() => undefined);
    for (const { reject } of this.#inbox.splice(0)) reject(new PhonerackError("log_away"));
    await this.#alone?.release();
    this.#alone = undefined;
  }

  #soon(ms: number): void {
    if (this.#stopped || this.#busy) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#busy = true;
      this.#running = this.#pass()
        .catch((error: unknown) => this.#failed(error))
        .finally(() => {
          this.#busy = false;
          this.#soon(this.#inbox.length > 0 ? 20 : LOOK_MS);
        });
    }, ms);
  }

  #failed(error: unknown): void {
    const { log } = this.#parts;
    if (error instanceof PhonerackError && error.code === "log_broken") {
      if (!this.#broken) log.error({ err: error }, "nothing is appended to the log");
      this.#broken = error;
    } else if (!(error instanceof Overtaken)) log.warn({ err: error }, "the log could not be appended to");
    // Read anew from what was committed.
    this.#tree = undefined;
    for (const { reject } of this.#inbox.splice(0)) reject(new PhonerackError("log_away"));
  }

  async #pass(): Promise<void> {
    if (!(await this.#lead())) return;
    for (let more = true; more; ) more = (await this.#hasRoom()) && (await this.#append());
  }

  async #lead(): Promise<boolean> {
    if (!this.#alone?.holds) {
      this.#tree = undefined;
      this.#alone = await this.#parts.alone();
    }
    if (!this.#alone) return false;
    if (this.#tree) return true;
    const { store } = this.#parts;
    const head = await store.head(emptyRoot(sha256));
    this.#tree = await LogTree.restore(this.#parts, head, await store.tail(head.size));
    this.#journals = await store.journals();
    this.#head = head;
    this.#broken = undefined;
    return true;
  }

  /** False: full tiles cannot be stored and are too many to keep; what waits is refused. */
  async #hasRoom(): Promise<boolean> {
    const error = this.#tree && (await this.#flow.room(this.#tree));
    this.#broken = error && new PhonerackError("log_away", `full tiles cannot be stored: ${error.message}`);
    if (!error) return true;
    for (const { reject } of this.#inbox.splice(0)) reject(new PhonerackError("log_away"));
    return false;
  }

  /** @returns whether more waits */
  async #append(): Promise<boolean> {
    const { store, now = Date.now } = this.#parts;
    const inbox = this.#inbox.splice(0, 4);
    try {
      const { heard, gaps } = this.#fresh(inbox);
      const queued = await store.queued(MOST_QUEUED);
      const closed = await store.closedHands(Math.floor((now() - WINDOW_LATE_MS) / WINDOW_MS));
      const journals = journalsOf(inbox, this.#journals);
      if (heard.length + queued.length + closed.length > 0 || !this.#said)
        await this.#commit({ start: await this.#start(), heard, gaps, queued, closed, at: now() }, journals);
      for (const { agent, batch, resolve } of inbox) resolve({ upTo: this.#journals.get(keyOf(agent, batch.journal)) ?? 0 });
      return this.#inbox.length > 0 || queued.length === MOST_QUEUED || closed.length > 0;
    } catch (error) {
      for (const { reject } of inbox) reject(new PhonerackError("log_away"));
      throw error;
    }
  }

  /** What was not appended before, in order, and which lines before it never came: an agent's disk may lose some, and that is told. */
  #fresh(inbox: readonly Waiting[]): { heard: Heard[]; gaps: Gap[] } {
    const heard: Heard[] = [];
    const gaps: Gap[] = [];
    const upTo = new Map<string, number>();
    for (const { agent, batch } of inbox) {
      const key = keyOf(agent, batch.journal);
      for (const entry of batch.entries) {
        const last = upTo.get(key) ?? this.#journals.get(key) ?? 0;
        if (entry.n <= last) continue;
        if (entry.n > last + 1) gaps.push({ agent, journal: batch.journal, from: last + 1, to: entry.n - 1 });
        heard.push({ ...entry, agent, journal: batch.journal });
        upTo.set(key, entry.n);
      }
    }
    return { heard, gaps };
  }

  async #commit(waits: Waits, journals: Append["journals"]): Promise<void> {
    const [from, tree] = [this.#head, this.#tree];
    if (!from || !tree) throw new PhonerackError("log_away");
    const { bodies, hands, bulks, whose } = await this.#drafter.draft(waits);
    const at = Math.max(from.lastAt, Math.round(waits.at));
    const leaves = bodies.map((body, place): Leaf => ({ v: LEAF_VERSION, seq: from.size + place, at, ...body }));
    const growth = tree.grow(leaves.map(encodeLeaf));
    const { entries, size, root } = growth;
    const to: Head = { size, root, lastAt: at };
    await this.#parts.store.append({
      from,
      to,
      entries,
      queued: waits.queued.map(({ id }) => id),
      journals,
      hands,
      handled: waits.closed.map(({ id }) => id),
      bulks: bulks.map(({ place, ...bulk }) => ({ ...bulk, leaf: from.size + place, at })),
      spans: spansOf(leaves, whose),
      tallies: talliesOf(leaves),
    });
    tree.take(growth);
    this.#head = to;
    this.#said = true;
    for (const { agent, journal, upTo } of journals) this.#journals.set(keyOf(agent, journal), upTo);
    if (leaves.length > 0) this.#parts.onLeaves(leaves);
  }

  async #start(): Promise<LeafBody | undefined> {
    return this.#said ? undefined : { kind: "start", policy: POLICY, ...(await this.#parts.start()) };
  }
}

function keyOf(agent: string, journal: string): string {
  return `${agent} ${journal}`;
}

/** How far each journal is taken by these. */
function journalsOf(inbox: readonly Waiting[], known: ReadonlyMap<string, number>): Append["journals"] {
  const upTo = new Map<string, Append["journals"][number]>();
  for (const { agent, batch } of inbox) {
    const last = Math.max(0, ...batch.entries.map(({ n }) => n));
    const key = keyOf(agent, batch.journal);
    if (last > Math.max(known.get(key) ?? 0, upTo.get(key)?.upTo ?? 0))
      upTo.set(key, { agent, journal: batch.journal, upTo: last });
  }
  return [...upTo.values()];
}
