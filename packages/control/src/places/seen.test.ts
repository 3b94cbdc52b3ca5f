/** What people see of the lab: their own and what is everybody's, never that there is something else. */
import { createInProcessBus, type Device } from "@phonerack/contract/bus";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { silent } from "../../test/running-control.js";
import { Devices } from "../devices/devices.js";
import type { DeviceStore } from "../devices/store.js";
import type { Onlooker } from "../leases/visibility.js";
import type { LabRows } from "./lab-rows.js";
import { Places } from "./places.js";
import type { PlaceStore } from "./store.js";

const who = (tenant: string | null, lab: Onlooker["lab"] = null): Onlooker => ({ actor: "a", tenant, role: "viewer", lab });
const chassis = (name: string, rack: string, tenant: string | null) => ({ name, site: "S", rack, slots: 4, tenant, labels: [] });
const ROWS: LabRows = {
  sites: ["S"],
  countries: new Map(),
  racks: [
    { site: "S", name: "open" },
    { site: "S", name: "secret" },
  ],
  chassis: [chassis("O1", "open", null), chassis("X1", "open", "acme"), chassis("X2", "secret", "acme")],
  slots: new Map(
    ["o1", "o2", "x1", "x2"].map((id, at) => [`dev-${id}`, { chassis: at < 2 ? "O1" : at === 2 ? "X1" : "X2", slot: at + 1 }]),
  ),
};
const holder = (tenant: string) => ({ tenant, actor: "b" }) as Device["holder"];

let places: Places;
let bus: ReturnType<typeof createInProcessBus>;

beforeEach(async () => {
  bus = createInProcessBus();
  const devices = new Devices({
    store: {} as DeviceStore,
    log: silent,
    keepsDevices: () => true,
    resend: () => undefined,
  });
  for (const id of ["dev-o1", "dev-o2", "dev-x1", "dev-x2"]) devices.hearReport(reportOf(id, { chassis: null, slot: null }));
  devices.add("dev-o2", { lease: "leased", holder: holder("acme") });
  const store = { read: async () => ROWS, given: async () => new Map() } as Partial<PlaceStore> as PlaceStore;
  const record = () => undefined;
  places = new Places({ devices, store, bus, replica: "control-1", log: silent, record, hasTenant: async () => true });
  await places.start();
});
afterEach(async () => {
  await places.stop();
  await bus.stop();
});

/** `rack/chassis: devices`. */
function seen(by: Onlooker): string[] {
  const racks = places.document(by).sites.flatMap((site) => site.racks);
  return racks.flatMap((rack) => [
    ...(rack.chassis.length === 0 ? [`${rack.name}/`] : []),
    ...rack.chassis.map(({ name, devices }) => `${rack.name}/${name}: ${Object.values(devices).join(" ")}`),
  ]);
}

test("whoever runs the lab sees all of it", () => {
  expect(seen(who("lab", "operator"))).toEqual(["open/O1: dev-o1 dev-o2", "open/X1: dev-x1", "secret/X2: dev-x2"]);
});

test("an organisation sees its own chassis and what is everybody's", () => {
  expect(seen(who("acme"))).toEqual(["open/O1: dev-o1 dev-o2", "open/X1: dev-x1", "secret/X2: dev-x2"]);
});

test("another sees neither those chassis, nor their racks, nor what is leased there", () => {
  expect(seen(who("other"))).toEqual(["open/O1: dev-o1"]);
  expect(JSON.stringify(places.document(who("other")))).not.toMatch(/acme|secret|X1|dev-o2/);
});

test("who acts for nobody sees no device", () => {
  expect(seen(who(null))).toEqual(["open/O1: "]);
});
