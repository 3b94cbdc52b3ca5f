/** The agent with real virtual phones over TCP; control is played by a few subscriptions. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Bus,
  createInProcessBus,
  DeviceReport,
  decodeMessage,
  encodeMessage,
  type Frame,
  FrameKind,
  type Input,
  InputOrder,
  InputReply,
  type PhoneAddress,
  readFrame,
  ScreenshotOrder,
  ScreenshotReply,
  STREAM_CREDIT,
  StreamOrder,
  subjects,
  type Tier,
} from "@phonerack/contract/bus";
import { type Fault, startVirtualPhones, type VirtualPhone, type VirtualPhones } from "@phonerack/virtual-phone";
import { pino } from "pino";
import { afterEach, expect, test } from "vitest";
import { type Agent, startAgent } from "./index.js";

const AGENT = "agent-1";
const REPLICA = "control-1";
/** Where the agent listens for this phone. */
const at = (id: string): PhoneAddress => ({ agentId: AGENT, id });
/** `Omit` of each order on its own: the present epoch is `Lab.order`'s to add. */
type OrderWithoutEpoch = StreamOrder extends infer Order ? (Order extends StreamOrder ? Omit<Order, "epoch"> : never) : never;
const SOON_MS = 15_000;
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

class Lab {
  readonly reports = new Map<string, DeviceReport>();
  readonly gone: string[] = [];
  readonly #changed = new Set<() => void>();

  constructor(
    readonly bus: Bus,
    readonly virtual: VirtualPhones,
    readonly dataDir: string,
    public agent: Agent,
  ) {
    bus.subscribe(subjects.report(AGENT, "*"), ({ payload }) => {
      const report = decodeMessage(DeviceReport, payload);
      this.reports.set(report.id, report);
      this.wake();
      return undefined;
    });
    bus.subscribe(subjects.gone(AGENT, "*"), ({ subject }) => {
      this.gone.push(subject.split(".")[3] ?? "");
      return undefined;
    });
  }

  /** The phone in this slot, from 1. */
  phone(slot = 1): VirtualPhone {
    const phone = this.virtual.phones[slot - 1];
    if (!phone) throw new Error(`no slot ${slot}`);
    return phone;
  }

  /** The report of the phone in this slot. */
  report(slot = 1): DeviceReport | undefined {
    const address = `tcp:127.0.0.1:${this.phone(slot).port}`;
    return [...this.reports.values()].find((report) => report.address === address);
  }

  wake(): void {
    for (const check of this.#changed) check();
  }

  /** Waits until `find` gives something. */
  async until<T>(find: () => T | undefined | false, ms = SOON_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#changed.delete(check);
        reject(new Error(`not within ${ms} ms; reports: ${JSON.stringify([...this.reports.values()], undefined, 1)}`));
      }, ms);
      const check = () => {
        const found = find();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        this.#changed.delete(check);
        resolve(found);
      };
      this.#changed.add(check);
      check();
    });
  }

  state(state: DeviceReport["state"], slot = 1): Promise<DeviceReport> {
    return this.until(() => {
      const report = this.report(slot);
      return report?.state === state && report;
    });
  }

  order(id: string, order: OrderWithoutEpoch): void {
    this.bus.publish(subjects.stream(at(id)), encodeMessage(StreamOrder, { ...order, epoch: 0 } as StreamOrder));
  }

  /** Watches a stream as control does and gives credit for what it gets, unless told not to. */
  watch(id: string, tier: Tier, options: { credit?: number; consume?: boolean } = {}): Frame[] {
    const { credit = STREAM_CREDIT, consume = true } = options;
    const frames: Frame[] = [];
    this.bus.subscribe(subjects.media(REPLICA, at(id), tier), ({ payload }) => {
      const frame = readFrame(payload);
      if (frame) frames.push(frame);
      if (consume) this.order(id, { order: "credit", replica: REPLICA, tier, bytes: payload.length });
      this.wake();
      return undefined;
    });
    this.order(id, { order: "watch", replica: REPLICA, tier, credit });
    return frames;
  }

  async input(id: string, inputs: Input[], change: Partial<InputOrder> = {}): Promise<InputReply["results"]> {
    const order = { actor: "admin", mode: "unicast", epoch: 0, notAfter: Date.now() + 2_000, inputs, ...change } as const;
    const reply = await this.bus.request(subjects.input(at(id)), encodeMessage(InputOrder, order), { timeoutMs: SOON_MS });
    return decodeMessage(InputReply, reply).results;
  }
}

interface LabOptions {
  count?: number;
  models?: string[];
  faults?: string[];
  auth?: boolean;
  connect?: boolean;
}

async function openLab(options: LabOptions = {}): Promise<Lab> {
  const { count = 1, models = ["v1"], faults, auth, connect = true } = options;
  const virtual = await startVirtualPhones({ count, models, ...(faults && { faults }), ...(auth && { auth }) });
  cleanups.push(() => virtual.stop());
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-agent-"));
  cleanups.push(() => rm(dataDir, { recursive: true }));
  const bus = createInProcessBus();
  cleanups.push(() => bus.stop());
  const targets = virtual.phones.map(({ port, slot }) => ({
    host: "127.0.0.1",
    port,
    chassis: "chassis-1",
    slot,
    reach: "virtual" as const,
  }));
  const agent = await startAgent({
    agentId: AGENT,
    bus,
    dataDir,
    log: pino({ level: "silent" }),
    connect: connect ? targets : [],
    adb: { enabled: false },
    version: "0.1.0",
  });
  cleanups.push(() => agent.stop());
  return new Lab(bus, virtual, dataDir, agent);
}

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
  const { id } = await lab.state("ready");
  const frames = lab.watch(id, "full", { credit: 30_000, consume: false });
  await lab.until(() => frames.length >= 2);
  for (let i = 0; i < 20; i++) await lab.input(id, [{ type: "swipe", x: 100, y: 900, toX: 800, toY: 900, ms: 60 }]);
  const bytes = frames.reduce((sum, frame) => sum + frame.payload.length + 16, 0);
  const largest = Math.max(...frames.map((frame) => frame.payload.length + 16));
  expect(bytes).toBeLessThanOrEqual(30_000 + largest);
});

test("taps an icon and types Chinese into what opens", async () => {
  const lab = await openLab();
  const { id, screen } = await lab.state("ready");
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
  const { id, screen } = await lab.state("ready");
  await lab.input(id, [{ type: "rotate" }]);
  const turned = await lab.until(() => lab.report()?.screen?.rotation !== 0 && lab.report()?.screen);
  expect(turned).toMatchObject({ width: screen?.height, height: screen?.width });
});

test("journals what the gate decided, whatever it was", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  await lab.input(id, [{ type: "key", key: "HOME" }]);
  expect(await lab.input(id, [{ type: "key", key: "HOME" }], { mode: "group" })).toMatchObject([
    { outcome: "denied", error: { code: "denied" } },
  ]);
  await lab.agent.stop();
  const folder = join(lab.dataDir, "decisions");
  const [name = ""] = await readdir(folder);
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
  const well = await lab.state("ready", faults.length + 1);
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
  const { id } = await lab.state("ready");
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
  cleanups.push(() => bus.stop());
  const options = { agentId: "a", bus, log: pino({ level: "silent" }), adb: { enabled: false }, version: "0" };
  for (const dataDir of ["/dev/null/data", "/proc/phonerack/data"]) {
    await expect(startAgent({ ...options, dataDir })).rejects.toMatchObject({ code: "data_unwritable" });
  }
  const scrcpyServer = { path: import.meta.filename, version: "3.3.1", sha256: "0".repeat(64) };
  await expect(startAgent({ ...options, dataDir: tmpdir(), scrcpyServer })).rejects.toMatchObject({ code: "usage" });
});
