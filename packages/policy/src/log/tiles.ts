/** Tiles (c2sp.org/tlog-tiles): 256 hashes of one level in a file, and 256 entries in a bundle, by names that never change their meaning. */
import { concat } from "./bytes.js";
import { HASH_BYTES } from "./tree.js";

export const TILE_WIDTH = 256;
/** Levels of the tree in one tile. */
export const TILE_HEIGHT = 8;
export const LONGEST_ENTRY = 65_535;

export interface TileName {
  /** Of the tile; "entries" is the bundle of what the leaves are. */
  readonly level: number | "entries";
  readonly index: number;
  /** 256 of a full one. */
  readonly width: number;
}

/** `tile/0/x001/234.p/7`, below the log's prefix. */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const parts = padded.match(/\d{3}/g) ?? [];
  const path = parts.map((part, at) => (at < parts.length - 1 ? `x${part}` : part)).join("/");
  return `tile/${level}/${path}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

const PATH = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** undefined: no tile has this path. */
export function parseTilePath(path: string): TileName | undefined {
  const [, kind, place = "", part] = PATH.exec(path) ?? [];
  if (kind === undefined) return undefined;
  const name = {
    level: kind === "entries" ? kind : Number(kind),
    index: Number(place.replaceAll(/[x/]/g, "")),
    width: part === undefined ? TILE_WIDTH : Number(part),
  } as const;
  // One name for each tile: what would be written otherwise is none.
  return tilePath(name) === path && (part === undefined || name.width < TILE_WIDTH) ? name : undefined;
}

/** All tiles of a tree of this size, of which some at its right edge are not full. */
export function* tilesOf(size: number): Generator<TileName> {
  yield* tilesOfLevel("entries", size);
  for (let level = 0; TILE_WIDTH ** level <= size; level++) yield* tilesOfLevel(level, Math.floor(size / TILE_WIDTH ** level));
}

function* tilesOfLevel(level: TileName["level"], hashes: number): Generator<TileName> {
  const full = Math.floor(hashes / TILE_WIDTH);
  for (let index = 0; index < full; index++) yield { level, index, width: TILE_WIDTH };
  if (hashes % TILE_WIDTH > 0) yield { level, index: full, width: hashes % TILE_WIDTH };
}

/** Where the hash over 2^level leaves, the index-th of that level, is found: in a tile, or below it. */
export function tileOfNode(
  level: number,
  index: number,
): { tile: Omit<TileName, "width"> & { level: number }; first: number; count: number } {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const count = 2 ** (level - tileLevel * TILE_HEIGHT);
  const first = index * count;
  return { tile: { level: tileLevel, index: Math.floor(first / TILE_WIDTH) }, first: first % TILE_WIDTH, count };
}

/** How many of its hashes a tile has in a tree of this size. */
export function widthOf({ level, index }: Pick<TileName, "level" | "index">, size: number): number {
  const hashes = level === "entries" ? size : Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** How many leaves a tree must have for this tile to be in it. */
export function leavesOf({ level, index, width }: TileName): number {
  return (index * TILE_WIDTH + width) * (level === "entries" ? 1 : TILE_WIDTH ** level);
}

/** Entries with their length before each, big-endian. @throws RangeError for one that is too long. */
export function packEntries(entries: readonly Uint8Array[]): Uint8Array {
  const packed = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0));
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > LONGEST_ENTRY) throw new RangeError("an entry of the log is too long");
    packed[offset] = entry.length >> 8;
    packed[offset + 1] = entry.length & 0xff;
    packed.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return packed;
}

/** undefined: these bytes do not end where an entry ends. */
export function unpackEntries(packed: Uint8Array): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  for (let offset = 0; offset < packed.length; ) {
    const [high, low] = [packed[offset], packed[offset + 1]];
    if (high === undefined || low === undefined) return undefined;
    const end = offset + 2 + high * 256 + low;
    if (end > packed.length) return undefined;
    entries.push(packed.subarray(offset + 2, end));
    offset = end;
  }
  return entries;
}

export function packHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return concat(...hashes);
}

export function unpackHashes(packed: Uint8Array): Uint8Array[] | undefined {
  if (packed.length % HASH_BYTES !== 0) return undefined;
  return Array.from({ length: packed.length / HASH_BYTES }, (_, at) => packed.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}
