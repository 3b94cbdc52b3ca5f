/** Shells on a guarded phone: a whole agent, a virtual phone that only feigns to disable apps, and what reached its windows by its own record. */
import {
  encodeMessage,
  type Grounds,
  GroundsOrder,
  openPipe,
  type Pipe,
  type PipeEnd,
  type PipeMessage,
  subjects,
} from "@phonerack/contract/bus";
import { NOTES, SAMPLES_SIGNER } from "@phonerack/virtual-phone";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ACTOR, AGENT, closeLabs, type Lab, openLab } from "../../test/agent-lab.js";
import { GroupLab, TENANT } from "../../test/group-lab.js";

const BAZAAR = "com.example.bazaar";
const LOOP = "while true; do input tap 300 600; done";

let lab: Lab;
let id: string;

beforeAll(async () => {
  lab = await openLab({ models: ["v3"], faults: ["1:feigned-disabling"] });
  const group = new GroupLab(lab);
  await group.lend();
  id = group.leader;
}, 60_000);
afterAll(closeLabs);
beforeEach(async () => {
  await lab.until(() => lab.report()?.fence === undefined && lab.report()?.work === undefined, 20_000);
  show(NOTES);
});

interface Opened {
  readonly pipe: Pipe;
  readonly messages: PipeMessage[];
  /** stdout so far, and stderr. */
  said(): string;
  complained(): string;
  type(text: string): Promise<void>;
  readonly over: Promise<PipeEnd>;
}

async function shell(command: string | null = null, terminal: { rows: number; columns: number } | null = null): Promise<Opened> {
  const pipe = await openPipe(lab.bus, AGENT, {
    deviceId: id,
    epoch: lab.epochOf(id),
    actor: ACTOR,
    mode: "script",
    notAfter: Date.now() + 2_000,
    timeoutMs: 20_000,
    service: { type: "shell", command, terminal: terminal && { ...terminal, term: "xterm" }, agreed: true },
  });
  const messages: PipeMessage[] = [];
  const out = { data: "", extra: "" };
  void (async () => {
    for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
      if (frame.kind === "message") messages.push(frame.message);
      else out[frame.kind] += Buffer.from(frame.bytes).toString();
    }
  })();
  return {
    pipe,
    messages,
    said: () => out.data,
    complained: () => out.extra,
    type: (text) => pipe.write(Buffer.from(text)),
    over: pipe.over,
  };
}

let version = 100;
/** As control tells the agent. */
async function pause(paused: NonNullable<Grounds["paused"]>): Promise<void> {
  const owned = [{ id: "a-notes", package: NOTES, signer: SAMPLES_SIGNER }];
  const grounds = [{ tenant: TENANT, version: ++version, owned, permits: [], paused }];
  await lab.bus.request(subjects.grounds(AGENT), encodeMessage(GroundsOrder, { grounds }), { timeoutMs: 2_000 });
}

/** By a way of the phone's own, as a notification or another app would. */
function show(name: string): void {
  const { phone } = lab.phone();
  const component = phone.packages.launcherActivity(name);
  phone.activities.start({ component: `${component?.package}/${component?.activity}` }, 1000);
}

/** By the phone's own record. */
const bazaarTouches = () => lab.phone().phone.inputRecord.counts.get(BAZAAR)?.touches ?? 0;
const shellProcesses = async (what: string) =>
  (await lab.phone().run("ps -A -o S,ARGS")).stdout.split("\n").filter((line) => line.includes(what) && !/^\S ps /.test(line));
const stalls = ({ messages }: Opened) => messages.filter(({ type }) => type === "stalled" || type === "resumed");

test("a terminal with its size, what is typed, and its exit code", async () => {
  const opened = await shell(null, { rows: 33, columns: 101 });
  await lab.until(() => lab.report()?.work?.shells === 1 && lab.report()?.fence?.state === "closed");
  await opened.type("echo hello $((6*7)); exit 3\n");
  expect(await opened.over).toEqual({ exitCode: 3 });
  expect(opened.said()).toContain("hello 42");
});

test("a command apart from its complaints, fed from a pipe", async () => {
  const opened = await shell("cat; echo bad >&2; exit 7");
  await opened.type("one\ntwo\n");
  opened.pipe.tell({ type: "eof" });
  expect(await opened.over).toEqual({ exitCode: 7 });
  expect([opened.said(), opened.complained()]).toEqual(["one\ntwo\n", "bad\n"]);
});

test("a loop that taps stands still while a stranger is in front, who is sent away, and goes on after", async () => {
  const opened = await shell(LOOP);
  const typed = await shell();
  await typed.type("nohup sh -c 'while true; do input tap 310 610; done' >/dev/null 2>&1 &\n");
  await expect.poll(() => shellProcesses("nohup")).not.toEqual([]);
  const began = performance.now();
  const before = bazaarTouches();
  const shown = Date.now();
  show(BAZAAR);
  await expect.poll(() => stalls(opened).length).toBe(1);
  expect(stalls(opened)[0]).toMatchObject({ type: "stalled", reason: expect.stringContaining(BAZAAR) });
  expect(lab.report()?.work?.stalled).toContain(BAZAAR);
  await expect.poll(async () => (await shellProcesses(LOOP)).every((line) => line.startsWith("T"))).toBe(true);
  const still = bazaarTouches();
  // What was typed meanwhile reaches the phone only after.
  await typed.type("echo typed\n");
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(bazaarTouches()).toBe(still);
  expect(typed.said()).not.toContain("typed");
  await expect.poll(() => stalls(opened).length, { timeout: 5_000 }).toBe(2);
  expect(performance.now() - began).toBeGreaterThan(1_900);
  expect(lab.phone().phone.foreground?.component.package).not.toBe(BAZAAR);
  await expect.poll(() => typed.said()).toContain("typed");
  // A loop without a pause taps thousands of times a second here: what counts is how soon the last one was.
  const landed = lab
    .phone()
    .phone.inputRecord.events()
    .filter((event) => event.package === BAZAAR);
  expect(still - before).toBeGreaterThanOrEqual(0);
  expect(Math.max(shown, ...landed.map(({ time }) => time)) - shown).toBeLessThan(1_000);
  // Let go on, and still tapping.
  await expect.poll(async () => (await shellProcesses(LOOP)).some((line) => !line.startsWith("T"))).toBe(true);
  opened.pipe.close();
  typed.pipe.close();
  await expect.poll(() => shellProcesses("input tap")).toEqual([]);
}, 30_000);

test("an enabled app of the fence, and an accessibility service, close it with the reason", async () => {
  const app = await shell(LOOP);
  await lab.phone().run(`pm enable ${BAZAAR}`);
  expect((await app.over).error).toMatchObject({ code: "adb_closed", detail: expect.stringContaining(BAZAAR) });
  await lab.until(() => lab.report()?.fence === undefined, 20_000);
  const service = await shell();
  await service.type(`settings put secure enabled_accessibility_services ${NOTES}/.Helper\n`);
  expect((await service.over).error).toMatchObject({ code: "adb_closed", detail: expect.stringContaining(`${NOTES}/.Helper`) });
  await lab.phone().run("settings delete secure enabled_accessibility_services");
}, 30_000);

test("what was told to outlive its shell dies with the last one, and with the lease within a second", async () => {
  const opened = await shell();
  await opened.type("nohup sleep 4711 >/dev/null 2>&1 &\nexit\n");
  await opened.over;
  await expect.poll(() => shellProcesses("4711")).toEqual([]);
  const held = await shell("nohup sleep 4712 >/dev/null 2>&1 & sleep 4713");
  await expect.poll(() => shellProcesses("4712")).not.toEqual([]);
  const began = performance.now();
  await lab.term(id, { phase: "clean" });
  expect((await held.over).error).toMatchObject({ code: "epoch_stale" });
  await expect.poll(() => shellProcesses("471"), { timeout: 1_000, interval: 10 }).toEqual([]);
  expect(performance.now() - began).toBeLessThan(1_000);
  await lab.until(() => ["free", "dirty"].includes(lab.report()?.hold.phase ?? ""), 60_000);
  await lab.lease(id, { tenant: TENANT });
}, 90_000);

test("a flag that pauses the lease closes it within half a second, and none opens until the flag is cleared", async () => {
  const touches = () => lab.phone().phone.inputRecord.counts.get(NOTES)?.touches ?? 0;
  const before = touches();
  const loop = await shell(LOOP);
  await lab.until(() => touches() > before);
  const began = performance.now();
  await pause({ all: false, holds: [{ device: id, epoch: lab.epochOf(id) }] });
  expect((await loop.over).error).toMatchObject({ code: "adb_closed", detail: expect.stringContaining("flag") });
  expect(performance.now() - began).toBeLessThan(500);
  await expect.poll(() => shellProcesses("input tap")).toEqual([]);
  await expect(shell("echo out")).rejects.toMatchObject({ code: "adb_closed" });
  await pause({ all: true, holds: [] });
  await expect(shell("echo out")).rejects.toMatchObject({ code: "adb_closed" });
  // Of another lease of that phone: over.
  await pause({ all: false, holds: [{ device: id, epoch: lab.epochOf(id) - 1 }] });
  expect(await (await shell("exit 4")).over).toEqual({ exitCode: 4 });
}, 30_000);

test("on a phone that does not tell exit codes they are told all the same", async () => {
  const old = await openLab({ models: ["v1"] });
  const group = new GroupLab(old);
  await group.lend();
  [lab, id] = [old, group.leader];
  const opened = await shell("echo out; exit 5");
  expect(await opened.over).toEqual({ exitCode: 5 });
  expect(opened.said()).toBe("out\n");
}, 60_000);
