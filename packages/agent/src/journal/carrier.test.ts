import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInProcessBus, decodeMessage, encodeMessage, JournalBatch, JournalReply, subjects } from "@phonerack/contract/bus";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test } from "vitest";
import { JournalCarrier } from "./carrier.js";
import { DecisionJournal, type JournalEntry } from "./journal.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-carrier-"));
});
afterEach(() => rm(folder, { recursive: true }));

const ENTRY: JournalEntry = {
  at: 1,
  device: "d-abcdefgh",
  facts: {
    mode: "unicast",
    actor: "u-1",
    epoch: 4,
    leaseEpoch: 4,
    phase: "leased",
    holder: "u-1",
    action: "tap",
    front: null,
    knownMs: null,
    fresh: false,
    target: null,
    fence: "open",
    budget: { trial: true, hour: 0, day: 0 },
  },
  decision: "allow",
  rule: "hand-navigates",
};

test("says how many decisions wait and for how long, until a control takes them", async () => {
  const bus = createInProcessBus();
  const journal = await DecisionJournal.open(folder, { onError: () => undefined });
  const carrier = new JournalCarrier({ agentId: "agent-1", bus, journal, log: pino({ level: "silent" }) });
  expect(carrier.lag).toEqual({ lines: 0, waited: 0, writes: true });
  for (let line = 0; line < 3; line++) journal.add(ENTRY);
  await expect.poll(() => carrier.lag.waited, { timeout: 5_000 }).toBeGreaterThan(600);
  expect(carrier.lag).toMatchObject({ lines: 3, writes: true });
  const taken: number[] = [];
  bus.subscribe(subjects.journal("agent-1"), ({ payload }) => {
    const { entries } = decodeMessage(JournalBatch, payload);
    taken.push(...entries.map(({ n }) => n));
    return encodeMessage(JournalReply, { upTo: entries.at(-1)?.n ?? 0 });
  });
  await expect.poll(() => carrier.lag, { timeout: 8_000 }).toEqual({ lines: 0, waited: 0, writes: true });
  expect(taken).toEqual([1, 2, 3]);
  // What comes after a quiet hour has not waited for an hour.
  journal.add(ENTRY);
  expect(carrier.lag.waited).toBe(0);
  await carrier.stop();
  await journal.stop();
});

test("a disk that was put back to an older state loses no decision: it goes on as another journal, from 1", async () => {
  /** As the log does: each line once, by the journal's numbers. */
  const log = new Map<string, number[]>();
  const bus = createInProcessBus();
  bus.subscribe(subjects.journal("agent-1"), ({ payload }) => {
    const { journal, entries } = decodeMessage(JournalBatch, payload);
    const known = log.get(journal) ?? [];
    for (const { n } of entries) if (n > (known.at(-1) ?? 0)) known.push(n);
    log.set(journal, known);
    return encodeMessage(JournalReply, { upTo: known.at(-1) ?? 0 });
  });
  const run = async (lines: number) => {
    const journal = await DecisionJournal.open(folder, { onError: () => undefined });
    for (let line = 0; line < lines; line++) journal.add(ENTRY);
    const carrier = new JournalCarrier({ agentId: "agent-1", bus, journal, log: pino({ level: "silent" }) });
    await expect.poll(() => journal.unsent, { timeout: 8_000 }).toBe(0);
    await carrier.stop();
    await journal.stop();
    return journal.id;
  };
  const first = await run(3);
  const older = `${folder}-older`;
  await cp(folder, older, { recursive: true });
  expect(await run(2)).toBe(first);
  await rm(folder, { recursive: true });
  await cp(older, folder, { recursive: true });
  await rm(older, { recursive: true });
  // It writes on while nobody answers, and is begun anew before anybody does.
  const alone = await DecisionJournal.open(folder, { onError: () => undefined });
  for (let line = 0; line < 3; line++) alone.add(ENTRY);
  await alone.stop();
  const second = await run(1);
  expect(second).not.toBe(first);
  expect(await run(2)).toBe(second);
  expect([...log]).toEqual([
    [first, [1, 2, 3, 4, 5]],
    [second, [1, 2, 3, 4, 5, 6]],
  ]);
});
