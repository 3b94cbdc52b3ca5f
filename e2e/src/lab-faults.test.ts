/**
 * A lab of two controls on one PostgreSQL, with NATS and an agent, of which any may die at any moment: no device ever has two holders, nothing
 * stays taken for good, no picture goes on after its lease, and all is back within ten seconds after the cause has ended.
 */
import type { ChildProcess } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type PostgresServer, startPostgres } from "../../packages/control/test/postgres-server.js";
import { type DroppingProxy, startDroppingProxy } from "./dropping-proxy.js";
import { LiveViewer } from "./live-viewer.js";
import { freePort, spawnNats } from "./nats-server.js";
import { type DeviceView, devicesOf, firstLine, launch, type Running, run, temporaryFolder, untilDevices } from "./phonerack.js";
import { startVirtualChassis, type VirtualChassis } from "./virtual-chassis.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const TOKEN = "the-token-of-this-whole-lab";
const PHONES = 3;
const BACK_MS = 10_000;

interface LeaseView {
  readonly id: string;
  readonly phase: string;
  readonly until: number;
  readonly endReason: string | null;
  readonly devices: readonly { readonly id: string; readonly epoch: number }[];
}
type Control = Running & { readonly url: string; readonly token: string };

let folder: string;
let postgres: PostgresServer;
let nats: ChildProcess;
let natsPort: number;
let cable: DroppingProxy;
let chassis: VirtualChassis;
let controls: [Control, Control];
let agent: Running;
const viewers: LiveViewer[] = [];

function startNats(): void {
  nats = spawnNats(natsPort);
}

async function startControl(name: string, port = 0): Promise<Control> {
  const words = ["--database", postgres.url, "--bus", `nats://127.0.0.1:${natsPort}`, "--replica", name];
  const data = join(folder, name);
  const running = launch(["control", ...words, "--port", String(port), "--data", data, "--json"], { PHONERACK_TOKEN: TOKEN });
  const { url } = JSON.parse(await firstLine(running)) as { url: string };
  return { ...running, url, token: TOKEN };
}

async function startAgent(): Promise<void> {
  const connect = chassis.addresses.flatMap((address, at) => ["--connect", `${address}@A1/${at + 1}`]);
  const bus = ["--bus", `nats://127.0.0.1:${cable.port}`];
  agent = launch(["agent", ...bus, ...connect, "--name", "a1", "--data", join(folder, "agent"), "--no-adb", "--json"]);
  await firstLine(agent);
}

async function end(running: Running, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  running.child.kill(signal);
  await running.exited;
}

async function ask(
  control: Control,
  path: string,
  body?: object,
): Promise<{ status: number; body: LeaseView & { code?: string } }> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...(body && { "content-type": "application/json" }) };
  const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
  const response = await fetch(`${control.url}/api/v1${path}`, init);
  return { status: response.status, body: (await response.json()) as LeaseView };
}

async function take(control: Control, devices: readonly string[], more: object = {}): Promise<LeaseView> {
  const { status, body } = await ask(control, "/leases", { devices, ...more });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

const release = (control: Control, { id }: LeaseView) => ask(control, `/leases/${id}/release`, {});

/** All phones ready and free, at both controls. */
async function untilOrder(withinMs = BACK_MS + 20_000): Promise<DeviceView[]> {
  for (const control of controls) await untilDevices(control, inOrder, withinMs);
  return devicesOf(controls[0]);
}

function inOrder(all: DeviceView[]): boolean {
  return (
    all.length === PHONES && all.every((device) => device.state === "ready" && (device as { lease?: string }).lease === "free")
  );
}

async function viewerOf(control: Control): Promise<LiveViewer> {
  const viewer = await LiveViewer.open(control);
  viewers.push(viewer);
  return viewer;
}

async function tapped(control: Control, id: string): Promise<string> {
  const { status, body } = await ask(control, `/devices/${id}/input`, { actions: [{ type: "key", key: "VOLUME_UP" }] });
  if (status !== 200) return body.code ?? String(status);
  const [result] = (body as { results?: { outcome: string; error?: { code: string } }[] }).results ?? [];
  return result?.error?.code ?? result?.outcome ?? "no outcome";
}

beforeAll(async () => {
  folder = await temporaryFolder();
  natsPort = await freePort();
  startNats();
  [postgres, cable, chassis] = await Promise.all([startPostgres(), startDroppingProxy(natsPort), startVirtualChassis(PHONES)]);
  await sleep(500);
  controls = [await startControl("c1"), await startControl("c2")];
  await startAgent();
  await untilOrder(60_000);
});
afterAll(async () => {
  for (const viewer of viewers) viewer.close();
  await Promise.all([agent, ...(controls ?? [])].filter(Boolean).map((running) => end(running)));
  nats?.kill("SIGKILL");
  cable?.stop();
  await chassis?.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("two controls behind one address", () => {
  test("know the same: a phone taken at one is touched and given back at the other", async () => {
    const [phone] = await untilOrder();
    const id = phone?.id ?? "";
    const lease = await take(controls[0], [id]);
    expect(await tapped(controls[1], id)).toBe("delivered");
    expect((await ask(controls[1], "/leases", { devices: [id] })).body.code).toBe("lease_unavailable");
    expect((await release(controls[1], lease)).body).toMatchObject({ phase: "ended", endReason: "released" });
    expect(await tapped(controls[0], id)).toBe("lease_required");
    await untilOrder();
  });
});

describe("two controls that are asked at the same moment", () => {
  test("record a phone once, and both say the same of it", async () => {
    const [phone] = await untilOrder();
    const id = phone?.id ?? "";
    const lease = await take(controls[0], [id]);
    await untilDevices(
      controls[1],
      (all) => all.some((one) => one.id === id && (one as { lease?: string }).lease === "leased"),
      BACK_MS,
    );
    await chassis.post(phone?.slot ?? 1, "foreground", { package: "dev.phonerack.blocks" });
    const put = async (control: Control, body: object) => {
      const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
      const init = { method: "PUT", headers, body: JSON.stringify(body) };
      return (await fetch(`${control.url}/api/v1/devices/${id}/recording`, init)).json();
    };
    type Said = { running: { artifact: string } | null; keeping: { seconds: number } | null; code?: string };
    const [first, second] = (await Promise.all(
      controls.map((control) => put(control, { record: true, keepSeconds: 60 })),
    )) as Said[];
    // Whoever hears of the other's in time refuses or passes it on; else both began.
    expect([first?.running ?? first?.code, second?.running ?? second?.code]).not.toContain(null);
    const said = async (control: Control) => (await ask(control, `/devices/${id}/recording`)).body as unknown as Said;
    const writing = async () => {
      const { body } = await ask(controls[0], `/artifacts?device=${id}&kind=recording`);
      return (body as unknown as { items: { id: string; state: string }[] }).items;
    };
    await expect
      .poll(async () => (await writing()).map((one) => one.state), { timeout: BACK_MS, interval: 100 })
      .toEqual(["writing"]);
    const [only] = await writing();
    for (const control of controls)
      await expect
        .poll(async () => await said(control), { timeout: BACK_MS })
        .toMatchObject({ running: { artifact: only?.id }, keeping: { seconds: 60 } });
    await sleep(1_000);
    expect(await put(controls[1], { record: false })).toMatchObject({ running: null });
    await expect.poll(async () => (await writing()).map((one) => one.state), { timeout: BACK_MS }).toEqual(["kept"]);
    await release(controls[0], lease);
    await untilOrder();
  });
});

describe("kill -9", () => {
  test("of a control in the middle of grants leaves each device with one holder or none", async () => {
    const ids = (await untilOrder()).map(({ id }) => id);
    const [first, second] = controls;
    const asked = Array.from({ length: 30 }, async (_, n) => {
      await sleep(n * 20);
      const control = n % 2 === 0 ? first : second;
      return take(control, [ids[n % PHONES] ?? ""], { purpose: `n${n}` }).catch(() => undefined);
    });
    await sleep(150);
    const { port } = new URL(first.url);
    await end(first, "SIGKILL");
    const granted = (await Promise.all(asked)).filter((lease) => lease !== undefined);
    controls = [await startControl("c1", Number(port)), second];
    const holders = new Map<string, number>();
    for (const lease of granted) for (const { id } of lease.devices) holders.set(id, (holders.get(id) ?? 0) + 1);
    expect([...holders.values()].every((count) => count === 1)).toBe(true);
    // Also those whose answer was lost with the control are known, and end like all others.
    const { body } = await ask(second, "/leases?phase=active");
    const active = (body as unknown as { items: LeaseView[] }).items;
    expect(active.length).toBeGreaterThanOrEqual(granted.length);
    expect(new Set(active.flatMap(({ devices }) => devices.map(({ id }) => id))).size).toBe(active.length);
    for (const lease of active) await release(controls[0], lease);
    await untilOrder();
  });

  test("of the agent in the middle of a stream and of a cleaning: the lease stands, the cleaning is done", async () => {
    const [held, cleaned] = await untilOrder();
    const [mine, other] = [await take(controls[0], [held?.id ?? ""]), await take(controls[0], [cleaned?.id ?? ""])];
    const viewer = await viewerOf(controls[1]);
    await chassis.post(held?.slot ?? 1, "foreground", { package: "dev.phonerack.blocks" });
    viewer.watch(1, held?.id ?? "");
    await viewer.moreFrames(1, 3);
    await release(controls[0], other);
    await end(agent, "SIGKILL");
    await untilDevices(controls[1], (all) => all.every(({ state }) => state === "lost"), BACK_MS);
    await startAgent();
    await untilDevices(controls[1], (all) => all.every(({ state }) => state === "ready"), BACK_MS);
    await viewer.moreFrames(1, 3, BACK_MS);
    expect(await tapped(controls[0], held?.id ?? "")).toBe("delivered");
    expect((await ask(controls[0], `/leases/${mine.id}`)).body.devices).toEqual(mine.devices);
    await release(controls[0], mine);
    await untilOrder();
  });

  test("of nats-server: what was held is held, and streams go on", async () => {
    const [phone] = await untilOrder();
    const id = phone?.id ?? "";
    const lease = await take(controls[0], [id]);
    const viewer = await viewerOf(controls[0]);
    await chassis.post(phone?.slot ?? 1, "foreground", { package: "dev.phonerack.blocks" });
    viewer.watch(1, id);
    await viewer.moreFrames(1, 3);
    nats.kill("SIGKILL");
    await untilDevices(controls[0], (all) => all.every(({ state }) => state === "lost"), BACK_MS);
    expect(await tapped(controls[0], id)).toMatch(/^(device_not_ready|agent_unreachable)$/);
    startNats();
    await untilDevices(controls[0], (all) => all.every(({ state }) => state === "ready"), BACK_MS);
    await viewer.moreFrames(1, 3, BACK_MS);
    await release(controls[1], lease);
    await untilOrder();
  });

  test("of PostgreSQL: one clear error meanwhile, nothing half done after", async () => {
    const [phone, wanted] = await untilOrder();
    const id = phone?.id ?? "";
    // In the middle of grants: whoever waits is answered, and control lives on.
    const under = Array.from({ length: 20 }, async (_, n) => {
      await sleep(n * 10);
      return ask(controls[n % 2 === 0 ? 0 : 1], "/leases", { devices: [wanted?.id ?? ""] });
    });
    await sleep(100);
    postgres.crash();
    // Of these one may have been granted before; the phone that is asked for below, nobody has.
    const statuses = (await Promise.all(under)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201).length).toBeLessThanOrEqual(1);
    expect((await ask(controls[0], "/leases", { devices: [id] })).body.code).toBe("database_away");
    postgres.restart();
    await expect
      .poll(() => ask(controls[0], "/leases?phase=active").then(({ status }) => status), { timeout: BACK_MS })
      .toBe(200);
    const { items } = (await ask(controls[0], "/leases?phase=active")).body as unknown as { items: LeaseView[] };
    for (const granted of items) await release(controls[0], granted);
    await untilOrder();
    const lease = await take(controls[1], [id]);
    await release(controls[0], lease);
    await untilOrder();
  });
});

describe("an agent that is frozen for 20 s", () => {
  test("delivers nothing old when it wakes, and takes up what was decided meanwhile", async () => {
    const [phone] = await untilOrder();
    const id = phone?.id ?? "";
    const lease = await take(controls[0], [id]);
    await ask(controls[0], `/devices/${id}/input`, { actions: [{ type: "key", key: "HOME" }] });
    await untilDevices(
      controls[0],
      (all) => /launcher/.test(all.find((one) => one.id === id)?.foreground?.package ?? ""),
      BACK_MS,
    );
    agent.child.kill("SIGSTOP");
    const old = tapped(controls[0], id).catch(() => "no answer");
    // Recents would come to the front, were it delivered.
    const older = ask(controls[0], `/devices/${id}/input`, { actions: [{ type: "key", key: "APP_SWITCH" }] });
    await untilDevices(controls[0], (all) => all.every(({ state }) => state === "lost"), BACK_MS);
    await release(controls[1], lease);
    await sleep(14_000);
    agent.child.kill("SIGCONT");
    expect(await old).not.toBe("delivered");
    expect((await older).status).not.toBe(200);
    await untilOrder();
    const again = await take(controls[1], [id]);
    expect(again.devices[0]?.epoch).toBeGreaterThan(lease.devices[0]?.epoch ?? 0);
    await release(controls[1], again);
    await untilOrder();
  });
});

describe("a cable cut for 30 s", () => {
  test("ends a lease by the agent's own clock, and a stream with it; all agree when it is mended", async () => {
    const [phone, longer] = await untilOrder();
    const id = phone?.id ?? "";
    const short = await take(controls[0], [id], { until: Date.now() + 65_000 });
    const long = await take(controls[0], [longer?.id ?? ""]);
    // A lease lasts a minute at least: the cut begins so late that its end falls into it.
    await sleep(Math.max(0, short.until - Date.now() - 10_000));
    const viewer = await viewerOf(controls[0]);
    await chassis.post(phone?.slot ?? 1, "foreground", { package: "dev.phonerack.blocks" });
    viewer.watch(1, id);
    await viewer.moreFrames(1, 3);
    cable.cut();
    await untilDevices(controls[0], (all) => all.every(({ state }) => state === "lost"), BACK_MS);
    await sleep(22_000);
    cable.mend();
    await untilDevices(controls[0], (all) => all.every(({ state }) => state === "ready"), BACK_MS);
    await untilDevices(
      controls[1],
      (all) => (all.find((one) => one.id === id) as { lease?: string } | undefined)?.lease === "free",
      BACK_MS + 10_000,
    );
    expect((await ask(controls[1], `/leases/${short.id}`)).body).toMatchObject({ phase: "ended" });
    expect(await tapped(controls[1], longer?.id ?? "")).toBe("delivered");
    await release(controls[0], long);
    await untilOrder();
  });
});

describe("the log of it all", () => {
  /** What the agent journalled, by number: whether it was an input of hands that was allowed. */
  async function journalled(): Promise<Map<number, boolean>> {
    const decisions = join(folder, "agent", "agents", "a1", "decisions");
    const files = (await readdir(decisions)).filter((name) => name.endsWith(".jsonl")).sort();
    const lines = (await Promise.all(files.map((name) => readFile(join(decisions, name), "utf8")))).join("").split("\n");
    const whole = lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line));
    return new Map(whole.map(({ n, facts, decision }) => [n, facts.mode === "unicast" && decision === "allow"]));
  }

  test("is one at both controls, has every decision once, and is clean to whoever replays it", async () => {
    const [phone] = await untilOrder();
    const lease = await take(controls[0], [phone?.id ?? ""]);
    for (let at = 0; at < 5; at++) await tapped(controls[at % 2] ?? controls[0], phone?.id ?? "");
    await tapped(controls[0], "d-nobodys00");
    await release(controls[0], lease);
    expect(await tapped(controls[1], phone?.id ?? "")).toBe("lease_required");
    const all = await journalled();
    const verified = async (control: Control) => {
      const words = ["audit", "verify", control.url, "--token", TOKEN, "--replay", "--json"];
      const { stdout } = await run(...words);
      return JSON.parse(stdout) as { exit: number; size: number; replayed: number; findings: unknown[]; unreplayable: number };
    };
    const count = async () => (await verified(controls[0])).replayed;
    await expect.poll(count, { timeout: 60_000, interval: 2_000 }).toBe(all.size);
    const [first, second] = [await verified(controls[0]), await verified(controls[1])];
    for (const result of [first, second])
      expect(result).toMatchObject({ exit: 0, findings: [], unreplayable: 0, replayed: all.size });
    expect([...all.keys()]).toEqual(Array.from({ length: all.size }, (_, at) => at + 1));
  });
});
