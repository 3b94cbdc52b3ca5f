/** Jobs through the API of a real control: what begins when, what becomes of each phone, and that nothing is begun twice or forgotten. */
import type { Job, JobOutcome, JobTask } from "@phonerack/contract/bus";
import { PhonerackError } from "@phonerack/contract/bus";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { FakeAgent, reportOf } from "../../test/fake-agent.js";
import { FakeTaskAgent, printed } from "../../test/fake-task-agent.js";
import { type RunningControl, runControl, Tab, until } from "../../test/running-control.js";
import { storable } from "./store.js";

const COUNT = 12;
const DEVICES = Array.from({ length: COUNT }, (_, at) => `device-${String(at).padStart(2, "0")}`);
const echo = { type: "shell", command: "echo hello" };

let running: RunningControl;
let agent: FakeAgent;
let tasks: FakeTaskAgent;
let beating: NodeJS.Timeout;

beforeAll(async () => {
  running = await runControl();
  agent = new FakeAgent(running.bus);
  agent.beat();
  beating = setInterval(() => agent.beat(), 1_000);
  for (const id of [...DEVICES, "free-1"]) agent.report(reportOf(id));
  await until(async () => (await running.ask("/health")).body.devices === COUNT + 1, "the devices");
  await running.take(...DEVICES);
});
afterAll(async () => {
  clearInterval(beating);
  agent.stop();
  await running.stop();
});
beforeEach(() => {
  tasks = new FakeTaskAgent(running.bus);
});
afterEach(() => tasks.stop());

async function create(action: object, more: object = {}): Promise<Job> {
  const { status, body } = await running.ask("/jobs", { method: "POST", body: { devices: DEVICES, action, ...more } });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}
const jobOf = async (id: string): Promise<Job> => (await running.ask(`/jobs/${id}`)).body;
const tasksOf = async (id: string): Promise<JobTask[]> => (await running.ask(`/jobs/${id}/tasks`)).body.items;
const ended = (id: string): Promise<Job> =>
  until(async () => {
    const job = await jobOf(id);
    return job.state === "ended" && job;
  }, "the job's end");

test("does it on each device once, and groups what they printed", async () => {
  tasks.outcome = ({ deviceId }) => printed(deviceId === "device-03" ? "other\n" : "hello\n");
  const job = await create(echo, { wait: 10_000 });
  expect(job).toMatchObject({
    state: "ended",
    size: COUNT,
    progress: 1,
    counts: { done: COUNT, failed: 0 },
    name: "run echo hello",
  });
  expect(tasks.begun.map(({ deviceId }) => deviceId).sort()).toEqual(DEVICES);
  expect(tasks.begun[0]).toMatchObject({ mode: "group", action: echo });
  const outcomes: JobOutcome[] = (await running.ask(`/jobs/${job.id}/outcomes`)).body.items;
  expect(outcomes.map(({ devices, result }) => [devices.length, result?.stdout])).toEqual([
    [COUNT - 1, "hello\n"],
    [1, "other\n"],
  ]);
});

test("is refused for devices that others hold, all named at once, and begins on none", async () => {
  const { status, body } = await running.ask("/jobs", {
    method: "POST",
    body: { devices: [...DEVICES, "free-1", "ghost"], action: echo },
  });
  expect([status, body.code]).toEqual([403, "lease_required"]);
  expect(body.detail).toContain("; ghost");
  expect(tasks.begun).toEqual([]);
});

test("keeps to its waves and its concurrency", async () => {
  tasks.outcome = () => undefined;
  const job = await create(echo, { pace: { concurrency: 2, wave: 5 } });
  const finish = async (from: number, to: number) => {
    await until(() => tasks.begun.length === to, `${to} begun`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(tasks.begun.length).toBe(to);
    for (const { task } of tasks.begun.slice(from, to)) tasks.end(task, printed(""));
  };
  // Two at once of the first five; the fifth alone, since the next wave waits for it.
  await finish(0, 2);
  await finish(2, 4);
  await finish(4, 5);
  await finish(5, 7);
  await finish(7, 9);
  await finish(9, 10);
  await finish(10, 12);
  expect((await ended(job.id)).counts.done).toBe(COUNT);
});

test("stops when too many fail, and is tried again on those that failed or did not begin", async () => {
  tasks.outcome = () => ({ state: "failed", error: { code: "phone_failed", message: "no" } });
  const job = await create(echo, { pace: { concurrency: 1, stopAt: 0.5 } });
  const stopped = await ended(job.id);
  expect(stopped.counts).toMatchObject({ failed: 5, cancelled: COUNT - 5 });
  expect(stopped.reason).toBe("5 of 5 failed, more than 50 %");
  tasks.outcome = () => printed("");
  const again = await running.ask(`/jobs/${job.id}/retry`, { method: "POST", body: { devices: DEVICES.slice(0, 7) } });
  expect(again.status).toBe(200);
  expect((await ended(job.id)).counts).toMatchObject({ done: 7, cancelled: COUNT - 7 });
  expect((await tasksOf(job.id)).map(({ attempt }) => attempt)).toEqual(DEVICES.map((_, at) => (at < 7 ? 2 : 1)));
});

test("is cancelled: what has not begun does not, what runs is let end", async () => {
  tasks.outcome = () => undefined;
  const job = await create(echo, { pace: { concurrency: 3 } });
  await until(() => tasks.begun.length === 3, "three");
  expect((await running.ask(`/jobs/${job.id}/cancel`, { method: "POST", body: {} })).body.state).toBe("stopping");
  for (const { task } of tasks.begun) tasks.end(task, printed("late"));
  expect((await ended(job.id)).counts).toMatchObject({ done: 3, cancelled: COUNT - 3 });
  expect((await running.ask(`/jobs/${job.id}/cancel`, { method: "POST", body: {} })).body.code).toBe("job_over");
});

test("hears what became of it although every news was lost", async () => {
  tasks.mute = true;
  tasks.outcome = () => printed("unheard");
  const job = await create(echo, { wait: 10_000 });
  expect(job.counts.done).toBe(COUNT);
});

test("waits for a device that is not ready for a moment", async () => {
  agent.report(reportOf("device-00", { state: "preparing" }));
  const job = await create(echo);
  await until(async () => (await jobOf(job.id)).counts.done === COUNT - 1, "the others");
  expect((await tasksOf(job.id))[0]).toMatchObject({ state: "waiting", note: "waits until the device is ready" });
  agent.report(reportOf("device-00"));
  expect((await ended(job.id)).counts.done).toBe(COUNT);
});

test("sends again what an agent did not take, and says what it refuses", async () => {
  let late = 1;
  tasks.refuse = ({ deviceId }) => {
    if (deviceId === "device-01") return new PhonerackError("fence_unagreed");
    return deviceId === "device-00" && late-- > 0 ? new PhonerackError("too_late") : undefined;
  };
  const job = await create(echo, { wait: 10_000 });
  expect(job.counts).toMatchObject({ done: COUNT - 1, failed: 1 });
  expect((await tasksOf(job.id))[1]).toMatchObject({ error: { code: "fence_unagreed" } });
});

test("never shows what a clipboard was given, and forgets it at the end", async () => {
  tasks.outcome = () => ({ state: "failed", error: { code: "phone_failed", message: "no" } });
  const job = await create({ type: "clipboard", text: "s3cret" }, { wait: 10_000 });
  expect(job).toMatchObject({ state: "ended", action: { type: "clipboard", text: "" } });
  expect(tasks.begun[0]?.action).toMatchObject({ text: "s3cret" });
  expect((await running.ask(`/jobs/${job.id}/retry`, { method: "POST", body: {} })).body.detail).toContain("forgotten");
  const events = JSON.stringify((await running.ask(`/events?subject=${job.id}`)).body);
  expect(events).toContain("job.ended");
  expect(events).not.toContain("s3cret");
});

test("tells open consoles which jobs changed", async () => {
  const tab = await Tab.open(running.control.url, running.bearer);
  tab.say({ type: "devices" });
  await tab.heard("devices");
  const job = await create(echo, { wait: 10_000 });
  await tab.heard("jobs", ({ ids }) => ids.includes(job.id));
  tab.close();
});

test("keeps what phones print in a form that every database takes", () => {
  const text = storable(JSON.stringify({ out: "a\u0000b\ud800c\\u0000\n😀" }));
  expect(JSON.parse(text)).toEqual({ out: "a\ufffdb\ufffdc\\u0000\n😀" });
});
