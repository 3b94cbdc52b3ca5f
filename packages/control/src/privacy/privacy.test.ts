/** What is kept of a person, on a whole control: given out, and erased until nothing in the database says who they were; and what is old goes by itself. */
import { encodeMessage, JournalBatch, subjects } from "@phonerack/contract/bus";
import { unpackEntries } from "@phonerack/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { Person } from "../../test/person.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, silent, temporaryFolder, until } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import { PrivacyStore } from "./store.js";

const decoder = new TextDecoder();
const DAY_MS = 24 * 3_600_000;
const DAYS = { leases: 30, events: 30, work: 30, cases: 40 };
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
let lease: string;

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

let lines = 0;
/** One tap of who holds the device, into the log: its bulk is kept with a salt. */
async function handsBy(actor: string, device = "device-1"): Promise<void> {
  const epoch = agent.holds.get(device)?.epoch ?? 0;
  const front = { package: "com.acme.shop", signer: null, standing: "owned", by: "a-1" } as const;
  const held = { actor, holder: actor, epoch, leaseEpoch: epoch, phase: "leased" };
  const seen = { front, knownMs: 1, fresh: true, target: null, fence: "open", budget: { trial: false, hour: 0, day: 0 } };
  const facts = { mode: "unicast", action: "tap", ...held, ...seen } as const;
  const decided = { decision: "allow", rule: "hand-owned", policy: "test" } as const;
  const entry = { n: ++lines, at: Date.now(), device, facts, ...decided };
  const batch = encodeMessage(JournalBatch, { journal: "journalprivate", entries: [entry] });
  await running.bus.request(subjects.journal("agent-1"), batch, { timeoutMs: 5_000 });
}

async function live(): Promise<string> {
  const { body: lease } = await zeb.ask("/leases", { method: "POST", body: { devices: ["device-1"], purpose: "tests" } });
  const { body: key } = await zeb.ask("/keys", { method: "POST", body: { name: "zeb's bot", scopes: ["read"] } });
  expect(key.info.id).toEqual(expect.any(String));
  await handsBy(id);
  await boss.ask(`/leases/${lease.id}/release`, { method: "POST", body: {} });
  // A window is closed after ten seconds, and some more for who is late.
  const bulks = () => all(`SELECT FROM log_bulks WHERE lease = '${lease.id}'`);
  await expect.poll(async () => (await bulks()).length, { timeout: 30_000 }).toBe(1);
  return lease.id;
}

test("all that is kept of somebody is told and given to them, secrets left out, and to nobody else's program", async () => {
  lease = await live();
  const { body: kept } = await zeb.ask("/privacy");
  const counts = Object.fromEntries(kept.items.map(({ kind, count }: { kind: string; count: number }) => [kind, count]));
  expect(counts).toMatchObject({ account: 1, leases: 1, hands: 1, "log-ins": expect.any(Number) });
  expect(counts["log-ins"]).toBeGreaterThan(0);
  const { body: data } = await zeb.ask("/privacy/export");
  expect(data.person).toMatchObject({ id, name: NAME, email: MAIL, organisations: ["acme"] });
  expect(data.pseudonym).toMatch(/^p-[0-9a-f]{20}$/);
  expect(data.leaves.length).toBeGreaterThan(0);
  expect(data.hands).toEqual([expect.objectContaining({ lease, decisions: [expect.objectContaining({ rule: "hand-owned" })] })]);
  expect(Object.keys(data.records)).toEqual(expect.arrayContaining(["users", "members", "leases", "events", "auth_sessions"]));
  const text = JSON.stringify(data);
  expect(text).toContain(NAME);
  for (const secret of ['"token"', '"password"', '"key":']) expect(text).not.toContain(secret);
  const { body: key } = await zeb.ask("/keys", { method: "POST", body: { name: "all", scopes: ["read", "manage"] } });
  expect((await Person.byBearer(running, key.key).ask("/privacy/export")).body.code).toBe("forbidden");
}, 60_000);

test("an owner is given what is kept of their member, but not how they log in; nobody asks without end", async () => {
  const { body: data } = await boss.ask(`/members/${id}/privacy`);
  expect(data.person).toMatchObject({ id, name: NAME });
  expect(data.hands).toHaveLength(1);
  const given = Object.keys(data.records);
  expect(given).toEqual(expect.arrayContaining(["users", "members", "leases"]));
  for (const own of ["auth_sessions", "auth_accounts", "passkeys", "two_factors", "device_codes"])
    expect(given).not.toContain(own);
  // They see that it was done.
  await expect
    .poll(async () => (await zeb.ask("/privacy/export")).body.records?.events?.map(({ kind }: { kind: string }) => kind))
    .toContain("privacy.exported");
  expect((await zeb.ask(`/members/${id}/privacy`)).body.code).toBe("forbidden");
  const asked = [];
  for (let n = 0; n < 6; n++) asked.push((await boss.ask(`/members/${id}/privacy`)).status);
  expect(asked).toEqual([200, 200, 200, 200, 429, 429]);
});

test("an address that ends as somebody else's does reaches nothing of theirs, whoever chose it", async () => {
  const first = await Person.byLink(running);
  const made = await first.ask("/tenants", { method: "POST", body: { id: "beta", name: "Beta", owner: "lead@beta.example" } });
  const lead = await Person.byInvitation(running, made.body.invitation.link, { name: "Lead", password: PASSWORD });
  // Ends zebulon@acme.example, and is called as members of records are.
  const invited = await lead.ask("/invitations", { method: "POST", body: { email: "on@acme.example", role: "member" } });
  const sly = await Person.byInvitation(running, invited.body.link, { name: "state", password: PASSWORD });
  const { body: data } = await sly.ask("/privacy/export");
  expect(JSON.stringify(data)).not.toMatch(/zebulon/i);
  expect((await sly.ask("/privacy/erasure", { method: "POST", body: { email: "on@acme.example" } })).status).toBe(200);
  expect(await all(`SELECT FROM users WHERE id = '${id}' AND email = '${MAIL}'`)).toHaveLength(1);
  expect(await all("SELECT FROM users WHERE email = 'lead@beta.example'")).toHaveLength(1);
}, 30_000);

/** Where people's names and addresses stand that they have not written themselves. */
async function nameEverywhere(): Promise<void> {
  await boss.ask("/devices/device-1/quarantine", { method: "POST", body: { reason: "looked at" } });
  const at = Date.now();
  const history = [{ at, what: "appealed", by: { actor: id, name: NAME }, reason: `ask ${MAIL.toUpperCase()}, or xx${MAIL}` }];
  await all(
    `INSERT INTO flags (id, rule, tenant, lease, device_id, at, leaves, numbers, state, history) VALUES ('w-aaaaaaaaaaaa', 'budget', 'acme', '${lease}', 'device-1', now(), '[1]', '{}', 'open', '${JSON.stringify(history)}')`,
  );
  const facts = { responsible: { name: NAME, email: MAIL }, signedOff: { by: id, name: NAME, at } };
  await all(`INSERT INTO tenancies (tenant, tier, facts, state, at, by) VALUES ('acme', 'T1', '${JSON.stringify(facts)}', 'active', now(), '${id}')
    ON CONFLICT (tenant) DO UPDATE SET facts = excluded.facts, by = excluded.by`);
  await all(`UPDATE leases SET end_note = '${NAME}: it was done' WHERE id = '${lease}'`);
}

test("an erasure takes their own address, and leaves no record of who they were; the log's leaves are nobody's", async () => {
  await nameEverywhere();
  // A key that is gone when they ask, and one of their adb's: both have names in the log.
  const { body: gone } = await zeb.ask("/keys", { method: "POST", body: { name: "gone", scopes: ["read"] } });
  await zeb.ask(`/keys/${gone.info.id}`, { method: "DELETE" });
  await all(`INSERT INTO adb_keys (id, actor, name, key, fingerprint, created_at)
    VALUES ('k-aaaaaaaaaa', '${id}', 'z@laptop', 'x', '00:11:22', now())`);
  const named = `subject IN ('${gone.info.id}', 'key:${gone.info.id}', 'adb-key 00:11:22')`;
  await until(async () => (await all(`SELECT FROM log_pseudonyms WHERE ${named}`)).length >= 2, "they stand in the log");
  expect((await zeb.ask("/privacy/erasure", { method: "POST", body: { email: "somebody@else.example" } })).body.code).toBe(
    "bad_request",
  );
  expect(await everything()).toContain(MAIL);
  const { body } = await zeb.ask("/privacy/erasure", { method: "POST", body: { email: MAIL } });
  // Somebody has still to decide about the lease.
  expect(body).toMatchObject({ alias: expect.stringMatching(/^erased-[0-9a-f]{12}$/), bulks: 0, held: [lease] });
  expect((await zeb.ask("/session")).status).toBe(401);
  const found = (await everything()).replaceAll(`xx${MAIL}`, "");
  for (const who of [NAME, MAIL, MAIL.toUpperCase(), "Zebulon"])
    expect(found.split("\n").filter((row) => row.includes(who))).toEqual([]);
  // What waited for the log came in by a name that is forgotten again.
  await until(async () => !(await everything()).includes(id), "their id is gone from what waited, too");
  expect(await all(`SELECT FROM log_pseudonyms WHERE ${named}`)).toEqual([]);
  const leases = (await boss.ask("/leases")).body.items;
  expect(leases[0]).toMatchObject({ actor: body.alias, actorName: "erased", endNote: "erased: it was done" });
  const [flag] = await all<{ history: unknown }>("SELECT history FROM flags");
  // The longer address is somebody else's.
  const reason = `ask ${body.alias}, or xx${MAIL}`;
  expect(flag?.history).toEqual([
    { at: expect.any(Number), what: "appealed", by: { actor: body.alias, name: "erased" }, reason },
  ]);
}, 60_000);

test("what hands did goes when it is decided about the lease, also by a control that began after", async () => {
  const store = new PrivacyStore(Promise.resolve(database.db));
  const bulks = () => all(`SELECT FROM log_bulks WHERE lease = '${lease}'`);
  const now = Date.now();
  await store.settle(now);
  expect(await bulks()).toHaveLength(1);
  await all("UPDATE flags SET state = 'cleared'");
  await all(`INSERT INTO log_pseudonyms (subject, pseudonym, at) VALUES ('${id}', 'p-came-late', now())`);
  await store.settle(now);
  expect(await bulks()).toEqual([]);
  expect(await all("SELECT FROM log_pseudonyms WHERE pseudonym = 'p-came-late'")).toEqual([]);
  // Some day the erasure itself is forgotten.
  const remembered = () => all("SELECT FROM settings WHERE starts_with(key, 'erased ')");
  expect(await remembered()).toHaveLength(2);
  await store.settle(now + 92 * DAY_MS);
  expect(await remembered()).toEqual([]);
});

test("no leaf says who anybody is: neither their id, nor their address, nor whose organisation it was", async () => {
  let leaves: string[] = [];
  // All that was ever appended, also what no checkpoint has signed yet: no tile of this log is full.
  const appended = async () => {
    const found = await all<{ size: string; entries: Uint8Array }>(
      `SELECT h.size, t.entries FROM log_head h, log_tail t ORDER BY t."from"`,
    );
    leaves = found.flatMap(({ entries }) => unpackEntries(Uint8Array.from(entries)) ?? []).map((leaf) => decoder.decode(leaf));
    expect(leaves).toHaveLength(Number(found[0]?.size));
    return leaves.some((leaf) => leaf.includes('"privacy.erased"'));
  };
  await expect.poll(appended, { timeout: 10_000 }).toBe(true);
  expect(leaves.some((leaf) => leaf.includes('"table":"members"'))).toBe(true);
  expect(leaves.some((leaf) => leaf.includes('"privacy.exported"'))).toBe(true);
  for (const said of [id, NAME, MAIL, '"acme"', "acme:", '"beta"', "beta:"])
    expect(leaves.filter((leaf) => leaf.includes(said))).toEqual([]);
});

test("of who made the lab, of a member of several organisations and by a program it is refused", async () => {
  const first = await Person.byLink(running);
  const { body: session } = await first.ask("/session");
  const own = await first.ask("/privacy/erasure", { method: "POST", body: { email: session.email ?? "nobody@lab.example" } });
  expect(own.body.code).toMatch(/^(?:last_owner|bad_request)$/);
  // Boss would leave a member behind.
  const invited = await boss.ask("/invitations", { method: "POST", body: { email: "left@acme.example", role: "member" } });
  await Person.byInvitation(running, invited.body.link, { name: "Left", password: PASSWORD });
  const left = await boss.ask("/privacy/erasure", { method: "POST", body: { email: "boss@acme.example" } });
  expect(left.body).toMatchObject({ code: "last_owner", detail: "Acme" });
  expect((await boss.ask("/session")).status).toBe(200);
  expect((await boss.ask("/members/nobody/erasure", { method: "POST", body: {} })).body.code).toBe("member_not_found");
  const { body: key } = await boss.ask("/keys", { method: "POST", body: { name: "all", scopes: ["manage"], role: "owner" } });
  expect((await Person.byBearer(running, key.key).ask("/members/nobody/erasure", { method: "POST", body: {} })).body.code).toBe(
    "forbidden",
  );
});

test("what is over goes after its days, and nothing before; a lease about which nobody has decided stays", async () => {
  const store = new PrivacyStore(Promise.resolve(database.db));
  const sweep = async (at: number) => {
    while (await store.sweep(DAYS, at));
  };
  const count = async () => {
    const [found] = await all<
      Record<string, number>
    >(`SELECT (SELECT count(*)::int FROM events) AS events, (SELECT count(*)::int FROM leases) AS leases,
      (SELECT count(*)::int FROM lease_devices) AS devices, (SELECT count(*)::int FROM flags) AS flags`);
    return found;
  };
  // More than one pass takes.
  await all(
    "INSERT INTO events (at, actor, kind, subject, detail) SELECT now(), 'system', 'test.many', 'x', '{}' FROM generate_series(1, 1200)",
  );
  // Asking for them writes those that wait to be written.
  await boss.ask("/events");
  const now = Date.now();
  await sweep(now + 29 * DAY_MS);
  const before = await count();
  expect(before).toMatchObject({ leases: 1, devices: 1, flags: 1 });
  expect(before?.events).toBeGreaterThan(1_200);
  await all("UPDATE flags SET state = 'appealed'");
  // Two controls at once.
  await Promise.all([sweep(now + 31 * DAY_MS), sweep(now + 31 * DAY_MS)]);
  expect(await count()).toEqual({ events: 0, leases: 1, devices: 1, flags: 1 });
  await all("UPDATE flags SET state = 'upheld'");
  await sweep(now + 31 * DAY_MS);
  expect(await count()).toEqual({ events: 0, leases: 0, devices: 0, flags: 1 });
  await sweep(now + 41 * DAY_MS);
  expect(await count()).toEqual({ events: 0, leases: 0, devices: 0, flags: 0 });
}, 30_000);

test("what hands did before a lease was handed over stays theirs: given to them, and gone with them alone", async () => {
  const first = await Person.byLink(running);
  const made = await first.ask("/tenants", { method: "POST", body: { id: "gamma", name: "Gamma", owner: "lead@gamma.example" } });
  const lead = await Person.byInvitation(running, made.body.invitation.link, { name: "Lead", password: PASSWORD });
  agent.report(reportOf("device-2", { slot: 2, reach: "virtual" }));
  await until(async () => (await first.ask("/devices/device-2")).status === 200, "the device");
  const join = async (name: string) => {
    const email = `${name.toLowerCase()}@gamma.example`;
    const invited = await lead.ask("/invitations", { method: "POST", body: { email, role: "member" } });
    const person = await Person.byInvitation(running, invited.body.link, { name, password: PASSWORD });
    return { person, id: (await person.ask("/session")).body.actor as string };
  };
  const [{ person: ann, id: annId }, { person: bea, id: beaId }] = [await join("Ann"), await join("Bea")];
  const { body: handed } = await ann.ask("/leases", { method: "POST", body: { devices: ["device-2"] } });
  await handsBy(annId, "device-2");
  const before = agent.holds.get("device-2")?.epoch;
  expect((await ann.ask(`/leases/${handed.id}/handover`, { method: "POST", body: { to: beaId } })).status).toBe(200);
  await until(() => agent.holds.get("device-2")?.epoch !== before, "the new epoch");
  await handsBy(beaId, "device-2");
  await bea.ask(`/leases/${handed.id}/release`, { method: "POST", body: {} });
  const bulks = () => all(`SELECT tenant FROM log_bulks WHERE lease = '${handed.id}'`);
  await expect.poll(async () => (await bulks()).length, { timeout: 30_000 }).toBe(2);
  const { body: hers } = await ann.ask("/privacy/export");
  const by = (actor: string) => expect.objectContaining({ facts: expect.objectContaining({ actor }) });
  expect(hers.hands).toEqual([expect.objectContaining({ lease: handed.id, decisions: [by(hers.pseudonym)] })]);
  const { body: others } = await bea.ask("/privacy/export");
  expect(others.hands).toEqual([expect.objectContaining({ decisions: [by(others.pseudonym)] })]);
  const { body: erased } = await ann.ask("/privacy/erasure", { method: "POST", body: { email: "ann@gamma.example" } });
  expect(erased).toMatchObject({ bulks: 1, held: [] });
  expect(await bulks()).toHaveLength(1);
  const terms = () => all<{ actor: string }>("SELECT actor FROM lease_terms");
  expect(await terms()).toEqual([{ actor: erased.alias }]);
  await until(async () => !(await everything()).includes(annId), "her id is gone from what waited, too");
  // Its terms go with the lease.
  while (await new PrivacyStore(Promise.resolve(database.db)).sweep(DAYS, Date.now() + 31 * DAY_MS));
  expect(await terms()).toEqual([]);
}, 60_000);
