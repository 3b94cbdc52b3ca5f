/** Two controls that both take themselves for the one that appends, on one database: each leaf counts once, whoever looks at it, and what was not heard is read. */
import { rm } from "node:fs/promises";
import type { Leaf } from "@phonerack/policy";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import { flags, watchCounts } from "../database/law-schema.js";
import { WatchStore } from "./store.js";
import { Watch } from "./watch.js";

const silent = pino({ level: "silent" });
const START = Date.UTC(2026, 10, 26, 6);

let folder: string;
let database: Database;
const log: Leaf[] = [];
const running: Watch[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  database = await openDatabase({ kind: "pglite" }, { dataDir: folder, log: silent });
}, 60_000);
afterAll(async () => {
  for (const watch of running) await watch.stop();
  await database.stop();
  await rm(folder, { recursive: true });
});

function started(): Watch {
  const watch = new Watch({
    store: new WatchStore(Promise.resolve(database.db)),
    log: silent,
    record: () => undefined,
    leads: () => true,
    leaves: async (from, limit) => {
      const leaves = log.slice(from, from + limit);
      return { leaves, to: from + leaves.length };
    },
    known: async (leaves) => leaves,
    hands: async () => new Map(),
    paused: async () => undefined,
    now: () => START + log.length,
  });
  running.push(watch);
  return watch;
}

/** Denied for want of budget, so many times. */
function denials(count: number): Leaf[] {
  const made = Array.from({ length: count }, (_, at): Leaf => {
    const seq = log.length + at;
    const front = { package: "com.example.bazaar", signer: null, standing: "other", by: null } as const;
    const held = { actor: "p-1", holder: "p-1", epoch: 1, leaseEpoch: 1, phase: "leased" } as const;
    const seen = { front, knownMs: 1, fresh: true, target: null, fence: "open" } as const;
    const facts = { mode: "unicast", action: "tap", ...held, ...seen, budget: { trial: false, hour: 20, day: 20 } } as const;
    const where = { device: "d-1", lease: "l-1", tenant: "acme", agent: "g", journal: "j" };
    const placed = { v: 1, seq, at: START + seq, kind: "decision", n: seq, agentAt: START + seq } as const;
    return { ...placed, ...where, facts, decision: "deny", rule: "hand-hourly", policy: "x" };
  });
  log.push(...made);
  return made;
}

async function countsOf(rule: string): Promise<{ touches?: unknown[]; next?: number } | undefined> {
  const all = await database.db.select().from(watchCounts);
  return all.find((row) => row.rule === rule)?.counts;
}

const touches = async () => (await countsOf("budget"))?.touches?.length;
const place = async () => (await countsOf("log"))?.next;
const flagged = () => database.db.select().from(flags);

test("each leaf counts once, whichever of two looks, and over gaps in what one of them heard", async () => {
  const [one, two] = [started(), started()];
  one.heard(denials(10));
  await expect.poll(place).toBe(10);
  two.heard(denials(10));
  await expect.poll(place).toBe(20);
  // The first one still believes that it stands at 10, and did not hear of what came between.
  const both = denials(10);
  one.heard(both);
  two.heard(both);
  await expect.poll(place, { timeout: 10_000 }).toBe(30);
  expect(await touches()).toBe(30);
  const unheard = denials(5);
  expect(unheard.length).toBe(5);
  two.heard(denials(5));
  await expect.poll(place).toBe(40);
  expect(await touches()).toBe(40);
  expect(await flagged()).toEqual([]);
  const last = denials(1);
  one.heard(last);
  two.heard(last);
  await expect.poll(async () => (await flagged()).length, { timeout: 10_000 }).toBe(1);
  await expect.poll(place).toBe(41);
  expect((await flagged())[0]?.leaves).toEqual(log.map(({ seq }) => seq));
  // Whoever was too late reads anew, and raises nothing a second time.
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await flagged()).length).toBe(1);
}, 30_000);
