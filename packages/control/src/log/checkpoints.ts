/**
 * Signs checkpoints while this control appends, and shows them to the witnesses that the lab's owner chose, at whichever control that was. On the others: the newest
 * as the database has it, and what its signatures tell of witnesses.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LogWitness, WitnessChoice } from "@phonerack/contract/api";
import { formatCheckpoint, formatNote, type Note, readCheckpoint, type SignatureLine, signText, toHex } from "@phonerack/policy";
import type { Logger } from "pino";
import type { LogKey } from "./log-key.js";
import { Memo } from "./memo.js";
import type { Sequencer } from "./sequencer.js";
import type { Kept, LogStore } from "./store.js";
import type { LogTree } from "./tree.js";
import { checkWitness, Witnesses, witnessesOf } from "./witnesses.js";

/** While it grows. A lease's end does not wait for it. */
const CHECKPOINT_MS = 10_000;
/** While nothing happens: what witnesses sign says when, and that nothing happened is to be shown too. */
const IDLE_MS = 60_000;
const LOOK_MS = 500;
const WITNESSED_WITHIN_MS = 400;
/** What another control chose is asked from then on. */
const CHOSEN_MS = 2_000;
/** Whoever asks sees a checkpoint this late at most. */
const NEWEST_MS = 1_000;
const PAGE_MS = 2_000;
/** Of every one that was ever signed. */
const PAGE = 10_000;

export interface CheckpointsParts {
  readonly store: LogStore;
  readonly sequencer: Sequencer;
  readonly log: Logger;
  readonly key: () => Promise<LogKey>;
  /** Chosen by the lab's owner. */
  readonly witnesses: {
    read(): Promise<readonly WitnessChoice[]>;
    write(choices: readonly WitnessChoice[], by: string): Promise<void>;
  };
}

export class Checkpoints {
  readonly #parts: CheckpointsParts;
  readonly #witnesses = new Witnesses();
  readonly #newest: Memo<Kept | undefined>;
  readonly #page: Memo<readonly Kept[]>;
  #timer: NodeJS.Timeout | undefined;
  #latest: Kept | undefined;
  #signedAt = Number.NEGATIVE_INFINITY;
  #urgent = false;
  #chosenAt = Number.NEGATIVE_INFINITY;
  #working: Promise<void> | undefined;
  #witnessing: Promise<void> = Promise.resolve();
  #older: { readonly before: number; readonly at: number; readonly page: Promise<readonly Kept[]> } | undefined;

  constructor(parts: CheckpointsParts) {
    this.#parts = parts;
    this.#newest = new Memo(NEWEST_MS, async () => (await parts.store.checkpoints(1))[0]);
    this.#page = new Memo(PAGE_MS, () => parts.store.checkpoints(PAGE));
  }

  async start(): Promise<void> {
    this.#latest = (await this.#parts.store.checkpoints(1))[0];
    this.#timer = setInterval(() => this.#tick(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#working;
    await this.#witnessing;
  }

  /** Something ended that is to be signed now. */
  hurry(): void {
    this.#urgent = true;
  }

  /** The newest with all signatures that came; undefined: there is none yet. */
  newest(): Promise<Kept | undefined> {
    return this.#newest.get();
  }

  /** A page of all, the newest first: those below this size. */
  page(before?: number): Promise<readonly Kept[]> {
    if (before === undefined) return this.#page.get();
    const at = performance.now();
    if (this.#older?.before === before && at - this.#older.at < PAGE_MS) return this.#older.page;
    // Open to everybody: one question after the other, however many ask.
    const waited: Promise<unknown> = this.#older?.page ?? Promise.resolve();
    const page = waited.catch(() => undefined).then(() => this.#parts.store.checkpoints(PAGE, before));
    const older = { before, at, page };
    this.#older = older;
    page.catch(() => {
      if (this.#older === older) this.#older = undefined;
    });
    return page;
  }

  async witnesses(): Promise<LogWitness[]> {
    if (this.#parts.sequencer.leads) return this.#witnesses.list;
    return witnessesOf(await this.#parts.witnesses.read(), await this.newest());
  }

  /** Fails with `bad_request`. */
  async choose(by: string, choices: readonly WitnessChoice[]): Promise<LogWitness[]> {
    for (const choice of choices) checkWitness(choice);
    await this.#parts.witnesses.write(choices, by);
    if (!this.#parts.sequencer.leads) return this.witnesses();
    await this.#readChoices();
    return this.#witnesses.list;
  }

  #tick(): void {
    const { tree } = this.#parts.sequencer;
    if (!tree || this.#working) return;
    this.#working = this.#look(tree)
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, "the log has no new checkpoint"))
      .finally(() => {
        this.#working = undefined;
      });
  }

  async #look(tree: LogTree): Promise<void> {
    if (performance.now() - this.#chosenAt >= CHOSEN_MS) await this.#readChoices();
    const grown = tree.size > (this.#latest?.size ?? 0);
    // By a clock that never goes back: the wall's may, by hours, and nothing would be signed meanwhile.
    const now = performance.now();
    const due = this.#signedAt + (grown ? CHECKPOINT_MS : IDLE_MS);
    if (!this.#urgent && now < due) return;
    this.#urgent = false;
    this.#signedAt = now;
    await this.#sign(tree);
  }

  async #readChoices(): Promise<void> {
    const choices = await this.#parts.witnesses.read();
    this.#chosenAt = performance.now();
    if (this.#witnesses.choose(choices)) this.#urgent = true;
  }

  async #sign(tree: LogTree): Promise<void> {
    const { store } = this.#parts;
    const { key, sign } = await this.#parts.key();
    const [size, root] = [tree.size, tree.root()];
    if (size === 0) return;
    // Nobody is told of a size whose tiles are not there.
    await store.forgetTail(await tree.store());
    const text = formatCheckpoint({ origin: key.name, size, root });
    const note: Note = { text, signatures: [signText(key, text, sign)] };
    await this.#witnessing;
    // Who signed this very one before and is away now did sign it.
    const before = this.#latest?.size === size ? cosignaturesOf(this.#latest, note) : [];
    const kept = { size, root: toHex(root), at: Date.now() };
    const seen = this.#witness(tree, { size, note });
    // Witnesses that answer at once are in it from the beginning; nobody waits for the others.
    const first = await Promise.race([seen, sleep(WITNESSED_WITHIN_MS, [])]);
    await this.#keep({ ...kept, note: withSignatures(note, first, before) });
    this.#witnessing = seen
      .then((all) => (all.length > first.length ? this.#keep({ ...kept, note: withSignatures(note, all, before) }) : undefined))
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, "cosignatures were not kept"));
  }

  async #keep(kept: Kept): Promise<void> {
    await this.#parts.store.keepCheckpoint(kept);
    this.#latest = kept;
    this.#newest.forget();
    this.#page.forget();
  }

  /** The signatures that came. Never fails. */
  async #witness(tree: LogTree, { size, note }: { size: number; note: Note }): Promise<readonly SignatureLine[]> {
    const before = new Map(this.#witnesses.list.map(({ name, state }) => [name, state]));
    const signed = await this.#witnesses.sign({ size, note, consistency: (from) => tree.consistency(from, size) });
    for (const { name, state, reason } of this.#witnesses.list)
      if (state !== "good" && before.get(name) !== state)
        this.#parts.log.warn({ witness: name, state, reason }, "a witness did not sign");
    return signed;
  }
}

/** Of a checkpoint that says the same: who signed it beside the log. */
function cosignaturesOf(kept: Kept, { text, signatures }: Note): readonly SignatureLine[] {
  const before = readCheckpoint(kept.note)?.note;
  const own = new Set(signatures.map(nameOf));
  return before?.text === text ? before.signatures.filter((line) => !own.has(nameOf(line))) : [];
}

function withSignatures({ text, signatures }: Note, fresh: readonly SignatureLine[], before: readonly SignatureLine[]): string {
  const names = new Set(fresh.map(nameOf));
  return formatNote({ text, signatures: [...signatures, ...fresh, ...before.filter((line) => !names.has(nameOf(line)))] });
}

function nameOf({ name, id }: SignatureLine): string {
  return `${name} ${toHex(id)}`;
}
