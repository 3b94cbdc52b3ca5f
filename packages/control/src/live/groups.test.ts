import type { ToBrowser } from "@phonerack/contract/api";
import type { Group } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { FakeGroupAgent } from "../../test/fake-group-agent.js";
import { type RunningControl, runControl, Tab, until } from "../../test/running-control.js";

type GroupText = Extract<ToBrowser, { type: "group" }>;

let running: RunningControl;
let agent: FakeAgent;
let groupAgent: FakeGroupAgent;
let group: Group;
let tests = 0;
const tabs: Tab[] = [];

const POINT = { x: 10, y: 20, width: 720, height: 1600 };

beforeAll(async () => {
  running = await runControl();
});
afterAll(() => running.stop());
beforeEach(async () => {
  tests++;
  agent = new FakeAgent(running.bus);
  groupAgent = new FakeGroupAgent(running.bus);
  agent.beat();
  const devices = [1, 2].map((n) => `live-${tests}-${n}`);
  for (const id of devices) agent.report(reportOf(id));
  for (const id of devices) await until(async () => (await running.ask(`/devices/${id}`)).status === 200, "the devices");
  await running.take(...devices);
  group = (await running.ask("/groups", { method: "POST", body: { devices, aim: "point", stepsPerSecond: 30 } })).body;
});
afterEach(() => {
  for (const tab of tabs.splice(0)) tab.close();
  groupAgent.stop();
  agent.stop();
});

async function openTab(): Promise<Tab> {
  const tab = await Tab.open(running.control.url, running.bearer);
  tabs.push(tab);
  return tab;
}

const told = (tab: Tab) => tab.texts.filter((text): text is GroupText => text.type === "group" && text.id === group.id);
const touch = (phase: string) => ({ type: "touch", phase, pointer: 0, at: POINT });

test("a tab is told the whole group once, and then what changes, gathered", async () => {
  const tab = await openTab();
  tab.say({ type: "group", id: group.id, follow: true });
  const whole = await tab.heard("group");
  expect(whole).toMatchObject({ group: { leader: group.leader }, steps: [] });
  expect(whole.members).toHaveLength(2);
  for (let seq = 1; seq <= 10; seq++) tab.say({ type: "step", seq, id: group.id, step: { type: "tap", at: POINT } });
  await until(() => tab.texts.filter(({ type }) => type === "step").length === 10, "the answers");
  const last = await tab.heard("group", ({ steps }) => steps?.some(({ seq, waiting }) => seq === 10 && waiting === 0) ?? false);
  expect(last.members?.length ?? 0).toBeLessThanOrEqual(2);
  expect(told(tab).length).toBeLessThan(8);
  await running.ask(`/groups/${group.id}`, { method: "PATCH", body: { paused: true } });
  await tab.heard("group", (text) => text.group?.paused === true);
  tab.say({ type: "step", seq: 11, id: group.id, step: { type: "tap", at: POINT } });
  expect(await tab.heard("step", ({ seq }) => seq === 11)).toMatchObject({ step: null, error: { code: "group_paused" } });
  tab.say({ type: "group", id: group.id, follow: false });
  await running.ask(`/groups/${group.id}`, { method: "DELETE" });
});

test("a gesture goes on in one step, and is cancelled on every phone when its tab is closed", async () => {
  const tab = await openTab();
  for (const [seq, phase] of ["down", "move", "move"].entries()) tab.say({ type: "step", seq, id: group.id, step: touch(phase) });
  await until(() => tab.texts.filter(({ type }) => type === "step").length === 3, "the answers");
  tab.close();
  await until(() => groupAgent.of("step").length === 4, "the cancel");
  const phases = groupAgent.of("step").map(({ step, seq }) => step.type === "touch" && `${seq} ${step.phase}`);
  expect(phases).toEqual(["1 down", "1 move", "1 move", "1 cancel"]);
  expect((await running.ask(`/groups/${group.id}`)).body.steps).toHaveLength(1);
});

test("groups that are not there, too many of them, and broken messages are strikes", async () => {
  const tab = await openTab();
  tab.say({ type: "group", id: "g-aaaaaaaaaaaaa", follow: true });
  expect(await tab.heard("error")).toMatchObject({ code: "group_not_found" });
  tab.say({ type: "step", seq: 1, id: "g-aaaaaaaaaaaaa", step: touch("down") });
  expect(await tab.heard("step")).toMatchObject({ step: null, error: { code: "group_not_found" } });
  tab.say({ type: "step", seq: 2, id: group.id, step: { type: "launch", package: "x".repeat(10_000) } });
  tab.say({ type: "step", seq: 3, id: group.id, step: { type: "rm -rf" } });
  await until(() => tab.closed, "the end");
  expect(tab.closed).toMatchObject({ code: 1008 });
});

test("a tab that asks for the whole again and again gets it once a second at most", async () => {
  const tab = await openTab();
  for (let n = 0; n < 50; n++) tab.say({ type: "group", id: group.id, follow: true });
  await until(() => told(tab).length === 2, "the second");
  expect(tab.closed).toBeUndefined();
});

test("more steps at once than can be on their way are refused, and none is forgotten", async () => {
  const tab = await openTab();
  for (let seq = 1; seq <= 300; seq++) tab.say({ type: "step", seq, id: group.id, step: { type: "key", key: "BACK" } });
  await until(() => tab.texts.filter(({ type }) => type === "step").length === 300, "the answers");
  const done = tab.texts.filter((text) => text.type === "step" && text.step !== null);
  // 30 at once and as many a second, however long these took.
  expect(done.length).toBeLessThan(200);
  expect(groupAgent.of("step").length).toBe(done.length);
});
