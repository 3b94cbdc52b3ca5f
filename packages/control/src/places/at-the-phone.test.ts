import {
  createInProcessBus,
  type Device,
  decodeMessage,
  encodeMessage,
  IdentifyOrder,
  IdentifyReply,
  IdentityOrder,
  IdentityReply,
  subjects,
} from "@phonerack/contract/bus";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { silent } from "../../test/running-control.js";
import { Devices } from "../devices/devices.js";
import type { DeviceStore } from "../devices/store.js";
import type { Onlooker } from "../leases/visibility.js";
import { identify, settle } from "./at-the-phone.js";

const OPERATOR: Onlooker = { actor: "op", tenant: "lab", role: "operator", lab: "operator" };
const HOLDER: Onlooker = { actor: "mia", tenant: "acme", role: "member", lab: null };
const HOLDER_HERE = {
  lease: "l-1",
  tenant: "acme",
  tenantName: "Acme",
  actor: "mia",
  actorName: "Mia",
  purpose: "",
  from: 0,
  until: 1,
  idleAt: null,
  confirmBy: null,
} satisfies Device["holder"];

let bus: ReturnType<typeof createInProcessBus>;
let devices: Devices;
let identified: IdentifyOrder[];
let settled: IdentityOrder[];
let shown: boolean;
let events: string[];
const parts = () => ({ bus, devices, record: ({ kind }: { kind: string }) => void events.push(kind) });

beforeEach(() => {
  bus = createInProcessBus();
  devices = new Devices({ store: {} as DeviceStore, log: silent, resend: () => undefined });
  [identified, settled, events, shown] = [[], [], [], true];
  const all = { agentId: "agent-1", id: "*" };
  bus.subscribe(subjects.identify(all), ({ payload }) => {
    identified.push(decodeMessage(IdentifyOrder, payload));
    return encodeMessage(IdentifyReply, { shown });
  });
  bus.subscribe(subjects.identity(all), ({ payload, subject }) => {
    const order = decodeMessage(IdentityOrder, payload);
    settled.push(order);
    return encodeMessage(IdentityReply, { id: order.same ?? subject.split(".")[2] ?? "" });
  });
  devices.hearReport(reportOf("dev-1", { slot: 7 }));
  devices.add("dev-1", { epoch: 4 });
});
afterEach(() => bus.stop());

describe("a phone's number is shown", () => {
  const ask = (who: Onlooker, id = "dev-1") => identify(parts(), who, { id, seconds: 15 });

  test("to who runs the lab while it is free, with its epoch and a time after which it is not", async () => {
    expect(await ask(OPERATOR)).toEqual({ id: "dev-1", shown: "7" });
    expect(identified).toMatchObject([{ epoch: 4, text: "7", seconds: 15 }]);
    expect((identified[0]?.notAfter ?? 0) - Date.now()).toBeLessThanOrEqual(2_000);
    expect(events).toEqual(["device.identified"]);
  });

  test("by its name where it stands in no slot; and who cannot show it says so", async () => {
    devices.add("dev-1", { place: null });
    shown = false;
    expect(await ask(OPERATOR)).toEqual({ id: "dev-1", shown: "no text; it blinks" });
    expect(identified[0]?.text).toBe(devices.get("dev-1")?.name);
  });

  test("to its holder, and to nobody else while it is leased", async () => {
    devices.add("dev-1", { lease: "leased", holder: HOLDER_HERE });
    expect(await ask(HOLDER)).toMatchObject({ shown: "7" });
    await expect(ask(OPERATOR)).rejects.toMatchObject({ code: "lease_required" });
    await expect(ask({ ...HOLDER, actor: "colleague" })).rejects.toMatchObject({ code: "lease_required" });
    await expect(ask({ ...HOLDER, tenant: "other" })).rejects.toMatchObject({ code: "device_not_found" });
    expect(identified).toHaveLength(1);
  });

  test("neither to members on a free phone nor while it is cleaned or away", async () => {
    await expect(ask(HOLDER)).rejects.toMatchObject({ code: "lease_required" });
    devices.add("dev-1", { lease: "cleaning" });
    await expect(ask(OPERATOR)).rejects.toMatchObject({ code: "device_busy" });
    devices.add("dev-1", { lease: "free" });
    devices.hearReport(reportOf("dev-1", { state: "lost", reason: "Gone." }));
    await expect(ask(OPERATOR)).rejects.toMatchObject({ code: "device_not_ready", detail: "Gone." });
    await expect(ask(OPERATOR, "dev-9")).rejects.toMatchObject({ code: "device_not_found" });
    expect(identified).toEqual([]);
  });
});

describe("a doubt", () => {
  const say = (same: string | null) => settle(parts(), OPERATOR, { id: "dev-1", same });

  beforeEach(() => {
    devices.hearReport(reportOf("dev-old", { state: "lost" }));
    devices.hearReport(reportOf("dev-1", { doubt: { candidates: ["dev-old"], why: "reset" } }));
  });

  test("is settled either way", async () => {
    expect(await say("dev-old")).toEqual({ id: "dev-old" });
    expect(await say(null)).toEqual({ id: "dev-1" });
    expect(settled).toEqual([{ same: "dev-old" }, { same: null }]);
    expect(events).toEqual(["device.settled", "device.settled"]);
  });

  test("is not settled for another, without a doubt, or while somebody holds one of the two", async () => {
    await expect(say("dev-2")).rejects.toMatchObject({ code: "identity_settled" });
    devices.add("dev-old", { lease: "leased", holder: HOLDER_HERE });
    await expect(say("dev-old")).rejects.toMatchObject({ code: "device_busy" });
    devices.hearReport(reportOf("dev-1"));
    await expect(say(null)).rejects.toMatchObject({ code: "identity_settled" });
    expect(settled).toEqual([]);
  });
});
