/** The lab's log: hears what agents carry here, signs checkpoints, shows them to witnesses, and gives tiles and receipts to whoever asks. */

import { setTimeout as sleep } from "node:timers/promises";
import { inflateRawSync } from "node:zlib";
import type { LogBulk, LogReceipt, LogStatus, LogWitness, WitnessChoice } from "@phonerack/contract/api";
import {
  type Bus,
  decodeMessage,
  encodeMessage,
  JournalBatch,
  JournalReply,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import {
  type Digest,
  emptyRoot,
  formatCheckpoint,
  formatNote,
  formatReceipt,
  formatVkey,
  type HandDecision,
  type Leaf,
  type Note,
  readCheckpoint,
  readHands,
  readLeaf,
  type SignatureLine,
  signText,
  type TileName,
  toBase64,
  toHex,
} from "@phonerack/policy";
import type { Logger } from "pino";
import type { Caller } from "../access/caller.js";
import { organisationOf, organisationsIn, withOrganisations } from "./bodies.js";
import { sha256 } from "./digest.js";
import type { LogKey } from "./log-key.js";
import type { Sequencer } from "./sequencer.js";
import type { Kept, LogStore } from "./store.js";
import { LogTree, type TreeParts } from "./tree.js";
import { checkWitness, Witnesses } from "./witnesses.js";

/** While it grows. A lease's end does not wait for it. */
const CHECKPOINT_MS = 10_000;
const LOOK_MS = 500;
const AGAIN_MS = 60_000;
/** How long what hands did can be replayed. */
const BULK_MS = 90 * 24 * 3_600_000;
const SWEEP_MS = 3_600_000;
const WITNESSED_WITHIN_MS = 400;
/** Leaves that one request for receipts may look at: others' stand between. */
const MOST_LOOKED = 20_000;
const MOST_REMEMBERED = 20_000;

export interface LogParts extends TreeParts {
  readonly bus: Bus;
  readonly log: Logger;
  readonly store: LogStore;
  readonly sequencer: Sequencer;
  readonly hears: (agentId: string) => boolean;
  readonly key: () => Promise<LogKey>;
  /** Chosen by the lab's owner. */
  readonly witnesses: {
    read(): Promise<readonly WitnessChoice[]>;
    write(choices: readonly WitnessChoice[], by: string): Promise<void>;
  };
  /** Whose lease it is; undefined: there is none. */
  readonly tenantOf: (leaseId: string) => Promise<string | undefined>;
}

export class LabLog {
  readonly #parts: LogParts;
  readonly #witnesses = new Witnesses();
  /** By pseudonym. */
  readonly #organisations = new Map<string, string>();
  #forget: () => void = () => undefined;
  #timers: NodeJS.Timeout[] = [];
  #latest: Kept | undefined;
  #due = 0;
  #urgent = false;
  #signing: Promise<void> | undefined;
  #witnessing: Promise<void> = Promise.resolve();
  /** Of a control that does not append, as it was at the last checkpoint. */
  #copy: { readonly size: number; readonly tree: Promise<LogTree> } | undefined;

  constructor(parts: LogParts) {
    this.#parts = parts;
  }

  /** What else the lab signs is signed with it. */
  get key(): () => Promise<LogKey> {
    return this.#parts.key;
  }

  async start(): Promise<void> {
    const { bus, store, sequencer, log } = this.#parts;
    await this.#chosen();
    this.#latest = (await store.checkpoints(1))[0];
    const subscription = bus.subscribe(subjects.journal("*"), ({ subject, payload }) => this.#hear(subject, payload));
    this.#forget = () => subscription.unsubscribe();
    sequencer.start();
    const sweep = () =>
      void store.dropBulks(Date.now() - BULK_MS).catch((error: unknown) => log.warn({ err: error }, "old bulks stay"));
    this.#timers = [setInterval(() => this.#tick(), LOOK_MS), setInterval(sweep, SWEEP_MS)];
  }

  async stop(): Promise<void> {
    this.#forget();
    for (const timer of this.#timers) clearInterval(timer);
    await this.#parts.sequencer.stop();
    await this.#signing;
    await this.#witnessing;
  }

  /** Leaves were appended here. */
  heard(leaves: readonly Leaf[]): void {
    if (leaves.some((leaf) => leaf.kind === "change" && leaf.table === "leases" && leaf.row.phase === "ended"))
      this.#urgent = true;
  }

  /** The newest checkpoint with all signatures that came; undefined: there is none yet. */
  async checkpoint(): Promise<Kept | undefined> {
    const [newest] = await this.#parts.store.checkpoints(1);
    return newest;
  }

  checkpoints(limit: number): Promise<Kept[]> {
    return this.#parts.store.checkpoints(limit);
  }

  async tile(name: TileName): Promise<Uint8Array | undefined> {
    return (await this.#tree()).tile(name);
  }

  /** Whether this control appends, and so hears of leaves first. */
  get leads(): boolean {
    return this.#parts.sequencer.leads;
  }

  /** Leaves from this one on, as they are committed. */
  async leaves(from: number, limit: number): Promise<Leaf[]> {
    const { tree } = this.#parts.sequencer;
    const found: Leaf[] = [];
    for (let index = from; tree && index < Math.min(tree.size, from + limit); index++) {
      const entry = await tree.entry(index);
      const read = entry && readLeaf(entry);
      if (!read || !("leaf" in read)) break;
      found.push(read.leaf);
    }
    return found;
  }

  /** As the lab itself knows them: organisations by their own ids, unless they were forgotten. */
  async known(leaves: readonly Leaf[]): Promise<Leaf[]> {
    const asked = new Set(leaves.flatMap(organisationsIn));
    if ([...asked].some((pseudonym) => !this.#organisations.has(pseudonym))) {
      if (this.#organisations.size > MOST_REMEMBERED) this.#organisations.clear();
      const found = await this.#parts.store.calledSo([...asked]);
      for (const [pseudonym, subject] of found) this.#organisations.set(pseudonym, organisationOf(subject) ?? pseudonym);
    }
    return leaves.map((leaf) => withOrganisations(leaf, (pseudonym) => this.#organisations.get(pseudonym) ?? pseudonym));
  }

  /** What hands did that these leaves commit to, as far as it is kept. */
  async hands(commitments: readonly string[]): Promise<Map<string, HandDecision[]>> {
    const bulks = await this.#parts.store.bulks(commitments);
    const opened = [...bulks].map(([commitment, bulk]): [string, HandDecision[]] => [
      commitment,
      readHands(inflateRawSync(bulk)).filter((one) => one !== undefined),
    ]);
    return new Map(opened);
  }

  async status(): Promise<LogStatus> {
    const { key } = await this.#parts.key();
    const { store, sequencer } = this.#parts;
    const head = await store.head(emptyRoot(sha256));
    const checkpoint = await this.checkpoint();
    return {
      origin: key.name,
      vkey: formatVkey(key),
      size: head.size,
      checkpoint: checkpoint ? { ...checkpoint } : null,
      appends: sequencer.broken === undefined,
      reason: sequencer.broken ? (sequencer.broken.detail ?? sequencer.broken.message) : null,
      witnesses: this.#witnesses.list,
    };
  }

  async chooseWitnesses(by: string, choices: readonly WitnessChoice[]): Promise<LogWitness[]> {
    for (const choice of choices) checkWitness(choice);
    await this.#parts.witnesses.write(choices, by);
    await this.#chosen();
    this.#urgent = true;
    return this.#witnesses.list;
  }

  /** Fails with `lease_not_found`, `log_away`. */
  async receipts(
    who: Caller,
    { id, from, limit, denials }: { id: string; from: number; limit: number; denials: boolean },
  ): Promise<{ items: LogReceipt[]; next: number | null }> {
    const tenant = await this.#parts.tenantOf(id);
    if (tenant === undefined || (!who.lab && tenant !== who.tenant)) throw new PhonerackError("lease_not_found", id);
    const [checkpoint] = (await this.#parts.store.checkpoints(1)).flatMap(({ note }) => readCheckpoint(note) ?? []);
    if (!checkpoint) throw new PhonerackError("log_away", "there is no checkpoint yet");
    const tree = await this.#tree();
    const items: LogReceipt[] = [];
    let looked = 0;
    for (const span of await this.#parts.store.spansOf(id))
      for (let index = Math.max(span.first, from); index <= span.last && index < checkpoint.size; index++) {
        if (looked++ >= MOST_LOOKED) return { items, next: index };
        const entry = await tree.entry(index);
        const read = entry && readLeaf(entry);
        if (!entry || !read || !("leaf" in read)) continue;
        const { leaf } = read;
        if ((leaf.kind !== "decision" && leaf.kind !== "hands") || leaf.lease !== id) continue;
        const decision = leaf.kind === "decision" ? leaf.decision : null;
        if (denials && decision !== "deny") continue;
        if (items.length === limit) return { items, next: index };
        const proof = await tree.inclusion(index, checkpoint.size);
        items.push({
          index,
          kind: leaf.kind,
          at: leaf.at,
          decision,
          receipt: formatReceipt({ index, proof, checkpoint, extra: entry }),
        });
      }
    return { items, next: null };
  }

  /** Fails with `leaf_not_found`. */
  async bulk(who: Caller, commitment: string): Promise<LogBulk> {
    const found = await this.#parts.store.bulk(commitment);
    if (!found || (!who.lab && (found.tenant === null || found.tenant !== who.tenant)))
      throw new PhonerackError("leaf_not_found", "no such bulk");
    return { salt: toBase64(found.salt), bulk: inflateRawSync(found.bulk).toString("utf8") };
  }

  async #hear(subject: string, payload: Uint8Array): Promise<Uint8Array | undefined> {
    const [, agent = ""] = subject.split(".");
    const { sequencer, hears } = this.#parts;
    // Another control answers.
    if (!sequencer.leads) return undefined;
    if (!hears(agent)) throw new PhonerackError("denied", "it has not joined this lab, or was removed from it");
    const reply = await sequencer.take(agent, decodeMessage(JournalBatch, payload));
    return reply && encodeMessage(JournalReply, reply);
  }

  async #chosen(): Promise<void> {
    this.#witnesses.choose(await this.#parts.witnesses.read());
  }

  #tick(): void {
    const { tree } = this.#parts.sequencer;
    if (!tree || this.#signing) return;
    const grown = tree.size > (this.#latest?.size ?? 0);
    const waits = this.#witnesses.list.some(({ state }) => state !== "good");
    const wanted = this.#urgent || Date.now() >= this.#due;
    if (!wanted || !(grown || this.#urgent || waits)) return;
    this.#urgent = false;
    this.#due = Date.now() + (grown ? CHECKPOINT_MS : AGAIN_MS);
    this.#signing = this.#sign(tree)
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, "the log has no new checkpoint"))
      .finally(() => {
        this.#signing = undefined;
      });
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
    const kept = { size, root: toHex(root), at: Date.now() };
    await this.#witnessing;
    const seen = this.#witness(tree, { size, note });
    // Witnesses that answer at once are in it from the beginning; nobody waits for the others.
    const first = await Promise.race([seen, sleep(WITNESSED_WITHIN_MS, [])]);
    this.#latest = { ...kept, note: withSignatures(note, first) };
    await store.keepCheckpoint(this.#latest);
    this.#witnessing = seen
      .then((all) => (all.length > first.length ? store.keepCheckpoint({ ...kept, note: withSignatures(note, all) }) : undefined))
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, "cosignatures were not kept"));
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

  async #tree(): Promise<LogTree> {
    const own = this.#parts.sequencer.tree;
    if (own) return own;
    const { store } = this.#parts;
    const head = await store.head(emptyRoot(sha256 as Digest));
    if (this.#copy?.size !== head.size) {
      const tree = store.tail(head.size).then((tail) => LogTree.restore(this.#parts, head, tail));
      tree.catch(() => {
        this.#copy = undefined;
      });
      this.#copy = { size: head.size, tree };
    }
    return this.#copy.tree;
  }
}

function withSignatures({ text, signatures }: Note, more: readonly SignatureLine[]): string {
  return formatNote({ text, signatures: [...signatures, ...more] });
}
