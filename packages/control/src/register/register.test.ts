import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInProcessBus } from "@phonerack/contract/bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { hasPostgres, type PostgresServer, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, silent, temporaryFolder, until } from "../../test/running-control.js";
import { type Database, openDatabase } from "../database/database.js";
import { logQueue } from "../database/law-schema.js";
import { Devices } from "../devices/devices.js";
import { DeviceStore } from "../devices/store.js";
import type { NewEvent } from "../events/store.js";
import { FolderStore } from "../storage/folder-store.js";
import { createRegister } from "./start.js";

const JPEG = Buffer.from("\xff\xd8\xff\xe0 a label \0\xfe", "latin1");
const NAL = "00-D710-208871";
const SRRC = "2020CP10858";
const IMEIS: Record<string, string> = {
  "dev-1": "864725048031204",
  "dev-2": "864725048031212",
  "dev-3": "864725048031220",
};
const licence = (number: string, change: object = {}) => ({ number, model: "TET-AN00", expires: "2099-12-31", ...change });
const entry = (id: string, change: object = {}) => ({
  model: "TET-AN00",
  imeis: [IMEIS[id]],
  licences: { nal: licence(NAL), srrc: licence(SRRC) },
  ...change,
});

describe("the API", () => {
  let running: RunningControl;
  let agent: FakeAgent;
  beforeAll(async () => {
    running = await runControl();
    agent = new FakeAgent(running.bus);
    agent.beat();
    for (const slot of [1, 2, 3]) agent.report(reportOf(`dev-${slot}`, { slot, reach: "usb", model: "TET-AN00" }));
    agent.report(reportOf("dev-v", { slot: 4 }));
    agent.report(reportOf("dev-usb", { chassis: null, slot: null, reach: "usb", address: "usb:1-4" }));
    await until(async () => (await running.ask("/devices")).body.items.length === 5);
  });
  afterAll(async () => {
    agent.stop();
    await running.stop();
  });
  const list = async (query = "") => (await running.ask(`/register/devices?${query}`)).body;
  const get = async (id: string) => (await running.ask(`/register/devices/${id}`)).body;
  const put = (id: string, record: object) => running.ask(`/register/devices/${id}`, { method: "PUT", body: { record } });
  const codes = async (id: string) => (await get(id)).network.reasons.map(({ code }: { code: string }) => code);
  const country = async (code?: string) => {
    const { body } = await running.ask("/lab");
    for (const site of body.sites) site.country = code;
    return running.ask("/lab", { method: "PUT", body: { lab: body } });
  };
  const upload = async (id: string, body: BodyInit, type?: string) => {
    const headers = { ...running.bearer, ...(type !== undefined && { "content-type": type }) };
    const answer = await running.knock(`/api/v1/register/devices/${id}/evidence?name=label.jpg`, {
      method: "POST",
      body,
      headers,
    });
    return { status: answer.status, body: await answer.json() };
  };

  test("asks nothing of anybody until a site is in a country that does", async () => {
    expect(await list()).toMatchObject({ counts: { public: 4, isolated: 0 } });
    expect((await list("virtual=true")).items).toHaveLength(5);
    expect((await list("virtual=only")).items.map(({ id }: { id: string }) => id)).toEqual(["dev-v"]);
    expect((await country("CN")).body.changed).toEqual(["site Lab: in CN, not any"]);
    expect((await running.ask("/lab")).body.sites[0].country).toBe("CN");
    // A phone in no slot is held to the strictest site, or it would be enough to take it out.
    expect(await list()).toMatchObject({ counts: { public: 0, isolated: 4 } });
    const { body: summary } = await running.ask("/register/summary");
    expect(summary).toMatchObject({
      sites: [
        { site: "Lab", country: "CN", public: 0, isolated: 3, virtual: 1, open: 3 },
        { site: null, country: null, public: 0, isolated: 1, virtual: 0, open: 1 },
      ],
      reasons: [{ code: "no-record", count: 4 }],
    });
    expect((await running.ask("/register/summary?site=")).body).toMatchObject({ reasons: [{ code: "no-record", count: 1 }] });
    expect((await list("site=")).items.map(({ id }: { id: string }) => id)).toEqual(["dev-usb"]);
    expect((await list("cutOff=false")).items).toHaveLength(4);
    expect((await list("cutOff=true")).items).toEqual([]);
    expect(await codes("dev-1")).toEqual(["no-record"]);
    expect(await get("dev-usb")).toMatchObject({ country: null, schemes: ["nal", "srrc"], network: { class: "isolated" } });
    expect(await get("dev-v")).toMatchObject({ schemes: [], network: { class: "public", reasons: [] } });
    expect(
      (await running.ask("/lab", { method: "PUT", body: { lab: { version: 1, sites: [{ name: "X", country: "cn" }] } } })).status,
    ).toBe(400);
  });

  test("a device becomes public with its record, its documents, and a look into the registry", async () => {
    expect((await put("dev-1", entry("dev-1"))).body.network.reasons).toMatchObject([
      { code: "level", scheme: "nal", words: expect.stringContaining("only typed in") },
      { code: "level", scheme: "srrc" },
    ]);
    const { status, body: evidence } = await upload("dev-1", JPEG, "image/jpeg");
    expect(status).toBe(201);
    const sha256 = createHash("sha256").update(JPEG).digest("hex");
    expect(evidence).toMatchObject({ device: "dev-1", name: "label.jpg", type: "image/jpeg", size: JPEG.length, sha256 });
    const licences = { nal: licence(NAL, { evidence: evidence.id }), srrc: licence(SRRC) };
    expect((await put("dev-1", entry("dev-1", { licences }))).body.record.licences).toMatchObject({
      nal: { level: "document-attached" },
      srrc: { level: "shape-ok" },
    });
    const confirm = (change: object) =>
      running.ask("/register/confirmations", {
        method: "POST",
        body: { scheme: "nal", number: NAL, devices: ["dev-1"], evidence: evidence.id, ...change },
      });
    expect((await confirm({ number: "00-D710-208872" })).body.code).toBe("licence_other");
    expect((await confirm({ devices: ["dev-1", "dev-2"] })).body.code).toBe("record_not_found");
    expect((await confirm({ evidence: "e-aaaaaaaaaaaaaaaa" })).body.code).toBe("evidence_not_found");
    expect((await get("dev-1")).network.class).toBe("isolated");
    expect((await confirm({})).body).toEqual({ confirmed: ["dev-1"] });
    await confirm({ scheme: "srrc", number: SRRC });
    const shown = await get("dev-1");
    expect(shown.network).toMatchObject({ class: "public", reasons: [], until: Date.parse("2099-12-31T16:00:00Z") });
    expect(shown.record.licences.nal).toMatchObject({ level: "registry-confirmed", confirmed: { evidence: evidence.id } });
    expect(shown.evidence).toHaveLength(1);
    // What was confirmed stays over a change of something else, not over one of the number.
    const named = { licences, marketName: "荣耀 X" };
    expect((await put("dev-1", entry("dev-1", named))).body.network.class).toBe("public");
    const other = { licences: { ...licences, nal: licence("00-D710-208872", { evidence: evidence.id }) } };
    expect((await put("dev-1", entry("dev-1", other))).body.record.licences.nal).toMatchObject({ level: "document-attached" });
    expect((await running.ask(`/register/evidence/${evidence.id}`, { method: "DELETE" })).body.code).toBe("evidence_in_use");
  });

  test("what is isolated is lent only when its agent has found no way out, and what a holder changed is written down", async () => {
    const take = async () => (await running.ask("/leases", { method: "POST", body: { devices: ["dev-2"] } })).body;
    // Told with the holds, again at each change.
    await until(() => agent.terms.findLast(({ deviceId }) => deviceId === "dev-2")?.isolated === true, "its agent is told");
    expect(agent.terms.findLast(({ deviceId }) => deviceId === "dev-v")?.isolated).not.toBe(true);
    expect(await take()).toMatchObject({ code: "device_leads_out", detail: expect.stringContaining("no way out") });
    const usb = { slot: 2, reach: "usb", model: "TET-AN00" } as const;
    const say = (change: object) =>
      agent.report(
        reportOf("dev-2", { ...usb, ...change, hold: agent.holds.get("dev-2") ?? { epoch: 0, phase: "free", note: null } }),
      );
    say({ isolation: { verified: null, leadsOut: "It leads out by wlan0." } });
    await until(async () => (await take()).detail?.includes("It leads out by wlan0."), "its agent's words");
    // Found long ago is not found: each hour it is looked at again.
    say({ isolation: { verified: Date.now() - 3 * 3_600_000, leadsOut: null } });
    await until(async () => (await take()).detail?.includes("within the last two hours"), "it was too long ago");
    const isolation = { verified: Date.now(), leadsOut: null };
    say({ isolation });
    const lease = await until(async () => {
      const taken = await take();
      return taken.phase === "active" && taken;
    }, "it is lent");
    const { body: device } = await running.ask("/devices/dev-2");
    expect(device).toMatchObject({ isolated: true, isolation });
    say({ isolation, putBack: { labels: 1, network: 2, helpers: 0 } });
    const kinds = async () =>
      (await running.ask("/events?limit=50")).body.items.map(({ kind, detail }: { kind: string; detail: object }) => [
        kind,
        detail,
      ]);
    await until(async () => (await kinds()).some(([kind]: [string]) => kind === "device.network-put-back"), "it is written down");
    expect(await kinds()).toEqual(
      expect.arrayContaining([
        ["device.labels-put-back", { times: 1 }],
        ["device.network-put-back", { times: 2 }],
      ]),
    );
    await running.ask(`/leases/${lease.id}/release`, { method: "POST", body: {} });
  });

  test("a document's bytes come back as they were, and no others", async () => {
    const form = new FormData();
    form.set("file", new File([JPEG], "标签 ‮gpj.exe"));
    const { body: made } = await upload("dev-2", form);
    expect(made).toMatchObject({ name: "标签 gpj.exe", type: "image/jpeg", size: JPEG.length });
    const answer = await running.knock(`/api/v1/register/evidence/${made.id}`, { headers: running.bearer });
    expect(answer.headers.get("content-type")).toBe("image/jpeg");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(Buffer.from(await answer.arrayBuffer()).equals(JPEG)).toBe(true);
    await writeFile(join(running.dataDir, "objects", "evidence", made.id), Buffer.from(JPEG).fill(1, 5, 6));
    expect((await running.ask(`/register/evidence/${made.id}`)).body.code).toBe("evidence_damaged");
    expect((await running.ask(`/register/evidence/${made.id}`, { method: "DELETE" })).body).toEqual({ id: made.id });
    expect((await running.ask(`/register/evidence/${made.id}`)).body.code).toBe("evidence_not_found");
    const pdf = await upload("dev-2", Buffer.from("%PDF-1.7 x"), "application/octet-stream");
    const download = await running.knock(`/api/v1/register/evidence/${pdf.body.id}`, { headers: running.bearer });
    expect(download.headers.get("content-disposition")).toMatch(/^attachment/);
  });

  test.each<[string, Buffer, string, number, string]>([
    ["something else than it says", Buffer.from("<svg/>"), "image/png", 415, "evidence_invalid"],
    ["a type of no document", JPEG, "text/html", 400, "bad_request"],
    ["JSON", Buffer.from("{}"), "application/json", 415, "evidence_invalid"],
    ["too much", Buffer.concat([JPEG, Buffer.alloc(11 * 1024 * 1024)]), "image/jpeg", 413, "too_large"],
    ["a form without a file", Buffer.from("--X--"), "multipart/form-data; boundary=X", 415, "evidence_invalid"],
  ])("%s is refused", async (_what, bytes, type, status, code) => {
    const answer = await upload("dev-2", bytes as BodyInit, type);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  });

  test("an IMEI is one device's, and a type is one model's", async () => {
    const taken = await put("dev-2", entry("dev-2", { imeis: [IMEIS["dev-1"]] }));
    expect(taken).toMatchObject({ status: 409, body: { code: "imei_taken", detail: IMEIS["dev-1"] } });
    expect((await get("dev-2")).record).toBeNull();
    await put("dev-2", entry("dev-2", { model: "TET-AN10" }));
    expect(await codes("dev-2")).toContain("tac-model");
    expect(await codes("dev-1")).toContain("tac-model");
    const same = { nal: licence(NAL, { mark: "aa-1" }) };
    await put("dev-1", entry("dev-1", { licences: same }));
    await put("dev-2", entry("dev-2", { licences: { nal: licence(NAL, { mark: "AA-1" }) } }));
    expect(await codes("dev-1")).not.toContain("tac-model");
    expect(await codes("dev-1")).toContain("mark-twice");
    expect(await codes("dev-2")).toContain("mark-twice");
  });

  test("an import says what it would do, does all of it or nothing, and once", async () => {
    const text = `device;model;imei;nal.number;nal.model;nal.expires\nV01-03;TET-AN00;${IMEIS["dev-3"]};${NAL};TET-AN00;2099-01-01\n`;
    const send = (words: string, dryRun = false) =>
      running.ask("/register/imports", { method: "POST", body: { text: words, dryRun } });
    const dry = (await send(text, true)).body;
    expect(dry).toMatchObject({
      applied: false,
      problems: [],
      devices: [{ device: "dev-3", what: "new", class: { to: "isolated" } }],
    });
    expect((await get("dev-3")).record).toBeNull();
    const bad = (await send(`${text}V01-02;;${IMEIS["dev-3"]};;;\n`)).body;
    expect(bad).toMatchObject({ applied: false, problems: [{ at: "line 3", device: "V01-02", field: "imeis" }] });
    expect((await get("dev-3")).record).toBeNull();
    expect((await send(text)).body).toMatchObject({ applied: true, devices: [{ what: "new" }] });
    expect((await send(text)).body).toMatchObject({ applied: true, devices: [{ what: "same", fields: [] }] });
    expect((await get("dev-3")).record).toMatchObject({ model: "TET-AN00", imeis: [IMEIS["dev-3"]] });
  });

  test("is found by what one looks for", async () => {
    const found = async (query: string) => (await list(query)).items.map(({ id }: { id: string }) => id);
    expect(await found("record=false")).toEqual(["dev-usb"]);
    expect(await found(`q=${IMEIS["dev-3"]}`)).toEqual(["dev-3"]);
    expect(await found("reason=mark-twice")).toEqual(["dev-1", "dev-2"]);
    expect(await found("site=Lab&reason=no-licence")).toEqual(["dev-1", "dev-2", "dev-3"]);
    const first = await list("limit=2");
    expect(first.items).toHaveLength(2);
    const second = await list(`limit=2&cursor=${first.next}`);
    const both = new Set([...first.items, ...second.items].map(({ id }) => id));
    expect(both).toEqual(new Set(["dev-1", "dev-2", "dev-3", "dev-usb"]));
    expect(second.next).toBeNull();
  });

  test("elsewhere what the operator asks for is asked, and China's law stays China's", async () => {
    await country("DE");
    expect(await list()).toMatchObject({ counts: { public: 4, isolated: 0 } });
    const set = (body: object) => running.ask("/register/schemes", { method: "PUT", body });
    await set({ byCountry: { DE: ["ce"], CN: [] }, otherwise: [] });
    expect(await get("dev-3")).toMatchObject({ schemes: ["ce"], network: { reasons: [{ code: "no-licence", scheme: "ce" }] } });
    await country("CN");
    expect((await get("dev-3")).schemes).toEqual(["nal", "srrc"]);
    expect((await set({ byCountry: { de: ["ce"] } })).status).toBe(400);
    expect((await running.ask("/register/schemes")).body).toEqual({ byCountry: { DE: ["ce"], CN: [] }, otherwise: [] });
    expect((await running.ask("/register/devices/dev-3", { method: "DELETE" })).body).toEqual({ id: "dev-3" });
    expect((await running.ask("/register/devices/dev-3", { method: "DELETE" })).body.code).toBe("record_not_found");
  });
});

/** Two controls share a PostgreSQL server, never a PGlite. */
describe.runIf(hasPostgres)("time passes", () => {
  let server: PostgresServer;
  let database: Database;
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await temporaryFolder();
    server = await startPostgres();
    database = await openDatabase({ kind: "postgres", url: server.url }, { dataDir, log: silent });
  });
  afterAll(async () => {
    await database.stop();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test("a licence ends, the device is isolated by itself, and who listens is told; another control too, and warnings are given once", async () => {
    const db = Promise.resolve(database.db);
    const bus = createInProcessBus();
    const devices = new Devices({ store: new DeviceStore(db), log: silent, resend: () => undefined });
    devices.hearReport(reportOf("dev-1", { reach: "usb", model: "TET-AN00" }));
    const end = Date.parse("2026-12-31T16:00:00Z");
    const clock = { now: end - 70 * 24 * 3_600_000 };
    const events: Omit<NewEvent, "at">[] = [];
    const objects = await FolderStore.open(join(dataDir, "objects"));
    const places = { countryOf: () => "CN", countries: ["CN"], onChange: () => () => undefined };
    const control = (replica: string) =>
      createRegister({
        db,
        bus,
        devices,
        objects,
        dataDir,
        places,
        replica,
        log: silent,
        record: (event) => events.push(event),
        now: () => clock.now,
      });
    const [a, b] = [control("a"), control("b")];
    const told: string[] = [];
    b.register.onChange((id) => told.push(`${id} ${b.register.classOf(id).class}`));
    expect(b.register.classOf("dev-1").class).toBe("isolated");
    await a.register.start();
    await b.register.start();
    const who = { actor: "ada" };
    const shown = await a.shelf.add(who, "dev-1", { name: "x", bytes: JPEG });
    const { imeis, model } = entry("dev-1");
    const empty = { holder: null, issued: null, mark: null, evidence: null };
    const licences = {
      nal: { ...empty, ...licence(NAL, { expires: "2026-12-31" }) },
      srrc: { ...empty, ...licence(SRRC) },
    };
    const record = {
      form: "complete-unit" as const,
      manufacturer: null,
      marketName: null,
      model,
      imeis: imeis as string[],
      licences,
    };
    await a.register.put(who, "dev-1", record);
    for (const [scheme, number] of [["nal", NAL] as const, ["srrc", SRRC] as const])
      await a.register.confirm(who, { scheme, number, devices: ["dev-1"], evidence: shown.id });
    await until(() => b.register.classOf("dev-1").class === "public", "the other control heard of it");
    expect(b.register.classOf("dev-1")).toEqual({ class: "public", reasons: [], until: end });
    for (const days of [60, 14, 1]) {
      clock.now = end - days * 24 * 3_600_000;
      for (const one of [a, b, a]) one.register.tick();
      await until(() => events.filter(({ kind }) => kind === "register.expiring").at(-1)?.detail.days === days, `${days} days`);
    }
    clock.now = end - 1;
    a.register.tick();
    expect(b.register.classOf("dev-1").class).toBe("public");
    told.length = 0;
    clock.now = end;
    for (const one of [a, b]) one.register.tick();
    expect(a.register.classOf("dev-1")).toMatchObject({ class: "isolated", reasons: [{ code: "expired", scheme: "nal" }] });
    expect(told).toEqual(["dev-1 isolated"]);
    clock.now = end + 120_000;
    for (const one of [a, b]) one.register.tick();
    await a.register.stop();
    await b.register.stop();
    const warned = events.flatMap(({ kind, detail }) => (/expir/.test(kind) ? [`${kind} ${String(detail.days)}`] : []));
    expect(warned).toEqual(["register.expiring 60", "register.expiring 14", "register.expiring 1", "register.expired 0"]);
    // What devices are is nobody's business, the log is everybody's: a salted digest of it stands there.
    const queued = (await database.db.select().from(logQueue)).filter(({ body }) => body.table === "register_records");
    expect(queued).toHaveLength(3);
    for (const { body } of queued) expect(body.row).toMatchObject({ record: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await bus.stop();
  });
});
