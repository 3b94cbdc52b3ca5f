/** Reads entries of the log as anybody does, by their tiles. Whether they are right, `phonerack audit verify` says. */
import { type Leaf, readLeaf, TILE_WIDTH, tilePath, unpackEntries, widthOf } from "@phonerack/policy";

/** Where an entry's bundle stands in a log whose checkpoint has this size; undefined: it is not signed yet. */
export function tileOf(index: number, size: number): string | undefined {
  if (index >= size) return undefined;
  const name = { level: "entries", index: Math.floor(index / TILE_WIDTH) } as const;
  return `/log/${tilePath({ ...name, width: widthOf(name, size) }).replace(/^tile\//, "")}`;
}

/** Those that the log gives; each bundle is asked for once. */
export async function readLeaves(indices: readonly number[], size: number): Promise<ReadonlyMap<number, Leaf>> {
  const found = new Map<number, Leaf>();
  const tiles = new Set(indices.map((index) => tileOf(index, size)).filter((path) => path !== undefined));
  for (const path of tiles) {
    const response = await fetch(path);
    if (!response.ok) continue;
    for (const entry of unpackEntries(new Uint8Array(await response.arrayBuffer())) ?? []) {
      const read = readLeaf(entry);
      if ("leaf" in read && indices.includes(read.leaf.seq)) found.set(read.leaf.seq, read.leaf);
    }
  }
  return found;
}
