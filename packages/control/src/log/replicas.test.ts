/** Two controls on one database, of which one appends: what everybody asks the other, and what is chosen there. */
import { rm } from "node:fs/promises";
import type { WitnessChoice } from "@phonerack/contract/api";
import { createInProcessBus } from "@phonerack/contract/bus";
import { readCheckpoint, unpackEntries } from "@phonerack/policy";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { copyDatabase, silent, temporaryFolder, until } from "../../test/running-control.js";
import { startWitnessServer, type WitnessServer } from "../../test/witness-server.js";
import { type Database, openDatabase } from "../database/database.js";
import { LabLog } from "./log.js";
import { loadLogKey } from "./log-key.js";
import { Sequencer } from "./sequencer.js";
import { type Kept, LogStore } from "./store.js";
import { databaseTiles } from "./tile-store.js";
import type { Tail } from "./tree.js";

let folder: string;
let database: Database;
let witness: WitnessServer;
let first: Replica;
let second: Replica;
let choices: readonly WitnessChoice[] = [];
const settings = new Map<string, string>();

interface Replica {
  readonly log: LabLog;
  readonly store: CountingStore;
}

/** How often a control asks the database. */
class CountingStore extends LogStore {
  checkpointsRead = 0;
  tailsRead = 0;
  override checkpoints(limit: number, before?: number): Promise<Kept[]> {
    this.checkpointsRead++;
    return super.checkpoints(limit, before);
  }
  override tail(size: number): Promise<Tail> {
    this.tailsRead++;
    return super.tail(size);
  }
}

async function setting(name: string, fresh: string): Promise<string> {
  if (!settings.has(name)) settings.set(name, fresh);
  return settings.get(name) ?? fresh;
}

function replica(alone: () => ReturnType<Database["alone"]>): Replica {
  const db = Promise.resolve(database.db);
  const store = new CountingStore(db);
  const tiles = databaseTiles(db);
  const start = async () => ({ version: "1.0.0", origin: "phonerack.local/test", demo: [] });
  const sequencer = new Sequencer({ store, tiles, log: silent, alone, start, onLeaves: () => undefined });
  const key = loadLogKey(setting, "phonerack.local");
  const log = new LabLog({
    bus: createInProcessBus(),
    log: silent,
    store,
    sequencer,
    tiles,
    hears: () => true,
    behind: () => [{ agent: "rack-1", lines: 7, waited: 9_000, writes: true }],
    key: () => key,
    witnesses: { read: async () => choices, write: async (all) => void (choices = all) },
    tenantOf: async () => undefined,
  });
  return { log, store };
}

/** Events become leaves of the one that appends. */
async function grow(leaves: number): Promise<number> {
  const { size } = await first.log.status(true);
  for (let made = 0; made < leaves; made++)
    await first.store.note("event", { event: "test", actor: "", tenant: null, subject: "" });
  await expect.poll(async () => (await first.log.status(true)).size, { timeout: 5_000, interval: 50 }).toBe(size + leaves);
  return size + leaves;
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await copyDatabase(folder);
  database = await openDatabase({ kind: "pglite" }, { dataDir: folder, log: silent });
  witness = await startWitnessServer();
  first = replica(() => database.alone("log"));
  second = replica(async () => undefined);
  await first.log.start();
  await second.log.start();
  await until(async () => (await first.log.status(true)).size > 0, "one appends");
}, 60_000);
afterAll(async () => {
  await first.log.stop();
  await second.log.stop();
  await witness.stop();
  await database.stop();
  await rm(folder, { recursive: true });
});

test("a witness that is chosen where nothing is appended is asked soon, and both say that it has signed", async () => {
  await grow(3);
  const chosen = await second.log.chooseWitnesses("u-1", [{ url: witness.url, vkey: witness.vkey }]);
  expect(chosen).toMatchObject([{ name: "witness.example", state: expect.stringMatching(/^(?:waiting|away)$/) }]);
  for (const { log } of [second, first])
    await expect
      .poll(async () => (await log.status(true)).witnesses, { timeout: 8_000 })
      .toMatchObject([{ name: "witness.example", state: "good", reason: null, size: expect.any(Number) }]);
  const [seen] = (await second.log.status(true)).witnesses;
  expect(seen?.size).toBe((await second.log.status(true)).checkpoint?.size);
  expect(Math.abs((seen?.at ?? 0) - Date.now())).toBeLessThan(20_000);
});

test("goes on signing when the wall's clock jumps back by hours", async () => {
  const before = (await first.log.status(true)).checkpoint?.size ?? 0;
  const wall = Date.now;
  const jumped = vi.spyOn(Date, "now").mockImplementation(() => wall() - 7_200_000);
  try {
    await grow(2);
    await expect
      .poll(async () => (await first.log.status(true)).checkpoint?.size ?? 0, { timeout: 15_000 })
      .toBeGreaterThan(before);
  } finally {
    jumped.mockRestore();
  }
}, 30_000);

test("shows the same checkpoint to its witnesses again when a minute has brought nothing", async () => {
  const { checkpoint } = await first.log.status(true);
  await expect.poll(async () => (await first.log.checkpoint())?.size, { timeout: 5_000 }).toBe(checkpoint?.size);
  const asked = witness.asked.length;
  const steady = performance.now.bind(performance);
  const later = vi.spyOn(performance, "now").mockImplementation(() => steady() + 61_000);
  try {
    await expect.poll(() => witness.asked.length, { timeout: 5_000 }).toBe(asked + 1);
    expect(witness.asked.at(-1)?.size).toBe(checkpoint?.size);
    await expect
      .poll(async () => (await first.log.checkpoint())?.at ?? 0, { timeout: 5_000 })
      .toBeGreaterThan(checkpoint?.at ?? 0);
    expect((await first.log.checkpoints())[0]?.size).toBe(checkpoint?.size);
  } finally {
    later.mockRestore();
  }
}, 30_000);

test("a witness that is away keeps its signature under what it has signed", async () => {
  const { checkpoint } = await first.log.status(true);
  const gone = "http://127.0.0.1:9";
  const away = await startWitnessServer("away.example");
  await away.stop();
  const [kept] = choices;
  if (!kept) return expect.unreachable();
  const asked = witness.asked.length;
  witness.answer = () => ({ status: 503, body: "not now" });
  // Somebody new is chosen: the same checkpoint is signed and shown once more.
  await first.log.chooseWitnesses("u-1", [kept, { url: gone, vkey: away.vkey }]);
  await expect.poll(() => witness.asked.length, { timeout: 5_000 }).toBeGreaterThan(asked);
  await expect
    .poll(async () => (await first.log.status(true)).witnesses.map(({ state }) => state), { timeout: 5_000 })
    .toEqual(["away", "away"]);
  const [newest] = await first.log.checkpoints();
  expect(newest?.size).toBe(checkpoint?.size);
  expect(readCheckpoint(newest?.note ?? "")?.note.signatures.map(({ name }) => name)).toContain("witness.example");
  await expect
    .poll(async () => (await second.log.status(true)).witnesses.map(({ state }) => state), { timeout: 5_000 })
    .toEqual(["good", expect.stringMatching(/waiting|away/)]);
});

test("counts leaves by kind and denials by hour, and tells who is behind to those who run the lab", async () => {
  await grow(2);
  const expectCounted = async () => {
    const { size, kinds, denials, behind } = await second.log.status(true);
    expect(Object.values(kinds).reduce((sum, count) => sum + count, 0)).toBe(size);
    expect(kinds).toMatchObject({ start: 1, event: expect.any(Number) });
    expect(denials).toHaveLength(24);
    expect(behind).toEqual([{ agent: "rack-1", lines: 7, waited: 9_000, writes: true }]);
  };
  await expect.poll(() => expectCounted().then(() => true), { timeout: 5_000 }).toBe(true);
  expect((await second.log.status(false)).behind).toEqual([]);
  const { size, checkpoint, appends } = await second.log.status(true);
  expect(await second.log.health()).toMatchObject({ appends, size, signedAt: checkpoint?.at });
});

test("says that nobody appends when changes wait for a minute", async () => {
  await database.db.execute(`INSERT INTO log_queue (at, kind, body) VALUES (now() - interval '2 minutes', 'unknown', '{}')`);
  const seen = await second.log.status(true);
  expect(seen.reason ?? "").toMatch(/^$|no control takes them/);
  // The one that appends takes it, though nothing of it is said.
  await expect.poll(async () => (await second.log.status(true)).appends, { timeout: 6_000 }).toBe(true);
});

test("gives all checkpoints, page after page", async () => {
  const all = await first.log.checkpoints();
  const [newest, ...older] = all.map(({ size }) => size);
  expect(older.length).toBeGreaterThan(0);
  expect((await second.log.checkpoints(newest)).map(({ size }) => size)).toEqual(older);
  expect(await second.log.checkpoints(older.at(-1))).toEqual([]);
});

test("a thousand who ask for checkpoints ask the database a few times", async () => {
  for (const { log, store } of [first, second]) {
    const before = store.checkpointsRead;
    for (let round = 0; round < 10; round++)
      await Promise.all(Array.from({ length: 100 }, () => Promise.all([log.checkpoint(), log.checkpoints()])));
    expect(store.checkpointsRead - before).toBeLessThan(8);
    const older = store.checkpointsRead;
    await Promise.all(Array.from({ length: 1_000 }, () => log.checkpoints(9)));
    expect(store.checkpointsRead - older).toBe(1);
  }
});

test("gives tiles where nothing is appended, newer ones when they are asked for, and takes the tree up seldom", async () => {
  const size = await grow(300);
  const tile = async (index: number, width: number) => {
    const bytes = await second.log.tile({ level: "entries", index, width });
    return bytes && unpackEntries(bytes)?.length;
  };
  await expect.poll(() => tile(0, 256), { timeout: 5_000 }).toBe(256);
  await expect.poll(() => tile(1, size - 256), { timeout: 5_000 }).toBe(size - 256);
  const { tailsRead } = second.store;
  for (let more = 1; more <= 3; more++) {
    await grow(1);
    for (let asked = 0; asked < 20; asked++) expect(await tile(0, 256)).toBe(256);
  }
  // It was read again at most because it was five seconds old.
  expect(second.store.tailsRead - tailsRead).toBeLessThan(3);
  await expect.poll(() => tile(1, size + 3 - 256), { timeout: 5_000 }).toBe(size + 3 - 256);
  const before = second.store.tailsRead;
  for (let asked = 0; asked < 100; asked++) expect(await tile(9_000, 200)).toBeUndefined();
  expect(second.store.tailsRead - before).toBeLessThan(2);
}, 30_000);
