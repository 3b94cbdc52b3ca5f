import { mkdtemp, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Frontier,
  leafHash,
  packEntries,
  rootFromInclusion,
  TILE_WIDTH,
  tilesOf,
  utf8,
  verifyConsistency,
} from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FolderStore } from "../storage/folder-store.js";
import { objectTiles } from "./tile-store.js";
import { LogTree, type TreeParts } from "./tree.js";

let folder: string;
let parts: TreeParts;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-log-"));
  parts = { tiles: objectTiles(await FolderStore.open(join(folder, "objects"))) };
});
afterEach(() => rm(folder, { recursive: true }));

const entriesOf = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => utf8(`{"seq":${from + at}}`));

function rootOf(size: number): Uint8Array {
  const frontier = new Frontier(sha256);
  for (const entry of entriesOf(0, size)) frontier.append(leafHash(sha256, entry));
  return frontier.root();
}

async function grown(size: number): Promise<LogTree> {
  const tree = await LogTree.restore(parts, { size: 0, root: rootOf(0) }, { from: 0, entries: [] });
  for (const entry of entriesOf(0, size)) tree.append(entry);
  return tree;
}

test.each([0, 1, 255, 256, 257, 700, 65_836])("of %d entries is taken up again from its tiles and its tail", async (size) => {
  const tree = await grown(size);
  expect(tree.root()).toEqual(rootOf(size));
  const stored = await tree.store();
  expect(stored).toBe(size - (size % TILE_WIDTH));
  // A tail may begin before the last full tile, in the middle of one.
  for (const from of new Set([stored, Math.max(0, stored - 100)])) {
    const again = await LogTree.restore(parts, { size, root: rootOf(size) }, { from, entries: entriesOf(from, size) });
    for (const entry of entriesOf(size, size + 300)) again.append(entry);
    expect(again.root()).toEqual(rootOf(size + 300));
  }
  expect(await readdir(join(folder, "objects/.incoming"))).toEqual([]);
});

test("gives every tile, and proofs that hold", async () => {
  const size = 66_000;
  const tree = await grown(size);
  await tree.store();
  for (const name of [...tilesOf(size)].filter(({ width, index }) => width < TILE_WIDTH || index % 50 === 0)) {
    const bytes = (await tree.tile(name)) ?? expect.unreachable();
    if (name.level !== "entries") expect(bytes).toHaveLength(name.width * 32);
    expect(await tree.tile({ ...name, index: name.index + 1_000 })).toBeUndefined();
  }
  for (const [index, at] of [
    [0, 1],
    [300, 700],
    [65_535, 65_536],
    [65_999, size],
    [5, size],
  ] as const) {
    const proof = await tree.inclusion(index, at);
    const leaf = leafHash(sha256, (await tree.entry(index)) ?? expect.unreachable());
    expect(rootFromInclusion(sha256, { leaf, index, size: at, proof })).toEqual(rootOf(at));
  }
  const [from, to] = [
    { size: 700, root: rootOf(700) },
    { size, root: rootOf(size) },
  ];
  expect(verifyConsistency(sha256, { from, to, proof: await tree.consistency(700, size) })).toBe(true);
});

test("says that it is broken when what is stored is not what was committed", async () => {
  const size = 600;
  const tree = await grown(size);
  await tree.store();
  const head = { size, root: rootOf(size) };
  const tail = { from: 512, entries: entriesOf(512, size) };
  await expect(LogTree.restore(parts, { ...head, root: rootOf(599) }, tail)).rejects.toMatchObject({ code: "log_broken" });
  await expect(LogTree.restore(parts, head, { ...tail, entries: tail.entries.slice(1) })).rejects.toMatchObject({
    code: "log_broken",
  });
  await truncate(join(folder, "objects/log/tile/entries/001"), 100);
  await expect(LogTree.restore(parts, head, tail)).rejects.toMatchObject({ code: "log_broken" });
  await rm(join(folder, "objects/log/tile/entries/001"));
  await expect(LogTree.restore(parts, head, tail)).rejects.toMatchObject({ code: "log_broken" });
});

test("keeps entries packed, and reads those that lie there from before they were", async () => {
  const size = 600;
  await (await grown(size)).store();
  const path = join(folder, "objects/log/tile/entries/000");
  const raw = packEntries(entriesOf(0, 256));
  expect((await stat(path)).size).toBeLessThan(raw.length / 2);
  await writeFile(path, raw);
  const again = await LogTree.restore(parts, { size, root: rootOf(size) }, { from: 512, entries: entriesOf(512, size) });
  expect(Buffer.from((await again.tile({ level: "entries", index: 0, width: 256 })) ?? [])).toEqual(Buffer.from(raw));
});
