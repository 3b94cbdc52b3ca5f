/**
 * Hosts that join a lab by a code, all as processes: two controls on one PostgreSQL, NATS with the keys that `bus-keys` made, and an agent
 * that speaks only for itself. Any of them may be killed; all is back within ten seconds with no manual step.
 */
import type { ChildProcess } from "node:child_process";
import { readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../packages/control/test/postgres-server.js";
import { freePort, spawnNats } from "./nats-server.js";
import { devicesOf, firstLine, launch, type Running, run, temporaryFolder, untilDevices } from "./phonerack.js";
import { startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const TOKEN = "the-token-of-this-whole-lab";
const BACK_MS = 10_000;

interface AgentView {
  readonly id: string;
  readonly presence: string;
  readonly devices: number;
  readonly joinedBy: string | null;
}
type Control = Running & { readonly url: string; readonly token: string };

let folder: string;
let postgres: PostgresServer;
let nats: ChildProcess;
let natsPort: number;
let chassis: VirtualChassis;
let first: Control;
let second: Control;
let agent: Running;

/** With the file that the command names, on a port of our own. */
function startNats(): void {
  nats = spawnNats(natsPort, "-c", join(folder, "bus", "nats.conf"));
}

async function startControl(name: string, port = 0): Promise<Control> {
  const bus = ["--bus", `nats://127.0.0.1:${natsPort}`, "--bus-keys", join(folder, "bus")];
  const words = ["--database", postgres.url, "--replica", name, "--port", String(port), "--data", join(folder, name)];
  const running = launch(["control", ...bus, ...words, "--json"], { PHONERACK_TOKEN: TOKEN });
  const { url } = JSON.parse(await firstLine(running)) as { url: string };
  return { ...running, url, token: TOKEN };
}

async function startAgent(...words: string[]): Promise<{ agent: string; control: string }> {
  const connect = chassis.addresses.flatMap((address, at) => ["--connect", `${address}@A1/${at + 1}`]);
  agent = launch(["agent", ...words, ...connect, "--data", join(folder, "host"), "--no-adb", "--json"]);
  return JSON.parse(await firstLine(agent)) as { agent: string; control: string };
}

async function ask<T>(control: Control, path: string, method = "GET"): Promise<T> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(method === "POST" && { "content-type": "application/json" }) };
  const response = await fetch(`${control.url}/api/v1${path}`, { method, headers, ...(method === "POST" && { body: "{}" }) });
  return (await response.json()) as T;
}

async function hostsOf(control: Control): Promise<AgentView[]> {
  return (await ask<{ items: AgentView[] }>(control, "/agents")).items;
}

async function end(running: Running | undefined, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  running?.child.kill(signal);
  await running?.exited;
}

const ready = (all: { state: string }[]) => all.length === 2 && all.every(({ state }) => state === "ready");
const lost = (all: { state: string }[]) => all.length === 2 && all.every(({ state }) => state === "lost");

async function untilBack(): Promise<void> {
  for (const control of [first, second]) await untilDevices(control, ready, BACK_MS);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  natsPort = await freePort();
  postgres = await startPostgres();
  chassis = await startVirtualChassis(2);
  expect(await run("bus-keys", join(folder, "bus"))).toMatchObject({ code: 0, stderr: "" });
  startNats();
  [first, second] = [await startControl("r1"), await startControl("r2")];
});
afterAll(async () => {
  for (const each of [agent, second, first]) await end(each);
  nats.kill("SIGKILL");
  await chassis.stop();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("a host", () => {
  test("joins by the console's code, and both controls show it with its phones", async () => {
    const { code, command } = await ask<{ code: string; command: string }>(first, "/agents/codes", "POST");
    expect(command).toBe(`phonerack agent --join ${code} --control ${first.url}`);
    expect(await startAgent("--join", code, "--control", first.url, "--name", "rack-a")).toEqual({
      agent: "rack-a",
      control: first.url,
    });
    for (const control of [first, second]) {
      await untilDevices(control, ready);
      expect(await hostsOf(control)).toMatchObject([{ id: "rack-a", presence: "here", devices: 2, joinedBy: "owner" }]);
    }
    const [one, other] = [await devicesOf(first), await devicesOf(second)];
    expect(other.map(({ id }) => id).sort()).toEqual(one.map(({ id }) => id).sort());
    const kept = join(folder, "host", "agents", "rack-a", "joined.json");
    expect((await stat(kept)).mode & 0o777).toBe(0o600);
    expect(await readFile(kept, "utf8")).toContain('"kind":"nats"');
    const again = await run(
      "agent",
      "--join",
      code,
      "--control",
      second.url,
      "--name",
      "x",
      "--data",
      join(folder, "x"),
      "--no-adb",
    );
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("join code was used") });
  });

  test("is lost when it is killed, and back without a flag, by the name it has joined with", async () => {
    await end(agent, "SIGKILL");
    for (const control of [first, second]) await untilDevices(control, lost, BACK_MS);
    expect(await hostsOf(second)).toMatchObject([{ id: "rack-a", presence: "gone" }]);
    expect(await startAgent()).toEqual({ agent: "rack-a", control: first.url });
    await untilBack();
  });

  test("stays with one control while the other is killed, which is back with all it knew", async () => {
    const { port } = new URL(second.url);
    await end(second, "SIGKILL");
    expect((await devicesOf(first)).every(({ state }) => state === "ready")).toBe(true);
    second = await startControl("r2", Number(port));
    await untilBack();
    expect(await hostsOf(second)).toMatchObject([{ id: "rack-a", presence: "here", joinedBy: "owner" }]);
  });

  test("is back when NATS was killed and is started again", async () => {
    nats.kill("SIGKILL");
    for (const control of [first, second]) await untilDevices(control, lost, BACK_MS);
    startNats();
    await untilBack();
  });

  test("comes up while no control answers, with the credentials it keeps", async () => {
    await end(agent);
    const { port } = new URL(first.url);
    await end(first, "SIGKILL");
    await startAgent();
    await untilDevices(second, ready, 30_000);
    first = await startControl("r1", Number(port));
    await untilBack();
  });

  test("is out at once when it is removed, and stays out", async () => {
    expect(await ask(first, "/agents/rack-a", "DELETE")).toEqual({ id: "rack-a" });
    for (const control of [first, second]) {
      await untilDevices(control, (all) => all.length === 0, 5_000);
      expect(await hostsOf(control)).toEqual([]);
    }
    await end(agent);
    const refused = await run("agent", "--name", "rack-a", "--data", join(folder, "host"), "--no-adb");
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("join it anew") });
    expect(await devicesOf(first)).toEqual([]);
  });
});
