import type { Group } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { elementOf, FakeGroupAgent } from "../../test/fake-group-agent.js";
import { type RunningControl, runControl, until } from "../../test/running-control.js";

let running: RunningControl;
let agent: FakeAgent;
let groupAgent: FakeGroupAgent;
let group: Group;
let phones: string[];
let tests = 0;

beforeAll(async () => {
  running = await runControl();
});
afterAll(() => running.stop());
beforeEach(async () => {
  tests++;
  agent = new FakeAgent(running.bus);
  groupAgent = new FakeGroupAgent(running.bus);
  agent.beat();
  phones = [1, 2, 3].map((n) => `replay-${tests}-${n}`);
  for (const id of phones) agent.report(reportOf(id));
  for (const id of phones) await until(async () => (await running.ask(`/devices/${id}`)).status === 200, "the devices");
  await running.take(...phones);
  group = (await running.ask("/groups", { method: "POST", body: { devices: phones } })).body;
});
afterEach(() => {
  groupAgent.stop();
  agent.stop();
});

const ask = (path: string, method = "GET", body?: unknown) => running.ask(`/groups/${group.id}${path}`, { method, body });
const step = (what: unknown) => ask("/steps", "POST", { step: what });
const POINT = { x: 10, y: 20, width: 720, height: 1600 };

async function replayed(body: object): Promise<Group> {
  const begun = await ask("/replay", "POST", body);
  expect(begun.body).toMatchObject({ group: group.id });
  await until(async () => (await ask("")).body.mode === "hand", "the end of the replay");
  return (await ask("")).body;
}

const FLOW = `appId: org.example.notes
---
- launchApp:
    stopApp: false
- tapOn:
    id: save
- assertVisible: Saved
- back
`;

test("what is recorded becomes a flow, is kept, and replayed on another day", async () => {
  await step({ type: "key", key: "HOME" });
  await ask("", "PATCH", { recording: true });
  groupAgent.element = elementOf({ text: "Speichern", of: 1 });
  await step({ type: "tap", at: POINT });
  await step({ type: "text", text: "typed in a recording" });
  await ask("", "PATCH", { recording: false });
  await step({ type: "key", key: "BACK" });
  const { yaml, steps } = (await ask("/flow")).body;
  expect(steps).toBe(2);
  expect(yaml).toBe(`appId: "org.example.notes"\n---\n- tapOn:\n    id: "save"\n- inputText: "typed in a recording"\n`);
  const saved = await running.ask("/flows", { method: "POST", body: { name: "smoke", yaml } });
  expect(saved.body).toMatchObject({ name: "smoke", appId: "org.example.notes", yaml });
  expect((await running.ask("/flows")).body.items).toMatchObject([{ id: saved.body.id, name: "smoke" }]);
  groupAgent.orders.length = 0;
  await replayed({ flow: saved.body.id });
  expect(groupAgent.of("step")).toMatchObject([
    { mode: "script", step: { type: "tap", at: { id: "save" } }, element: null },
    { mode: "script", step: { type: "text", text: "typed in a recording" } },
  ]);
  expect(JSON.stringify((await ask("")).body)).not.toContain("typed in a recording");
  expect((await running.ask(`/flows/${saved.body.id}`, { method: "DELETE" })).status).toBe(200);
  expect((await running.ask(`/flows/${saved.body.id}`)).body.code).toBe("flow_not_found");
});

test("a replay is a test on each device: who fails is left out of the rest, and the others go on", async () => {
  const [, second = ""] = phones;
  groupAgent.answers.set(second, { outcome: "not-found", ms: 5 });
  const done = await replayed({ yaml: FLOW });
  expect(groupAgent.of("step").map(({ except }) => except)).toEqual([[], [second], [second], [second]]);
  expect(done.steps.at(-1)?.counts.applied).toBe(2);
  expect(done.members.find(({ deviceId }) => deviceId === second)).toMatchObject({
    state: "stray",
    reason: "Failed at line 3 of the flow, launchApp: not-found",
  });
  const [event] = (await running.ask("/events?kind=flow.replayed")).body.items;
  expect(event.detail).toMatchObject({ commands: 4, done: 4, passed: 2, failed: 1 });
  groupAgent.answers.clear();
  expect((await step({ type: "key", key: "BACK" })).body.counts.applied).toBe(3);
});

test("a replay keeps hands off, and ends when nobody is left or the group is over", async () => {
  for (const phone of phones) groupAgent.answers.set(phone, "silent");
  await ask("/replay", "POST", { yaml: FLOW });
  expect((await step({ type: "key", key: "BACK" })).body).toMatchObject({ code: "step_refused" });
  expect((await ask("/replay", "POST", { yaml: FLOW })).body).toMatchObject({ code: "step_refused" });
  await ask("", "DELETE");
  await until(async () => (await ask("")).body.endedAt !== null, "the end");
  expect(groupAgent.of("step")).toHaveLength(1);
});

test("a flow that cannot be replayed is refused before anything is done", async () => {
  const broken = FLOW.replace("- back", "- runScript: x.js");
  expect((await ask("/replay", "POST", { yaml: broken })).body).toMatchObject({
    code: "flow_invalid",
    detail: "line 8: the command 'runScript' cannot be replayed here",
  });
  expect((await running.ask("/flows", { method: "POST", body: { name: "x", yaml: broken } })).body.code).toBe("flow_invalid");
  expect((await ask("/replay", "POST", {})).body.code).toBe("bad_request");
  await ask("", "PATCH", { aim: "point" });
  expect((await ask("/replay", "POST", { yaml: FLOW })).body).toMatchObject({ code: "step_refused" });
  expect(groupAgent.of("step")).toEqual([]);
});
