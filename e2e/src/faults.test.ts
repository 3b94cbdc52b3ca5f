/** Phones that fail, hang, lie or attack: each says in words what is wrong with it, costs only itself, and comes back when it is well again. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { type DeviceView, devicesOf, firstLine, launch, type Running, startUp, type Up, untilDevices } from "./phonerack.js";

// Each of these starts processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

interface Phones extends Running {
  readonly control: string;
  readonly addresses: readonly string[];
}

async function startPhones(...words: string[]): Promise<Phones> {
  const running = launch(["virtual", "--port", "0", "--control-port", "0", "--json", ...words]);
  const { phones, control } = JSON.parse(await firstLine(running)) as { phones: { address: string }[]; control: string };
  return { ...running, control, addresses: phones.map(({ address }) => address) };
}

async function startLab(phones: Phones): Promise<Up> {
  return startUp({ virtual: 0, words: phones.addresses.flatMap((address, at) => ["--connect", `${address}@F1/${at + 1}`]) });
}

async function stop(phones: Phones): Promise<void> {
  phones.child.kill("SIGTERM");
  await phones.exited;
}

/** Slot → what its state and reason, steps and notices say in the end. */
const TROUBLES: readonly [fault: string, says: RegExp][] = [
  ["never-boots", /preparing .*still starting/],
  ["refuses-injection", /preparing .*USB debugging \(Security settings\)/],
  ["locked", /lock screen asks for a PIN/],
  ["asleep", /screen stays off/],
  ["unauthorised", /unauthorised .*Allow USB debugging/],
  ["overheat", /hot/],
  ["hang", /lost .*said nothing that ADB knows/],
  ["silent-after-cnxn", /lost \S/],
  ["never-okay", /lost \S/],
  ["garbage", /lost .*no ADB packet/],
  ["endless-banner", /lost .*greeting has no end/],
  ["wrong-magic", /lost .*magic is wrong/],
  ["huge-frame", /lost .*104857600 bytes/],
  ["refuse", /lost \S/],
  ["drop", /lost \S/],
];
const WELL = 2;

describe("a chassis of phones in trouble", () => {
  let phones: Phones;
  let up: Up;

  beforeAll(async () => {
    const faults = TROUBLES.flatMap(([fault], at) => ["--fault", `${WELL + at + 1}:${fault}`]);
    phones = await startPhones("--count", String(WELL + TROUBLES.length), ...faults);
    up = await startLab(phones);
  }, 120_000);
  afterAll(async () => {
    await up.stop();
    await stop(phones);
  });

  test("says of each in words what is wrong, while the others are ready and memory stays bounded", async () => {
    const missing = new Map(TROUBLES.map(([fault, says], at) => [WELL + at + 1, { fault, says }]));
    let lastSaid: string[] = [];
    const holds = (all: DeviceView[]) => {
      lastSaid = all.map((device) => `${device.slot} ${describeDevice(device)}`);
      for (const device of all)
        if (missing.get(device.slot ?? 0)?.says.test(describeDevice(device))) missing.delete(device.slot ?? 0);
      return missing.size === 0;
    };
    await untilDevices(up, holds, 30_000).catch(() => undefined);
    expect([...missing.values()].map(({ fault }) => `${fault} of ${lastSaid.join("\n")}`)).toEqual([]);
    const well = (await devicesOf(up)).filter(({ slot }) => (slot ?? 0) <= WELL);
    expect(well.map(({ state }) => state)).toEqual(["ready", "ready"]);
    const resident = Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${up.pid}/status`, "utf8"))?.[1]);
    expect(resident).toBeLessThan(900 * 1024);
    expect(up.child.exitCode).toBeNull();
  }, 60_000);

  test("takes a phone back when its trouble is over", async () => {
    for (const fault of ["garbage", "refuse", "never-boots"]) {
      const slot = WELL + TROUBLES.findIndex(([name]) => name === fault) + 1;
      const cleared = await fetch(`${phones.control}/phones/${slot}/faults`, { method: "DELETE" });
      expect(cleared.status).toBe(200);
      await untilDevices(up, (all) => all.find((device) => device.slot === slot)?.state === "ready", 45_000);
    }
  }, 150_000);
});

describe("a phone that dies under a viewer", () => {
  let phones: Phones;
  let up: Up;
  let socket: WebSocket;
  const frames = new Map<number, number>();

  beforeAll(async () => {
    phones = await startPhones("--count", "2");
    up = await startLab(phones);
    await untilDevices(up, (all) => all.length === 2 && all.every(({ state }) => state === "ready"), 60_000);
    for (const slot of [1, 2]) await post(`${phones.control}/phones/${slot}/foreground`, { package: "dev.phonerack.blocks" });
    socket = new WebSocket(`${up.url.replace("http", "ws")}/api/v1/live`, { headers: { authorization: `Bearer ${up.token}` } });
    socket.on("message", (data, isBinary) => {
      if (!isBinary) return;
      const stream = (data as Buffer).readUInt32BE(4);
      frames.set(stream, (frames.get(stream) ?? 0) + 1);
    });
    await new Promise((open) => socket.once("open", open));
    for (const device of await devicesOf(up)) {
      socket.send(JSON.stringify({ type: "watch", stream: device.slot, deviceId: device.id, tier: "full" }));
    }
  }, 180_000);
  afterAll(async () => {
    socket.terminate();
    await up.stop();
    await stop(phones);
  });

  async function expectFrames(stream: number): Promise<void> {
    const before = frames.get(stream) ?? 0;
    await expect.poll(() => frames.get(stream) ?? 0, { timeout: 20_000 }).toBeGreaterThan(before + 3);
  }

  test("is lost within 3 s, the other goes on, and it comes back by itself with its picture", async () => {
    await expectFrames(1);
    await expectFrames(2);
    await post(`${phones.control}/phones/1/kill`, {});
    const lost = await untilDevices(up, (all) => all.find(({ slot }) => slot === 1)?.state === "lost", 3_000);
    expect(lost.find(({ slot }) => slot === 1)?.reason).toBeTruthy();
    await expectFrames(2);
    const seen = frames.get(1) ?? 0;
    await post(`${phones.control}/phones/1/start`, {});
    await untilDevices(up, (all) => all.find(({ slot }) => slot === 1)?.state === "ready", 40_000);
    await expect.poll(() => frames.get(1) ?? 0, { timeout: 20_000 }).toBeGreaterThan(seen);
    await expectFrames(2);
  }, 120_000);
});

function describeDevice(device: DeviceView): string {
  const { state, reason, steps, notices } = device;
  const failed = steps.filter((step) => step.state === "failed").map((step) => step.reason ?? "");
  return [state, reason ?? "", ...failed, ...notices.map(({ code }) => code)].join(" ");
}

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
}
