/** Logs and crashes of real virtual phones, as control asks and is told of them over the bus. */
import {
  CrashNews,
  decodeMessage,
  encodeMessage,
  GroundsOrder,
  LogWish,
  openPipe,
  PhonerackError,
  type Pipe,
  type PipeMessage,
  readLogLine,
  subjects,
} from "@phonerack/contract/bus";
import { NOTES, SAMPLES_SIGNER, segmentationFault, thrownBy } from "@phonerack/virtual-phone";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ACTOR, AGENT, closeLabs, type Lab, openLab } from "../../test/agent-lab.js";

const TENANT = "t-1";
let lab: Lab;
let ids: readonly string[] = [];
const crashes: CrashNews[] = [];

beforeAll(async () => {
  lab = await openLab({ count: 2 });
  ids = (await Promise.all([lab.state("ready", 1), lab.state("ready", 2)])).map(({ id }) => id);
  for (const id of ids) await lab.lease(id, { tenant: TENANT });
  const owned = [{ id: "a-notesproved", package: NOTES, signer: SAMPLES_SIGNER }];
  const order = encodeMessage(GroundsOrder, { grounds: [{ tenant: TENANT, version: 1, owned, permits: [] }] });
  await lab.bus.request(subjects.grounds(AGENT), order, { timeoutMs: 5_000 });
  lab.bus.subscribe(subjects.crash(AGENT), ({ payload }) => {
    crashes.push(decodeMessage(CrashNews, payload));
    lab.wake();
    return undefined;
  });
}, 60_000);
afterAll(closeLabs);

interface Reading {
  readonly pipe: Pipe;
  readonly lines: string[];
  readonly messages: PipeMessage[];
  bytes: number;
}

async function log(wish: Partial<LogWish>, slot = 1, keep = true): Promise<Reading> {
  const service = { type: "log", wish: LogWish.parse(wish) } as const;
  const deviceId = ids[slot - 1] ?? "";
  const order = { deviceId, epoch: lab.epochOf(deviceId), actor: ACTOR, mode: "unicast", notAfter: Date.now() + 2_000 } as const;
  const pipe = await openPipe(lab.bus, AGENT, { ...order, service });
  const reading: Reading = { pipe, lines: [], messages: [], bytes: 0 };
  void (async () => {
    let rest = "";
    for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
      if (frame.kind === "message") reading.messages.push(frame.message);
      else {
        reading.bytes += frame.bytes.length;
        const pieces = (rest + Buffer.from(frame.bytes).toString("utf8")).split("\n");
        rest = pieces.pop() ?? "";
        if (keep) reading.lines.push(...pieces);
      }
      lab.wake();
    }
    lab.wake();
  })();
  return reading;
}

const write = (tag: string, message: string, change: { pid?: number; priority?: "D" | "E"; uid?: number } = {}) =>
  lab.phone().phone.logcat.write({ buffer: "main", pid: 4_000, uid: 10_200, priority: "D", tag, message, ...change });
const texts = ({ lines }: Reading) => lines.flatMap((line) => readLogLine(line)?.text ?? []);

test("carries lines as they come, by level and tag, and as somebody wishes otherwise", async () => {
  write("Early", "before");
  const reading = await log({ level: "E", tags: ["Wanted"] });
  await lab.until(() => reading.messages.some(({ type }) => type === "processes"));
  await lab.until(() => lab.phone().phone.logcat.followers > 1);
  write("Wanted", "too low");
  write("Other", "another tag", { priority: "E" });
  write("Wanted", "服务 at last", { priority: "E" });
  await lab.until(() => texts(reading).includes("服务 at last"));
  expect(texts(reading)).toEqual(["服务 at last"]);
  reading.pipe.tell({ type: "wish", wish: LogWish.parse({ tail: 2_000, tags: ["Early"] }) });
  await lab.until(() => texts(reading).includes("before"));
  reading.pipe.close();
});

test("follows a package through the restarts of its process", async () => {
  const { activities, processes } = lab.phone().phone;
  activities.start({ component: `${NOTES}/.MainActivity` });
  const [first] = processes.ofPackage(NOTES);
  const reading = await log({ package: NOTES });
  await lab.until(() => reading.messages.some(({ type }) => type === "processes"));
  await lab.until(() => lab.phone().phone.logcat.followers > 1);
  write("N", "first life", { pid: first?.pid ?? 0 });
  write("N", "somebody else");
  activities.forceStop(NOTES);
  activities.start({ component: `${NOTES}/.MainActivity` });
  const [second] = processes.ofPackage(NOTES);
  expect(second?.pid).not.toBe(first?.pid);
  // An app says nothing before its process was announced.
  const isTold = ({ processes: told }: { processes: readonly { pid: number }[] }) => told.some(({ pid }) => pid === second?.pid);
  await lab.until(() => reading.messages.some((message) => message.type === "processes" && isTold(message)));
  write("N", "second life", { pid: second?.pid ?? 0 });
  await lab.until(() => texts(reading).includes("second life"));
  expect(texts(reading)).toContain("first life");
  expect(texts(reading)).not.toContain("somebody else");
  reading.pipe.close();
});

test("50,000 lines a second: the viewer gets its share, is told the rest, and a touch on the next phone does not wait", async () => {
  lab.phone().setFault("log-flood", true);
  const reading = await log({ tail: 0 }, 1, false);
  await lab.until(() => reading.bytes > 0);
  const [began, bytes] = [performance.now(), reading.bytes];
  const touches: number[] = [];
  const neighbour = ids[1] ?? "";
  await lab.input(neighbour, [{ type: "key", key: "HOME" }]);
  for (let count = 0; count < 60; count++) {
    const asked = performance.now();
    const [outcome] = await lab.input(neighbour, [{ type: "tap", x: 1, y: 700 }]);
    expect(outcome?.outcome).toBe("delivered");
    touches.push(performance.now() - asked);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const seconds = (performance.now() - began) / 1_000;
  const rate = (reading.bytes - bytes) / seconds;
  lab.phone().setFault("log-flood", false);
  reading.pipe.close();
  const dropped = reading.messages.reduce((sum, message) => sum + (message.type === "dropped" ? message.lines : 0), 0);
  const p95 = touches.sort((a, b) => a - b)[Math.floor(touches.length * 0.95)] ?? 0;
  expect(rate).toBeLessThan(2.3 * 1024 * 1024);
  expect(rate).toBeGreaterThan(256 * 1024);
  expect(dropped).toBeGreaterThan(1_000);
  // Both phones, the flood and this test share one event loop here.
  expect(p95).toBeLessThan(60);
}, 30_000);

test("ends with the lease, and is nobody else's", async () => {
  const reading = await log({});
  await lab.lease(ids[0] ?? "", { tenant: TENANT });
  expect((await reading.pipe.over).error?.code).toBe("epoch_stale");
  const order = { deviceId: ids[0] ?? "", epoch: lab.epochOf(ids[0] ?? ""), notAfter: Date.now() + 2_000 };
  const service = { type: "log", wish: LogWish.parse({}) } as const;
  await expect(openPipe(lab.bus, AGENT, { ...order, actor: "u-2", mode: "unicast", service })).rejects.toEqual(
    new PhonerackError("lease_required"),
  );
});

test("tells of a crash, a native one and an app that does not respond, with their stacks, of owned apps only", async () => {
  const { phone } = lab.phone();
  const launch = (name: string) => phone.activities.start({ component: `${name}/.MainActivity` });
  launch("com.example.bazaar");
  phone.activities.crash("com.example.bazaar", thrownBy("com.example.bazaar", "java.lang.Error", "theirs"));
  for (const crash of [thrownBy(NOTES, "java.lang.IllegalStateException", "bad, worse"), segmentationFault(NOTES)]) {
    launch(NOTES);
    phone.activities.crash(NOTES, crash);
  }
  launch(NOTES);
  phone.activities.notResponding(NOTES, "Input dispatching timed out");
  await lab.until(() => crashes.length === 3);
  const of = (kind: string) => crashes.find((crash) => crash.kind === kind);
  expect(crashes.every((crash) => crash.package === NOTES && crash.deviceId === ids[0])).toBe(true);
  expect(of("crash")).toMatchObject({ exception: "java.lang.IllegalStateException", message: "bad, worse" });
  expect(of("crash")?.stack).toContain(`\tat ${NOTES}.MainActivity.onClick(MainActivity.java:42)`);
  expect(of("crash")?.versionName).toMatch(/^\d/);
  expect(of("native")?.stack).toMatch(/SIGSEGV.*\n.*\n.*#00 pc .*libapp\.so/);
  expect(of("anr")?.exception).toBe("Input dispatching timed out");
  expect(of("anr")?.stack).toContain('"main" prio=5');
}, 30_000);

test("an app that crashes in a loop is told of ten times a minute", async () => {
  const before = crashes.length;
  const { phone } = lab.phone(2);
  for (let round = 0; round < 12; round++) {
    phone.activities.start({ component: `${NOTES}/.MainActivity` });
    phone.activities.crash(NOTES, thrownBy(NOTES, `java.lang.Error${round}`, ""));
    phone.dialogs.clear();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await lab.until(() => crashes.length > before + 5);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(crashes.length - before).toBeLessThanOrEqual(10);
}, 30_000);
