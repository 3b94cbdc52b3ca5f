/** Tiers on a whole control: who gives them, what they ask for, and what becomes of leases when they fall. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { Person } from "../../test/person.js";
import { type RunningControl, runControl, until } from "../../test/running-control.js";
import { uploadApk } from "../../test/upload-apk.js";

const PASSWORD = "correct horse battery";
const DAY = 86_400_000;
const PHONES = Array.from({ length: 22 }, (_, n) => `phone-${n + 1}`);

let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
let first: Person;
let boss: Person;

beforeAll(async () => {
  running = await runControl();
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(), 1_000);
  for (const [n, id] of PHONES.entries()) agent.report(reportOf(id, { reach: "usb", slot: (n % 20) + 1 }));
  agent.report(reportOf("virtual-1"));
  await until(async () => (await running.ask("/health")).body.devices === PHONES.length + 1, "the devices");
  first = await Person.byLink(running);
}, 60_000);
afterAll(async () => {
  clearInterval(beating);
  agent.stop();
  await running.stop();
});

const take = async (who: Person, devices: readonly string[]) =>
  (await who.ask("/leases", { method: "POST", body: { devices } })).body;
const put = async (path: string, body: object, who = first) => (await who.ask(path, { method: "PUT", body })).body;
const own = async () => (await boss.ask("/tenancy")).body;
const giveBack = (id: string) => boss.ask(`/leases/${id}/release`, { method: "POST", body: {} });
const clean = () =>
  until(
    async () => (await first.ask("/devices?limit=100")).body.items.every(({ lease }: { lease: string }) => lease === "free"),
    "cleaned",
  );

test("a lab of one organisation has no tiers; the second one begins with virtual phones", async () => {
  expect((await first.ask("/tenancies")).body).toMatchObject({
    declaration: { ownOnly: false },
    items: [{ tenant: "lab", applies: false, phones: null }],
  });
  const { body } = await first.ask("/tenants", {
    method: "POST",
    body: { id: "acme", name: "Acme", owner: "boss@acme.example" },
  });
  boss = await Person.byInvitation(running, body.invitation.link, { name: "Boss", password: PASSWORD });
  expect(await take(boss, ["phone-1"])).toMatchObject({ code: "tier_exceeded", detail: "T0: virtual phones only" });
  const virtual = await take(boss, ["virtual-1"]);
  expect(virtual).toMatchObject({ phase: "active" });
  const wish = async (body: object) => (await boss.ask("/leases", { method: "POST", body })).body;
  // The one virtual phone is held: nothing else is given instead, and who waits does not keep phones from others.
  expect(await wish({ count: 1 })).toMatchObject({ code: "lease_unavailable" });
  expect(await wish({ count: 2 })).toMatchObject({ code: "tier_exceeded", detail: "T0: virtual phones only" });
  const waiting = await wish({ count: 1, wait: true });
  expect(waiting).toMatchObject({ phase: "queued" });
  await giveBack(virtual.id);
  const seen = async () => (await boss.ask(`/leases/${waiting.id}`)).body;
  await until(async () => (await seen()).phase === "active", "its turn");
  expect((await seen()).devices).toMatchObject([{ id: "virtual-1" }]);
  await giveBack(waiting.id);
  await clean();
  // Which of 23 it is to be is left open: the one that may be had.
  const open = await wish({ count: 1 });
  expect(open).toMatchObject({ phase: "active", devices: [{ id: "virtual-1" }] });
  await giveBack(open.id);
  expect(await own()).toMatchObject({
    applies: true,
    counts: "T0",
    phones: 0,
    next: { tier: "T1", missing: ["verified", "domain", "owned-app"] },
  });
  const ours = await take(first, PHONES.slice(0, 2));
  expect(ours).toMatchObject({ phase: "active" });
  await first.ask(`/leases/${ours.id}/release`, { method: "POST", body: {} });
  await clean();
});

test("a tier is given by a person, once what it asks for is there, and falls when that is gone", async () => {
  const gift = { tier: "T1", reason: "we met them" };
  expect(await put("/tenants/acme/tier", gift)).toMatchObject({
    code: "tier_unmet",
    detail: "T1 needs: verified, domain, owned-app",
  });
  await put("/tenants/acme/facts", { verified: "contract 17", domain: "acme.example" });
  expect(await put("/tenants/acme/facts", { domain: "not a domain" })).toMatchObject({ code: "bad_request" });
  // Nobody at these answers for it.
  for (const domain of ["cme.example", "other.example", "boss.acme.example"]) {
    expect(await put("/tenants/acme/facts", { domain })).toMatchObject({ domain, ownerAtDomain: false });
    expect(await put("/tenants/acme/tier", gift)).toMatchObject({ detail: "T1 needs: domain, owned-app" });
  }
  expect(await put("/tenants/acme/facts", { domain: "acme.example" })).toMatchObject({ ownerAtDomain: true });
  // Whom they invite themselves has the address that they say.
  const straw = { email: "ceo@realcorp.example", role: "owner" };
  const invited = (await boss.ask("/invitations", { method: "POST", body: straw })).body;
  await Person.byInvitation(running, invited.link, { name: "Straw", password: PASSWORD });
  expect(await put("/tenants/acme/facts", { domain: "realcorp.example" })).toMatchObject({ ownerAtDomain: false });
  await put("/tenants/acme/facts", { domain: "acme.example" });
  const app = (await uploadApk(running, { bearer: boss.headers })).body;
  expect(
    (await first.ask(`/apps/${app.id}/approval`, { method: "POST", body: { reason: "we know them" } })).body,
  ).not.toHaveProperty("code");
  expect(await put("/tenants/acme/tier", gift, boss)).toMatchObject({ code: "forbidden" });
  const { body: key } = await first.ask("/keys", { method: "POST", body: { name: "bot", scopes: ["operate"], role: "owner" } });
  expect(await put("/tenants/acme/tier", gift, Person.byBearer(running, key.key))).toMatchObject({ code: "forbidden" });
  expect(await put("/tenants/nobody/tier", gift)).toMatchObject({ code: "tenant_not_found" });
  expect(await put("/tenants/acme/tier", gift)).toMatchObject({ tier: "T1", counts: "T1", phones: 5 });

  expect(await take(boss, PHONES.slice(0, 6))).toMatchObject({
    code: "tier_exceeded",
    detail: "T1: 6 phones at once, of 5 allowed",
  });
  const lease = await take(boss, PHONES.slice(0, 5));
  expect(lease).toMatchObject({ phase: "active" });
  expect(await take(boss, ["phone-6"])).toMatchObject({ code: "tier_exceeded" });
  expect(await take(boss, ["virtual-1"])).toMatchObject({ phase: "active" });
  expect(await own()).toMatchObject({ held: 5, phones: 5 });

  // The app goes, and with it what the tier rests on: what is held goes on to its end, and no longer.
  await boss.ask(`/apps/${app.id}`, { method: "DELETE" });
  expect(await own()).toMatchObject({ tier: "T1", counts: "T0", phones: 0, held: 5 });
  const longer = { method: "POST", body: { until: lease.until + 60_000 } } as const;
  expect((await boss.ask(`/leases/${lease.id}/extend`, longer)).body).toMatchObject({ code: "tier_exceeded" });
  expect((await boss.ask(`/leases/${lease.id}`)).body).toMatchObject({ phase: "active" });
});

test("a chassis and more take an operator's name, papers, and for more than 20 a grant that is looked at again", async () => {
  const app = (await uploadApk(running, { bearer: boss.headers })).body;
  await first.ask(`/apps/${app.id}/approval`, { method: "POST", body: { reason: "we know them" } });
  await put("/tenants/acme/facts", {
    responsible: { name: "Ada Boss", email: "ada@acme.example" },
    extract: { reference: "binder 3", sha256: "0".repeat(64) },
    use: "regression tests of our own shop app",
  });
  expect(await put("/tenants/acme/tier", { tier: "T2", reason: "they want a chassis" })).toMatchObject({
    counts: "T2",
    phones: 20,
    signedOff: { name: expect.any(String) },
  });
  const grant = { tier: "T3", reason: "a launch", phones: 22 };
  expect(await put("/tenants/acme/tier", grant)).toMatchObject({ code: "bad_request" });
  expect(await put("/tenants/acme/tier", { ...grant, reviewDue: Date.now() + 93 * DAY })).toMatchObject({ code: "bad_request" });
  expect(await put("/tenants/acme/tier", { ...grant, reviewDue: Date.now() + 90 * DAY })).toMatchObject({
    counts: "T3",
    phones: 22,
  });
  await boss.ask("/leases?mine=true").then(({ body }) => Promise.all(body.items.map(({ id }: { id: string }) => giveBack(id))));
  await clean();
  expect(await take(boss, PHONES)).toMatchObject({ phase: "active" });
});

test("who is paused gets nothing more, who is ended holds nothing, and a lab that serves its own has no tiers", async () => {
  expect(await put("/tenants/lab/state", { state: "ended", reason: "by mistake" })).toMatchObject({ code: "bad_request" });
  await put("/tenants/acme/state", { state: "paused", reason: "unpaid" });
  expect(await take(boss, ["virtual-1"])).toMatchObject({ code: "organisation_paused", detail: "it is paused" });
  expect(await own()).toMatchObject({ state: "paused", held: 22 });
  await put("/tenants/acme/state", { state: "ended", reason: "they left" });
  expect(await own()).toMatchObject({ state: "ended", held: 0 });
  await put("/tenants/acme/state", { state: "active", reason: "they are back" });
  await clean();
  expect(await put("/tenancies/declaration", { ownOnly: true })).toMatchObject({ ownOnly: true, by: expect.any(String) });
  expect(await own()).toMatchObject({ applies: false, phones: null, next: null });
  await put("/tenants/acme/tier", { tier: "T0", reason: "tiers do not count here" });
  expect(await take(boss, ["phone-1"])).toMatchObject({ phase: "active" });
  const { body } = await first.ask("/events?limit=200");
  const kinds = body.items.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(
    expect.arrayContaining(["tenant.facts", "tenant.tier", "tenant.paused", "tenant.ended", "tenant.resumed", "lab.declared"]),
  );
});
