/** A process that appends and stores tiles, killed in the middle again and again: what it said is stored is there whole, and the tree goes on from it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Frontier, leafHash, utf8 } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FolderStore } from "../storage/folder-store.js";
import { objectTiles } from "./tile-store.js";
import { LogTree } from "./tree.js";

const KILLS = 3;
/** Says after each store up to which entry all stands in tiles. */
const APPENDER = `
import { LogTree, objectTiles, openStorage } from "@phonerack/control";
const [folder, size, root] = process.argv.slice(1);
const { objects } = await openStorage({ kind: "folder" }, folder);
const head = { size: Number(size), root: Buffer.from(root, "hex") };
const tree = await LogTree.restore({ tiles: objectTiles(objects) }, head, { from: head.size, entries: [] });
for (;;) {
  tree.take(tree.grow(Array.from({ length: 2_048 }, (_, at) => Buffer.from(JSON.stringify({ seq: tree.size + at })))));
  process.stdout.write((await tree.store()) + "\\n");
}`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-killed-"));
});
afterAll(() => rm(folder, { recursive: true }));

const entriesOf = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => utf8(`{"seq":${from + at}}`));

function rootOf(size: number): Uint8Array {
  const frontier = new Frontier(sha256);
  for (const entry of entriesOf(0, size)) frontier.append(leafHash(sha256, entry));
  return frontier.root();
}

/** @returns what it said last, once it has been killed. */
async function killedAppender(size: number, after: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", APPENDER, folder, String(size), Buffer.from(rootOf(size)).toString("hex")],
    { cwd: import.meta.dirname, stdio: ["ignore", "pipe", "pipe"] },
  );
  let [said, wrong] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => {
    wrong += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      resolve();
    });
    void ended.then(() => reject(new Error(`it ended by itself: ${wrong}`)));
  });
  await sleep(after);
  child.kill("SIGKILL");
  await ended;
  // Half a line is none.
  const lines = said.slice(0, said.lastIndexOf("\n")).split("\n");
  return Number(lines.at(-1));
}

test("no tile is half there after a kill, and the tree is taken up again from those that are", async () => {
  let size = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const stored = await killedAppender(size, 40 + 83 * kill);
    expect(stored).toBeGreaterThan(size);
    size = stored;
    const tiles = objectTiles(await FolderStore.open(join(folder, "objects")));
    // As the database has it: all before is in tiles, some more was committed.
    const more = size + 700;
    const tree = await LogTree.restore(
      { tiles },
      { size: more, root: rootOf(more) },
      { from: size, entries: entriesOf(size, more) },
    );
    for (let index = 0; index < size; index += 256) {
      const [first, last] = [await tree.entry(index), await tree.entry(index + 255)];
      expect([first, last].map((entry) => Buffer.from(entry ?? []).toString())).toEqual(
        [index, index + 255].map((seq) => `{"seq":${seq}}`),
      );
    }
  }
}, 60_000);
