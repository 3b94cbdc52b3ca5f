/** The agent with real virtual phones over TCP; control is played by a few subscriptions. */
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createInProcessBus,
  type DeviceReport,
  decodeMessage,
  encodeMessage,
  type Frame,
  FrameKind,
  type Input,
  InputReply,
  readFrame,
  ScreenshotOrder,
  ScreenshotReply,
  subjects,
} from "@phonerack/contract/bus";
import type { Fault } from "@phonerack/virtual-phone";
import { pino } from "pino";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { AGENT, at, closeLabs, openLab, REPLICA, SOON_MS } from "../test/agent-lab.js";
import { startAgent } from "./index.js";

afterEach(closeLabs);

const kinds = (frames: readonly Frame[]) => frames.map((frame) => frame.kind);

test("prepares a phone and tells everything of it", async () => {
  const lab = await openLab();
  const report = await lab.state("ready");
  const { phone } = lab.phone();
  expect(report).toMatchObject({
    id: expect.stringMatching(/^d-[a-z2-7]{8}$/),
    agentId: AGENT,
    reach: "virtual",
    chassis: "chassis-1",
    slot: 1,
    serial: lab.phone().serial,
    sdk: phone.model.sdk,
    screen: { width: phone.display.width, height: phone.display.height, density: phone.display.density, rotation: 0 },
    battery: { level: phone.battery.state.level },
    reason: null,
    notices: [],
  });
  expect(report.steps.map(({ name, state }) => [name, state])).toEqual(
    ["properties", "awake", "keyguard", "stay-on", "input", "events", "picture"].map((name) => [name, "done"]),
  );
  expect(report.foreground?.package).toBe(phone.foreground?.component.package);
  expect(phone.power.stayOn).toBe(true);
});

test("follows what is in front by the system's own events", async () => {
  const lab = await openLab();
  await lab.state("ready");
  lab.phone().phone.activities.start({ component: "com.android.settings/.Settings" }, 2000);
  await lab.until(() => lab.report()?.foreground?.package === "com.android.settings");
});

test("sends a picture to a viewer at once and to a second one from the cache", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const frames = lab.watch(id, "full");
  await lab.until(() => frames.length >= 2);
  expect(kinds(frames).slice(0, 2)).toEqual([FrameKind.config, FrameKind.key]);
  const again = frames.length;
  lab.order(id, { order: "restart", replica: REPLICA, tier: "full" });
  await lab.until(() => frames.length >= again + 2);
  expect(kinds(frames).slice(again, again + 2)).toEqual([FrameKind.config, FrameKind.key]);
  expect(frames.at(-1)?.stream).toBe(frames[0]?.stream);
});

test("gives sound to who listens, and a picture though the encoder is slow", async () => {
  const lab = await openLab({ faults: ["1:slow-encoder"], models: ["v5"] });
  const { id, audio } = await lab.state("ready");
  expect(audio).toBe(true);
  lab.phone().phone.sound.setPlaying(true);
  const [sound, picture] = [lab.watch(id, "audio"), lab.watch(id, "tile")];
  await lab.until(() => sound.length >= 5);
  expect(kinds(sound).slice(0, 2)).toEqual([FrameKind.audioConfig, FrameKind.audio]);
  expect(Buffer.from(sound[0]?.payload ?? []).toString("latin1", 0, 8)).toBe("OpusHead");
  await lab.until(() => picture.some(({ kind }) => kind === FrameKind.key));
});

test("runs no encoder when nobody watches any more", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const frames = lab.watch(id, "tile");
  await lab.until(() => frames.length >= 2);
  expect(lab.phone().encoders.running).toBe(1);
  lab.order(id, { order: "unwatch", replica: REPLICA, tier: "tile" });
  const ended = setInterval(() => lab.wake(), 100);
  await lab.until(() => lab.phone().encoders.running === 0, 5_000).finally(() => clearInterval(ended));
});

test("sends no more than the credit to a viewer that takes nothing", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  const frames = lab.watch(id, "full", { credit: 30_000, consume: false });
  await lab.until(() => frames.length >= 2);
  for (let i = 0; i < 20; i++) await lab.input(id, [{ type: "swipe", x: 100, y: 900, toX: 800, toY: 900, ms: 60 }]);
  const bytes = frames.reduce((sum, frame) => sum + frame.payload.length + 16, 0);
  const largest = Math.max(...frames.map((frame) => frame.payload.length + 16));
  expect(bytes).toBeLessThanOrEqual(30_000 + largest);
});

test("taps an icon and types Chinese into what opens", async () => {
  const lab = await openLab();
  const { id, screen } = await lab.leased();
  expect(await lab.input(id, [{ type: "key", key: "HOME" }])).toEqual([{ outcome: "delivered" }]);
  expect(await lab.input(id, [{ type: "text", text: "你好 👋" }])).toEqual([{ outcome: "delivered" }]);
  expect(lab.phone().phone.clipboard.get()).toBe("你好 👋");
  const touches = (["down", "move", "up"] as const).map(
    (phase): Input => ({
      type: "touch",
      phase,
      pointer: 0,
      x: 10,
      y: 10,
      width: screen?.width ?? 0,
      height: screen?.height ?? 0,
    }),
  );
  expect(await lab.input(id, touches)).toEqual(touches.map(() => ({ outcome: "delivered" })));
});

test("turns the screen and tells its new size", async () => {
  const lab = await openLab();
  const { id, screen } = await lab.leased();
  await lab.input(id, [{ type: "rotate" }]);
  const turned = await lab.until(() => lab.report()?.screen?.rotation !== 0 && lab.report()?.screen);
  expect(turned).toMatchObject({ width: screen?.height, height: screen?.width });
});

test("journals what the gate decided, whatever it was", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  await lab.input(id, [{ type: "key", key: "HOME" }]);
  expect(await lab.input(id, [{ type: "key", key: "HOME" }], { mode: "group" })).toMatchObject([
    { outcome: "denied", error: { code: "denied" } },
  ]);
  await lab.agent.stop();
  const folder = join(lab.options.dataDir, "decisions");
  const name = (await readdir(folder)).find((file) => file.endsWith(".jsonl")) ?? "";
  const entries = (await readFile(join(folder, name), "utf8")).trimEnd().split("\n");
  expect(entries.map((line) => JSON.parse(line).decision)).toEqual(["allow", "deny"]);
});

test("takes a whole screenshot in parts", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const parts: Uint8Array[] = [];
  lab.bus.subscribe(subjects.media(REPLICA, at(id), "shot-1"), ({ payload }) => {
    parts.push(readFrame(payload)?.payload ?? new Uint8Array(0));
    return undefined;
  });
  const reply = await lab.bus.request(
    subjects.screenshot(at(id)),
    encodeMessage(ScreenshotOrder, { replica: REPLICA, inbox: "shot-1", epoch: 0, notAfter: Date.now() + 2_000 }),
    { timeoutMs: SOON_MS },
  );
  const { bytes } = decodeMessage(ScreenshotReply, reply);
  await lab.until(() => parts.reduce((sum, part) => sum + part.length, 0) === bytes);
  expect(Buffer.concat(parts).subarray(1, 4).toString()).toBe("PNG");
});

test("says lost when a phone dies under a viewer, and shows it again when it is back", async () => {
  const lab = await openLab({ count: 2 });
  const { id } = await lab.state("ready");
  await lab.state("ready", 2);
  const frames = lab.watch(id, "tile");
  await lab.until(() => frames.length >= 2);
  const began = Date.now();
  await lab.phone().kill();
  const lost = await lab.state("lost");
  expect(Date.now() - began).toBeLessThan(3_000);
  expect(lost.reason).toMatch(/^[A-Z].*\.$/);
  expect(lab.report(2)?.state).toBe("ready");
  await lab.until(() => frames.at(-1)?.kind === FrameKind.end);
  const before = frames.length;
  await lab.phone().start();
  expect((await lab.state("ready")).id).toBe(id);
  await lab.until(() => frames.length >= before + 2);
  expect(kinds(frames).slice(before, before + 2)).toEqual([FrameKind.config, FrameKind.key]);
});

test("asks for the phone's consent, says so, and goes on when it is given", async () => {
  const lab = await openLab({ auth: true });
  const waiting = await lab.state("unauthorised");
  expect(waiting.reason).toContain("Allow USB debugging");
  const { dialogs } = lab.phone().phone;
  dialogs.changes.add(() => lab.wake());
  await lab.until(() => dialogs.current !== null);
  dialogs.press("always");
  expect((await lab.state("ready")).id).toBe(waiting.id);
});

const HOSTILE = {
  hang: /said nothing/,
  "silent-after-cnxn": /no answer/,
  "never-okay": /refused to open|no answer/,
  garbage: /no ADB packet|command/,
  "half-packet": /said nothing/,
  "wrong-magic": /magic/,
  "wrong-length": /bytes/,
  "huge-frame": /bytes/,
  "endless-banner": /no end|bytes/,
  refuse: /closed|broke/,
} as const satisfies Partial<Record<Fault, RegExp>>;

test("names what is wrong with each phone that breaks the protocol, and leaves the others alone", async () => {
  const faults = Object.entries(HOSTILE);
  const lab = await openLab({ count: faults.length + 1, faults: faults.map(([fault], index) => `${index + 1}:${fault}`) });
  const well = await lab.leased(faults.length + 1);
  for (const [index, [fault, reason]] of faults.entries())
    expect((await lab.state("lost", index + 1)).reason, fault).toMatch(reason);
  expect(await lab.input(well.id, [{ type: "key", key: "HOME" }])).toEqual([{ outcome: "delivered" }]);
  for (const phone of lab.virtual.phones) for (const fault of phone.faults()) phone.setFault(fault, false);
  for (const index of faults.keys()) await lab.state("ready", index + 1);
});

test("is not held up for ever by a phone that freezes while somebody watches", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  lab.watch(id, "tile");
  lab.phone().setFault("hang", true);
  expect((await lab.state("lost")).reason).toBe("The phone stopped answering.");
});

test.each<{ fault: Fault; state: DeviceReport["state"]; step: string; reason: RegExp }>([
  { fault: "never-boots", state: "preparing", step: "properties", reason: /still starting/ },
  { fault: "refuses-injection", state: "preparing", step: "input", reason: /USB debugging \(Security settings\)/ },
  { fault: "locked", state: "ready", step: "keyguard", reason: /PIN/ },
  { fault: "asleep", state: "ready", step: "awake", reason: /stays off/ },
])("says in words what step fails on a phone that is $fault", async ({ fault, state, step, reason }) => {
  const lab = await openLab({ faults: [`1:${fault}`] });
  const failed = await lab.until(() => {
    const report = lab.report();
    return report?.steps.some(({ name, reason: why }) => name === step && why !== undefined && reason.test(why)) && report;
  });
  await lab.state(state);
  if (state === "preparing") expect(lab.report()?.reason).toMatch(reason);
  else expect(lab.report()?.notices).not.toEqual([]);
  expect(failed.steps.find(({ name }) => name === step)?.state).toBe("failed");
});

test("shows the tile by screenshot while a phone's one encoder gives the full picture", async () => {
  const lab = await openLab({ faults: ["1:second-encoder-refused"] });
  const { id } = await lab.state("ready");
  const tile = lab.watch(id, "tile");
  await lab.until(() => tile.length >= 2);
  const full = lab.watch(id, "full");
  await lab.until(() => full.some(({ kind }) => kind === FrameKind.key));
  const image = await lab.until(() => tile.find(({ kind }) => kind === FrameKind.image));
  expect(Buffer.from(image.payload).subarray(1, 4).toString()).toBe("PNG");
  await lab.until(() => lab.report()?.notices.some(({ code }) => code === "tile-by-screenshot"));
  lab.order(id, { order: "unwatch", replica: REPLICA, tier: "full" });
  await lab.until(() => tile.at(-1)?.kind !== FrameKind.image);
  await lab.until(() => lab.report()?.notices.length === 0);
});

test("says that an app forbids capture while somebody watches", async () => {
  const lab = await openLab({ faults: ["1:secure-window"] });
  const { id } = await lab.state("ready");
  lab.watch(id, "full");
  await lab.until(() => lab.report()?.notices.some(({ code }) => code === "secure-window"));
});

test("keeps two phones with one serial apart", async () => {
  const lab = await openLab({ count: 2, faults: ["2:duplicate-serial"] });
  const [first, second] = [await lab.state("ready", 1), await lab.state("ready", 2)];
  expect(second.serial).toBe(first.serial);
  expect(second.id).not.toBe(first.id);
});

test("forgets a phone that is disconnected and takes it on again", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  const target = { host: "127.0.0.1", port: lab.phone().port };
  await lab.agent.disconnect(target);
  await lab.until(() => lab.gone.includes(id));
  expect(lab.agent.devices()).toEqual([]);
  lab.reports.clear();
  lab.agent.connect(target);
  expect((await lab.state("ready")).id).toBe(id);
});

test("answers nonsense on the bus with a named error", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  for (const subject of [subjects.input(at(id)), subjects.screenshot(at(id))]) {
    const reply = await lab.bus.request(subject, new TextEncoder().encode("{]"), { timeoutMs: 2_000 });
    expect(() => decodeMessage(InputReply, reply)).toThrow(expect.objectContaining({ code: "bad_request" }));
  }
  lab.bus.publish(subjects.stream(at(id)), new Uint8Array([1, 2, 3]));
  expect(await lab.input(id, [{ type: "key", key: "BACK" }])).toEqual([{ outcome: "delivered" }]);
});

test("lets the phones of a stopped agent be lost with a reason, and stops twice", async () => {
  const lab = await openLab();
  await lab.state("ready");
  await Promise.all([lab.agent.stop(), lab.agent.stop()]);
  expect(lab.report()).toMatchObject({ state: "lost", reason: "The agent has stopped." });
});

test("refuses a data folder that cannot be written and a server that is not what it should be", async () => {
  const bus = createInProcessBus();
  onTestFinished(() => bus.stop());
  const options = { agentId: "a", bus, log: pino({ level: "silent" }), adb: { enabled: false }, version: "0" };
  for (const dataDir of ["/dev/null/data", "/proc/phonerack/data"]) {
    await expect(startAgent({ ...options, dataDir })).rejects.toMatchObject({ code: "data_unwritable" });
  }
  const scrcpyServer = { path: import.meta.filename, version: "3.3.1", sha256: "0".repeat(64) };
  await expect(startAgent({ ...options, dataDir: tmpdir(), scrcpyServer })).rejects.toMatchObject({ code: "usage" });
});
