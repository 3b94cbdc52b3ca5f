import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decide } from "@phonerack/policy";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DecisionJournal, type JournalEntry } from "./journal.js";

let folder: string;
beforeEach(async () => {
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

async function lines(): Promise<JournalEntry[]> {
  const files = (await readdir(join(folder, "decisions"))).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(folder, "decisions", name), "utf8")));
  return texts
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("writes every decision once, in order, with all it rested on", async () => {
  const journal = await DecisionJournal.open(folder, () => undefined);
  for (let at = 0; at < 500; at++) expect(journal.add(entry(at))).toBe(true);
  await journal.stop();
  const written = await lines();
  expect(written.map(({ at }) => at)).toEqual(Array.from({ length: 500 }, (_, at) => at));
  for (const { facts, decision, rule } of written) expect(decide(facts)).toMatchObject({ decision, rule });
});

test("begins a new file at each start and changes no old one", async () => {
  for (const at of [1, 2]) {
    const journal = await DecisionJournal.open(folder, () => undefined);
    journal.add(entry(at));
    await journal.stop();
  }
  expect(await readdir(join(folder, "decisions"))).toHaveLength(2);
  expect((await lines()).map(({ at }) => at)).toEqual([1, 2]);
});

test("says no instead of forgetting when the disk does not take what it is given", async () => {
  const errors: unknown[] = [];
  const journal = await DecisionJournal.open(folder, (error) => errors.push(error));
  await rm(join(folder, "decisions"), { recursive: true });
  let taken = 0;
  while (journal.add(entry(taken)) && taken < 100_000) taken++;
  expect(taken).toBe(50_000);
  await journal.stop();
  expect(errors.length).toBeGreaterThan(0);
});
