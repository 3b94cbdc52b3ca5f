import type { GroupAim, GroupStep, Input } from "@phonerack/contract/api";
import { describe, expect, test } from "vitest";
import { LeaderHand } from "./leader-hand.js";

const screen = { width: 1_000, height: 2_000 };

/** A hand with a clock of its own. */
function hand(aim: GroupAim = "element") {
  const steps: GroupStep[] = [];
  let now = 0;
  let timers: { at: number; work: () => void }[] = [];
  const made = new LeaderHand({
    step: (step) => steps.push(step),
    aim: () => aim,
    screen: () => screen,
    now: () => now,
    later: (ms, work) => {
      const timer = { at: now + ms, work };
      timers.push(timer);
      return () => (timers = timers.filter((each) => each !== timer));
    },
  });
  const pass = (ms: number) => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers = timers.filter((each) => each !== timer);
      timer.work();
    }
  };
  const touch = (phase: "down" | "move" | "up" | "cancel", x: number, y: number, pointer = 0) =>
    made.input({ type: "touch", phase, pointer, x, y, ...screen });
  const press = (key: Extract<Input, { type: "keyPress" }>["key"], meta = 0) => {
    for (const phase of ["down", "up"] as const) made.input({ type: "keyPress", key, phase, meta });
  };
  return { hand: made, steps, pass, touch, press, type: (text: string) => made.input({ type: "text", text }) };
}

describe("by element, a gesture is one step", () => {
  test("a short press is a tap, even if the finger trembled", () => {
    const { steps, touch, pass } = hand();
    touch("down", 500, 800);
    pass(90);
    touch("move", 505, 803);
    touch("up", 505, 803);
    expect(steps).toEqual([{ type: "tap", at: { x: 500, y: 800, ...screen } }]);
  });

  test("a long press counts while the finger is still down, and only once", () => {
    const { steps, touch, pass } = hand();
    touch("down", 500, 800);
    pass(560);
    expect(steps).toMatchObject([{ type: "longPress", at: { x: 500, y: 800 } }]);
    touch("up", 500, 800);
    expect(steps).toHaveLength(1);
  });

  test("a way is a swipe of as long as it took", () => {
    const { steps, touch, pass } = hand();
    touch("down", 500, 1_500);
    for (let y = 1_400; y >= 500; y -= 100) {
      pass(30);
      touch("move", 500, y);
    }
    touch("up", 500, 500);
    expect(steps).toMatchObject([{ type: "swipe", from: { x: 500, y: 1_500 }, to: { x: 500, y: 500 }, ms: 300 }]);
  });

  test("two fingers that part are a pinch about their middle", () => {
    const { steps, touch, pass } = hand();
    touch("down", 400, 1_000, 0);
    touch("down", 600, 1_000, 1);
    pass(200);
    touch("move", 200, 1_000, 0);
    touch("move", 800, 1_000, 1);
    touch("up", 200, 1_000, 0);
    touch("up", 800, 1_000, 1);
    expect(steps).toEqual([{ type: "pinch", at: { x: 500, y: 1_000, ...screen }, fromSpan: 200, toSpan: 600, ms: 200 }]);
  });

  test("a hand that is lost meant nothing", () => {
    const { steps, touch, hand: lost } = hand();
    touch("down", 500, 800);
    lost.stop();
    touch("up", 500, 800);
    expect(steps).toEqual([]);
  });
});

describe("by point", () => {
  test("a quick tap is still one step, so that it can be recorded", () => {
    const { steps, touch, pass } = hand("point");
    touch("down", 500, 800);
    pass(60);
    touch("up", 500, 800);
    expect(steps.map(({ type }) => type)).toEqual(["tap"]);
  });

  test("a way is followed live from where it began", () => {
    const { steps, touch } = hand("point");
    touch("down", 500, 800);
    touch("move", 600, 800);
    touch("move", 700, 800);
    touch("up", 700, 800);
    expect(steps.map((step) => step.type === "touch" && [step.phase, step.at.x])).toEqual([
      ["down", 500],
      ["move", 600],
      ["move", 700],
      ["up", 700],
    ]);
  });

  test("a finger that stays down is down on all, and is lifted on all when the hand is lost", () => {
    const { steps, touch, pass, hand: lost } = hand("point");
    touch("down", 500, 800);
    pass(160);
    lost.stop();
    expect(steps.map((step) => step.type === "touch" && step.phase)).toEqual(["down", "cancel"]);
  });
});

describe("the keyboard", () => {
  test("gathers letters to a word, and sends it before whatever comes after", () => {
    const { steps, type, press, touch, pass } = hand();
    for (const letter of "Milk") type(letter);
    press("ENTER");
    type("Bread");
    pass(300);
    type("x");
    touch("down", 1, 1);
    touch("up", 1, 1);
    expect(steps).toMatchObject([
      { type: "text", text: "Milk" },
      { type: "key", key: "ENTER" },
      { type: "text", text: "Bread" },
      { type: "text", text: "x" },
      { type: "tap" },
    ]);
  });

  test("pastes what is pasted, and leaves shortcuts of this computer alone", () => {
    const { steps, hand: on, press } = hand();
    press("A", 4_096);
    on.paste("from elsewhere");
    expect(steps).toEqual([{ type: "paste", text: "from elsewhere" }]);
  });
});

test("notches of the wheel are one swipe the way a finger would go, never from the edge", () => {
  const { steps, hand: on, pass } = hand();
  for (let notch = 0; notch < 3; notch++) on.input({ type: "scroll", x: 500, y: 300, dx: 0, dy: -1 });
  pass(120);
  expect(steps).toMatchObject([{ type: "swipe", from: { x: 500, y: 840 }, to: { x: 500, y: 120 } }]);
});
