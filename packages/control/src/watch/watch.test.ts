/** Flags on a whole control: what its agent journals becomes leaves, flags and pauses, and people decide about them. */
import { encodeMessage, JournalBatch, type JournalledDecision, subjects } from "@phonerack/contract/bus";
import { readLeaf, unpackEntries } from "@phonerack/policy";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { Person } from "../../test/person.js";
import { copyDatabase, type RunningControl, runControl, temporaryFolder, until } from "../../test/running-control.js";

const PASSWORD = "correct horse battery";
/** A checkpoint may be ten seconds away. */
vi.setConfig({ testTimeout: 40_000 });

const DEVICES = Array.from({ length: 9 }, (_, at) => `device-${at + 1}`);

let dataDir: string;
let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
let first: Person;
let boss: Person;
let second: Person;
let n = 0;

beforeAll(async () => {
  dataDir = await temporaryFolder();
  await copyDatabase(dataDir);
  await start();
  first = await Person.byLink(running);
  boss = await newBoss("acme");
  const invited = await first.ask("/invitations", { method: "POST", body: { email: "olga@lab.example", role: "operator" } });
  second = await Person.byInvitation(running, invited.body.link, { name: "Olga", password: PASSWORD });
}, 60_000);
afterAll(stop);

async function start(): Promise<void> {
  running = await runControl({ dataDir });
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(), 500);
  for (const id of DEVICES) agent.report(reportOf(id));
  await until(async () => (await running.ask("/health")).body.devices === DEVICES.length, "the devices");
}

async function stop(): Promise<void> {
  clearInterval(beating);
  agent.stop();
  await running.stop();
}

async function newBoss(id: string): Promise<Person> {
  const { body } = await first.ask("/tenants", { method: "POST", body: { id, name: id, owner: `boss@${id}.example` } });
  return Person.byInvitation(running, body.invitation.link, { name: `Boss of ${id}`, password: PASSWORD });
}

async function lease(who: Person, ...devices: string[]): Promise<string> {
  const { body } = await who.ask("/leases", { method: "POST", body: { devices } });
  expect(body).toMatchObject({ id: expect.any(String), phase: "active" });
  return body.id;
}

/** By hand in somebody else's shop, again and again, denied each time. */
async function push(device: string, times: number): Promise<void> {
  const epoch = agent.holds.get(device)?.epoch ?? 0;
  await journal(Array.from({ length: times }, () => denial(device, epoch)));
}

/** As the agent that has the devices. */
async function journal(entries: readonly JournalledDecision[]): Promise<void> {
  const batch = encodeMessage(JournalBatch, { journal: "journalwatched", entries: [...entries] });
  await running.bus.request(subjects.journal("agent-1"), batch, { timeoutMs: 5_000 });
}

function denial(device: string, epoch: number): JournalledDecision {
  const front = { package: "com.example.bazaar", signer: null, standing: "other", by: null } as const;
  const held = { actor: "u-1", holder: "u-1", epoch, leaseEpoch: epoch, phase: "leased" };
  const seen = { front, knownMs: 1, fresh: true, target: null, fence: "open", budget: { trial: false, hour: 20, day: 20 } };
  const facts = { mode: "unicast", action: "tap", ...held, ...seen } as const;
  return { n: ++n, at: Date.now(), device, facts, decision: "deny", rule: "hand-hourly", policy: "test" };
}

/** A script that would open an app of that name, which is nobody's here. */
function opening(name: string, device: string): JournalledDecision {
  const target = { package: name, signer: null, standing: "other", by: null } as const;
  const one = denial(device, agent.holds.get(device)?.epoch ?? 0);
  const facts = { ...one.facts, mode: "script", action: "launch", fence: "closed", target } as const;
  return { ...one, facts, rule: "many-target" };
}

function addAccount(device: string): void {
  const adding = {
    package: "com.google.android.gms",
    activity: "com.google.android.gms.auth.uiflows.addaccount.AddAccountActivity",
  };
  agent.report(reportOf(device, { foreground: adding }));
}

type FlagView = { rule: string; state: string; deviceId: string };
const flagsOf = async (who: Person) => (await who.ask("/flags")).body.items;
const flagOf = (rule: string, fits: (flag: FlagView) => boolean = () => true) =>
  until(async () => (await flagsOf(first)).find((flag: FlagView) => flag.rule === rule && fits(flag)), `a flag: ${rule}`);
const decide = (who: Person, id: string, body: object) => who.ask(`/flags/${id}/decision`, { method: "POST", body });

async function leaf(index: number): Promise<unknown> {
  const tile = await running.knock(`/log/entries/${String(Math.floor(index / 256)).padStart(3, "0")}`);
  const partial = tile.ok ? tile : await running.knock(`/log/entries/${await partialOf(index)}`);
  const entries = unpackEntries(new Uint8Array(await partial.arrayBuffer())) ?? [];
  const read = readLeaf(entries[index % 256] ?? new Uint8Array());
  return "leaf" in read ? read.leaf : read;
}

/** A checkpoint comes each 10 s. */
async function partialOf(index: number): Promise<string> {
  const signed = async () => {
    const { checkpoint } = (await running.ask("/log")).body;
    return checkpoint && checkpoint.size > index ? checkpoint : undefined;
  };
  const { size } = await until(signed, "a checkpoint", 20_000);
  return `${String(Math.floor(index / 256)).padStart(3, "0")}.p/${size % 256}`;
}

test("a flag pauses its lease at once, cites its leaves, and lets its organisation have no more until a person clears it", async () => {
  const id = await lease(boss, "device-1");
  await push("device-1", 40);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await flagsOf(first)).toEqual([]);
  const began = performance.now();
  await push("device-1", 1);
  const flag = await flagOf("budget");
  expect(flag).toMatchObject({ tenant: "acme", lease: id, deviceId: "device-1", pauses: "lease", paused: true, state: "open" });
  expect(flag.measured).toEqual({ hour: 41, day: 41 });
  expect(flag.leaves.length).toBe(41);
  await until(() => agent.grounds.get("acme")?.paused?.holds.length === 1, "the agent is told");
  expect(performance.now() - began).toBeLessThan(2_000);
  // To the world an organisation is a pseudonym; its own receipts are its own.
  const pseudonym = expect.stringMatching(/^t-[0-9a-f]{20}$/);
  const cited = { kind: "decision", device: "device-1", lease: id, tenant: pseudonym, rule: "hand-hourly" };
  expect(await leaf(flag.leaves[0])).toMatchObject(cited);
  const { items } = (await boss.ask(`/leases/${id}/receipts?denials=true`)).body;
  expect(items[0]).toMatchObject({ index: flag.leaves[0], kind: "decision", decision: "deny" });
  expect(agent.grounds.get("acme")?.paused).toEqual({
    all: false,
    holds: [{ device: "device-1", epoch: agent.holds.get("device-1")?.epoch }],
  });
  for (const [path, body] of [
    ["/leases", { devices: ["device-2"] }],
    ["/leases", { devices: ["device-1"], wait: true }],
    ["/leases", { devices: ["device-2"], from: Date.now() + 3_600_000, until: Date.now() + 5_400_000 }],
    [`/leases/${id}/extend`, { until: Date.now() + 7_200_000 }],
    [`/leases/${id}/handover`, { to: "boss@acme.example" }],
  ] as const)
    expect({ path, body, ...(await boss.ask(path, { method: "POST", body })).body }).toMatchObject({ path, code: "paused" });
  // Others are not touched by it.
  expect((await first.ask("/leases", { method: "POST", body: { devices: ["device-2"] } })).body).toMatchObject({
    phase: "active",
  });
  const [theirs] = await flagsOf(boss);
  expect(theirs).toMatchObject({ id: flag.id, appealable: true });

  const { body: appealed } = await boss.ask(`/flags/${flag.id}/appeal`, {
    method: "POST",
    body: { reason: "a test of the limit" },
  });
  expect(appealed).toMatchObject({ state: "appealed", paused: true, appealable: false });
  expect((await boss.ask(`/flags/${flag.id}/appeal`, { method: "POST", body: { reason: "again" } })).body.code).toBe(
    "flag_settled",
  );
  const { body: key } = await first.ask("/keys", {
    method: "POST",
    body: { name: "bot", scopes: ["operate", "read"], role: "owner" },
  });
  const bot = Person.byBearer(running, key.key);
  expect((await decide(bot, flag.id, { verdict: "cleared", reason: "by a program" })).body.code).toBe("forbidden");
  expect((await decide(boss, flag.id, { verdict: "cleared", reason: "by themselves" })).body.code).toBe("forbidden");
  expect((await decide(first, flag.id, { verdict: "cleared" })).body.code).toBe("bad_request");
  expect((await decide(first, flag.id, { verdict: "cleared", reason: "shown to us" })).body).toMatchObject({
    state: "cleared",
    paused: false,
  });
  await until(() => agent.grounds.get("acme")?.paused === undefined, "the agent is told that it goes on");
  await lease(boss, "device-3");
  const [seen] = await flagsOf(boss);
  expect(seen.history.map(({ what, by }: { what: string; by: unknown }) => [what, by])).toEqual([
    ["raised", null],
    ["appealed", { actor: expect.any(String), name: "Boss of acme" }],
    ["cleared", { actor: "lab", name: "The lab" }],
  ]);

  // What was cleared does not count any more; what is done anew does.
  await push("device-1", 40);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await flagsOf(boss)).length).toBe(1);
  await push("device-1", 1);
  await until(async () => (await flagsOf(boss)).length === 2, "another flag");
}, 60_000);

test("to end a lease takes an upheld flag, and who appeals is decided about by another person", async () => {
  const flag = await flagOf("budget", ({ state }) => state === "open");
  expect((await decide(first, flag.id, { verdict: "cleared", reason: "both at once", end: "lease" })).body.code).toBe(
    "bad_request",
  );
  const { body } = await decide(first, flag.id, { verdict: "upheld", reason: "a program in a person's name", end: "lease" });
  expect(body).toMatchObject({ state: "upheld" });
  expect(body.history.map(({ what }: { what: string }) => what)).toEqual(["raised", "upheld", "lease-ended"]);
  const { body: ended } = await boss.ask(`/leases/${flag.lease}`);
  expect(ended).toMatchObject({ phase: "ended", endReason: "kicked", endNote: expect.stringContaining(flag.id) });
  // With the lease its pause is over: the organisation may go on.
  await until(() => agent.holds.get("device-1")?.phase === "free", "cleaned");
  expect((await boss.ask(`/flags/${flag.id}`)).body).toMatchObject({ pauses: "lease", paused: false });
  const again = await boss.ask("/leases", { method: "POST", body: { devices: ["device-1"] } });
  expect(again.body).toMatchObject({ phase: "active" });
  expect((await boss.ask(`/flags/${flag.id}/appeal`, { method: "POST", body: { reason: "it was a person" } })).status).toBe(200);
  expect((await decide(first, flag.id, { verdict: "upheld", reason: "as I said" })).body.code).toBe("forbidden");
  expect((await decide(second, flag.id, { verdict: "cleared", reason: "it was a person" })).body).toMatchObject({
    state: "cleared",
  });
}, 30_000);

test("counts go on after a restart, and no leaf counts twice", async () => {
  await push("device-3", 25);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const held = new Map(agent.holds);
  await stop();
  await start();
  for (const [id, hold] of held) agent.hold(id, hold);
  first = await Person.byLink(running);
  boss = await Person.byPassword(running, "boss@acme.example", PASSWORD);
  second = await Person.byPassword(running, "olga@lab.example", PASSWORD);
  await push("device-3", 15);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await flagsOf(first)).filter((flag: { deviceId: string }) => flag.deviceId === "device-3")).toEqual([]);
  await push("device-3", 1);
  expect((await flagOf("budget", ({ deviceId }) => deviceId === "device-3")).measured).toEqual({ hour: 41, day: 41 });
}, 60_000);

test("accounts on two phones pause, and an organisation that is ended holds nothing and gets nothing until another person clears it", async () => {
  const shop = await newBoss("shop");
  const id = await lease(shop, "device-4");
  addAccount("device-4");
  const flag = await flagOf("accounts");
  expect(flag).toMatchObject({ tenant: "shop", lease: id, deviceId: "device-4", pauses: "nothing", paused: false });
  const ended = await decide(first, flag.id, { verdict: "upheld", reason: "accounts were sold", end: "organisation" });
  expect(ended.body).toMatchObject({ state: "upheld", pauses: "organisation", paused: true });
  expect((await shop.ask(`/leases/${id}`)).body.phase).toBe("ended");
  await until(() => agent.holds.get("device-4")?.phase === "free", "cleaned");
  const refused = await shop.ask("/leases", { method: "POST", body: { devices: ["device-4"] } });
  expect(refused.body).toMatchObject({ code: "paused", detail: expect.stringContaining(flag.id) });
  await shop.ask(`/flags/${flag.id}/appeal`, { method: "POST", body: { reason: "a sign-in test of our own" } });
  expect((await decide(first, flag.id, { verdict: "cleared", reason: "never mind" })).body.code).toBe("forbidden");
  expect((await decide(second, flag.id, { verdict: "cleared", reason: "they showed their test" })).status).toBe(200);
  await lease(shop, "device-4");
}, 30_000);

test("a flag on one lease pauses that lease, also where the same organisation had one before", async () => {
  const farm = await newBoss("farm");
  await lease(farm, "device-5");
  const id = await lease(farm, "device-6", "device-7", "device-8", "device-9");
  addAccount("device-5");
  await flagOf("accounts", ({ deviceId }) => deviceId === "device-5");
  addAccount("device-6");
  const flag = await flagOf("accounts", ({ deviceId }) => deviceId === "device-6");
  expect(flag).toMatchObject({ tenant: "farm", lease: id, pauses: "lease", paused: true });
  const paused = () =>
    agent.grounds
      .get("farm")
      ?.paused?.holds.map(({ device }) => device)
      .sort();
  await expect.poll(paused).toEqual(["device-6", "device-7", "device-8", "device-9"]);
  await decide(first, flag.id, { verdict: "upheld", reason: "accounts were sold", end: "lease" });
  const freed = ["device-6", "device-7", "device-8", "device-9"];
  await until(() => freed.every((one) => agent.holds.get(one)?.phase === "free"), "cleaned");
  const next = await lease(farm, "device-6");
  agent.report(reportOf("device-6"));
  addAccount("device-6");
  const another = await until(
    async () => (await flagsOf(farm)).find((one: { lease: string }) => one.lease === next),
    "a flag on the new lease",
  );
  expect(another).toMatchObject({ rule: "accounts", pauses: "lease", paused: true, state: "open" });
  await expect.poll(paused).toEqual(["device-6"]);
  expect((await decide(first, another.id, { verdict: "cleared", reason: "a sign-in test" })).status).toBe(200);
}, 30_000);

test("names made up by the dozen bury nobody in flags", async () => {
  const owner = await Person.byPassword(running, "boss@farm.example", PASSWORD);
  await lease(owner, "device-7", "device-8", "device-9");
  const names = Array.from({ length: 30 }, (_, at) => `made.up.n${at}`);
  const phones = ["device-5", "device-6", "device-7", "device-8", "device-9"];
  await journal(names.flatMap((name) => phones.map((device) => opening(name, device))));
  const fanned = async () => (await flagsOf(owner)).filter(({ rule }: { rule: string }) => rule === "fan-out");
  await until(async () => (await fanned()).length === 20, "20 flags");
  await push("device-5", 1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect((await fanned()).length).toBe(20);
  expect((await fanned()).every(({ paused }: { paused: boolean }) => !paused)).toBe(true);
}, 30_000);

test("about an organisation of one's own another person decides, while there is one; an appeal never waits for nobody", async () => {
  const flag = await flagOf("fan-out");
  const owner = await Person.byPassword(running, "boss@farm.example", PASSWORD);
  const invitation = { email: "olga@lab.example", role: "member" };
  const { body: invited } = await owner.ask("/invitations", { method: "POST", body: invitation });
  expect((await second.accept(invited.link)).status).toBe(200);
  expect((await decide(second, flag.id, { verdict: "cleared", reason: "we are no shell" })).body.code).toBe("forbidden");
  expect((await decide(first, flag.id, { verdict: "upheld", reason: "invented names" })).status).toBe(200);
  expect((await owner.ask(`/flags/${flag.id}/appeal`, { method: "POST", body: { reason: "a loop gone wild" } })).status).toBe(
    200,
  );
  // Of those who run the lab only Olga is left, who is one of them.
  expect((await decide(first, flag.id, { verdict: "cleared", reason: "so it was" })).body).toMatchObject({ state: "cleared" });
}, 30_000);
