import { appendFile, type FileHandle, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decide } from "@phonerack/policy";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DecisionJournal, type JournalEntry } from "./journal.js";

/** Bytes that files may still grow by, until there is room again. e2e/full-disk has a real one. */
const disk = { left: Number.POSITIVE_INFINITY };

vi.mock(import("node:fs/promises"), async (original) => {
  const real = await original();
  const open: typeof real.open = async (...args) => {
    const handle = await real.open(...args);
    let size = 0;
    const write = async (bytes: Buffer, offset: number, length: number, position: number) => {
      const more = Math.max(0, position + length - size);
      if (more > disk.left) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      disk.left -= more;
      size += more;
      return handle.write(bytes, offset, length, position);
    };
    const own = (name: string | symbol) => Reflect.get(handle, name) as unknown;
    return new Proxy(handle, {
      get: (_, name) => {
        const value = name === "write" ? write : own(name);
        return typeof value === "function" ? value.bind(handle) : value;
      },
    }) as FileHandle;
  };
  return { ...real, open };
});

let folder: string;
beforeEach(async () => {
  disk.left = Number.POSITIVE_INFINITY;
  folder = await mkdtemp(join(tmpdir(), "phonerack-journal-"));
});
afterEach(() => rm(folder, { recursive: true }));

const entry = (at: number): JournalEntry => ({
  at,
  device: "d-abcdefgh",
  facts: {
    mode: "unicast",
    actor: "u-1",
    epoch: 4,
    leaseEpoch: 4,
    phase: "leased",
    holder: "u-1",
    action: "tap",
    front: { package: "a.b", signer: null, standing: "other", by: null },
    knownMs: null,
    fresh: false,
    target: null,
    fence: "open",
    budget: { trial: true, hour: 0, day: 0 },
  },
  decision: "allow",
  rule: "hand-trial",
});

const files = async () => (await readdir(join(folder, "decisions"))).filter((name) => name.endsWith(".jsonl"));

async function lines(): Promise<JournalEntry[]> {
  const texts = await Promise.all((await files()).sort().map((name) => readFile(join(folder, "decisions", name), "utf8")));
  // Behind the last line lies the room for the next.
  return texts
    .join("")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}

test("writes every decision once, in order, with all it rested on", async () => {
  const journal = await DecisionJournal.open(folder, { onError: () => undefined });
  for (let at = 0; at < 500; at++) expect(journal.add(entry(at))).toBe(true);
  await journal.stop();
  const written = await lines();
  expect(written.map(({ at }) => at)).toEqual(Array.from({ length: 500 }, (_, at) => at));
  for (const { facts, decision, rule } of written) expect(decide(facts)).toMatchObject({ decision, rule });
});

test("begins a new file at each start and changes no old one", async () => {
  for (const at of [1, 2]) {
    const journal = await DecisionJournal.open(folder, { onError: () => undefined });
    journal.add(entry(at));
    await journal.stop();
  }
  expect(await files()).toHaveLength(2);
  expect((await lines()).map(({ at }) => at)).toEqual([1, 2]);
});

test("says no instead of forgetting when the disk does not take what it is given", async () => {
  const errors: unknown[] = [];
  const journal = await DecisionJournal.open(folder, { onError: (error) => errors.push(error) });
  disk.left = 0;
  let taken = 0;
  while (journal.add(entry(taken)) && taken < 100_000) taken++;
  // As many as have their room already, to the last.
  expect(taken).toBeGreaterThan(5_000);
  expect(taken).toBeLessThan(50_000);
  await journal.stop();
  expect(errors.length).toBeGreaterThan(0);
  expect(await lines()).toHaveLength(taken);
});

const open = (change: { files?: number; fileBytes?: number } = {}) =>
  DecisionJournal.open(folder, { onError: () => undefined, ...change });

test("numbers lines without a gap over restarts, also when a crash cut the last one off", async () => {
  const first = await open();
  for (let at = 0; at < 3; at++) first.add(entry(at));
  await first.stop();
  const [name = ""] = await files();
  await appendFile(join(folder, "decisions", name), '{"n":4,"at":9,"dev');
  const second = await open();
  expect([second.id, second.unsent]).toEqual([first.id, 3]);
  second.add(entry(4));
  await second.stop();
  const third = await open();
  const unsent: string[] = [];
  for (let next = await third.unsentLines(1); next; next = await third.unsentLines(1)) {
    unsent.push(...next.lines);
    await third.carried(next.upTo);
  }
  expect(unsent.map((line) => (JSON.parse(line) as { n: number }).n)).toEqual([1, 2, 3, 4]);
  expect(third.unsent).toBe(0);
  await third.stop();
  const fourth = await open();
  expect(fourth.unsent).toBe(0);
  await fourth.stop();
});

test("keeps what was not carried away, refuses when there is no more room, and goes on when there is", async () => {
  const journal = await open({ files: 3, fileBytes: 2_000 });
  const fill = async () => {
    for (let at = 0; at < 100; at++) {
      if (!journal.add(entry(at))) return;
      await new Promise((resolve) => journal.onCommit(() => resolve(undefined)));
    }
    expect.unreachable("it never said no");
  };
  await fill();
  const taken = journal.unsent;
  expect((await lines()).length).toBe(taken);
  for (let next = await journal.unsentLines(500); next; next = await journal.unsentLines(500)) await journal.carried(next.upTo);
  expect((await files()).length).toBeLessThanOrEqual(3);
  expect(journal.add(entry(1))).toBe(true);
  await journal.stop();
});

test("does nothing more from the first failed write on, until one succeeds", async () => {
  const journal = await open();
  disk.left = 10_000;
  const taken: number[] = [];
  let at = 0;
  const add = () => {
    const done = journal.add(entry(++at));
    if (done) taken.push(at);
    return done;
  };
  expect(add()).toBe(true);
  await expect.poll(add, { interval: 1 }).toBe(false);
  expect([add(), add()]).toEqual([false, false]);
  // What was accepted is on disk all the same: it had its room.
  await expect.poll(lines).toHaveLength(taken.length);
  disk.left = Number.POSITIVE_INFINITY;
  await expect.poll(add, { timeout: 5_000 }).toBe(true);
  await journal.stop();
  expect((await lines()).map((line) => line.at)).toEqual(taken);
});

test("accepts nothing on a disk that is full when it begins, and what a new file has no room for stays in the old one", async () => {
  disk.left = 0;
  const full = await open();
  expect(full.add(entry(1))).toBe(false);
  disk.left = Number.POSITIVE_INFINITY;
  await expect.poll(() => full.add(entry(2)), { timeout: 5_000 }).toBe(true);
  await full.stop();
  const journal = await open({ fileBytes: 2_000 });
  const before = (await files()).length;
  disk.left = 0;
  let taken = 2;
  while (journal.add(entry(++taken))) await new Promise((resolve) => setTimeout(resolve, 1));
  await journal.stop();
  expect(await files()).toHaveLength(before);
  expect((await lines()).map(({ at }) => at)).toEqual(Array.from({ length: taken - 2 }, (_, n) => n + 2));
  const again = await open();
  expect(again.unsent).toBe(taken - 2);
  await again.stop();
});

test("accepts every decision while one file follows the other", async () => {
  const journal = await open({ fileBytes: 2_000 });
  for (let at = 0; at < 300; at++) {
    expect(journal.add(entry(at))).toBe(true);
    // Into each moment of a rotation.
    if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (at % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 6));
  }
  await journal.stop();
  expect((await files()).length).toBeGreaterThan(3);
  expect((await lines()).map(({ at }) => at)).toEqual(Array.from({ length: 300 }, (_, at) => at));
});
