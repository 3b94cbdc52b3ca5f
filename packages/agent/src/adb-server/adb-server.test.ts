/** USB phones' way, with the real adb: a virtual phone that an adb server is connected to is a device of that server. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import {
  createInProcessBus,
  type DeviceReport,
  encodeMessage,
  FrameKind,
  readFrame,
  StreamOrder,
  subjects,
} from "@phonerack/contract/bus";
import { startVirtualPhones } from "@phonerack/virtual-phone";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { type Agent, type DirectTarget, startAgent } from "../index.js";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function lab(options: { adbPath?: string; connect?: "direct" } = {}) {
  const virtual = await startVirtualPhones({ count: 1, models: ["v1"] });
  cleanups.push(() => virtual.stop());
  const [phone] = virtual.phones;
  if (!phone) throw new Error("no phone");
  const serverPort = await freePort();
  const adb = (...args: string[]) => promisify(execFile)("adb", ["-P", String(serverPort), ...args]);
  // Any adb command starts a server when it meets none, e.g. while the agent's own is on its way; it would outlive the test.
  cleanups.push(() => adb("kill-server").catch(() => undefined));
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-adb-"));
  cleanups.push(() => rm(dataDir, { recursive: true }));
  const bus = createInProcessBus();
  cleanups.push(() => bus.stop());
  const lines: string[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => lines.push(line) });
  const connect: DirectTarget[] = options.connect === "direct" ? [{ host: "127.0.0.1", port: phone.port, reach: "virtual" }] : [];
  const start = async (): Promise<Agent> => {
    const path = options.adbPath;
    const agent = await startAgent({
      agentId: "a",
      bus,
      dataDir,
      log,
      connect,
      adb: { enabled: true, serverPort, ...(path && { path }) },
      version: "0",
    });
    cleanups.push(() => agent.stop());
    return agent;
  };
  return { phone, serverPort, adb, bus, lines, start, serial: `127.0.0.1:${phone.port}` };
}

async function until<T>(find: () => T | undefined | false | Promise<T | undefined | false>, shown?: () => unknown): Promise<T> {
  const ms = 15_000;
  for (const end = Date.now() + ms; Date.now() < end; await sleep(25)) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`not within ${ms} ms: ${JSON.stringify(shown?.())}`);
}

const state = (agent: Agent, wanted: DeviceReport["state"]) =>
  until(
    () => agent.devices().find((report) => report.state === wanted),
    () => agent.devices(),
  );
const answers = (adb: (...args: string[]) => Promise<unknown>) =>
  adb("devices").then(
    () => true,
    () => false,
  );

test("starts an adb server where none runs, works through it, and ends it", async () => {
  const { adb, bus, phone, serial, start } = await lab();
  const agent = await start();
  await until(() => answers(adb));
  await adb("connect", serial);
  const report = await state(agent, "ready");
  expect(report.steps.every((step) => step.state === "done")).toBe(true);
  const kinds: number[] = [];
  bus.subscribe(subjects.media("r", report, "tile"), ({ payload }) => {
    kinds.push(readFrame(payload)?.kind ?? 0);
    return undefined;
  });
  const watch = { order: "watch", replica: "r", tier: "tile", epoch: 0, credit: 500_000 } as const;
  bus.publish(subjects.stream(report), encodeMessage(StreamOrder, watch));
  await until(() => kinds.length >= 2);
  expect(kinds.slice(0, 2)).toEqual([FrameKind.config, FrameKind.key]);
  expect(phone.encoders.running).toBe(1);
  await agent.stop();
  expect(await until(() => phone.encoders.running === 0)).toBe(true);
});

test("takes a phone that is unplugged for lost, and knows it when it is back", async () => {
  const { adb, serial, start } = await lab();
  const agent = await start();
  await until(() => answers(adb));
  await adb("connect", serial);
  const { id } = await state(agent, "ready");
  await adb("disconnect", serial);
  expect((await state(agent, "lost")).reason).toBe("It was unplugged.");
  await adb("connect", serial);
  expect((await state(agent, "ready")).id).toBe(id);
});

test("loses its phones with the server and starts another", async () => {
  const { adb, serial, start } = await lab();
  const agent = await start();
  await until(() => answers(adb));
  await adb("connect", serial);
  await state(agent, "ready");
  await adb("kill-server");
  expect((await state(agent, "lost")).reason).toContain("adb server");
  // Two that start one at the same moment find the port taken, the agent or this.
  await until(() => answers(adb));
  await until(async () => (await adb("connect", serial)).stdout.includes("connected"));
  await state(agent, "ready");
});

test("joins a server that runs and leaves it running", async () => {
  const { adb, serial, start } = await lab();
  await adb("start-server");
  await adb("connect", serial);
  const agent = await start();
  await state(agent, "ready");
  await agent.stop();
  expect((await adb("devices")).stdout).toContain(serial);
});

test("shows a phone once that it reaches directly and through adb", async () => {
  const { adb, serial, start } = await lab({ connect: "direct" });
  const agent = await start();
  await state(agent, "ready");
  await until(() => answers(adb));
  await adb("connect", serial);
  await sleep(500);
  expect(agent.devices()).toHaveLength(1);
});

test("says once that adb is missing, and works on without it", async () => {
  const { lines, start } = await lab({ adbPath: "/nowhere/adb", connect: "direct" });
  const agent = await start();
  await state(agent, "ready");
  await until(() => lines.length > 0);
  expect(lines.filter((line) => line.includes("adb was not found"))).toHaveLength(1);
});
