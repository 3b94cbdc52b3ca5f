import { AGENT_GONE_MS, PhonerackError } from "@phonerack/contract/bus";
import { beforeEach, describe, expect, test } from "vitest";
import { reportOf } from "../../test/fake-agent.js";
import { silent } from "../../test/running-control.js";
import { Devices } from "./devices.js";
import { compareNames, defaultName } from "./naming.js";
import type { DeviceRow, DeviceStore, SavedDevice } from "./store.js";

/** The database of a test, in memory; `broken` refuses writes. */
class MemoryStore implements Pick<DeviceStore, "all" | "saveReports" | "rename" | "remove"> {
  readonly rows = new Map<string, DeviceRow & Partial<SavedDevice>>();
  writes = 0;
  broken = false;

  async all() {
    return [...this.rows.values()];
  }
  async saveReports(rows: readonly SavedDevice[]) {
    if (this.broken) throw new Error("disk full");
    this.writes++;
    for (const row of rows) this.rows.set(row.id, row);
  }
  async rename(id: string, name: string) {
    const row = this.rows.get(id);
    if (row) this.rows.set(id, { ...row, name });
  }
  async remove(id: string) {
    this.rows.delete(id);
  }
}

let store: MemoryStore;
let now: number;
let resends: number;

function newDevices(keepsDevices: (agentId: string) => boolean = () => false): Devices {
  const parts = { store: store as unknown as DeviceStore, log: silent, resend: () => resends++, now: () => now };
  return new Devices({ ...parts, keepsDevices });
}
function beat(startedAt = 1) {
  return { agentId: "agent-1", host: "here", version: "0.1.0", startedAt, devices: 1 };
}

beforeEach(() => {
  store = new MemoryStore();
  now = 1_000_000;
  resends = 0;
});

describe("an agent", () => {
  test("that falls silent takes its devices along, in words, after five seconds and not before", () => {
    const devices = newDevices();
    devices.hearBeat(beat());
    devices.hearReport(reportOf("abcd-1"));
    now += AGENT_GONE_MS - 1;
    devices.sweep();
    expect(devices.get("abcd-1")?.state).toBe("ready");
    now += 1;
    devices.sweep();
    expect(devices.get("abcd-1")).toMatchObject({
      state: "lost",
      since: now,
      reason: expect.stringContaining("agent-1 does not answer"),
    });
    expect(devices.counts.agents).toBe(0);
  });

  test("that comes back is asked for its reports, and its devices are what it says", () => {
    const devices = newDevices();
    devices.hearBeat(beat());
    devices.hearReport(reportOf("abcd-1"));
    now += AGENT_GONE_MS;
    devices.sweep();
    const asked = resends;
    devices.hearBeat(beat());
    expect(resends).toBe(asked + 1);
    expect(devices.get("abcd-1")?.state).toBe("connecting");
    devices.hearReport(reportOf("abcd-1"));
    expect(devices.get("abcd-1")).toMatchObject({ state: "ready", reason: null });
  });

  test("that began anew vouches for nothing it said before, and what it does not find is lost", () => {
    const devices = newDevices();
    devices.hearBeat(beat(1));
    devices.hearReport(reportOf("abcd-1"));
    devices.hearReport(reportOf("abcd-2"));
    devices.hearBeat(beat(2));
    expect(devices.get("abcd-1")?.state).toBe("connecting");
    devices.hearReport(reportOf("abcd-1"));
    for (let second = 0; second < 31; second++) {
      now += 1_000;
      devices.hearBeat(beat(2));
      devices.sweep();
    }
    expect(devices.get("abcd-1")?.state).toBe("ready");
    expect(devices.get("abcd-2")).toMatchObject({ state: "lost", reason: expect.stringContaining("does not find it") });
  });

  test("whose first beat comes after its reports keeps them", () => {
    const devices = newDevices();
    devices.hearReport(reportOf("abcd-1"));
    devices.hearBeat(beat());
    expect(devices.get("abcd-1")?.state).toBe("ready");
  });
});

describe("a control that starts again", () => {
  test("knows its devices, waits for their agents, and gives them up when nobody speaks", async () => {
    store.rows.set("abcd-1", {
      id: "abcd-1",
      name: "Rosa",
      report: reportOf("abcd-1"),
      firstSeen: new Date(1),
      lastSeen: new Date(2),
    });
    const devices = newDevices();
    await devices.start();
    expect(resends).toBe(1);
    expect(devices.get("abcd-1")).toMatchObject({
      name: "Rosa",
      state: "connecting",
      reason: expect.stringContaining("Waiting"),
    });
    now += AGENT_GONE_MS;
    devices.sweep();
    expect(devices.get("abcd-1")?.state).toBe("lost");
    await devices.stop();
  });

  test("believes a report that came before the database was read", async () => {
    store.rows.set("abcd-1", {
      id: "abcd-1",
      name: null,
      report: reportOf("abcd-1", { sdk: 30 }),
      firstSeen: new Date(1),
      lastSeen: new Date(2),
    });
    const devices = newDevices();
    devices.hearReport(reportOf("abcd-1", { sdk: 31 }));
    await devices.start();
    expect(devices.get("abcd-1")).toMatchObject({ state: "ready", sdk: 31 });
    await devices.stop();
  });
});

describe("saving", () => {
  test("gathers the reports of many devices into one write, and rests when nothing changed", async () => {
    const devices = newDevices();
    for (let n = 0; n < 100; n++) devices.hearReport(reportOf(`abcd-${n}`));
    await devices.save();
    await devices.save();
    expect({ writes: store.writes, rows: store.rows.size }).toEqual({ writes: 1, rows: 100 });
  });

  test("tells the state that control sees, also of a device whose agent fell silent, and when its network's class changes", async () => {
    const devices = newDevices();
    devices.hearBeat(beat());
    devices.hearReport(reportOf("abcd-1"));
    await devices.save();
    expect(store.rows.get("abcd-1")).toMatchObject({ state: "ready", isolated: false });
    devices.add("abcd-1", { isolated: true });
    await devices.save();
    expect(store.rows.get("abcd-1")).toMatchObject({ state: "ready", isolated: true });
    now += AGENT_GONE_MS;
    devices.sweep();
    await devices.save();
    expect(store.rows.get("abcd-1")).toMatchObject({ state: "lost", report: { state: "ready" } });
  });

  test("is tried again after a failure, which health shows meanwhile", async () => {
    const devices = newDevices();
    devices.hearReport(reportOf("abcd-1"));
    store.broken = true;
    await devices.save();
    expect(devices.healthy).toBe(false);
    store.broken = false;
    await devices.save();
    expect({ healthy: devices.healthy, rows: store.rows.size }).toEqual({ healthy: true, rows: 1 });
  });
});

describe("a device", () => {
  test("is forgotten only when it is lost, and is new when it comes back", async () => {
    const devices = newDevices();
    devices.hearReport(reportOf("abcd-1"));
    await devices.rename("abcd-1", "Rosa");
    await expect(devices.forget("abcd-1")).rejects.toEqual(new PhonerackError("device_in_use", "Rosa is ready"));
    devices.hearReport(reportOf("abcd-1", { state: "lost", reason: "unplugged" }));
    await devices.forget("abcd-1");
    expect({ there: devices.get("abcd-1"), rows: store.rows.size }).toEqual({ there: undefined, rows: 0 });
    devices.hearReport(reportOf("abcd-1"));
    expect(devices.get("abcd-1")?.name).toBe("V01-01");
  });

  test("goes when its agent lets go of it, and not when an agent says so that does not hold it", async () => {
    const devices = newDevices();
    devices.hearReport(reportOf("abcd-1"));
    await devices.save();
    devices.hearGone("abcd-1", { agentId: "agent-2" });
    expect(devices.get("abcd-1")).toBeDefined();
    devices.hearGone("abcd-1", { agentId: "agent-1" });
    expect(devices.get("abcd-1")).toBeUndefined();
    await devices.stop();
    await Promise.resolve();
    expect(store.rows.size).toBe(0);
  });

  test("stays with the agent that reported it: another one cannot have it by its id while that one is here", () => {
    const devices = newDevices();
    devices.hearBeat(beat());
    devices.hearReport(reportOf("abcd-1"));
    const stolen = reportOf("abcd-1", { agentId: "agent-2", model: "Fake" });
    for (const state of ["ready", "lost"] as const) {
      devices.hearReport(reportOf("abcd-1", { state }));
      expect(() => devices.hearReport(stolen)).toThrow(expect.objectContaining({ code: "denied" }));
    }
    expect(devices.get("abcd-1")).toMatchObject({ agentId: "agent-1", model: "R1" });
    now += AGENT_GONE_MS;
    devices.sweep();
    devices.hearReport(stolen);
    expect(devices.get("abcd-1")).toMatchObject({ agentId: "agent-2", state: "ready" });
    expect(() => devices.hearReport(reportOf("abcd-1"))).toThrow(expect.objectContaining({ code: "denied" }));
  });

  test("stays with an agent that has joined also while it is away, until that one is removed", () => {
    const joined = new Set(["agent-1"]);
    const devices = newDevices((agentId) => joined.has(agentId));
    devices.hearBeat(beat());
    devices.hearReport(reportOf("abcd-1"));
    now += AGENT_GONE_MS;
    devices.sweep();
    const stolen = reportOf("abcd-1", { agentId: "agent-2" });
    expect(() => devices.hearReport(stolen)).toThrow(expect.objectContaining({ code: "denied" }));
    joined.clear();
    devices.dropAgent("agent-1");
    expect(devices.get("abcd-1")).toBeUndefined();
    devices.hearReport(stolen);
    expect(devices.get("abcd-1")).toMatchObject({ agentId: "agent-2", state: "ready" });
  });

  test("that somebody holds is lost, not forgotten, when its agent is removed", () => {
    const devices = newDevices();
    devices.hearReport(reportOf("abcd-1"));
    devices.add("abcd-1", { lease: "leased", epoch: 1 });
    devices.dropAgent("agent-1");
    expect(devices.get("abcd-1")).toMatchObject({ state: "lost", lease: "leased" });
    expect(devices.agents).toEqual([]);
  });

  test.each([
    [{ chassis: "V01", slot: 7 }, "V01-07"],
    [{ chassis: "rack A", slot: 120 }, "rack A-120"],
    [{ chassis: null, slot: null, model: "Pixel 7" }, "Pixel 7 cd-1"],
    [{ chassis: "V01", slot: null, model: null }, "Phone cd-1"],
  ])("of %o goes by the name %s until it is given one", (place, name) => {
    expect(defaultName(reportOf("abcd-1", place))).toBe(name);
  });

  test("stands in an order that counts numbers and knows no ties", () => {
    const named = (name: string, id = "a") => ({ name, id });
    const sorted = [named("V1-10"), named("V1-9"), named("v1-9"), named("V1-9", "b"), named("A")].sort(compareNames);
    expect(sorted.map(({ name, id }) => name + id)).toEqual(["Aa", "v1-9a", "V1-9a", "V1-9b", "V1-10a"]);
  });
});
