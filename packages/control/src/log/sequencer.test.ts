import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JournalBatch, JournalledDecision } from "@phonerack/contract/bus";
import { emptyRoot, type Leaf, readLeaf } from "@phonerack/policy";
import { sha256 } from "@phonerack/policy/node";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { type Database, openDatabase } from "../database/database.js";
import { DeviceStore } from "../devices/store.js";
import { organisationSubject, withOrganisations } from "./bodies.js";
import { Sequencer, type SequencerParts } from "./sequencer.js";
import { LogStore } from "./store.js";
import { databaseTiles } from "./tile-store.js";
import { LogTree } from "./tree.js";

const silent = pino({ level: "silent" });
let folder: string;
let database: Database;
let now = 1_800_000_000_000;
const running: Sequencer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phonerack-sequencer-"));
  database = await openDatabase({ kind: "pglite" }, { dataDir: folder, log: silent });
}, 60_000);
afterEach(async () => {
  for (const sequencer of running.splice(0)) await sequencer.stop();
});
afterAll(async () => {
  await database.stop();
  await rm(folder, { recursive: true });
});

/** As in a lab of several controls: the database holds all. */
const parts = () => ({ tiles: databaseTiles(Promise.resolve(database.db)) });

async function started(change: Partial<SequencerParts> = {}): Promise<Sequencer> {
  const sequencer = new Sequencer({
    ...parts(),
    store: new LogStore(Promise.resolve(database.db)),
    log: silent,
    alone: () => database.alone("log"),
    start: async () => ({ version: "1.0.0", origin: "phonerack.local/test", demo: [] }),
    now: () => now,
    onLeaves: () => undefined,
    ...change,
  });
  running.push(sequencer);
  sequencer.start();
  await expect.poll(() => sequencer.leads, { timeout: 10_000 }).toBe(true);
  return sequencer;
}

/** All leaves, as they were committed; the tree is compared with its root on the way. */
async function leaves(): Promise<Leaf[]> {
  const store = new LogStore(Promise.resolve(database.db));
  const head = await store.head(emptyRoot(sha256));
  const tree = await LogTree.restore(parts(), head, await store.tail(head.size));
  const all: Leaf[] = [];
  for (let index = 0; index < head.size; index++) {
    const read = readLeaf((await tree.entry(index)) ?? new Uint8Array());
    if (!("leaf" in read)) throw new Error(`leaf ${index}: ${read.wrong}`);
    all.push(read.leaf);
  }
  return all;
}

const denial = (n: number, front = "a.b"): JournalledDecision => ({
  n,
  at: now,
  device: "d-abcdefgh",
  facts: {
    mode: "group",
    action: "tap",
    actor: "u-1",
    epoch: 4,
    leaseEpoch: 4,
    phase: "leased",
    holder: "u-1",
    front: { package: front, signer: null, standing: "other", by: null },
    knownMs: 1,
    fresh: true,
    target: null,
    fence: "closed",
    budget: { trial: false, hour: 0, day: 0 },
  },
  decision: "deny",
  rule: "many-other",
  policy: "test",
});

const batch = (journal: string, from: number, to: number): JournalBatch => ({
  journal,
  entries: Array.from({ length: to - from + 1 }, (_, at) => denial(from + at)),
});

const numbersOf = (all: readonly Leaf[], journal: string) =>
  all.flatMap((leaf) => (leaf.kind === "decision" && leaf.journal === journal ? leaf.n : []));

/** mulberry32: the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test.each([1, 2, 3])("takes each line once however often it is sent and whoever appends, seed %d", async (seed) => {
  const next = random(seed);
  const journal = `journalseed${seed}`;
  let sequencer = await started();
  let upTo = 0;
  while (upTo < 60) {
    // An agent that did not hear the answer sends again from where it thinks it is, cut in another way.
    const from = Math.max(1, upTo + 1 - Math.floor(next() * 8));
    const order = batch(journal, from, upTo + 1 + Math.floor(next() * 8));
    const twice = next() < 0.4;
    const replies = await Promise.all([sequencer.take("g-1", order), twice ? sequencer.take("g-1", order) : undefined]);
    upTo = replies[0]?.upTo ?? upTo;
    if (next() < 0.15) {
      await sequencer.stop();
      sequencer = await started();
    }
  }
  const all = await leaves();
  expect(numbersOf(all, journal)).toEqual(Array.from({ length: upTo }, (_, at) => at + 1));
  expect(all.map(({ seq }) => seq)).toEqual(all.map((_, at) => at));
});

test("takes the lines of a batch that is not in order, and of a journal that began anew", async () => {
  const sequencer = await started();
  const { journal, entries } = batch("journalturned", 1, 5);
  expect(await sequencer.take("g-1", { journal, entries: entries.toReversed() })).toEqual({ upTo: 5 });
  expect(await sequencer.take("g-1", batch("journalanew", 1, 2))).toEqual({ upTo: 2 });
  const all = await leaves();
  expect(numbersOf(all, "journalturned")).toEqual([1, 2, 3, 4, 5]);
  expect(numbersOf(all, "journalanew")).toEqual([1, 2]);
});

test("says in the log which lines of a journal never came", async () => {
  const sequencer = await started();
  await sequencer.take("g-1", batch("journalgap", 1, 2));
  expect(await sequencer.take("g-1", batch("journalgap", 6, 7))).toEqual({ upTo: 7 });
  const told = (await leaves()).filter((leaf) => leaf.kind === "event" && leaf.event === "journal.gap");
  expect(told).toMatchObject([{ subject: "g-1", detail: { journal: "journalgap", from: 3, to: 5 } }]);
});

test.each([
  ["half a surrogate pair", "a.\ud800b"],
  ["U+0000", "a.\u0000b"],
])("is not stopped by %s in the name of an app, by hand or in a group", async (_, name) => {
  const sequencer = await started();
  const journal = `journalodd${name.charCodeAt(2)}`;
  const byHand = denial(2, name);
  const allowed = {
    ...byHand,
    facts: { ...byHand.facts, mode: "unicast" as const },
    decision: "allow" as const,
    rule: "hand-trial",
  };
  expect(await sequencer.take("g-1", { journal, entries: [denial(1, name), allowed, denial(3)] })).toEqual({ upTo: 3 });
  expect(numbersOf(await leaves(), journal)).toEqual([1, 3]);
});

test("is not stopped by a change that is too long for a leaf: it says what it was by its digest", async () => {
  // More bytes than characters.
  const long = `jsonb_build_array(repeat('é', 40000))`;
  await database.db.execute(
    `INSERT INTO permits (id, tenant, package, devices, until, reason, by, by_name, at) VALUES ('p-1', 't-1', 'a.b', ${long}, now(), '', 'u-1', '', now())`,
  );
  const sequencer = await started();
  await sequencer.take("g-1", batch("journallong", 1, 1));
  const all = await leaves();
  const told = all.find((leaf) => leaf.kind === "change" && leaf.table === "permits");
  expect(told).toMatchObject({ op: "insert", row: { tooLong: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } } });
  expect(numbersOf(all, "journallong")).toEqual([1]);
});

test("counts what it appends by kind and hour, and what of it was denied", async () => {
  const sequencer = await started();
  const store = new LogStore(Promise.resolve(database.db));
  const hour = () => Math.floor(now / 3_600_000);
  const before = await store.tallies(0);
  await sequencer.take("g-1", batch("journaltally", 1, 5));
  now += 3_600_000;
  const allowed = { ...denial(6), decision: "allow" as const, rule: "many-owned" };
  await sequencer.take("g-1", { journal: "journaltally", entries: [allowed, denial(7)] });
  const after = await store.tallies(0);
  expect(after.kinds.decision).toBe((before.kinds.decision ?? 0) + 7);
  expect(after.denials.get(hour() - 1)).toBe((before.denials.get(hour() - 1) ?? 0) + 5);
  expect(after.denials.get(hour())).toBe((before.denials.get(hour()) ?? 0) + 1);
  expect([...(await store.tallies(hour())).denials.keys()]).toEqual([hour()]);
  const all = await leaves();
  expect(Object.values(after.kinds).reduce((sum, count) => sum + count, 0)).toBe(all.length);
});

test("lets no time fall when the clock does", async () => {
  const sequencer = await started();
  for (const [at, jump] of [0, 3_600_000, -7_200_000, 1_000].entries()) {
    now += jump;
    await sequencer.take("g-1", batch("journalclock", at + 1, at + 1));
  }
  const times = (await leaves()).map(({ at }) => at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(Math.max(...times)).toBeGreaterThan(now);
});

/** Every column that the database tells the log, and that names an organisation. */
async function organisationColumns(): Promise<(readonly [string, string])[]> {
  const { rows: triggers } = (await database.db.execute(
    `SELECT c.relname AS name, encode(t.tgargs, 'escape') AS args FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal`,
  )) as unknown as { rows: { name: string; args: string }[] };
  return triggers.flatMap(({ name, args }) =>
    args
      .split("\\000")
      .map((column) => column.replace(/[?#]$/, ""))
      .filter((column) => /tenant|organi[sz]ation/.test(column) || (name === "organizations" && column === "id"))
      .map((column) => [name, column] as const),
  );
}

test("calls an organisation by a pseudonym wherever its id would stand, and keeps its own id beside the log", async () => {
  const slug = "acme-shops";
  const columns = await organisationColumns();
  expect(columns.length).toBeGreaterThan(10);
  for (const [table, column] of columns)
    await database.db.execute(
      `INSERT INTO log_queue (kind, body) VALUES ('change', '{"table":"${table}","op":"insert","row":{"${column}":"${slug}"}}')`,
    );
  const events = [
    "tenant.made",
    "tenant.tier",
    "tier.granted",
    "quota.changed",
    "trial.limit",
    "retention.changed",
    "lease.granted",
  ];
  for (const [at, event] of events.entries())
    await database.db.execute(
      `INSERT INTO events (kind, actor, tenant, subject, detail, at) VALUES ('${event}', 'u-1', '${at % 2 === 0 ? slug : "lab"}', '${event === "lease.granted" ? "l-2" : slug}', '{}', now())`,
    );
  await database.db.execute(
    `INSERT INTO leases (id, tenant, actor, actor_name, purpose, phase, created_at, "from", until, wanted, active_at) VALUES ('l-slug', '${slug}', 'u-1', '', '', 'active', now(), now(), now(), '{}', now())`,
  );
  await database.db.execute(`INSERT INTO lease_devices VALUES ('l-slug', 'd-slug', '[2026-01-01,2026-01-02)', 4)`);
  const sequencer = await started();
  const mine = { ...denial(1), device: "d-slug" };
  const byHand = { ...mine, n: 2, facts: { ...mine.facts, mode: "unicast" as const }, decision: "allow" as const };
  await sequencer.take("g-1", { journal: "journalslug", entries: [mine, byHand] });
  now += 20_000;
  await sequencer.take("g-1", { journal: "journalslug", entries: [{ ...mine, n: 3 }] });
  await expect.poll(async () => (await leaves()).some((leaf) => leaf.kind === "hands" && leaf.lease === "l-slug")).toBe(true);

  const all = await leaves();
  expect(JSON.stringify(all)).not.toContain(slug);
  const decision = all.find((leaf) => leaf.kind === "decision" && leaf.journal === "journalslug");
  const tenant = decision?.kind === "decision" ? (decision.tenant ?? "") : "";
  expect(tenant).toMatch(/^t-[0-9a-f]{20}$/);
  expect(all.find((leaf) => leaf.kind === "hands" && leaf.lease === "l-slug")).toMatchObject({ tenant });
  for (const [table, column] of columns)
    expect(all.filter((leaf) => leaf.kind === "change" && leaf.table === table && leaf.row[column] === tenant)).not.toEqual([]);
  const told = all.filter((leaf) => leaf.kind === "event" && events.includes(leaf.event));
  expect(told.map((leaf) => leaf.kind === "event" && [leaf.event, leaf.tenant, leaf.subject])).toEqual(
    events.map((event, at) => [event, at % 2 === 0 ? tenant : "lab", event === "lease.granted" ? "l-2" : tenant]),
  );
  // Whose they are is known to the lab, as long as it is kept.
  const store = new LogStore(Promise.resolve(database.db));
  expect(new Set((await store.spansOf("l-slug")).map((span) => span.tenant))).toEqual(new Set([slug]));
  const bulk = all.flatMap((leaf) => (leaf.kind === "hands" && leaf.lease === "l-slug" ? leaf.commitment : []))[0] ?? "";
  expect((await store.bulk(bulk))?.tenant).toBe(slug);
  const own = new Map([[tenant, slug]]);
  const again = all.map((leaf) => withOrganisations(leaf, (pseudonym) => own.get(pseudonym) ?? pseudonym));
  expect(JSON.stringify(again)).not.toContain(tenant);
  expect(again.filter((leaf) => leaf.kind === "event" && leaf.subject === slug)).toHaveLength(events.length - 1);
  const subject = (await store.calledSo([tenant])).get(tenant);
  expect(subject).toBe(organisationSubject(slug));
  await database.db.execute(`DELETE FROM log_pseudonyms WHERE subject = '${subject}'`);
  expect(await store.calledSo([tenant])).toEqual(new Map());
});

test("tells of each state that a device comes to, and not of what else is reported of it", async () => {
  const sequencer = await started();
  const store = new DeviceStore(Promise.resolve(database.db));
  const device = { id: "d-stateful", name: null, firstSeen: new Date(1), lastSeen: new Date(2), isolated: false };
  const report = reportOf("d-stateful");
  for (const [state, level] of [
    ["connecting", 50],
    ["ready", 50],
    ["ready", 49],
    ["lost", 49],
  ] as const)
    await store.saveReports([{ ...device, state, report: { ...report, battery: { level, charging: true, temperature: 30 } } }]);
  await store.saveReports([{ ...device, state: "lost", isolated: true, report }]);
  await sequencer.take("g-1", batch("journalstates", 1, 1));
  const told = (await leaves()).flatMap((leaf) =>
    leaf.kind === "change" && leaf.table === "devices" ? [[leaf.op, leaf.row]] : [],
  );
  const row = (state: string, isolated = false) => ({ id: "d-stateful", agent: report.agentId, state, isolated });
  expect(told).toEqual([
    ["insert", row("connecting")],
    ["update", row("ready")],
    ["update", row("lost")],
    ["update", row("lost", true)],
  ]);
});

test("knows whose an epoch was after its lease was handed over", async () => {
  await database.db.execute(
    `INSERT INTO lease_terms (lease_id, device_id, epoch, actor) VALUES ('l-slug', 'd-slug', 2, 'u-before')`,
  );
  const store = new LogStore(Promise.resolve(database.db));
  expect([await store.leaseOf("d-slug", 2), await store.leaseOf("d-slug", 4), await store.leaseOf("d-slug", 3)]).toEqual([
    { lease: "l-slug", tenant: "acme-shops" },
    { lease: "l-slug", tenant: "acme-shops" },
    undefined,
  ]);
});

test("refuses what comes while too many batches wait, and takes it when it is sent again", async () => {
  const sequencer = await started();
  const floods = Array.from({ length: 260 }, async (_, at) => sequencer.take(`g-${at}`, batch(`journalflood${at}`, 1, 1)));
  const answers = await Promise.allSettled(floods);
  const refused = answers.flatMap((answer, at) => (answer.status === "rejected" ? [{ at, reason: answer.reason }] : []));
  expect(refused).toHaveLength(60);
  for (const { at, reason } of refused) {
    expect(reason).toMatchObject({ code: "log_away" });
    expect(await sequencer.take(`g-${at}`, batch(`journalflood${at}`, 1, 1))).toEqual({ upTo: 1 });
  }
});

test("appends nothing while full tiles cannot be stored, says why, and goes on when they can", async () => {
  const tiles = databaseTiles(Promise.resolve(database.db));
  let full = true;
  const put: typeof tiles.put = async (all) => {
    if (full) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    await tiles.put(all);
  };
  const sequencer = await started({ tiles: { ...tiles, put }, mostUnstoredBytes: 700_000 });
  let upTo = 0;
  const next = async () => {
    const order = batch("journalfull", upTo + 1, upTo + 200);
    upTo = (await sequencer.take("g-1", order))?.upTo ?? upTo;
  };
  const refused = async () => {
    for (;;) await next();
  };
  await expect(refused()).rejects.toMatchObject({ code: "log_away" });
  expect(upTo).toBeGreaterThan(0);
  await expect(next()).rejects.toMatchObject({ code: "log_away" });
  expect(sequencer.broken?.detail).toContain("no space left on device");
  expect(sequencer.leads).toBe(true);
  full = false;
  await expect.poll(() => sequencer.broken, { timeout: 5_000 }).toBeUndefined();
  await next();
  const told = numbersOf(await leaves(), "journalfull");
  expect(told).toEqual(Array.from({ length: upTo }, (_, at) => at + 1));
});
