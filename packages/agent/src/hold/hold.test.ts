/** What an agent with real virtual phones does when a phone changes hands. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  BaselineOrder,
  BaselineReply,
  CleanRecord,
  decodeMessage,
  encodeMessage,
  FrameKind,
  type Input,
  RecordOrder,
  ScreenshotOrder,
  ScreenshotReply,
  subjects,
} from "@phonerack/contract/bus";
import { afterEach, expect, test } from "vitest";
import { at, closeLabs, type Lab, openLab, REPLICA, SOON_MS } from "../../test/agent-lab.js";
import type { Cleaner, CleanOrder } from "../cleaning/cleaner.js";

afterEach(closeLabs);

const HOME: Input[] = [{ type: "key", key: "HOME" }];
const DELIVERED = [{ outcome: "delivered" }];
const STALE = [{ outcome: "denied", error: expect.objectContaining({ code: "epoch_stale" }) }];
const NOBODY = [{ outcome: "denied", error: expect.objectContaining({ code: "lease_required" }) }];
const fresh = () => Date.now() + 2_000;

/** A cleaner whose cleanings end when the test says so. */
class Hands implements Cleaner {
  readonly orders: CleanOrder[] = [];
  readonly #ends: { resolve(record: CleanRecord): void; reject(error: Error): void }[] = [];
  baseline: number | null = 1;
  baselines = 0;
  baselineGate: Promise<void> = Promise.resolve();

  clean(order: CleanOrder): Promise<CleanRecord> {
    this.orders.push(order);
    return new Promise((resolve, reject) => this.#ends.push({ resolve, reject }));
  }

  async takeBaseline(): Promise<number> {
    this.baselines++;
    await this.baselineGate;
    return (this.baseline = Date.now());
  }

  baselineAt(): number | null {
    return this.baseline;
  }

  /** Waits until so many cleanings were asked for. */
  async asked(count: number): Promise<void> {
    await expect.poll(() => this.orders.length, { timeout: SOON_MS }).toBe(count);
  }

  /** Ends the last cleaning that was asked for. */
  end(reason: string | null = null): void {
    const order = this.orders.at(-1);
    if (!order) throw new Error("nothing is being cleaned");
    const { deviceId, epoch } = order;
    const clean = reason === null;
    this.#ends.at(-1)?.resolve({ deviceId, epoch, startedAt: 1, endedAt: 2, clean, reason, items: [] });
  }

  fail(): void {
    this.#ends.at(-1)?.reject(new Error("the cable"));
  }
}

async function withHands(limits: Parameters<typeof openLab>[0] = {}): Promise<{ lab: Lab; hands: Hands }> {
  const hands = new Hands();
  return { lab: await openLab({ cleaner: () => Promise.resolve(hands), ...limits }), hands };
}

function record(lab: Lab, id: string, epoch: number): Promise<CleanRecord> {
  const order = encodeMessage(RecordOrder, { epoch });
  return lab.bus
    .request(subjects.record(at(id)), order, { timeoutMs: SOON_MS })
    .then((reply) => decodeMessage(CleanRecord, reply));
}

function screenshot(lab: Lab, id: string, change: Partial<ScreenshotOrder> = {}): Promise<ScreenshotReply> {
  const order = { replica: REPLICA, inbox: "shot-1", epoch: lab.epochOf(id), notAfter: fresh(), ...change };
  return lab.bus
    .request(subjects.screenshot(at(id)), encodeMessage(ScreenshotOrder, order), { timeoutMs: SOON_MS })
    .then((reply) => decodeMessage(ScreenshotReply, reply));
}

function baseline(lab: Lab, id: string, change: { epoch?: number; notAfter?: number } = {}): Promise<{ takenAt: number }> {
  const order = { epoch: lab.epochOf(id), notAfter: fresh(), ...change };
  return lab.bus
    .request(subjects.baseline(at(id)), encodeMessage(BaselineOrder, order), { timeoutMs: SOON_MS })
    .then((reply) => decodeMessage(BaselineReply, reply));
}

/** Pictures, sounds and hands together. */
function scrcpyServers(lab: Lab): number {
  return lab
    .phone()
    .phone.processes.list()
    .filter(({ name }) => name.includes("app_process")).length;
}

/** Every event that the phone's screen is given from now on. */
function touches(lab: Lab): string[] {
  const { input } = lab.phone().phone;
  const seen: string[] = [];
  const touch = input.touch.bind(input);
  input.touch = (phase, ...rest) => {
    seen.push(phase);
    lab.wake();
    return touch(phase, ...rest);
  };
  return seen;
}

test("takes no input on a phone that nobody holds, and lets its pictures be seen", async () => {
  const lab = await openLab();
  const { id, hold } = await lab.state("ready");
  expect(hold).toEqual({ epoch: 0, phase: "free", note: null });
  expect(await lab.input(id, HOME)).toEqual(NOBODY);
  const frames = lab.watch(id, "tile");
  await lab.until(() => frames.some(({ kind }) => kind === FrameKind.key));
});

test("refuses every order with another epoch than the present one", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  expect(await lab.term(id, { epoch: 4, phase: "leased", actor: "u-1", until: Date.now() + 60_000 })).toMatchObject({ epoch: 4 });
  for (const epoch of [0, 1, 3, 5]) {
    expect(await lab.input(id, HOME, { epoch })).toEqual(STALE);
    await expect(screenshot(lab, id, { epoch })).rejects.toMatchObject({ code: "epoch_stale" });
    await expect(baseline(lab, id, { epoch })).rejects.toMatchObject({ code: "epoch_stale" });
    await expect(record(lab, id, epoch)).rejects.toMatchObject({ code: "epoch_stale" });
    lab.order(id, { order: "watch", replica: REPLICA, tier: "full", credit: 1_000_000, epoch });
  }
  await sleep(300);
  expect(lab.phone().encoders.running).toBe(0);
  expect(await lab.input(id, HOME, { actor: "u-2" })).toEqual(NOBODY);
  expect(await lab.input(id, HOME)).toEqual(DELIVERED);
});

test("refuses screenshots and baselines that come too late, or from a clock that cannot be right", async () => {
  const lab = await openLab();
  const { id } = await lab.state("ready");
  for (const notAfter of [Date.now() - 1, Date.now() + 60_000]) {
    await expect(screenshot(lab, id, { notAfter })).rejects.toMatchObject({ code: "too_late" });
    await expect(baseline(lab, id, { notAfter })).rejects.toMatchObject({ code: "too_late" });
  }
  expect((await screenshot(lab, id)).bytes).toBeGreaterThan(100);
});

test("cuts every stream when the phone changes hands, and sends nothing of it any more", async () => {
  const { lab } = await withHands();
  const { id } = await lab.leased();
  const [tile, full] = [lab.watch(id, "tile"), lab.watch(id, "full")];
  await lab.until(() => [tile, full].every((frames) => frames.some(({ kind }) => kind === FrameKind.key)));
  await lab.term(id, { phase: "clean" });
  await lab.until(() => [tile, full].every((frames) => frames.at(-1)?.kind === FrameKind.end));
  const before = [tile.length, full.length];
  lab.phone().phone.activities.start({ component: "com.android.settings/.Settings" }, 2000);
  // What the old holder still asks for, and also with the new epoch: while it is cleaned nobody looks.
  for (const epoch of [1, 2]) lab.order(id, { order: "watch", replica: REPLICA, tier: "tile", credit: 1_000_000, epoch });
  await sleep(500);
  expect([tile.length, full.length]).toEqual(before);
  expect(lab.phone().encoders.running).toBe(0);
});

test("lets go of the finger, the hand and all that waits when the phone changes hands", async () => {
  const { lab } = await withHands();
  const { id, screen } = await lab.leased();
  const seen = touches(lab);
  const size = { width: screen?.width ?? 0, height: screen?.height ?? 0 };
  expect(await lab.input(id, [{ type: "touch", phase: "down", pointer: 0, x: 500, y: 500, ...size }])).toEqual(DELIVERED);
  const swipe = lab.input(id, [{ type: "swipe", x: 100, y: 900, toX: 800, toY: 900, ms: 5_000 }, ...HOME]);
  const waiting = lab.input(id, HOME);
  await lab.until(() => seen.includes("move"));
  expect(scrcpyServers(lab)).toBe(1);
  const began = Date.now();
  await lab.term(id, { phase: "clean" });
  expect(await Promise.all([swipe, waiting])).toEqual([[...STALE, ...STALE], STALE]);
  expect(Date.now() - began).toBeLessThan(1_000);
  // Both fingers are off, without a click.
  await lab.until(() => seen.filter((phase) => phase === "cancel").length === 2);
  const after = seen.length;
  await sleep(400);
  expect(seen.slice(after)).not.toContain("down");
  expect(seen).not.toContain("up");
  expect(scrcpyServers(lab)).toBe(0);
});

test("does not hand the next holder's screen to the one before", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  const parts: Uint8Array[] = [];
  lab.bus.subscribe(subjects.media(REPLICA, at(id), "shot-1"), ({ payload }) => {
    parts.push(payload);
    return undefined;
  });
  const refused = expect(screenshot(lab, id)).rejects.toMatchObject({ code: "epoch_stale" });
  await lab.lease(id, { actor: "u-2" });
  await refused;
  expect(parts).toEqual([]);
});

test("lets the next holder in at once, with a hand of its own", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  expect(await lab.input(id, HOME)).toEqual(DELIVERED);
  await lab.lease(id, { actor: "u-2" });
  expect(await lab.input(id, HOME, { epoch: 1 })).toEqual(STALE);
  expect(await lab.input(id, HOME, { actor: "u-2" })).toEqual(DELIVERED);
  // The order was answered at once; a report waits some milliseconds for what else may change.
  await lab.until(() => lab.report()?.hold.epoch === 2);
  expect(lab.report()?.hold).toEqual({ epoch: 2, phase: "leased", note: null });
});

test("cleans after a lease, says what it does, and keeps the record", async () => {
  const { lab, hands } = await withHands();
  const { id } = await lab.leased();
  await lab.term(id, { phase: "clean", reboot: true });
  await hands.asked(1);
  expect(hands.orders[0]).toMatchObject({ deviceId: id, epoch: 2, reboot: true });
  hands.orders[0]?.onProgress("removing 2 packages");
  await lab.until(() => lab.report()?.hold.note === "removing 2 packages");
  await expect(record(lab, id, 2)).rejects.toMatchObject({ code: "device_busy" });
  hands.end();
  await lab.until(() => lab.report()?.hold.phase === "free");
  expect(await record(lab, id, 2)).toMatchObject({ deviceId: id, epoch: 2, clean: true });
  await lab.restart();
  await lab.state("ready");
  expect(lab.report()?.hold).toEqual({ epoch: 2, phase: "free", note: null });
  expect(await record(lab, id, 2)).toMatchObject({ epoch: 2, clean: true });
});

test("says why a phone is not clean, lets operators look at it, and nobody touch it", async () => {
  const { lab, hands } = await withHands();
  const { id } = await lab.leased();
  await lab.term(id, { phase: "clean" });
  await hands.asked(1);
  hands.end("an account is left");
  await lab.until(() => lab.report()?.hold.phase === "dirty");
  expect(lab.report()?.hold.note).toBe("an account is left");
  const frames = lab.watch(id, "tile");
  await lab.until(() => frames.some(({ kind }) => kind === FrameKind.key));
  expect(await lab.input(id, HOME)).toEqual(NOBODY);
  expect((await baseline(lab, id)).takenAt).toBeGreaterThan(1);
});

test("ends a lease by its own clock, with control away, and accepts nothing with its epoch any more", async () => {
  const { lab, hands } = await withHands();
  const { id } = await lab.state("ready");
  await lab.lease(id, { until: Date.now() + 3_000 });
  const frames = lab.watch(id, "full");
  await lab.until(() => frames.some(({ kind }) => kind === FrameKind.key));
  expect(await lab.input(id, HOME)).toEqual(DELIVERED);
  await lab.until(() => lab.report()?.hold.phase === "cleaning");
  expect(lab.report()?.hold.epoch).toBe(1);
  await lab.until(() => frames.at(-1)?.kind === FrameKind.end);
  expect(await lab.input(id, HOME)).toEqual(NOBODY);
  expect(await lab.lease(id, { epoch: 1 })).toMatchObject({ phase: "cleaning" });
  await hands.asked(1);
  hands.end();
  await lab.until(() => lab.report()?.hold.phase === "free");
  const count = frames.length;
  lab.order(id, { order: "watch", replica: REPLICA, tier: "full", credit: 1_000_000 });
  await sleep(300);
  expect(frames).toHaveLength(count);
  await expect(screenshot(lab, id)).rejects.toMatchObject({ code: "epoch_stale" });
  // Control is back: what was done stands.
  expect(await lab.term(id, { phase: "clean" })).toMatchObject({ epoch: 2, phase: "free" });
  expect(await record(lab, id, 2)).toMatchObject({ epoch: 2, clean: true });
  expect(hands.orders).toHaveLength(1);
});

test("goes on with a lease after a restart, and ends one that ran out meanwhile", async () => {
  const { lab, hands } = await withHands({ count: 2 });
  const [first, second] = [await lab.leased(1), await lab.state("ready", 2)];
  await lab.lease(second.id, { until: Date.now() + 300 });
  await lab.agent.stop();
  await sleep(300);
  await lab.restart();
  await lab.state("ready", 1);
  await lab.state("ready", 2);
  expect(await lab.input(first.id, HOME)).toEqual(DELIVERED);
  expect(await lab.lease(first.id, { epoch: 0 })).toMatchObject({ epoch: 1, phase: "leased" });
  await hands.asked(1);
  expect(hands.orders[0]?.deviceId).toBe(second.id);
  expect(await lab.input(second.id, HOME)).toEqual(NOBODY);
});

test("begins cleaning again after a restart and after the phone was lost", async () => {
  const { lab, hands } = await withHands();
  const { id } = await lab.leased();
  await lab.term(id, { phase: "clean" });
  await hands.asked(1);
  await lab.restart();
  await hands.asked(2);
  await lab.phone().kill();
  await lab.state("lost");
  hands.fail();
  await sleep(1_200);
  expect(hands.orders).toHaveLength(2);
  await lab.phone().start();
  await hands.asked(3);
  hands.end();
  await lab.until(() => lab.report()?.hold.phase === "free");
  expect(hands.orders.map(({ epoch }) => epoch)).toEqual([2, 2, 2]);
});

test("calls a phone dirty whose cleaning has no end", async () => {
  const { lab, hands } = await withHands({ limits: { cleaningMs: 300 } });
  const { id } = await lab.leased();
  await lab.term(id, { phase: "clean" });
  await lab.until(() => lab.report()?.hold.phase === "dirty");
  expect(hands.orders[0]?.signal.aborted).toBe(true);
  expect(await record(lab, id, 2)).toMatchObject({ clean: false, reason: expect.stringContaining("took longer"), items: [] });
});

test("gives a cleaning up when control says that there is nothing to clean", async () => {
  const { lab, hands } = await withHands();
  const { id } = await lab.leased();
  await lab.term(id, { phase: "clean" });
  await hands.asked(1);
  expect(await lab.term(id, { phase: "free" })).toMatchObject({ epoch: 3, phase: "free" });
  expect(hands.orders[0]?.signal.aborted).toBe(true);
  await expect(record(lab, id, 3)).rejects.toMatchObject({ code: "epoch_stale" });
});

test("knows what a phone should be like before its holder may change it", async () => {
  const { lab, hands } = await withHands();
  const { id } = await lab.state("ready");
  hands.baseline = null;
  let done: () => void = () => undefined;
  hands.baselineGate = new Promise((resolve) => (done = resolve));
  await lab.lease(id);
  let delivered = false;
  const input = lab.input(id, HOME).then((results) => {
    delivered = true;
    return results;
  });
  await sleep(300);
  expect([hands.baselines, delivered]).toEqual([1, false]);
  done();
  expect(await input).toEqual(DELIVERED);
});

test("does not let a holder wait for ever for what cannot be known", async () => {
  const { lab, hands } = await withHands({ limits: { baselineMs: 300 } });
  const { id } = await lab.state("ready");
  hands.baseline = null;
  hands.baselineGate = new Promise(() => undefined);
  await lab.lease(id);
  expect(await lab.input(id, HOME)).toEqual(DELIVERED);
});

test("takes the baselines of phones that nobody waits for, later and a few at a time", async () => {
  const { lab, hands } = await withHands({ count: 4, limits: { baselineAfterMs: 300, baselinesAtOnce: 2 } });
  hands.baseline = null;
  let done: () => void = () => undefined;
  hands.baselineGate = new Promise((resolve) => (done = resolve));
  for (const slot of [1, 2, 3, 4]) await lab.state("ready", slot);
  await expect.poll(() => hands.baselines, { timeout: 5_000 }).toBe(2);
  await sleep(1_500);
  expect(hands.baselines).toBe(2);
  hands.baseline = null;
  done();
  await expect.poll(() => hands.baselines, { timeout: 5_000 }).toBeGreaterThanOrEqual(2);
});

test("leaves out of its answer what it does not know", async () => {
  const lab = await openLab();
  await lab.state("ready");
  await expect(lab.lease("d-unknown1")).rejects.toThrow("does not know");
});

test("answers for a phone that it knows from before but does not see now", async () => {
  const lab = await openLab();
  const { id } = await lab.leased();
  await lab.restart({ connect: [] });
  expect(await lab.term(id, { phase: "clean" })).toMatchObject({ epoch: 2, phase: "cleaning" });
});
