import { createInProcessBus } from "@phonerack/contract/bus";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { hasPostgres, startPostgres } from "../../test/postgres-server.js";
import { type RunningControl, runControl, until } from "../../test/running-control.js";

let running: RunningControl;
let agent: FakeAgent;

const lab = async () => (await running.ask("/lab")).body;
const put = (document: unknown, dryRun = false) => running.ask("/lab", { method: "PUT", body: { lab: document, dryRun } });
const device = async (id: string) => (await running.ask(`/devices/${id}`)).body;
const chassis = (name: string, change: object = {}) => ({ name, slots: 20, tenant: null, labels: [], devices: {}, ...change });
const site = (...list: object[]) => ({ version: 1, sites: [{ name: "Berlin", racks: [{ name: "A", chassis: list }] }] });

beforeAll(async () => {
  running = await runControl();
  agent = new FakeAgent(running.bus);
  agent.beat();
  for (const slot of [1, 2, 3]) agent.report(reportOf(`dev-${slot}`, { slot }));
  agent.report(reportOf("dev-usb", { chassis: null, slot: null, reach: "usb", address: "usb:1-4" }));
  await until(async () => (await running.ask("/devices")).body.items.length === 4);
});
afterAll(async () => {
  agent.stop();
  await running.stop();
});
beforeEach(async () => {
  await put({ version: 1, sites: [] });
  for (const slot of [1, 2, 3]) expect(await device(`dev-${slot}`)).toMatchObject({ chassis: "V01", slot });
});

test("a lab that nobody set up has the chassis its agents speak of", async () => {
  expect(await lab()).toEqual({
    version: 1,
    sites: [
      {
        name: "Lab",
        racks: [{ name: "V", chassis: [chassis("V01", { devices: { 1: "dev-1", 2: "dev-2", 3: "dev-3" } })] }],
      },
    ],
  });
  expect(await device("dev-1")).toMatchObject({ site: "Lab", rack: "V", tenant: null, labels: [] });
  expect(await device("dev-usb")).toMatchObject({ site: null, rack: null, chassis: null });
});

test("what was read and is put back changes nothing", async () => {
  for (const document of [await lab(), site(chassis("V01", { devices: { 4: "dev-1", 7: "dev-usb" }, labels: ["soak"] }))]) {
    await put(document);
    const read = await lab();
    expect((await put(read)).body).toEqual({ added: [], removed: [], changed: [], moved: [], unknown: [] });
    expect(await lab()).toEqual(read);
  }
});

test("a dry run says what would change, and changes nothing", async () => {
  const before = await lab();
  const changed = site(chassis("V01", { slots: 24, tenant: "lab", devices: { 1: "dev-2", 2: "dev-1" } }), chassis("V02"));
  const answer = await put(changed, true);
  expect(answer.body).toEqual({
    added: ["site Berlin", "rack Berlin/A", "chassis V02"],
    removed: ["site Lab", "rack Lab/V"],
    changed: ["chassis V01: rack Berlin/A, not Lab/V; 24 slots, not 20; for lab, not everybody"],
    moved: [
      { device: "dev-1", from: "V01/1", to: "V01/2" },
      { device: "dev-2", from: "V01/2", to: "V01/1" },
      { device: "dev-3", from: "V01/3", to: null },
    ],
    unknown: [],
  });
  expect(await lab()).toEqual(before);
  expect((await put(changed)).body).toEqual(answer.body);
  expect(await device("dev-1")).toMatchObject({
    site: "Berlin",
    rack: "A",
    chassis: "V01",
    slot: 2,
    tenant: "lab",
    name: "V01-02",
  });
  expect(await device("dev-3")).toMatchObject({ chassis: null, slot: null, site: null });
});

describe("a lab that cannot be is refused, and nothing changes", () => {
  test.each([
    [site(chassis("V01"), chassis("V01")), "sites.0.racks.0.chassis.1.name: chassis V01 is there twice; give one another name"],
    [
      site(chassis("V01", { slots: 8, devices: { 9: "dev-1" } })),
      "sites.0.racks.0.chassis.0.devices.9: slot 9 is beyond the 8 slots of chassis V01",
    ],
    [
      site(chassis("V01", { devices: { 1: "dev-1", 3: "dev-1" } })),
      "sites.0.racks.0.chassis.0.devices.3: device dev-1 is in two slots, V01/1 and V01/3",
    ],
    [
      site(chassis("V01", { tenant: "nobody" })),
      "sites.0.racks.0.chassis.0.tenant: chassis V01 is for 'nobody', an organisation that does not exist",
    ],
    [
      { version: 1, sites: [...site().sites, ...site().sites] },
      "sites.1.name: site Berlin is there twice; give one another name",
    ],
  ])("%#", async (document, detail) => {
    const before = await lab();
    const { status, body } = await put(document);
    expect({ status, ...body }).toMatchObject({ status: 422, code: "lab_invalid", detail });
    expect(await lab()).toEqual(before);
  });

  test("with devices that nobody knows, named in the answer", async () => {
    const before = await lab();
    const { body } = await put(site(chassis("V09", { devices: { 1: "dev-unknown", 2: "dev-1" } })));
    expect(body.unknown).toEqual(["dev-unknown"]);
    expect(await lab()).toEqual(before);
  });
});

describe("one device", () => {
  const place = (id: string, to: object | null) => running.ask(`/devices/${id}/place`, { method: "PUT", body: { place: to } });

  test("is put into a slot, whatever its agent says", async () => {
    expect((await place("dev-usb", { chassis: "V01", slot: 7 })).body).toMatchObject({ chassis: "V01", slot: 7, rack: "V" });
    expect((await place("dev-1", { chassis: "V01", slot: 8 })).body).toMatchObject({ name: "V01-08" });
    agent.report(reportOf("dev-1", { slot: 1, battery: { level: 7, charging: false, temperature: 20 } }));
    await until(async () => (await device("dev-1")).battery.level === 7);
    expect(await device("dev-1")).toMatchObject({ slot: 8 });
    expect((await lab()).sites[0].racks[0].chassis[0].devices).toEqual({ 2: "dev-2", 3: "dev-3", 7: "dev-usb", 8: "dev-1" });
  });

  test("is taken out of its slot, which is another's then", async () => {
    expect((await place("dev-1", null)).body).toMatchObject({ chassis: null, slot: null });
    expect((await place("dev-2", { chassis: "V01", slot: 1 })).body).toMatchObject({ chassis: "V01", slot: 1 });
  });

  test("is not put where another stands, nor where there is nothing", async () => {
    expect((await place("dev-usb", { chassis: "V01", slot: 2 })).body).toMatchObject({
      code: "place_taken",
      detail: "V01-02 is in V01/2",
    });
    expect((await place("dev-usb", { chassis: "V01", slot: 21 })).body).toMatchObject({ code: "place_not_found" });
    expect((await place("dev-usb", { chassis: "V77", slot: 1 })).body).toMatchObject({ code: "place_not_found" });
    expect((await place("dev-nobody", null)).status).toBe(404);
  });

  test("that comes later where a person put another one stands in its chassis, but in no slot", async () => {
    await place("dev-usb", { chassis: "V01", slot: 9 });
    agent.report(reportOf("dev-late", { slot: 9 }));
    await until(async () => (await device("dev-late")).state === "ready");
    expect(await device("dev-late")).toMatchObject({ chassis: "V01", slot: null, rack: "V" });
  });

  test("has labels of its own and those of its chassis", async () => {
    await put(site(chassis("V01", { labels: ["soak"], devices: { 1: "dev-1" } })));
    const labels = { method: "PATCH", body: { labels: ["cracked", "soak"], name: "Old faithful" } };
    expect((await running.ask("/devices/dev-1", labels)).body).toMatchObject({
      name: "Old faithful",
      labels: ["cracked", "soak"],
    });
    await put(site(chassis("V01", { devices: { 1: "dev-1" } })));
    expect(await device("dev-1")).toMatchObject({ labels: ["cracked"], name: "Old faithful" });
    const bare = await running.ask("/devices/dev-1", { method: "PATCH", body: { labels: [] } });
    expect(bare.body).toMatchObject({ labels: [], name: "Old faithful" });
  });
});

test.runIf(hasPostgres)("two replicas say the same of the lab, whichever was told", async () => {
  const postgres = await startPostgres();
  const bus = createInProcessBus();
  const database = { kind: "postgres", url: postgres.url } as const;
  const one = await runControl({ bus, database, replica: "control-1" });
  const other = await runControl({ bus, database, replica: "control-2", adminToken: one.control.token });
  const agent = new FakeAgent(bus);
  agent.report(reportOf("dev-1"));
  await until(async () => (await one.ask("/devices")).body.items.length === 1);
  const body = { lab: site(chassis("V01", { tenant: "lab", devices: { 5: "dev-1" } })) };
  expect((await one.ask("/lab", { method: "PUT", body })).status).toBe(200);
  await one.ask("/devices/dev-1", { method: "PATCH", body: { name: "Here", labels: ["mine"] } });
  await until(async () => (await other.ask("/devices/dev-1")).body.name === "Here", "the other replica's hearing of it");
  expect((await other.ask("/lab")).body).toEqual(body.lab);
  expect((await other.ask("/devices/dev-1")).body).toEqual((await one.ask("/devices/dev-1")).body);
  agent.stop();
  for (const part of [other, one, bus, postgres]) await part.stop();
});
