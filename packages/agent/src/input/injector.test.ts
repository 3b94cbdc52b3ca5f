import { setTimeout as sleep } from "node:timers/promises";
import { type ControlMessage, ControlMessageParser, motionAction } from "@phonerack/android-wire/scrcpy";
import { type Input, type InputOrder, PhonerackError } from "@phonerack/contract/bus";
import { decide, type GateFacts, type Judged } from "@phonerack/policy";
import { expect, test } from "vitest";
import { type Asked, codeOf } from "../gate/phone-gate.js";
import { FRESH, type Held } from "../hold/held.js";
import type { JournalEntry } from "../journal/journal.js";
import { Injector } from "./injector.js";

const SCREEN = { width: 1080, height: 2340 };
const OWN: Judged = { package: "a.b", signer: "5e", standing: "owned", by: "a-notes" };
const OTHER: Judged = { package: "c.d", signer: null, standing: "other", by: null };

/** A phone that takes what it is given and keeps it. */
function phone() {
  const state = {
    messages: [] as ControlMessage[],
    writes: 0,
    pasted: [] as string[],
    entries: [] as JournalEntry[],
    screen: { ...SCREEN },
    leaseEpoch: 4,
    phase: "leased" as Held["phase"],
    holder: "u-1",
    journalFull: false,
    /** What is in front; null: the phone does not tell, and must be asked. */
    front: OWN as Judged | null,
    fence: "closed" as GateFacts["fence"],
    /** What a look finds. */
    looks: 0,
    write: (): Promise<void> => Promise.resolve(),
    session: (): Promise<void> => Promise.resolve(),
  };
  const parser = new ControlMessageParser((message) => state.messages.push(message));
  const hands = {
    write: async (bytes: Uint8Array) => {
      state.writes++;
      await state.write();
      parser.push(bytes);
    },
    paste: async (text: string) => {
      state.pasted.push(text);
    },
  };
  const held = (): Held => ({ ...FRESH, epoch: state.leaseEpoch, phase: state.phase, actor: state.holder });
  const factsOf = ({ mode, action, actor, epoch, look }: Asked): GateFacts => {
    const { leaseEpoch, phase, holder, fence } = state;
    const front = look ? look.front : state.front;
    const rest = { fresh: look !== undefined, target: null, fence, budget: { trial: true, hour: 0, day: 0 } };
    return { mode, action, actor, epoch, leaseEpoch, phase, holder, front, knownMs: front && 0, ...rest };
  };
  const injector = new Injector({
    gate: {
      ask: (asked) => {
        const facts = factsOf(asked);
        const { decision, rule, reason } = decide(facts);
        if (state.journalFull) return { decision: "deny", rule, reason, error: new PhonerackError("internal") };
        state.entries.push({ at: 0, device: "d-abcdefgh", facts, decision, rule });
        const error = new PhonerackError(codeOf(rule), reason);
        return { decision, rule, reason, ...(decision === "deny" && { error }) };
      },
      weigh: (asked) => decide(factsOf(asked)),
      needsLook: ({ mode }) => mode !== "unicast" && (state.fence === "leaky" || state.front === null),
      look: async () => {
        state.looks++;
        return { front: OWN, at: performance.now(), changes: 0 };
      },
    },
    held,
    screen: () => state.screen,
    session: () => state.session().then(() => hands),
  });
  return { state, injector };
}

const order = (inputs: Input[], change: Partial<InputOrder> = {}): InputOrder => ({
  actor: "u-1",
  mode: "unicast",
  epoch: 4,
  notAfter: Date.now() + 1_000,
  inputs,
  ...change,
});
const touch = (phase: "down" | "move" | "up" | "cancel", x = 10, y = 20, pointer = 0): Input => ({
  type: "touch",
  phase,
  pointer,
  x,
  y,
  ...SCREEN,
});
const actions = (messages: readonly ControlMessage[]) =>
  messages.map((message) => (message.type === "inject-touch" ? message.action : -1));

test("delivers a tap as down and up in device pixels and journals it", async () => {
  const { state, injector } = phone();
  expect(await injector.handle(order([{ type: "tap", x: 100, y: 200 }]))).toEqual([{ outcome: "delivered" }]);
  expect(actions(state.messages)).toEqual([motionAction.down, motionAction.up]);
  expect(state.messages[0]).toMatchObject({ position: { x: 100, y: 200, ...SCREEN } });
  expect(state.entries).toMatchObject([
    { decision: "allow", rule: "hand-owned", facts: { action: "tap", front: { package: "a.b" } } },
  ]);
});

test("keeps the order of inputs that came while the phone was slow, in one write", async () => {
  const { state, injector } = phone();
  let accept: () => void = () => undefined;
  state.write = () => new Promise((resolve) => (accept = resolve));
  const first = injector.handle(order([touch("down")]));
  await sleep(5);
  const rest = [11, 12, 13].map((x) => injector.handle(order([touch("move", x)])));
  const last = injector.handle(order([touch("up", 14)]));
  state.write = () => Promise.resolve();
  accept();
  await Promise.all([first, ...rest, last]);
  expect(state.messages.map((message) => (message.type === "inject-touch" ? message.position.x : -1))).toEqual([
    10, 11, 12, 13, 14,
  ]);
  expect(state.writes).toBe(2);
});

test("does not carry out what is too late, however long it may say it is valid", async () => {
  const { state, injector } = phone();
  expect(await injector.handle(order([touch("down")], { notAfter: Date.now() - 1 }))).toMatchObject([
    { outcome: "late", error: { code: "too_late" } },
  ]);
  state.session = () => sleep(2_100).then(() => undefined);
  const [outcome] = await injector.handle(order([touch("down")], { notAfter: Date.now() + 60_000 }));
  expect(outcome).toMatchObject({ outcome: "late" });
  expect(state.messages).toEqual([]);
});

test("denies what the gate denies, with its reason, and journals that too", async () => {
  const { state, injector } = phone();
  state.front = OTHER;
  expect(await injector.handle(order([{ type: "text", text: "hi" }], { mode: "script" }))).toMatchObject([
    { outcome: "denied", error: { code: "denied", detail: expect.stringContaining("c.d is not yours") } },
  ]);
  expect(state.entries).toMatchObject([{ decision: "deny", rule: "many-other" }]);
  expect(state.messages).toEqual([]);
});

test("takes a finger off without a click when another app comes under it", async () => {
  const { state, injector } = phone();
  await injector.handle(order([touch("down")], { mode: "group" }));
  state.front = OTHER;
  expect(await injector.handle(order([touch("up")], { mode: "group" }))).toMatchObject([{ outcome: "denied" }]);
  expect(actions(state.messages)).toEqual([motionAction.down, motionAction.cancel, motionAction.up]);
});

test("ends a swipe of a group in the middle when another app comes in front, and takes its finger off", async () => {
  const { state, injector } = phone();
  const swiping = injector.handle(order([{ type: "swipe", x: 0, y: 0, toX: 0, toY: 900, ms: 2_000 }], { mode: "group" }));
  await sleep(60);
  state.front = OTHER;
  expect(await swiping).toMatchObject([{ outcome: "denied", error: { detail: expect.stringContaining("c.d") } }]);
  expect(actions(state.messages).slice(-2)).toEqual([motionAction.cancel, motionAction.up]);
});

test("asks the phone what is in front before each group input where the fence has a gap, and where it does not tell", async () => {
  const { state, injector } = phone();
  state.fence = "leaky";
  const taps: Input[] = [1, 2, 3].map((x) => ({ type: "tap", x, y: 1 }));
  expect(await injector.handle(order(taps, { mode: "group" }))).toEqual([
    { outcome: "delivered" },
    { outcome: "delivered" },
    { outcome: "delivered" },
  ]);
  expect(state.looks).toBe(3);
  [state.fence, state.front] = ["closed", null];
  expect(await injector.handle(order(taps.slice(0, 1), { mode: "group" }))).toEqual([{ outcome: "delivered" }]);
  expect(state.looks).toBe(4);
});

test("refuses a command of an older lease", async () => {
  const { injector } = phone();
  expect(await injector.handle(order([touch("down")], { epoch: 3 }))).toMatchObject([
    { outcome: "denied", error: { code: "epoch_stale" } },
  ]);
});

test("starts no session for whoever does not hold the phone, and journals that they tried", async () => {
  const { state, injector } = phone();
  state.session = () => Promise.reject(new Error("somebody asked for a session"));
  for (const change of [{ epoch: 5 }, { actor: "u-2" }, { actor: "" }]) {
    expect(await injector.handle(order([touch("down")], change))).toMatchObject([{ outcome: "denied" }]);
  }
  state.phase = "cleaning";
  expect(await injector.handle(order([touch("down")]))).toMatchObject([{ error: { code: "lease_required" } }]);
  expect(state.entries.map(({ rule }) => rule)).toEqual(["stale-epoch", "other-holder", "nobody", "no-lease"]);
});

test("leaves nothing of the old hand when the phone changes hands: no finger, no half swipe, nothing that waits", async () => {
  const { state, injector } = phone();
  await injector.handle(order([touch("down")]));
  const swiping = injector.handle(order([{ type: "swipe", x: 0, y: 0, toX: 100, toY: 200, ms: 2_000 }, touch("move")]));
  await sleep(100);
  state.leaseEpoch = 5;
  const lifted = injector.cut();
  expect(await injector.handle(order([touch("move")]))).toMatchObject([{ error: { code: "epoch_stale" } }]);
  await lifted;
  const moved = state.messages.length;
  expect(await swiping).toMatchObject([{ error: { code: "epoch_stale" } }, { error: { code: "epoch_stale" } }]);
  expect(actions(state.messages.slice(-4))).toEqual([motionAction.cancel, motionAction.up, motionAction.cancel, motionAction.up]);
  expect(state.messages).toHaveLength(moved);
});

test("does not go on for an order that waited while the phone changed hands", async () => {
  const { state, injector } = phone();
  let start: () => void = () => undefined;
  state.session = () => new Promise((resolve) => (start = resolve));
  const waiting = injector.handle(order([touch("down"), { type: "text", text: "你好" }]));
  await sleep(5);
  // The term came, and nobody has told the injector to cut yet.
  [state.leaseEpoch, state.holder] = [5, "u-2"];
  start();
  await sleep(5);
  start();
  expect(await waiting).toMatchObject([{ error: { code: "epoch_stale" } }, { error: { code: "epoch_stale" } }]);
  expect([state.messages, state.pasted]).toEqual([[], []]);
});

test("injects nothing that it cannot journal", async () => {
  const { state, injector } = phone();
  state.journalFull = true;
  expect(await injector.handle(order([touch("down")]))).toMatchObject([{ outcome: "failed" }]);
  expect(state.messages).toEqual([]);
});

test("drops a touch that was aimed at the screen before it turned", async () => {
  const { state, injector } = phone();
  state.screen = { width: 2340, height: 1080 };
  expect(await injector.handle(order([touch("down")]))).toMatchObject([
    { outcome: "late", error: { detail: expect.stringContaining("2340x1080") } },
  ]);
  expect(state.messages).toEqual([]);
});

test("still takes a finger off when the screen turned under it", async () => {
  const { state, injector } = phone();
  await injector.handle(order([touch("down", 500, 900)]));
  state.screen = { width: 2340, height: 1080 };
  expect(await injector.handle(order([touch("up", 510, 2_000)]))).toEqual([{ outcome: "delivered" }]);
  expect(state.messages.at(-1)).toMatchObject({ action: motionAction.up, position: { x: 500, y: 900 } });
});

test("takes every finger off when its owner is gone, without a click", async () => {
  const { state, injector } = phone();
  await injector.handle(order([touch("down"), touch("down", 30, 40, 1), touch("move", 12, 22)]));
  await injector.lift();
  expect(actions(state.messages.slice(3))).toEqual([motionAction.cancel, motionAction.up, motionAction.cancel, motionAction.up]);
  await injector.lift();
  expect(state.messages).toHaveLength(7);
});

test("takes a finger off that nobody moved for half a minute", async () => {
  const { state, injector } = phone();
  await injector.handle(order([touch("down")]));
  injector.tick(Date.now() + 20_000);
  expect(state.messages).toHaveLength(1);
  injector.tick(Date.now() + 31_000);
  await sleep(5);
  expect(actions(state.messages)).toEqual([motionAction.down, motionAction.cancel, motionAction.up]);
});

test("types what a keyboard can and pastes what it cannot", async () => {
  const { state, injector } = phone();
  await injector.handle(
    order([
      { type: "text", text: "a".repeat(700) },
      { type: "text", text: "你好 👋" },
      { type: "text", text: "b" },
    ]),
  );
  expect(state.messages.map((message) => (message.type === "inject-text" ? message.text.length : 0))).toEqual([300, 300, 100, 1]);
  expect(state.pasted).toEqual(["你好 👋"]);
});

test("draws a swipe from its first to its last point in its time", async () => {
  const { state, injector } = phone();
  const began = performance.now();
  await injector.handle(order([{ type: "swipe", x: 0, y: 0, toX: 100, toY: 200, ms: 80 }]));
  expect(performance.now() - began).toBeGreaterThan(70);
  expect(actions(state.messages)).toEqual([motionAction.down, 2, 2, 2, 2, 2, motionAction.up]);
  expect(state.messages.at(-1)).toMatchObject({ position: { x: 100, y: 200 } });
});

test("does not call late what waited for a gesture of its own order", async () => {
  const { state, injector } = phone();
  const swipe: Input = { type: "swipe", x: 1, y: 1, toX: 9, toY: 9, ms: 120 };
  const notAfter = Date.now() + 100;
  expect(await injector.handle(order([swipe, { type: "tap", x: 5, y: 5 }], { notAfter }))).toMatchObject([
    { outcome: "delivered" },
    { outcome: "delivered" },
  ]);
  expect(actions(state.messages).at(-1)).toBe(motionAction.up);
});

test("says why when the phone takes no input, and goes on with the next", async () => {
  const { state, injector } = phone();
  state.session = () => Promise.reject(new PhonerackError("phone_failed", "no"));
  expect(await injector.handle(order([touch("down"), touch("up")]))).toMatchObject([
    { outcome: "failed", error: { code: "phone_failed", detail: "no" } },
    { outcome: "failed" },
  ]);
  state.session = () => Promise.resolve();
  expect(await injector.handle(order([{ type: "key", key: "HOME" }]))).toEqual([{ outcome: "delivered" }]);
});

test("fails what waits when the phone is lost", async () => {
  const { state, injector } = phone();
  state.session = () => new Promise(() => undefined);
  const waiting = injector.handle(order([touch("down"), touch("move"), touch("up")]));
  injector.detach(new PhonerackError("device_not_ready", "unplugged"));
  expect(await waiting).toMatchObject([{ error: { detail: "unplugged" } }, { outcome: "failed" }, { outcome: "failed" }]);
});

test("bounds what may wait for one phone", async () => {
  const { state, injector } = phone();
  state.session = () => new Promise(() => undefined);
  const orders = Array.from({ length: 12 }, () => injector.handle(order(Array.from({ length: 100 }, () => touch("move")))));
  expect((await orders.at(-1))?.at(-1)).toMatchObject({ outcome: "failed", error: { code: "too_many" } });
  injector.detach(new PhonerackError("device_not_ready"));
});
