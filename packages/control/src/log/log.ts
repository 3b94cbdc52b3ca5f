/** The lab's log: hears what agents carry here, signs checkpoints, shows them to witnesses, and gives tiles and receipts to whoever asks. */
import { inflateRawSync } from "node:zlib";
import type { LogBulk, LogHealth, LogReceipt, LogStatus, LogWitness, WitnessChoice } from "@phonerack/contract/api";
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
  formatReceipt,
  formatVkey,
  type HandDecision,
  type Leaf,
  leavesOf,
  readCheckpoint,
  readHands,
  readLeaf,
  type TileName,
  toBase64,
} from "@phonerack/policy";
import type { Caller } from "../access/caller.js";
import { organisationOf, organisationsIn, withOrganisations } from "./bodies.js";
import { Checkpoints } from "./checkpoints.js";
import type { LogKey } from "./log-key.js";
import { Standby } from "./standby.js";
import { StatusDesk, type StatusParts } from "./status.js";
import type { Kept } from "./store.js";
import type { LogTree, TreeParts } from "./tree.js";

/** How long what hands did can be replayed. */
const BULK_MS = 90 * 24 * 3_600_000;
const SWEEP_MS = 3_600_000;
/** Leaves that one request for receipts may look at: others' stand between. */
const MOST_LOOKED = 20_000;
const MOST_REMEMBERED = 20_000;

export interface LogParts extends TreeParts, StatusParts {
  readonly bus: Bus;
  readonly hears: (agentId: string) => boolean;
  /** Whose lease it is; undefined: there is none. */
  readonly tenantOf: (leaseId: string) => Promise<string | undefined>;
}

export class LabLog {
  readonly #parts: LogParts;
  readonly #checkpoints: Checkpoints;
  readonly #standby: Standby;
  readonly #status: StatusDesk;
  /** By pseudonym. */
  readonly #organisations = new Map<string, string>();
  #forget: () => void = () => undefined;
  #sweeping: NodeJS.Timeout | undefined;

  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#checkpoints = new Checkpoints(parts);
    this.#standby = new Standby(parts, parts.store);
    this.#status = new StatusDesk(parts, this.#checkpoints);
  }

  /** What else the lab signs is signed with it. */
  get key(): () => Promise<LogKey> {
    return this.#parts.key;
  }

  async start(): Promise<void> {
    const { bus, store, sequencer, log } = this.#parts;
    await this.#checkpoints.start();
    const subscription = bus.subscribe(subjects.journal("*"), ({ subject, payload }) => this.#hear(subject, payload));
    this.#forget = () => subscription.unsubscribe();
    sequencer.start();
    const sweep = () =>
      void store.dropBulks(Date.now() - BULK_MS).catch((error: unknown) => log.warn({ err: error }, "old bulks stay"));
    this.#sweeping = setInterval(sweep, SWEEP_MS);
  }

  async stop(): Promise<void> {
    this.#forget();
    clearInterval(this.#sweeping);
    await this.#parts.sequencer.stop();
    await this.#checkpoints.stop();
  }

  /** Leaves were appended here. */
  heard(leaves: readonly Leaf[]): void {
    if (leaves.some((leaf) => leaf.kind === "change" && leaf.table === "leases" && leaf.row.phase === "ended"))
      this.#checkpoints.hurry();
  }

  /** The newest checkpoint with all signatures that came, at most a second old; undefined: there is none yet. */
  checkpoint(): Promise<Kept | undefined> {
    return this.#checkpoints.newest();
  }

  /** 10,000 of all that were ever signed, the newest first: those below this size. */
  checkpoints(before?: number): Promise<readonly Kept[]> {
    return this.#checkpoints.page(before);
  }

  async vkey(): Promise<string> {
    return formatVkey((await this.#parts.key()).key);
  }

  async tile(name: TileName): Promise<Uint8Array | undefined> {
    return (await this.#tree(leavesOf(name))).tile(name);
  }

  /** How these people and programs are called is not to be remembered. */
  forget(subjects: readonly string[]): void {
    this.#parts.sequencer.forget(subjects);
    this.#organisations.clear();
  }

  /** Whether this control appends, and so hears of leaves first. */
  get leads(): boolean {
    return this.#parts.sequencer.leads;
  }

  /** Leaves from this one on, as they are committed, and the one that comes next. What another build wrote and this one cannot read is passed over. */
  async leaves(from: number, limit: number): Promise<{ leaves: Leaf[]; to: number }> {
    const { tree } = this.#parts.sequencer;
    const leaves: Leaf[] = [];
    let to = from;
    for (; tree && to < Math.min(tree.size, from + limit); to++) {
      const entry = await tree.entry(to);
      if (!entry) break;
      const read = readLeaf(entry);
      if ("leaf" in read) leaves.push(read.leaf);
    }
    return { leaves, to };
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

  /** At most two seconds old. `lab`: whether who asks runs it. */
  status(lab: boolean): Promise<LogStatus> {
    return this.#status.status(lab);
  }

  health(): Promise<LogHealth> {
    return this.#status.health();
  }

  async chooseWitnesses(by: string, choices: readonly WitnessChoice[]): Promise<LogWitness[]> {
    const chosen = await this.#checkpoints.choose(by, choices);
    this.#status.forget();
    return chosen;
  }

  /** Fails with `lease_not_found`, `log_away`. */
  async receipts(
    who: Caller,
    { id, from, limit, denials }: { id: string; from: number; limit: number; denials: boolean },
  ): Promise<{ items: LogReceipt[]; next: number | null }> {
    const tenant = await this.#parts.tenantOf(id);
    if (tenant === undefined || (!who.lab && tenant !== who.tenant)) throw new PhonerackError("lease_not_found", id);
    const checkpoint = readCheckpoint((await this.checkpoint())?.note ?? "");
    if (!checkpoint) throw new PhonerackError("log_away", "there is no checkpoint yet");
    const tree = await this.#tree(checkpoint.size);
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

  /** With this many leaves at least, as far as they were committed. */
  async #tree(leaves: number): Promise<LogTree> {
    return this.#parts.sequencer.tree ?? this.#standby.tree(leaves);
  }
}
