/** What is kept of a person, on a whole control: given out, and erased until nothing in the database says who they were; and what is old goes by itself. */
import { encodeMessage, JournalBatch, subjects } from "@phonerack/contract/bus";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { Person } from "../../test/person.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, silent, temporaryFolder, until } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import { PrivacyStore } from "./store.js";

const PASSWORD = "correct horse battery";
const [NAME, MAIL] = ["Zebulon Quickwater", "zebulon@acme.example"];

let postgres: PostgresServer;
let database: Database;
let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
let boss: Person;
let zeb: Person;
let id: string;

beforeAll(async () => {
  expect(hasPostgres).toBe(true);
  postgres = await startPostgres();
  database = await openDatabase({ kind: "postgres", url: postgres.url }, { dataDir: await temporaryFolder(), log: silent });
  running = await runControl({ dataDir: await temporaryFolder(), database: { kind: "postgres", url: postgres.url } });
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(), 500);
  agent.report(reportOf("device-1"));
  await until(async () => (await running.ask("/health")).body.devices === 1, "the device");
  const first = await Person.byLink(running);
  const made = await first.ask("/tenants", { method: "POST", body: { id: "acme", name: "Acme", owner: "boss@acme.example" } });
  boss = await Person.byInvitation(running, made.body.invitation.link, { name: "Boss", password: PASSWORD });
  const invited = await boss.ask("/invitations", { method: "POST", body: { email: MAIL, role: "member" } });
  zeb = await Person.byInvitation(running, invited.body.link, { name: NAME, password: PASSWORD });
  id = (await zeb.ask("/session")).body.actor;
}, 90_000);
afterAll(async () => {
  clearInterval(beating);
  agent.stop();
  await running.stop();
  await database.stop();
  await postgres.stop();
});

async function all<T>(query: string): Promise<T[]> {
  return ((await database.db.execute(query)) as unknown as { rows: T[] }).rows;
}

/** All of the database as text, but for what is hashed or sealed. */
async function everything(): Promise<string> {
  const tables = await all<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
  );
  const text: string[] = [];
  for (const { name } of tables) {
    const found = await all<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`);
    text.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return text.join("\n");
}

async function live(): Promise<string> {
  const { body: lease } = await zeb.ask("/leases", { method: "POST", body: { devices: ["device-1"], purpose: "tests" } });
  const { body: key } = await zeb.ask("/keys", { method: "POST", body: { name: "zeb's bot", scopes: ["read"] } });
  expect(key.info.id).toEqual(expect.any(String));
  // By hand, into the log: its bulk is kept with a salt.
  const epoch = agent.holds.get("device-1")?.epoch ?? 0;
  const front = { package: "com.acme.shop", signer: null, standing: "owned", by: "a-1" } as const;
  const held = { actor: id, holder: id, epoch, leaseEpoch: epoch, phase: "leased" };
  const seen = { front, knownMs: 1, fresh: true, target: null, fence: "open", budget: { trial: false, hour: 0, day: 0 } };
  const facts = { mode: "unicast", action: "tap", ...held, ...seen } as const;
  const entry = {
    n: 1,
    at: Date.now(),
    device: "device-1",
    facts,
    decision: "allow",
    rule: "hand-owned",
    policy: "test",
  } as const;
  const batch = encodeMessage(JournalBatch, { journal: "journalprivate", entries: [entry] });
  await running.bus.request(subjects.journal("agent-1"), batch, { timeoutMs: 5_000 });
  await boss.ask(`/leases/${lease.id}/release`, { method: "POST", body: {} });
  // A window is closed after ten seconds, and some more for who is late.
  const bulks = () => all(`SELECT FROM log_bulks WHERE lease = '${lease.id}'`);
  await expect.poll(async () => (await bulks()).length, { timeout: 30_000 }).toBe(1);
  return lease.id;
}

test("all that is kept of somebody is told and given to them, secrets left out, and to nobody else's program", async () => {
  await live();
  const { body: kept } = await zeb.ask("/privacy");
  const counts = Object.fromEntries(kept.items.map(({ kind, count }: { kind: string; count: number }) => [kind, count]));
  expect(counts).toMatchObject({ account: 1, leases: 1, hands: 1, "log-ins": expect.any(Number) });
  expect(counts["log-ins"]).toBeGreaterThan(0);
  const { body: data } = await zeb.ask("/privacy/export");
  expect(data.person).toMatchObject({ id, name: NAME, email: MAIL, organisations: ["acme"] });
  expect(data.pseudonym).toMatch(/^p-[0-9a-f]{20}$/);
  expect(data.leaves.length).toBeGreaterThan(0);
  expect(Object.keys(data.records)).toEqual(expect.arrayContaining(["users", "members", "leases", "events", "auth_sessions"]));
  const text = JSON.stringify(data);
  expect(text).toContain(NAME);
  for (const secret of ['"token"', '"password"', '"key":']) expect(text).not.toContain(secret);
  const { body: key } = await zeb.ask("/keys", { method: "POST", body: { name: "all", scopes: ["read", "manage"] } });
  expect((await Person.byBearer(running, key.key).ask("/privacy/export")).body.code).toBe("forbidden");
}, 60_000);

test("an erasure takes their own address, and leaves no record of who they were; the log's leaves are nobody's", async () => {
  expect((await zeb.ask("/privacy/erasure", { method: "POST", body: { email: "somebody@else.example" } })).body.code).toBe(
    "bad_request",
  );
  expect(await everything()).toContain(MAIL);
  const { body } = await zeb.ask("/privacy/erasure", { method: "POST", body: { email: MAIL } });
  expect(body).toMatchObject({ alias: expect.stringMatching(/^erased-[0-9a-f]{12}$/), bulks: 1, held: [] });
  expect((await zeb.ask("/session")).status).toBe(401);
  const found = await everything();
  for (const who of [NAME, MAIL, "Zebulon"]) expect(found.split("\n").filter((row) => row.includes(who))).toEqual([]);
  expect(found.split("\n").filter((row) => row.includes(id) && !/^log_(?:queue|pseudonyms) /.test(row))).toEqual([]);
  // What waited for the log came in by a name that is forgotten again.
  await until(async () => !(await everything()).includes(id), "their id is gone from what waited, too");
  const leases = (await boss.ask("/leases")).body.items;
  expect(leases[0]).toMatchObject({ actor: body.alias, actorName: "erased" });
}, 60_000);

test("of who made the lab, of a member of several organisations and by a program it is refused", async () => {
  const first = await Person.byLink(running);
  const { body: session } = await first.ask("/session");
  const own = await first.ask("/privacy/erasure", { method: "POST", body: { email: session.email ?? "nobody@lab.example" } });
  expect(own.body.code).toMatch(/^(?:last_owner|bad_request)$/);
  expect((await boss.ask("/members/nobody/erasure", { method: "POST", body: {} })).body.code).toBe("member_not_found");
  const { body: key } = await boss.ask("/keys", { method: "POST", body: { name: "all", scopes: ["manage"], role: "owner" } });
  expect((await Person.byBearer(running, key.key).ask("/members/nobody/erasure", { method: "POST", body: {} })).body.code).toBe(
    "forbidden",
  );
});

test("what is over goes after its days, and nothing before", async () => {
  const store = new PrivacyStore(Promise.resolve(database.db));
  const days = { leases: 30, events: 30, work: 30, cases: 30 };
  const count = async () => {
    const [found] = await all<{ events: number; leases: number }>(
      "SELECT (SELECT count(*)::int FROM events) AS events, (SELECT count(*)::int FROM leases) AS leases",
    );
    return found ?? { events: 0, leases: 0 };
  };
  const before = await count();
  await store.sweep(days);
  const after = await count();
  // Events are written some moments after what they tell of.
  expect(after.events).toBeGreaterThanOrEqual(before.events);
  expect(after.leases).toBe(before.leases);
  await all("UPDATE events SET at = at - interval '31 days'");
  await all("UPDATE leases SET ended_at = ended_at - interval '31 days' WHERE phase = 'ended'");
  await store.sweep(days);
  expect(await count()).toMatchObject({ leases: 0 });
  expect((await count()).events).toBeLessThan(before.events);
});
