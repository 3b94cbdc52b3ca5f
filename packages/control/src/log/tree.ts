/**
 * The log's tree as it grows: full bundles of entries and the full tiles above their hashes are stored (`tile-store.ts`) and never change; what stands behind the
 * last full one is in memory, and in the database (`log_tail`) until its tile is full and stored. Taken up again from both, and compared with the root that was
 * committed.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import {
  Frontier,
  leafHash,
  nodeHash,
  Proofs,
  packEntries,
  packHashes,
  sameBytes,
  TILE_HEIGHT,
  TILE_WIDTH,
  type TileName,
  tileOfNode,
  tilePath,
  unpackEntries,
  unpackHashes,
  widthOf,
} from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import type { TileStore } from "./tile-store.js";

const MOST_CACHED = 2_000;
const STORED_AT_ONCE = 64;

export interface TreeParts {
  readonly tiles: TileStore;
}

/** What was committed: entries from `from` on. */
export interface Tail {
  readonly from: number;
  readonly entries: readonly Uint8Array[];
}

/** The hash over a full tile of the level beneath, or a leaf's. */
interface Node {
  readonly level: number;
  readonly hash: Uint8Array;
}

/** What a tree becomes with some entries more. */
export interface Growth {
  readonly from: number;
  readonly entries: readonly Uint8Array[];
  readonly size: number;
  readonly root: Uint8Array;
  /** Those that stand in tiles, from below. */
  readonly nodes: readonly Node[];
  readonly frontier: Frontier;
}

export class LogTree {
  readonly #parts: TreeParts;
  readonly #proofs = new Proofs(sha256, (level, index) => this.#node(level, index));
  readonly #cached = new Map<string, Uint8Array>();
  /** Entries behind the last full bundle, and by level the hashes behind the last full tile. */
  #bundle: Uint8Array[] = [];
  #bundles = 0;
  readonly #edge: Uint8Array[][] = [];
  #read: { readonly index: number; readonly entries: Uint8Array[] } | undefined;
  /** How many tiles of a level are full. */
  readonly #full: number[] = [];
  /** Full ones that are not in the object store yet, and their bytes. */
  readonly #unstored = new Map<string, Uint8Array>();
  #unstoredBytes = 0;
  #storing: Promise<unknown> = Promise.resolve();
  #frontier: Frontier;

  private constructor(parts: TreeParts, frontier: Frontier) {
    this.#parts = parts;
    this.#frontier = frontier;
  }

  /** Fails with `log_broken` when what is stored does not lead to this root. */
  static async restore(parts: TreeParts, head: { size: number; root: Uint8Array }, tail: Tail): Promise<LogTree> {
    const tree = new LogTree(parts, new Frontier(sha256));
    try {
      await tree.#takeUp(head.size, tail);
    } catch (cause) {
      if (cause instanceof PhonerackError && cause.code !== "not_found") throw cause;
      throw new PhonerackError("log_broken", cause instanceof Error ? cause.message : "a tile is missing", { cause });
    }
    if (!sameBytes(tree.root(), head.root))
      throw new PhonerackError("log_broken", "what is stored does not lead to the root that was committed");
    return tree;
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Uint8Array {
    return this.#frontier.root();
  }

  /** What it becomes with these entries more; nothing is kept of it until it is taken. */
  grow(entries: readonly Uint8Array[]): Growth {
    const frontier = this.#frontier.copy();
    const nodes: Node[] = [];
    const onNode = (level: number, _index: number, hash: Uint8Array) => {
      if (level % TILE_HEIGHT === 0) nodes.push({ level: level / TILE_HEIGHT, hash });
    };
    for (const entry of entries) frontier.append(leafHash(sha256, entry), onNode);
    return { from: this.size, entries, size: frontier.size, root: frontier.root(), nodes, frontier };
  }

  /** @throws when the tree has become another since. */
  take({ from, entries, nodes, frontier }: Growth): void {
    if (from !== this.size) throw new Error("this tree has grown otherwise");
    for (const entry of entries) {
      this.#bundle.push(entry);
      if (this.#bundle.length < TILE_WIDTH) continue;
      this.#keep({ level: "entries", index: this.#bundles++, width: TILE_WIDTH }, packEntries(this.#bundle));
      this.#bundle = [];
    }
    for (const { level, hash } of nodes) this.#push(level, hash);
    this.#frontier = frontier;
  }

  append(entry: Uint8Array): void {
    this.take(this.grow([entry]));
  }

  /** Bytes of full tiles that are in memory and not stored yet. */
  get unstoredBytes(): number {
    return this.#unstoredBytes;
  }

  /** Stores all tiles that are full now; one such order after the other. @returns up to which entry all stands in them */
  store(): Promise<number> {
    const storing = this.#storing.catch(() => undefined).then(() => this.#storeAll());
    this.#storing = storing;
    return storing;
  }

  async #storeAll(): Promise<number> {
    const upTo = this.size - (this.size % TILE_WIDTH);
    const tiles = [...this.#unstored].map(([path, bytes]) => ({ path, bytes }));
    for (let at = 0; at < tiles.length; at += STORED_AT_ONCE) {
      const some = tiles.slice(at, at + STORED_AT_ONCE);
      await this.#parts.tiles.put(some);
      for (const { path, bytes } of some) {
        this.#unstored.delete(path);
        this.#unstoredBytes -= bytes.length;
      }
    }
    return upTo;
  }

  #keep(name: TileName, bytes: Uint8Array): void {
    this.#unstored.set(tilePath(name), bytes);
    this.#unstoredBytes += bytes.length;
  }

  /** undefined: a tree of this size has no such tile. */
  async tile(name: TileName): Promise<Uint8Array | undefined> {
    if (name.width > widthOf(name, this.size)) return undefined;
    if (name.level === "entries") return packEntries((await this.#entriesOf(name.index)).slice(0, name.width));
    return packHashes((await this.#hashes(name.level, name.index)).slice(0, name.width));
  }

  async entry(index: number): Promise<Uint8Array | undefined> {
    return index < this.size ? (await this.#entriesOf(Math.floor(index / TILE_WIDTH)))[index % TILE_WIDTH] : undefined;
  }

  inclusion(index: number, size: number): Promise<Uint8Array[]> {
    return this.#proofs.inclusion(index, size);
  }

  consistency(old: number, size: number): Promise<Uint8Array[]> {
    return this.#proofs.consistency(old, size);
  }

  #push(level: number, hash: Uint8Array): void {
    const edge = (this.#edge[level] ??= []);
    edge.push(hash);
    if (edge.length < TILE_WIDTH) return;
    const full = edge.splice(0);
    const index = this.#full[level] ?? 0;
    this.#full[level] = index + 1;
    // Those of leaves stand in no tile of their own: the bundle that they are hashes of is there.
    if (level > 0) this.#keep({ level, index, width: TILE_WIDTH }, packHashes(full));
  }

  async #takeUp(size: number, { from, entries }: Tail): Promise<void> {
    const bundles = Math.floor(from / TILE_WIDTH);
    const base = bundles * TILE_WIDTH;
    this.#full[0] = bundles;
    this.#bundles = bundles;
    // From below: a tile of each level is made of the roots of full ones beneath it.
    for (let level = 1; TILE_WIDTH ** level <= base; level++) {
      const hashes = Math.floor(base / TILE_WIDTH ** level);
      const first = hashes - (hashes % TILE_WIDTH);
      this.#full[level] = first / TILE_WIDTH;
      const below = Array.from({ length: hashes - first }, (_, at) =>
        this.#stored({ level: level - 1, index: first + at, width: TILE_WIDTH }),
      );
      this.#edge[level] = (await Promise.all(below)).map((packed) => rootOf(hashesIn(packed)));
    }
    this.#frontier = await Frontier.of(sha256, base, (level, index) => this.#node(level, index));
    const before =
      from > base
        ? entriesIn(await this.#stored({ level: "entries", index: bundles, width: TILE_WIDTH })).slice(0, from - base)
        : [];
    this.take(this.grow([...before, ...entries].slice(0, size - base)));
    if (this.size !== size) throw new PhonerackError("log_broken", "entries that were committed are missing");
  }

  async #node(level: number, index: number): Promise<Uint8Array> {
    const { tile, first, count } = tileOfNode(level, index);
    return rootOf((await this.#hashes(tile.level, tile.index)).slice(first, first + count));
  }

  async #hashes(level: number, index: number): Promise<Uint8Array[]> {
    if (index === (this.#full[level] ?? 0)) return this.#edge[level] ?? [];
    return hashesIn(await this.#stored({ level, index, width: TILE_WIDTH }));
  }

  async #entriesOf(index: number): Promise<Uint8Array[]> {
    if (index === (this.#full[0] ?? 0)) return this.#bundle;
    // Whoever reads one entry reads its neighbours next.
    if (this.#read?.index !== index)
      this.#read = { index, entries: entriesIn(await this.#stored({ level: "entries", index, width: TILE_WIDTH })) };
    return this.#read.entries;
  }

  async #stored(name: TileName): Promise<Uint8Array> {
    const path = tilePath(name);
    const known = this.#unstored.get(path) ?? this.#cached.get(path);
    if (known) return known;
    const bytes = await (name.level === 0 ? this.#leafHashes(name) : this.#parts.tiles.get(path));
    if (name.level !== "entries") {
      if (this.#cached.size >= MOST_CACHED) this.#cached.clear();
      this.#cached.set(path, bytes);
    }
    return bytes;
  }

  async #leafHashes({ index }: TileName): Promise<Uint8Array> {
    const entries = entriesIn(await this.#stored({ level: "entries", index, width: TILE_WIDTH }));
    return packHashes(entries.map((entry) => leafHash(sha256, entry)));
  }
}

function hashesIn(packed: Uint8Array): Uint8Array[] {
  const hashes = unpackHashes(packed);
  if (hashes?.length !== TILE_WIDTH) throw new PhonerackError("log_broken", "a tile is not whole");
  return hashes;
}

function entriesIn(packed: Uint8Array): Uint8Array[] {
  const entries = unpackEntries(packed);
  if (entries?.length !== TILE_WIDTH) throw new PhonerackError("log_broken", "a bundle of entries is not whole");
  return entries;
}

/** Of a power of two of hashes that stand side by side. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let level = [...hashes];
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (!left || !right) throw new PhonerackError("log_broken", "a node of the log is missing");
      above.push(nodeHash(sha256, left, right));
    }
    level = above;
  }
  const [root] = level;
  if (!root) throw new PhonerackError("log_broken", "a node of the log is missing");
  return root;
}
