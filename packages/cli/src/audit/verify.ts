/**
 * Verifies a log from its first leaf on: signatures, the tree and its tiles rebuilt from the entries, every checkpoint that is kept, the witnesses, order; and asks
 * the gate again what it once answered. Whoever wrote the log is believed in nothing.
 */
import {
  checkSigned,
  checkTrust,
  ED25519,
  Frontier,
  formatVkey,
  fromBase64,
  gateRevisions,
  HASH_BYTES,
  type Leaf,
  leafHash,
  parsePolicy,
  parseVkey,
  readCheckpoint,
  readHands,
  readLeaf,
  replayHands,
  replayLeaf,
  type SignedCheckpoint,
  sameBytes,
  TILE_WIDTH,
  type TileName,
  type TrustPolicy,
  tilePath,
  toBase64,
  unpackEntries,
  utf8,
  type VerifierKey,
} from "@phonerack/policy";
import { sha256, verifyEd25519 } from "@phonerack/policy/node";
import { KnownGrounds, type Rested } from "./grounds.js";
import { keptCheckpoints, type LogSource, linesOf } from "./source.js";
import { Tiles } from "./tiles.js";

export interface VerifyOptions {
  /** The text of a trust policy (c2sp.org/tlog-policy); without one the key that the log itself names is taken. */
  readonly policy?: string | undefined;
  /** The text of a checkpoint of before: the log must go on from it. */
  readonly from?: string | undefined;
  readonly replay: boolean;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

export interface Finding {
  /** tampering: what stands there is not what was signed. finding: it is, and is wrong. unusable: it cannot be said. */
  readonly weight: "tampering" | "finding" | "unusable";
  readonly what: string;
  /** Which leaf, when it is about one. */
  readonly leaf: number | null;
}

export interface Verified {
  readonly exit: 0 | 1 | 2 | 3;
  readonly origin: string | null;
  readonly size: number;
  readonly root: string | null;
  /** Seconds since the Unix epoch, by name: when witnesses saw the newest checkpoint. */
  readonly witnesses: Readonly<Record<string, number | null>>;
  /** How many leaves by kind. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly denials: number;
  readonly replayed: number;
  /** Decisions that cannot be replayed any more: neither clean nor unclean. */
  readonly unreplayable: number;
  /** Whether the key was taken from the log itself. */
  readonly keyFromLog: boolean;
  readonly findings: readonly Finding[];
}

/** Of each weight: a thousand small things must not crowd out the one that is grave. */
const MOST_FINDINGS = 1_000;
const REVISIONS = gateRevisions(sha256);

export async function verifyLog(source: LogSource, options: VerifyOptions): Promise<Verified> {
  return new Verification(source, options).run();
}

class Verification {
  readonly #source: LogSource;
  readonly #options: VerifyOptions;
  readonly #findings: Finding[] = [];
  readonly #weights = new Map<Finding["weight"], number>();
  readonly #kinds: Record<string, number> = {};
  readonly #grounds = new KnownGrounds();
  readonly #journals = new Map<string, number>();
  readonly #tree = new Frontier(sha256);
  readonly #tiles = new Tiles((tile, bytes) => this.#compareTile(tile, bytes));
  #head: SignedCheckpoint | undefined;
  #witnesses: Record<string, number | null> = {};
  #keyFromLog = false;
  /** Roots that were signed, by size: of every checkpoint that the log keeps, and of the one that we were given. */
  readonly #signed = new Map<number, Uint8Array[]>();
  #keepsSome = false;
  #largest: { readonly size: number; readonly what: string } = { size: 0, what: "" };
  #at = 0;
  #denials = 0;
  #replayed = 0;
  #unreplayable = 0;

  constructor(source: LogSource, options: VerifyOptions) {
    this.#source = source;
    this.#options = options;
  }

  async run(): Promise<Verified> {
    const trust = await this.#trust();
    // Before the newest: a log that grows while it is read has none that is newer.
    if (trust) await this.#readKept(trust);
    const head = trust && (await this.#readHead(trust));
    if (head && trust) {
      this.#pin(trust, head);
      const read = await this.#readLeaves(head);
      if (read && !sameBytes(this.#tree.root(), head.root)) this.#find("tampering", "the entries do not lead to the signed root");
    }
    return this.#result();
  }

  #result(): Verified {
    const weights = this.#weights;
    const exit = weights.has("tampering")
      ? 2
      : weights.has("unusable")
        ? 3
        : weights.has("finding") || this.#unreplayable > 0
          ? 1
          : 0;
    return {
      exit,
      origin: this.#head?.origin ?? null,
      size: this.#head?.size ?? 0,
      root: this.#head ? toBase64(this.#head.root) : null,
      witnesses: this.#witnesses,
      kinds: this.#kinds,
      denials: this.#denials,
      replayed: this.#replayed,
      unreplayable: this.#unreplayable,
      keyFromLog: this.#keyFromLog,
      findings: this.#findings,
    };
  }

  #find(weight: Finding["weight"], what: string, leaf: number | null = null): void {
    const before = this.#weights.get(weight) ?? 0;
    this.#weights.set(weight, before + 1);
    if (before < MOST_FINDINGS) this.#findings.push({ weight, what, leaf });
    else if (before === MOST_FINDINGS)
      this.#findings.push({ weight, what: "and more of this weight, which are not listed", leaf: null });
  }

  /** Whom to believe. undefined: nobody. */
  async #trust(): Promise<TrustPolicy | undefined> {
    const { policy } = this.#options;
    if (policy !== undefined) {
      try {
        return parsePolicy(sha256, policy);
      } catch (error) {
        this.#find("unusable", `the policy cannot be read: ${(error as Error).message}`);
        return undefined;
      }
    }
    const text = Buffer.from((await this.#source.read("vkey")) ?? []).toString("utf8");
    const key = parseVkey(sha256, text.trim());
    if (key?.type !== ED25519) {
      this.#find("unusable", "there is no key of the log: name one with --policy");
      return undefined;
    }
    this.#keyFromLog = true;
    return { logs: [key], witnesses: [], groups: new Map(), quorum: null };
  }

  async #readHead(trust: TrustPolicy): Promise<SignedCheckpoint | undefined> {
    const bytes = await this.#source.read("checkpoint");
    if (!bytes) {
      this.#find("unusable", "there is no checkpoint here");
      return undefined;
    }
    const head = this.#believed(bytes, trust, "the checkpoint");
    if (!head) return undefined;
    const trusted = checkTrust(head.note, trust, verifyEd25519);
    for (const witness of trusted.witnesses) {
      this.#witnesses[witness.name] = witness.state === "good" ? (witness.time ?? null) : null;
      if (witness.state === "bad") this.#find("tampering", `the signature of the witness ${witness.name} is false`);
    }
    if (!trusted.good) this.#find("finding", "fewer witnesses have seen the newest checkpoint than the policy asks for");
    this.#head = head;
    return head;
  }

  /** A checkpoint that a log of the policy signed. */
  #believed(bytes: Uint8Array | string, { logs }: TrustPolicy, what: string): SignedCheckpoint | undefined {
    const checkpoint = readCheckpoint(bytes);
    const key = checkpoint && logs.find(({ name }) => name === checkpoint.origin);
    if (!checkpoint) this.#find("tampering", `${what} is none`);
    else if (!key) this.#find("tampering", `${what} is of another log, ${shown(checkpoint.origin)}`);
    else if (checkSigned(checkpoint.note, key, verifyEd25519).state !== "good")
      this.#find("tampering", `${what} was not signed by ${vkeyOf(key)}`);
    else return checkpoint;
    return undefined;
  }

  /** Every checkpoint that the log keeps. A page with one that is not believed is the last: whoever makes them up makes up any number. */
  async #readKept(trust: TrustPolicy): Promise<void> {
    let pages = 0;
    for await (const page of keptCheckpoints(this.#source)) {
      pages++;
      let good = true;
      for (const line of linesOf(page)) {
        const checkpoint = this.#believed(fromBase64(line) ?? "", trust, "a checkpoint of before");
        if (checkpoint) this.#add(checkpoint, "a checkpoint of before");
        else good = false;
      }
      if (!good) return;
    }
    this.#keepsSome = pages > 0;
  }

  #add({ size, root }: SignedCheckpoint, what: string): void {
    if (size > this.#largest.size) this.#largest = { size, what };
    this.#signed.set(size, [...(this.#signed.get(size) ?? []), root]);
  }

  /** The checkpoint that we were given, and the newest, beside those that are kept. */
  #pin(trust: TrustPolicy, head: SignedCheckpoint): void {
    if (!this.#keepsSome && head.size > 0) this.#find("finding", "it keeps none of the checkpoints that it has signed");
    const { from } = this.#options;
    const pinned = from === undefined ? undefined : this.#believed(from, trust, "the checkpoint of --from");
    if (pinned) this.#add(pinned, "the checkpoint of --from");
    this.#add(head, "the checkpoint");
    const { size, what } = this.#largest;
    if (size > head.size) this.#find("tampering", `${what} had ${size} leaves, the newest has ${head.size}: the end was cut off`);
  }

  /** @returns whether all were there */
  async #readLeaves({ size }: SignedCheckpoint): Promise<boolean> {
    this.#compare(this.#signed.get(0), 0);
    for (let index = 0; index * TILE_WIDTH < size; index++) {
      const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
      const found = await this.#bundle(index, width);
      const entries = found && unpackEntries(found.bytes);
      if (!entries || entries.length !== found.width) {
        this.#find(
          found ? "tampering" : "unusable",
          `the entries ${index * TILE_WIDTH} to ${index * TILE_WIDTH + width - 1} are not there`,
        );
        return false;
      }
      for (const entry of entries.slice(0, width)) {
        const hash = leafHash(sha256, entry);
        this.#tree.append(hash);
        await this.#tiles.append(hash);
        await this.#read(entry, this.#tree.size - 1);
        this.#compare(this.#signed.get(this.#tree.size), this.#tree.size);
      }
      this.#options.onProgress?.(this.#tree.size, size);
    }
    await this.#tiles.end();
    return true;
  }

  /** A full tile stands in for each part of it. */
  async #compareTile(tile: TileName, bytes: Uint8Array): Promise<void> {
    const path = tilePath(tile);
    for (const width of new Set([tile.width, TILE_WIDTH])) {
      const found = await this.#source.read(tilePath({ ...tile, width }));
      if (!found) continue;
      if (found.length !== width * HASH_BYTES || !sameBytes(found.subarray(0, bytes.length), bytes))
        this.#find("tampering", `${path} is not what the entries lead to`);
      return;
    }
    this.#find("finding", `${path} is not there`);
  }

  /** A full bundle stands in for each part of it. */
  async #bundle(index: number, width: number): Promise<{ bytes: Uint8Array; width: number } | undefined> {
    for (const wide of new Set([width, TILE_WIDTH])) {
      const bytes = await this.#source.read(tilePath({ level: "entries", index, width: wide }));
      if (bytes) return { bytes, width: wide };
    }
    return undefined;
  }

  #compare(roots: readonly Uint8Array[] | undefined, size: number): void {
    const own = this.#tree.root();
    if (roots?.some((root) => !sameBytes(root, own)))
      this.#find("tampering", `what was signed at ${size} leaves is not what stands there`);
  }

  async #read(entry: Uint8Array, index: number): Promise<void> {
    const read = readLeaf(entry);
    if ("wrong" in read) return this.#find("finding", `it cannot be read: ${read.wrong}`, index);
    const { leaf } = read;
    this.#kinds[leaf.kind] = (this.#kinds[leaf.kind] ?? 0) + 1;
    if (leaf.seq !== index) this.#find("finding", `it says that it is leaf ${leaf.seq}`, index);
    if (leaf.at < this.#at) this.#find("finding", "its time is before that of the leaf before it", index);
    this.#at = Math.max(this.#at, leaf.at);
    this.#grounds.hear(leaf);
    if (leaf.kind === "decision") this.#order(leaf, index);
    if (leaf.kind === "event" && leaf.event === "journal.gap") this.#gap(leaf, index);
    if (this.#options.replay) await this.#replay(leaf, index);
  }

  #order(leaf: Extract<Leaf, { kind: "decision" }>, index: number): void {
    if (leaf.decision === "deny") this.#denials++;
    const journal = `${leaf.agent} ${leaf.journal}`;
    if (leaf.n <= (this.#journals.get(journal) ?? 0))
      this.#find("finding", "it stood in its agent's journal before the one before it", index);
    this.#journals.set(journal, leaf.n);
    this.#rests({ ...leaf, at: Math.min(leaf.agentAt, leaf.at) }, index);
  }

  /** The log itself says so: an agent's disk has lost them, or somebody took them away. */
  #gap({ subject, detail }: Extract<Leaf, { kind: "event" }>, index: number): void {
    const { from, to } = detail;
    this.#find(
      "finding",
      `lines ${JSON.stringify(from)} to ${JSON.stringify(to)} of the agent ${shown(subject)} never came`,
      index,
    );
  }

  #rests(decision: Rested, index: number): void {
    const wrong = this.#grounds.wrongIn(decision);
    if (wrong) this.#find("finding", shown(wrong), index);
  }

  async #replay(leaf: Leaf, index: number): Promise<void> {
    if (leaf.kind !== "decision" && leaf.kind !== "hands") return;
    const replayed = leaf.kind === "decision" ? replayLeaf(leaf, REVISIONS) : await this.#replayHands(leaf);
    const count = leaf.kind === "hands" ? leaf.count : 1;
    if (replayed === undefined || replayed.state === "unreplayable") this.#unreplayable += count;
    else if (replayed.state === "same") this.#replayed += count;
    else this.#find("finding", replayed.why, index);
  }

  async #replayHands(leaf: Extract<Leaf, { kind: "hands" }>) {
    const kept = await this.#source.bulk(leaf.commitment);
    const salt = kept && fromBase64(kept.salt);
    if (!kept || !salt) return undefined;
    const bulk = utf8(kept.bulk);
    const replayed = replayHands(sha256, leaf, { salt, bulk, revisions: REVISIONS });
    const { device, tenant } = leaf;
    if (replayed.state === "same") for (const one of readHands(bulk)) if (one) this.#rests({ ...one, device, tenant }, leaf.seq);
    return replayed;
  }
}

function vkeyOf(key: VerifierKey): string {
  return formatVkey(key);
}

/** Names come from phones and tenants: what would act on a terminal or look like other letters is written out. */
export function shown(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/gu, (letter) => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
}
