import { canonicalJson, checkSigned, type Json, parseSignature, parseVkey } from "@phonerack/policy";
import { sha256, verifyEd25519 } from "@phonerack/policy/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, silent, until } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import { LabFace } from "./face.js";
import { FaceStore } from "./store.js";

const SETTINGS = { operator: "Acme Device Lab", abuseEmail: "abuse@lab.example", ptrSuffix: "egress.lab.example" };
const PREFIX = "81.2.69.0/28";
const IP = "81.2.69.7";

let running: RunningControl;
let agent: FakeAgent;
beforeAll(async () => {
  running = await runControl();
  agent = new FakeAgent(running.bus);
  agent.beat();
  agent.report(reportOf("device-1", { slot: 1 }));
  await until(async () => (await running.ask("/devices")).body.items.length === 1);
});
afterAll(async () => {
  agent.stop();
  await running.stop();
});

const put = (path: string, body: unknown) => running.ask(path, { method: "PUT", body });
const post = (path: string, body: unknown) => running.ask(path, { method: "POST", body });
/** Without any log-in. */
async function world(path: string, body?: unknown) {
  const headers = { "content-type": "application/json" };
  const response = await running.knock(path, body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
const ask = (body: unknown) => world("/api/v1/abuse/lookup", body);

describe("what the lab says of itself", () => {
  test("is nothing until somebody has said it", async () => {
    expect(await world("/.well-known/phonerack.json")).toMatchObject({ status: 404, body: { code: "face_missing" } });
    expect((await world("/.well-known/phonerack-egress.json")).body).toMatchObject({ prefixes: [] });
  });

  test("stands below /.well-known, signed with the log's key", async () => {
    expect((await put("/face", SETTINGS)).status).toBe(200);
    expect((await put("/face/egress", { prefixes: [PREFIX] })).status).toBe(200);
    const { body } = await world("/.well-known/phonerack.json");
    expect(body).toMatchObject({ operator: SETTINGS.operator, abuse: { email: SETTINGS.abuseEmail, responseHours: 72 } });
    expect(body.egress.prefixes).toMatchObject([{ prefix: PREFIX, until: null }]);
    const { signature, ...said } = body;
    const key = parseVkey(sha256, body.log.vkey) ?? expect.unreachable();
    const line = parseSignature(signature) ?? expect.unreachable();
    const note = (document: Json) => ({ text: `${canonicalJson(document)}\n`, signatures: [line] });
    expect(checkSigned(note(said), key, verifyEd25519).state).toBe("good");
    expect(checkSigned(note({ ...said, operator: "Somebody else" }), key, verifyEd25519).state).toBe("bad");
    expect((await world("/.well-known/phonerack-egress.json")).body.prefixes).toEqual([{ ipv4Prefix: PREFIX }]);
  });

  test.each([
    ["private addresses", { prefixes: ["10.0.0.0/24"] }, /10\.0\.0\.0\/8/],
    ["a network wider than a lab's", { prefixes: ["81.0.0.0/8"] }, /wider/],
    ["what is no prefix", { prefixes: ["81.2.69.7/28"] }, /no bit set/],
    ["a change within the day", { prefixes: ["81.2.70.0/28"], from: Date.now() + 3_600_000 }, /24 hours/],
    ["one prefix twice", { prefixes: Array.from({ length: 16 }, () => PREFIX) }, /twice/],
  ])("refuses %s", async (_what, body, why) => {
    expect(await put("/face/egress", body)).toMatchObject({
      status: 409,
      body: { code: "egress_refused", detail: expect.stringMatching(why) },
    });
  });

  test("refuses more prefixes than a lab has", async () => {
    const prefixes = Array.from({ length: 17 }, (_, at) => `81.2.${70 + at}.0/28`);
    expect(await put("/face/egress", { prefixes })).toMatchObject({ status: 400, body: { code: "bad_request" } });
  });

  test("announces a change a day ahead, and takes no other meanwhile", async () => {
    const next = ["81.2.70.0/28"];
    const { body } = await put("/face/egress", { prefixes: next });
    const { from } = body.items.find(({ prefix }: { prefix: string }) => prefix === next[0]);
    expect(from).toBeGreaterThan(Date.now() + 23 * 3_600_000);
    // Until then the old one is ours, and said to be.
    expect((await world("/.well-known/phonerack-egress.json")).body.prefixes).toEqual([{ ipv4Prefix: PREFIX }]);
    expect((await ask({ ip: "81.2.70.3", time: Date.now() })).body).toEqual({ ours: false, leases: [], case: null });
    expect((await put("/face/egress", { prefixes: ["81.2.71.0/28"] })).body.detail).toMatch(/announced already/);
  });
});

describe("a platform that asks", () => {
  test("learns which lease it was by a name that says nothing, follows its case, and is answered", async () => {
    await post("/leases", { devices: ["device-1"] });
    const asked = await ask({
      ip: IP,
      time: new Date().toISOString(),
      message: "200 log-ins in a minute",
      contact: "soc@platform.example",
    });
    expect(asked.status).toBe(200);
    const { ours, leases, case: opened } = asked.body;
    expect(ours).toBe(true);
    expect(leases).toEqual([
      { reference: expect.stringMatching(/^r-[0-9a-f]{20}$/), from: expect.any(Number), until: expect.any(Number), packages: [] },
    ]);
    expect(JSON.stringify(asked.body)).not.toMatch(/l-[a-z2-7]{16}|lab"|owner/);
    const again = await ask({ ip: IP, time: Date.now() });
    expect(again.body.leases[0].reference).toBe(leases[0].reference);
    const follow = (token: string, message?: string) => world(`/api/v1/abuse/cases/${opened.id}/follow`, { token, message });
    expect((await follow("guessed")).body.code).toBe("case_not_found");
    expect((await follow(opened.token)).body).toMatchObject({
      state: "open",
      messages: [{ by: "asker", text: "200 log-ins in a minute" }],
    });
    const { body: mine } = await running.ask(`/cases/${opened.id}`);
    expect(mine).toMatchObject({
      ip: IP,
      contact: "soc@platform.example",
      overdue: false,
      leases: [{ tenant: "lab", lease: expect.stringMatching(/^l-/) }],
    });
    expect((await post(`/cases/${opened.id}/answer`, { text: "A tenant's load test of its own app." })).body.state).toBe(
      "answered",
    );
    expect((await follow(opened.token, "It was not theirs: 你好 \u202e")).body).toMatchObject({
      state: "open",
      messages: [{}, { by: "lab" }, { by: "asker" }],
    });
    expect((await post(`/cases/${opened.id}/answer`, { text: "We ended the lease.", close: true })).body.state).toBe("closed");
    expect((await post(`/cases/${opened.id}/answer`, { text: "more" })).body.code).toBe("case_closed");
    expect((await running.ask("/cases?limit=1")).body).toMatchObject({ items: [{}], waiting: 1, overdue: 0 });
    expect((await running.ask("/cases?state=open")).body.items.map(({ id }: { id: string }) => id)).not.toContain(opened.id);
  });

  test.each([
    ["an address that is not ours", { ip: "8.8.8.8", time: Date.now() }],
    ["a time before it was ours", { ip: IP, time: Date.now() - 86_400_000 }],
  ])("is told nothing of %s, and no case is opened", async (_what, question) => {
    expect((await ask(question)).body).toEqual({ ours: false, leases: [], case: null });
  });

  test.each([
    ["no address", { ip: "lab.example", time: Date.now() }],
    ["a time to come", { ip: IP, time: Date.now() + 86_400_000 }],
    ["a time long ago", { ip: IP, time: 0 }],
    ["more words than anybody reads", { ip: IP, time: Date.now(), message: "x".repeat(4_001) }],
  ])("is refused for %s", async (_what, question) => {
    expect((await ask(question)).status).toBe(400);
  });

  test("may ask so often, and no more", async () => {
    const codes: string[] = [];
    for (let at = 0; at < 25; at++) codes.push((await ask({ ip: "8.8.8.8", time: Date.now() })).body.code ?? "answered");
    expect(codes.at(-1)).toBe("too_many");
  });
});

describe.runIf(hasPostgres)("two controls", () => {
  let server: PostgresServer;
  let databases: Database[];
  beforeAll(async () => {
    server = await startPostgres();
    const open = () => openDatabase({ kind: "postgres", url: server.url }, { dataDir: "", log: silent });
    databases = [await open(), await open()];
  });
  afterAll(async () => {
    for (const database of databases) await database.stop();
    await server.stop();
  });

  test("weigh each of many changes at once against the addresses as they then are", async () => {
    const faces = databases.map(({ db }) => {
      const store = new FaceStore(Promise.resolve(db));
      const key = () => Promise.reject(new Error("nothing is signed here"));
      return { store, face: new LabFace({ store, key, record: () => undefined, publicUrl: undefined }) };
    });
    const changes = Array.from({ length: 8 }, async (_, at) => {
      const { face } = faces[at % faces.length] ?? expect.unreachable();
      return face.announce("u-1", { prefixes: [`81.2.${70 + at}.0/28`] });
    });
    const made = await Promise.allSettled(changes);
    // The first is in force at once, the second a day later, and no other is taken meanwhile.
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    for (const one of made)
      if (one.status === "rejected")
        expect(one.reason).toMatchObject({ code: "egress_refused", detail: expect.stringMatching(/announced already/) });
    const known = await faces[0]?.store.egress();
    expect(known?.map(({ until }) => until === null)).toEqual([false, true]);
    expect(known?.[0]?.until).toBe(known?.[1]?.from);
  });
});
