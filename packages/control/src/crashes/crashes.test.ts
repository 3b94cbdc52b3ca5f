/** Crashes as a whole control keeps them, with an agent by script. */
import { rm } from "node:fs/promises";
import { CrashNews, encodeMessage, subjects } from "@phonerack/contract/bus";
import { afterAll, beforeAll, expect, test } from "vitest";
import { crashOf, FakeAgent, reportOf } from "../../test/fake-agent.js";
import { copyDatabase, type RunningControl, runControl, temporaryFolder, until } from "../../test/running-control.js";
import { signatureOf } from "./signature.js";

let running: RunningControl;
let agent: FakeAgent;
let beating: NodeJS.Timeout;
let lease: string;
const PNG = Buffer.from("89504e470d0a1a0a0000", "hex");

async function begin(dataDir: string): Promise<void> {
  running = await runControl({ dataDir });
  agent = new FakeAgent(running.bus);
  agent.png = PNG;
  agent.beat();
  beating = setInterval(() => agent.beat(), 1_000);
  agent.report(reportOf("device-1"));
  agent.report(reportOf("device-2"));
  await until(async () => (await running.ask("/health")).body.devices === 2, "the devices");
}
async function end(): Promise<void> {
  clearInterval(beating);
  agent.stop();
  await running.stop();
}

beforeAll(async () => {
  const folder = await temporaryFolder();
  await copyDatabase(folder);
  await begin(folder);
  lease = (await running.ask("/leases", { method: "POST", body: { devices: ["device-1"] } })).body.id;
}, 60_000);
afterAll(async () => {
  const { dataDir } = running;
  await end();
  await rm(dataDir, { recursive: true, force: true });
});

const tell = (change: Partial<CrashNews> = {}, from = "agent-1", epoch = 1) =>
  running.bus.publish(subjects.crash(from), encodeMessage(CrashNews, crashOf("device-1", epoch, change)));
const listed = async () => (await running.ask("/crashes")).body.items;
const marked = async () => (await running.ask("/devices/device-1")).body.crashes;

test("a crash is kept with its stack and a screenshot, marked on its device, and said in the lab's log", async () => {
  tell({ stack: `java.lang.IllegalStateException: boom\n\tat a.b.Main.onClick(Main.java:42)\n${"x".repeat(100_000)}` });
  const crash = await until(async () => {
    const [first] = await listed();
    return first?.screenshot && first.stackArtifact ? first : undefined;
  }, "the crash");
  expect(crash).toMatchObject({ deviceId: "device-1", lease, kind: "crash", versionCode: 12, recording: null });
  expect(crash.signature).toBe("java.lang.IllegalStateException < a.b.Main.onClick");
  expect(crash.stack).toHaveLength(64 * 1024);
  const stack = (await running.ask(`/artifacts/${crash.stackArtifact}`)).body;
  expect(stack).toMatchObject({ kind: "crash", lease, state: "kept" });
  expect(stack.size).toBeGreaterThan(100_000);
  expect((await running.ask(`/artifacts/${crash.screenshot}`)).body.size).toBe(PNG.length);
  expect(await marked()).toMatchObject({ count: 1, last: "org.example.app: java.lang.IllegalStateException" });
  expect((await running.ask("/events")).body.items.map(({ kind }: { kind: string }) => kind)).toContain("app.crashed");
  expect((await running.ask(`/crashes/${crash.id}`)).body.id).toBe(crash.id);
});

test("what cannot be shot is kept without a screenshot, and the same crash is told once however often it is heard", async () => {
  agent.png = undefined;
  const at = Date.now() - 1_000;
  tell({ at, kind: "anr", exception: "Input dispatching timed out" });
  tell({ at, kind: "anr", exception: "Input dispatching timed out" });
  const anr = await until(
    async () => (await listed()).find((one: { kind: string; stackArtifact: string }) => one.kind === "anr" && one.stackArtifact),
    "the ANR",
  );
  expect(anr.screenshot).toBeNull();
  expect(await listed()).toHaveLength(2);
  expect(await marked()).toMatchObject({ count: 2 });
});

test("another agent, another lease and a device that nobody holds are not believed", async () => {
  tell({}, "agent-2");
  tell({ agentId: "agent-2" }, "agent-2");
  tell({}, "agent-1", 0);
  tell({ deviceId: "device-2" });
  running.bus.publish(subjects.crash("agent-1"), Buffer.from("{}"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await listed()).toHaveLength(2);
});

test("crashes and their mark survive a restart, and the mark ends with the lease", async () => {
  const { dataDir } = running;
  await end();
  await begin(dataDir);
  expect(await until(marked, "the mark")).toMatchObject({ count: 2 });
  await running.ask(`/leases/${lease}/release`, { method: "POST", body: {} });
  await until(async () => (await marked()) === undefined, "no mark");
  expect(await listed()).toHaveLength(2);
}, 60_000);

test("a signature leaves out what changes from build to build", () => {
  const java = (line: number) => ({
    kind: "crash" as const,
    exception: "a.E",
    stack: `a.E: ${line}\n\tat a.b.C.d(C.java:${line})\n\tat e.f(Native Method)\n\tat g.h(G.java:1)\n\tat i.j(I.java:2)`,
  });
  expect(signatureOf(java(1))).toBe("a.E < a.b.C.d < e.f < g.h");
  expect(signatureOf(java(2))).toBe(signatureOf(java(1)));
  const native =
    "backtrace:\n      #00 pc 0000000000012f40  /data/app/x/libapp.so (draw_board+64) (BuildId: ab)\n  #01 pc 12  /system/lib64/libc.so";
  expect(signatureOf({ kind: "native", exception: "Native crash", stack: native })).toBe(
    "Native crash < libapp.so draw_board < libc.so",
  );
  const anr = '"worker" prio=5\n  at x.y(X.java:1)\n\n"main" prio=5\n  at a.b(A.java:9)\n\n"other"\n  at z.z(Z.java:1)';
  expect(signatureOf({ kind: "anr", exception: "waited 5003 ms", stack: anr })).toBe("ANR < a.b");
});
