/**
 * Jobs in a lab whose control or agent is killed in the middle: nothing runs twice that must not, nothing is forgotten. Each phone keeps a file to which the
 * job's command adds a line: what is true is what stands there.
 */
import type { ChildProcess } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../packages/control/test/postgres-server.js";
import { freePort, spawnNats } from "./nats-server.js";
import { devicesOf, firstLine, launch, type Running, run, temporaryFolder, untilDevices } from "./phonerack.js";
import { startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const TOKEN = "the-token-of-this-whole-lab";
const PHONES = 20;
const SLOW = { concurrency: 5 };

interface JobView {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}
interface TaskView {
  readonly deviceId: string;
  readonly state: string;
  readonly attempt: number;
  readonly result: { readonly stdout?: string } | null;
}

let folder: string;
let postgres: PostgresServer;
let nats: ChildProcess;
let natsPort: number;
let chassis: VirtualChassis;
let control: Running & { url: string; token: string };
let agent: Running;
let ids: string[];
let files = 0;
let file: string;

async function startControl(port = 0): Promise<void> {
  const words = ["--database", postgres.url, "--bus", `nats://127.0.0.1:${natsPort}`, "--replica", "c1"];
  const data = join(folder, "control");
  const running = launch(["control", ...words, "--port", String(port), "--data", data, "--json"], { PHONERACK_TOKEN: TOKEN });
  const { url } = JSON.parse(await firstLine(running)) as { url: string };
  control = { ...running, url, token: TOKEN };
}

async function startAgent(): Promise<void> {
  const connect = chassis.addresses.flatMap((address, at) => ["--connect", `${address}@A1/${at + 1}`]);
  const bus = ["--bus", `nats://127.0.0.1:${natsPort}`];
  agent = launch(["agent", ...bus, ...connect, "--name", "a1", "--data", join(folder, "agent"), "--no-adb", "--json"]);
  await firstLine(agent);
}

async function end(running: Running | undefined, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  running?.child.kill(signal);
  await running?.exited;
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { "content-type": "application/json" }) };
  const response = await fetch(
    `${control.url}/api/v1${path}`,
    body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers },
  );
  const answer = (await response.json()) as T;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

const shell = (command: string, more: object = {}) =>
  ask<JobView>("/jobs", { devices: ids, action: { type: "shell", command }, agreed: true, ...more });
const tasksOf = async ({ id }: JobView) => (await ask<{ items: TaskView[] }>(`/jobs/${id}/tasks`)).items;

async function ended({ id }: JobView): Promise<JobView> {
  for (const until = Date.now() + 45_000; ; await sleep(200)) {
    // Control may be down for a moment.
    const job = await ask<JobView>(`/jobs/${id}`).catch(() => undefined);
    if (job?.state === "ended") return job;
    if (Date.now() > until) throw new Error(`the job did not end: ${JSON.stringify(job)}`);
  }
}

async function untilOver({ id }: JobView, count: number): Promise<void> {
  await expect
    .poll(async () => (await ask<JobView>(`/jobs/${id}`)).counts.done, { timeout: 20_000, interval: 50 })
    .toBeGreaterThanOrEqual(count);
}

/** How often the command was run, by phone. */
async function runs(): Promise<Map<string, number>> {
  const job = await shell(`wc -l < ${file} || echo 0`, { wait: 20_000 });
  expect(job).toMatchObject({ state: "ended", counts: { done: PHONES } });
  return new Map((await tasksOf(job)).map(({ deviceId, result }) => [deviceId, Number(result?.stdout?.trim())]));
}

beforeAll(async () => {
  folder = await temporaryFolder();
  natsPort = await freePort();
  nats = spawnNats(natsPort);
  [postgres, chassis] = await Promise.all([startPostgres(), startVirtualChassis(PHONES)]);
  await startControl();
  await startAgent();
  await untilDevices(control, (all) => all.length === PHONES && all.every(({ state }) => state === "ready"), 60_000);
  ids = (await devicesOf(control)).map(({ id }) => id);
  await ask("/leases", { devices: ids });
});
afterAll(async () => {
  await Promise.all([end(agent), end(control)]);
  nats?.kill("SIGKILL");
  await chassis?.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  file = `/data/local/tmp/runs-${++files}`;
});

test("kill -9 of control in the middle: each phone does it once, and none is forgotten", async () => {
  const job = await shell(`echo x >> ${file}; sleep 0.4`, { pace: SLOW });
  await untilOver(job, 3);
  const { port } = new URL(control.url);
  await end(control, "SIGKILL");
  await startControl(Number(port));
  expect((await ended(job)).counts).toMatchObject({ done: PHONES });
  await untilDevices(control, (all) => all.every(({ state }) => state === "ready"));
  expect([...(await runs()).values()]).toEqual(ids.map(() => 1));
});

test("kill -9 of the agent in the middle: none does it twice, and each phone's outcome is told as it was", async () => {
  const job = await shell(`echo x >> ${file}; sleep 0.6`, { pace: SLOW });
  await untilOver(job, 3);
  // The next ones are in the middle of it by then.
  await sleep(250);
  await end(agent, "SIGKILL");
  await startAgent();
  const { counts } = await ended(job);
  expect((counts.done ?? 0) + (counts.interrupted ?? 0)).toBe(PHONES);
  expect(counts.interrupted).toBeGreaterThan(0);
  expect(counts.interrupted).toBeLessThanOrEqual(SLOW.concurrency);
  const often = await runs();
  for (const { deviceId, state } of await tasksOf(job)) {
    if (state === "done") expect(often.get(deviceId)).toBe(1);
    else expect(often.get(deviceId)).toBeLessThanOrEqual(1);
  }
  // A person has looked, and wants it again.
  await ask(`/jobs/${job.id}/retry`, {});
  expect((await ended(job)).counts).toMatchObject({ done: PHONES, interrupted: 0 });
});

test("a command that fails counts in the error rate, and is tried again with the others", async () => {
  const where = ["--control", control.url, "--token", TOKEN];
  const command = async (...words: string[]) => {
    const { code, stdout } = await run(...words, ...where, "--json");
    return { code, ...JSON.parse(stdout) };
  };
  const there = ["--chassis", "A1", "--agree"];
  // Quoted for run, which takes its words as they are.
  const stopped = await command("run", ...there, "--concurrency", "2", "--stop-at", "20", "test -e /data/local/tmp/ready");
  expect(stopped).toMatchObject({ code: 1, job: { state: "ended", reason: expect.any(String) } });
  expect(stopped.job.counts.failed).toBeLessThan(10);
  expect(stopped.outcomes[0]).toMatchObject({ state: "cancelled" });
  expect(stopped.outcomes[1]).toMatchObject({ state: "failed", error: { code: "command_failed" }, result: { exitCode: 1 } });
  expect(await command("run", ...there, "touch /data/local/tmp/ready")).toMatchObject({ code: 0 });
  const again = await command("jobs", "retry", stopped.job.id);
  expect(again).toMatchObject({ code: 0, job: { counts: { done: PHONES, failed: 0, cancelled: 0 } } });
}, 60_000);

test("from a terminal, outputs that are alike stand together, and a failure fails the command", async () => {
  const where = ["--control", control.url, "--token", TOKEN];
  const { code, stdout } = await run(
    "run",
    ...where,
    "--chassis",
    "A1",
    "--agree",
    "--",
    "if [ -e /nowhere ]; then echo a; else echo b; exit 3; fi",
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/^20 devices failed, exit 3: .* and 12 more\n {2}b\n/);
  const [first = ""] = ids;
  expect((await run("set", ...where, "--devices", first, "--night", "on", "--font-scale", "1.3")).code).toBe(0);
  expect((await run("settings", first, ...where)).stdout).toMatch(/fontScale +1\.3\nnight +on\n/);
  expect((await run("clipboard", "set", "héllo 世界", ...where, "--devices", first)).code).toBe(0);
  expect((await run("clipboard", "get", first, ...where)).stdout).toBe("héllo 世界\n");
});
