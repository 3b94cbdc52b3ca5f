import { setTimeout as sleep } from "node:timers/promises";
import { type Group, PhonerackError } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { FakeGroupAgent, NOTES, SETTINGS } from "../../test/fake-group-agent.js";
import { Person } from "../../test/person.js";
import { type RunningControl, runControl, until } from "../../test/running-control.js";

let running: RunningControl;
let agent: FakeAgent;
let groupAgent: FakeGroupAgent;

/** Three phones of the test's own; the first leads unless it says otherwise. */
let PHONES: string[];
let [P1, P2, P3] = ["", "", ""];
let tests = 0;
const TAP = { type: "tap", at: { x: 10, y: 20, width: 720, height: 1600 } };

async function phones(...ids: string[]): Promise<void> {
  for (const [n, id] of ids.entries()) agent.report(reportOf(id, { chassis: `T${tests}`, slot: n + 1 }));
  for (const id of ids) await until(async () => (await running.ask(`/devices/${id}`)).status === 200, "the devices");
}

async function start(change: object = {}): Promise<Group> {
  const { status, body } = await running.ask("/groups", { method: "POST", body: { devices: PHONES, ...change } });
  expect([status, body.code, body.detail]).toEqual([201, undefined, undefined]);
  return body;
}

const ask = (id: string, path = "", method = "GET", body?: unknown) => running.ask(`/groups/${id}${path}`, { method, body });
const step = (id: string, what: unknown, wait = 10_000) => ask(id, "/steps", "POST", { step: what, wait });
const memberOf = async (id: string, device: string) =>
  ((await ask(id)).body as Group).members.find(({ deviceId }) => deviceId === device);
const stateOf = async (id: string, device: string) => (await memberOf(id, device))?.state;

beforeAll(async () => {
  running = await runControl();
});
afterAll(() => running.stop());
beforeEach(async () => {
  tests++;
  PHONES = [1, 2, 3].map((n) => `test-${tests}-${n}`);
  [P1, P2, P3] = PHONES as [string, string, string];
  agent = new FakeAgent(running.bus);
  groupAgent = new FakeGroupAgent(running.bus);
  agent.beat();
  await phones(...PHONES);
});
afterEach(() => {
  groupAgent.stop();
  agent.stop();
});

describe("a group", () => {
  test("is made of devices of one lease, fenced and started by their agent", async () => {
    await running.take(...PHONES);
    const group = await start({ leader: P2, name: "smoke" });
    expect(group).toMatchObject({ leader: P2, aim: "element", mode: "hand", name: "smoke", endedAt: null });
    expect(groupAgent.of("start")).toMatchObject([
      { mode: "group", agreed: false, members: PHONES.map((deviceId) => ({ deviceId, epoch: 1 })) },
    ]);
    await until(async () => (await stateOf(group.id, P3)) === "followed", "the engine");
    expect(await memberOf(group.id, P3)).toMatchObject({ fence: "closed", engine: true, screen: NOTES });
    expect((await running.ask("/groups")).body.items).toMatchObject([{ id: group.id, size: 3 }]);
  });

  test("is refused for devices that are not ready, of another lease, in another group, or nobody's", async () => {
    await running.take(P1, P2);
    const refused = async (body: object) => {
      const answer = await running.ask("/groups", { method: "POST", body });
      return `${answer.body.code}: ${answer.body.detail}`;
    };
    expect(await refused({ devices: PHONES })).toMatch(/^lease_required/);
    expect(await refused({ devices: [P1, P1] })).toBe("group_refused: a device is named twice");
    expect(await refused({ devices: [P1], leader: P2 })).toMatch(/^group_refused: .* is not among the devices/);
    await running.take(P3);
    expect(await refused({ devices: PHONES })).toMatch(/^group_refused: .* is of another lease/);
    agent.report(reportOf(P2, { state: "lost", reason: "unplugged" }));
    await until(async () => (await running.ask(`/devices/${P2}`)).body.state === "lost", "the loss");
    expect(await refused({ devices: [P1, P2] })).toMatch(/^group_refused: .* is lost \(unplugged\)/);
    await start({ devices: [P1], name: "first" });
    expect(await refused({ devices: [P1] })).toMatch(/^group_refused: .* is in the group first already/);
  });

  test("of devices that nobody enrolled needs somebody's word that apps may be disabled", async () => {
    agent.report(reportOf(P1, { chassis: `T${tests}`, slot: 1, reach: "network" }));
    await until(async () => (await running.ask(`/devices/${P1}`)).body.reach === "network", "the report");
    await running.take(...PHONES);
    const refused = await running.ask("/groups", { method: "POST", body: { devices: PHONES } });
    expect(refused.body).toMatchObject({ code: "fence_unagreed", detail: `T${tests}-01` });
    await start({ agreeToFence: true });
    expect(groupAgent.of("start")).toMatchObject([{ agreed: true }]);
  });

  test("is a colleague's only to look at", async () => {
    await running.take(...PHONES);
    const group = await start();
    const made = await running.ask("/keys", { method: "POST", body: { name: "k", role: "member", scopes: ["read", "drive"] } });
    const colleague = Person.byBearer(running, made.body.key);
    expect((await colleague.ask(`/groups/${group.id}`)).status).toBe(200);
    const driven = await colleague.ask(`/groups/${group.id}/steps`, { method: "POST", body: { step: TAP } });
    expect(driven.body).toMatchObject({ code: "forbidden" });
  });
});

describe("a step", () => {
  test("is aimed on the leader and answered when all have answered", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    const { status, body } = await step(id, TAP);
    expect(status).toBe(200);
    expect(body).toMatchObject({ seq: 1, words: "tap “Save” (id/save)", waiting: 0, counts: { applied: 3 }, answers: [], ms: 3 });
    expect(groupAgent.of("aim")).toMatchObject([{ leader: P1, step: TAP }]);
    expect(groupAgent.of("step")).toMatchObject([
      { seq: 1, mode: "group", aim: "element", element: { text: "Save" }, except: [], settle: true },
    ]);
  });

  test("names the element itself, or a place when the group aims by point, without asking the leader", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    await step(id, { type: "tap", at: { id: "save" } });
    await ask(id, "", "PATCH", { aim: "point" });
    expect((await step(id, { type: "tap", at: { id: "save" } })).body).toMatchObject({ code: "step_refused" });
    expect((await step(id, TAP)).body).toMatchObject({ words: "tap 10,20", counts: { applied: 3 } });
    expect(groupAgent.of("aim")).toEqual([]);
    expect(groupAgent.of("start").map(({ aim }) => aim)).toEqual(["element", "point"]);
  });

  test("that hits nothing on the leader is refused, and touches nobody", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    groupAgent.element = null;
    expect((await step(id, TAP)).body).toMatchObject({ code: "step_refused" });
    groupAgent.refuse = new PhonerackError("engine_unavailable", "Appium holds it");
    expect((await step(id, TAP)).body).toMatchObject({ code: "engine_unavailable", detail: "Appium holds it" });
    expect(groupAgent.of("step")).toEqual([]);
  });

  test("says of each device how it took it, and marks those that did not", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    const why = "Bazaar is not yours: group taps are not delivered.";
    groupAgent.answers.set(P2, { outcome: "denied", ms: 1, error: { code: "denied", message: "no", detail: why } });
    groupAgent.answers.set(P3, { outcome: "not-found", ms: 900 });
    const { body } = await step(id, TAP);
    expect(body.counts).toEqual({ applied: 1, delivered: 0, "not-found": 1, denied: 1, late: 0, failed: 0 });
    expect(body.answers.map((answer: { deviceId: string }) => answer.deviceId)).toEqual([P2, P3]);
    expect(await memberOf(id, P2)).toMatchObject({ state: "denied", reason: why });
    expect(await memberOf(id, P3)).toMatchObject({ state: "stray", reason: "Did not find “Save” (id/save)." });
    expect((await ask(id, "/steps/1")).body.answers).toHaveLength(3);
    groupAgent.answers.clear();
    await step(id, TAP);
    expect([await stateOf(id, P2), await stateOf(id, P3)]).toEqual(["followed", "followed"]);
  });

  test("of a slow device keeps nobody waiting: the rest has answered, it is behind", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    groupAgent.answers.set(P3, "silent");
    const { body } = await step(id, TAP, 20);
    expect(body).toMatchObject({ waiting: 1, counts: { applied: 2 } });
    await until(async () => (await stateOf(id, P3)) === "behind", "being behind");
    groupAgent.tell(id, { steps: [{ seq: 1, answers: [{ deviceId: P3, outcome: "delivered", ms: 2_000 }] }] });
    await until(async () => (await stateOf(id, P3)) === "followed", "its answer");
    expect((await ask(id, "/steps/1")).body.record).toMatchObject({
      waiting: 0,
      counts: { applied: 2, delivered: 1 },
      ms: 2_000,
    });
  });

  test("at an agent that is gone fails there, at once, and nowhere else", async () => {
    const other = new FakeAgent(running.bus, "agent-2");
    other.report(reportOf("away-1"));
    await until(async () => (await running.ask("/devices/away-1")).status === 200, "the device");
    await running.take(P1, "away-1");
    const { id } = await start({ devices: [P1, "away-1"] });
    const { body } = await step(id, TAP);
    expect(body).toMatchObject({
      waiting: 0,
      counts: { applied: 1, failed: 1 },
      answers: [{ error: { code: "agent_unreachable" } }],
    });
    other.stop();
  });

  test("comes no more often than the group allows, and not while it is paused", async () => {
    await running.take(...PHONES);
    const { id } = await start({ stepsPerSecond: 1 });
    const many = [1, 2, 3, 4, 5, 6].map(async () => (await step(id, { type: "key", key: "BACK" }, 0)).body.code);
    // A second may pass meanwhile, and with it another step.
    expect((await Promise.all(many)).filter((code) => code === "too_fast").length).toBeGreaterThanOrEqual(3);
    expect((await ask(id, "", "PATCH", { paused: true, stepsPerSecond: 30 })).body.paused).toBe(true);
    expect((await step(id, { type: "key", key: "BACK" })).body.code).toBe("group_paused");
    await ask(id, "", "PATCH", { paused: false });
    // At 30 a second the next one is due after 33 ms.
    await sleep(50);
    expect((await step(id, { type: "key", key: "BACK" })).body.counts.applied).toBe(3);
  });

  test("keeps to itself what was typed", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    await step(id, { type: "text", text: "secret word" });
    expect(groupAgent.of("step")[0]?.step).toEqual({ type: "text", text: "secret word" });
    const whole = JSON.stringify([(await ask(id)).body, (await ask(id, "/steps/1")).body, (await running.ask("/events")).body]);
    expect(whole).toContain("text (11 characters)");
    expect(whole).not.toContain("secret");
  });
});

describe("a stray", () => {
  test("shows something else than the leader once both have settled, and is brought back", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    groupAgent.screens.set(P2, SETTINGS);
    groupAgent.screens.set(P3, { ...NOTES, signature: "other" });
    await step(id, TAP);
    expect(await memberOf(id, P2)).toMatchObject({
      state: "stray",
      reason: "Shows com.android.settings, the leader org.example.notes.",
    });
    expect(await memberOf(id, P3)).toMatchObject({
      state: "stray",
      reason: "Shows ListActivity as the leader does, but not the same in it.",
    });
    await ask(id, `/members/${P2}`, "POST", { action: "resync" });
    expect(groupAgent.of("member")).toMatchObject([{ deviceId: P2, action: "resync", screen: NOTES }]);
    await until(async () => (await stateOf(id, P2)) === "followed", "coming back");
  });

  test("is measured by the new leader when the lead is handed over", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    groupAgent.screens.set(P2, SETTINGS);
    await step(id, TAP);
    await ask(id, "", "PATCH", { leader: P2 });
    expect([await stateOf(id, P1), await stateOf(id, P2), await stateOf(id, P3)]).toEqual(["stray", "followed", "stray"]);
    expect((await ask(id, `/members/${P2}`, "POST", { action: "drop" })).body).toMatchObject({ code: "group_refused" });
  });

  test("is retried alone, with what was typed last", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    groupAgent.answers.set(P2, { outcome: "failed", ms: 1, error: { code: "phone_failed", message: "No keyboard." } });
    await step(id, { type: "text", text: "again" });
    expect(await memberOf(id, P2)).toMatchObject({ state: "stray", reason: "No keyboard." });
    groupAgent.answers.clear();
    await ask(id, `/members/${P2}`, "POST", { action: "retry" });
    expect(groupAgent.of("step")[1]).toMatchObject({ seq: 1, step: { text: "again" }, except: [P1, P3] });
    await until(async () => (await ask(id, "/steps/1")).body.record.counts.applied === 3, "the retry");
    expect(await stateOf(id, P2)).toBe("followed");
  });

  test("is left out while it is driven by hand or dropped, until it is taken back", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    await ask(id, `/members/${P2}`, "POST", { action: "take-over" });
    await ask(id, `/members/${P3}`, "POST", { action: "drop" });
    expect((await step(id, TAP)).body.counts.applied).toBe(1);
    expect(groupAgent.of("step")[0]?.except).toEqual([P2, P3]);
    expect([await stateOf(id, P2), await stateOf(id, P3)]).toEqual(["taken-over", "dropped"]);
    await ask(id, `/members/${P3}`, "POST", { action: "rejoin" });
    expect((await step(id, TAP)).body.counts.applied).toBe(2);
  });
});

describe("the end", () => {
  test("is told to the agents, and nothing is done after it", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    expect((await ask(id, "", "DELETE")).body).toEqual({ id });
    expect(groupAgent.of("end")).toHaveLength(1);
    expect((await step(id, TAP)).body).toMatchObject({ code: "group_over" });
    expect((await ask(id)).body).toMatchObject({ endReason: "ended by its driver" });
    await start();
  });

  test("comes with the lease, or device by device as they are given back", async () => {
    const lease = (await running.ask("/leases", { method: "POST", body: { devices: PHONES } })).body;
    const { id } = await start();
    await running.ask(`/leases/${lease.id}/release`, { method: "POST", body: { devices: [P1] } });
    await until(async () => (await stateOf(id, P1)) === "dropped", "leaving");
    expect((await ask(id)).body.leader).toBe(P2);
    await running.ask(`/leases/${lease.id}/release`, { method: "POST", body: {} });
    await until(async () => (await ask(id)).body.endedAt !== null, "the end");
    expect((await ask(id)).body.endReason).toBe("its lease is over (released)");
  });
});

describe("an agent that begins anew", () => {
  test("is told of its groups again, as is one whose phone was away", async () => {
    await running.take(...PHONES);
    const { id } = await start();
    agent.beat(2);
    for (const phone of PHONES) agent.report(reportOf(phone, { hold: { epoch: 1, phase: "leased", note: null } }));
    await until(() => groupAgent.of("start").length === 2, "the second start");
    expect(groupAgent.of("start")[1]).toMatchObject({ group: id });
    agent.report(reportOf(P2, { state: "lost", reason: "unplugged" }));
    await until(async () => (await stateOf(id, P2)) === "lost", "the loss");
    expect((await step(id, TAP)).body).toMatchObject({ counts: { applied: 2, failed: 1 } });
  });
});
