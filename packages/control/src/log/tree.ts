/**
 * The log's tree as it grows: full tiles are stored (`tile-store.ts`) and never change; what stands behind the last full one is in memory, and in the database
 * (`log_tail`) until its tile is full and stored. Taken up again from both, and compared with the root that was committed.
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
  TILE_WIDTH,
  type TileName,
  tileOfNode,
  tilePath,
  unpackEntries,
  unpackHashes,
  widthOf,
} from "@phonerack/policy";
import { sha256 } from "./digest.js";
import type { TileStore } from "./tile-store.js";

const MOST_CACHED = 2_000;
const STORED_AT_ONCE = 16;

export interface TreeParts {
  readonly tiles: TileStore;
}

/** What was committed: entries from `from` on. */
export interface Tail {
  readonly from: number;
  readonly entries: readonly Uint8Array[];
}

export class LogTree {
  readonly #parts: TreeParts;
  readonly #proofs = new Proofs(sha256, (level, index) => this.#node(level, index));
  readonly #cached = new Map<string, Uint8Array>();
  /** Entries behind the last full bundle, and by level the hashes behind the last full tile. */
  #bundle: Uint8Array[] = [];
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

  /** The root with these leaves more; nothing is kept of it. */
  rootWith(leaves: readonly Uint8Array[]): Uint8Array {
    const frontier = this.#frontier.copy();
    for (const leaf of leaves) frontier.append(leaf);
    return frontier.root();
  }

  append(entry: Uint8Array, leaf = leafHash(sha256, entry)): void {
    this.#frontier.append(leaf);
    this.#bundle.push(entry);
    if (this.#bundle.length === TILE_WIDTH) {
      const index = this.size / TILE_WIDTH - 1;
      this.#keep({ level: "entries", index, width: TILE_WIDTH }, packEntries(this.#bundle));
      this.#bundle = [];
    }
    this.#push(0, leaf);
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
    const paths = [...this.#unstored.keys()];
    for (let at = 0; at < paths.length; at += STORED_AT_ONCE)
      await Promise.all(paths.slice(at, at + STORED_AT_ONCE).map((path) => this.#storeOne(path)));
    return upTo;
  }

  async #storeOne(path: string): Promise<void> {
    const bytes = this.#unstored.get(path);
    if (!bytes) return;
    await this.#parts.tiles.put(path, bytes);
    this.#unstored.delete(path);
    this.#unstoredBytes -= bytes.length;
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
    this.#keep({ level, index, width: TILE_WIDTH }, packHashes(full));
    this.#push(level + 1, rootOf(full));
  }

  async #takeUp(size: number, { from, entries }: Tail): Promise<void> {
    const bundles = Math.floor(from / TILE_WIDTH);
    const base = bundles * TILE_WIDTH;
    this.#full[0] = bundles;
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
    for (const entry of [...before, ...entries].slice(0, size - base)) this.append(entry);
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
    const bytes = await this.#parts.tiles.get(path);
    if (name.level !== "entries") {
      if (this.#cached.size >= MOST_CACHED) this.#cached.clear();
      this.#cached.set(path, bytes);
    }
    return bytes;
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
