/** The Merkle tree of RFC 6962, section 2: hashes, proofs, and how they are verified. Where nodes are kept is its callers' business. */
import { type Digest, sameBytes, utf8 } from "./bytes.js";

export const HASH_BYTES = 32;
/** What is hashed, put together in one place: a digest reads it at once and keeps nothing of it. */
const LEAF = new Uint8Array(1 + 65_535);
const NODE = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES));

/** @throws RangeError for an entry that is longer than any. */
export function leafHash(digest: Digest, entry: Uint8Array): Uint8Array {
  LEAF.set(entry, 1);
  return digest(LEAF.subarray(0, 1 + entry.length));
}

export function nodeHash(digest: Digest, left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_BYTES);
  return digest(NODE);
}

/** The root of the tree without leaves. */
export function emptyRoot(digest: Digest): Uint8Array {
  return digest(utf8(""));
}

/** What a tree is made of: the hash over 2^level leaves, the index-th of that level, all of them there. */
export type ReadNode = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/**
 * The right edge of a tree that grows: all that is needed to append and to know the root. `onNode` hears of every node that is complete, leaves
 * included, from below.
 */
export class Frontier {
  readonly #digest: Digest;
  /** By level; a level is there when the size has that bit. */
  readonly #edge: (Uint8Array | undefined)[] = [];
  #size = 0;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  /** Takes up a tree of this size whose nodes are known. */
  static async of(digest: Digest, size: number, node: ReadNode): Promise<Frontier> {
    const frontier = new Frontier(digest);
    frontier.#size = size;
    for (let level = 0; 2 ** level <= size; level++)
      if (bit(size, level)) frontier.#edge[level] = await node(level, Math.floor(size / 2 ** level) - 1);
    return frontier;
  }

  get size(): number {
    return this.#size;
  }

  append(leaf: Uint8Array, onNode?: (level: number, index: number, hash: Uint8Array) => void): void {
    let hash = leaf;
    let level = 0;
    onNode?.(0, this.#size, hash);
    for (let left = this.#edge[level]; left; left = this.#edge[level]) {
      hash = nodeHash(this.#digest, left, hash);
      this.#edge[level] = undefined;
      level++;
      onNode?.(level, Math.floor(this.#size / 2 ** level), hash);
    }
    this.#edge[level] = hash;
    this.#size++;
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const hash of this.#edge) if (hash) root = root ? nodeHash(this.#digest, hash, root) : hash;
    return root ?? emptyRoot(this.#digest);
  }

  copy(): Frontier {
    const other = new Frontier(this.#digest);
    other.#edge.push(...this.#edge);
    other.#size = this.#size;
    return other;
  }
}

/** Proofs over a tree whose complete nodes can be read. */
export class Proofs {
  readonly #digest: Digest;
  readonly #node: ReadNode;

  constructor(digest: Digest, node: ReadNode) {
    this.#digest = digest;
    this.#node = node;
  }

  /** MTH(D[begin:end]); `begin` is a multiple of the largest power of two that is at most the length. */
  async range(begin: number, end: number): Promise<Uint8Array> {
    const length = end - begin;
    if (length === 0) return emptyRoot(this.#digest);
    const half = split(length);
    if (half * 2 === length || length === 1) {
      const level = Math.round(Math.log2(length));
      return this.#node(level, begin / length);
    }
    const [left, right] = await Promise.all([this.range(begin, begin + half), this.range(begin + half, end)]);
    return nodeHash(this.#digest, left, right);
  }

  root(size: number): Promise<Uint8Array> {
    return this.range(0, size);
  }

  /** PATH(index, D[size]), from the leaf's sibling up. */
  async inclusion(index: number, size: number): Promise<Uint8Array[]> {
    const ranges: [number, number][] = [];
    for (let [begin, end] = [0, size]; end - begin > 1; ) {
      const middle = begin + split(end - begin);
      if (index < middle) {
        ranges.unshift([middle, end]);
        end = middle;
      } else {
        ranges.unshift([begin, middle]);
        begin = middle;
      }
    }
    return Promise.all(ranges.map(([begin, end]) => this.range(begin, end)));
  }

  /** PROOF(old, D[size]); empty when one of them is empty, or both are the same. */
  async consistency(old: number, size: number): Promise<Uint8Array[]> {
    if (old === 0 || old === size) return [];
    const ranges: [number, number][] = [];
    let [begin, end] = [0, size];
    // Whether the old tree is, so far, a whole subtree that the verifier knows as its root.
    let known = true;
    while (old !== end) {
      const middle = begin + split(end - begin);
      if (old <= middle) {
        ranges.unshift([middle, end]);
        end = middle;
      } else {
        ranges.unshift([begin, middle]);
        begin = middle;
        known = false;
      }
    }
    if (!known) ranges.unshift([begin, end]);
    return Promise.all(ranges.map(([from, to]) => this.range(from, to)));
  }
}

/** The root that this leaf and proof lead to; undefined when the proof has not the length that they need. */
export function rootFromInclusion(
  digest: Digest,
  { leaf, index, size, proof }: { leaf: Uint8Array; index: number; size: number; proof: readonly Uint8Array[] },
): Uint8Array | undefined {
  if (!(index >= 0 && index < size)) return undefined;
  let [at, last, hash] = [index, size - 1, leaf];
  const rest = [...proof];
  while (last > 0) {
    const odd = at % 2 === 1;
    if (odd || at !== last) {
      const sibling = rest.shift();
      if (!sibling) return undefined;
      hash = odd ? nodeHash(digest, sibling, hash) : nodeHash(digest, hash, sibling);
    }
    // At the right edge a node without a sibling is moved up as it is.
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return rest.length === 0 ? hash : undefined;
}

export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whether the new tree begins with all that the old one has (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(
  digest: Digest,
  { from, to, proof }: { from: TreeHead; to: TreeHead; proof: readonly Uint8Array[] },
): boolean {
  if (from.size > to.size) return false;
  if (from.size === to.size) return proof.length === 0 && sameBytes(from.root, to.root);
  if (from.size === 0) return proof.length === 0 && sameBytes(from.root, emptyRoot(digest));
  let [at, last] = [from.size - 1, to.size - 1];
  while (at % 2 === 1) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  const rest = at === 0 ? [from.root, ...proof] : [...proof];
  const seed = rest.shift();
  if (!seed) return false;
  let [old, now] = [seed, seed];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = nodeHash(digest, sibling, old);
      now = nodeHash(digest, sibling, now);
      while (at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else now = nodeHash(digest, now, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && sameBytes(old, from.root) && sameBytes(now, to.root);
}

/** The largest power of two below `length`, for a length of 2 and more. */
function split(length: number): number {
  let half = 1;
  while (half * 2 < length) half *= 2;
  return half;
}

function bit(size: number, level: number): boolean {
  return Math.floor(size / 2 ** level) % 2 === 1;
}
