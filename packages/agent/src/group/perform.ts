/** Carries out one step on one phone of a group and answers it. Which part of it fails, and why, is in the answer; nothing is thrown. */
import type { GroupStep, StepPoint } from "@phonerack/contract/bus";
import { actOnApp } from "./apps.js";
import { assertElement, touchElement } from "./element-step.js";
import { type Follower, isPoint, screenOf } from "./follower.js";
import { type GesturePart, pinch, type Size, scaled, stretch, swipe, type TouchStep, touchParts } from "./places.js";
import { play } from "./play.js";
import { type Answer, failed, type StepRun } from "./step-run.js";
import { verified } from "./verified.js";

/** Android's meta state for a control key on the left (KeyEvent.META_CTRL_ON | META_CTRL_LEFT_ON). */
const CTRL = 0x3000;

/** Never rejects. The step has answered when this resolves. */
export async function perform(follower: Follower, run: StepRun): Promise<void> {
  const { phone } = follower;
  try {
    const answer = await carryOut(follower, run);
    if (answer) run.answer(phone.id, answer);
  } catch (error) {
    run.answer(phone.id, failed(error));
  }
}

/** undefined: it has answered already, with the time at which the phone took it. */
async function carryOut(follower: Follower, run: StepRun): Promise<Answer | undefined> {
  const { step } = run.order;
  switch (step.type) {
    case "tap":
    case "longPress":
    case "doubleTap":
      return isPoint(step.at) && !isAimedByElement(follower, run)
        ? touchPoint(follower, run, { ...step, at: step.at })
        : touchElement(follower, run, step);
    case "launch":
    case "stop":
    case "link":
      return actOnApp(follower, run, step);
    case "assert":
      return assertElement(follower, run, step);
    case "touch":
      // A live finger has no time to be looked at.
      return play(follower, run, partsOf(step, screenOf(follower)));
    default:
      return verified({ follower, run }, () => play(follower, run, partsOf(step, screenOf(follower))));
  }
}

/** On the leader itself a place is what it is. */
function isAimedByElement({ phone }: Follower, { order }: StepRun): boolean {
  return order.aim === "element" && phone.id !== order.leader;
}

function touchPoint(follower: Follower, run: StepRun, step: TouchStep & { at: StepPoint }): Promise<Answer | undefined> {
  const place = scaled(step.at, screenOf(follower));
  return verified({ follower, run }, () => play(follower, run, touchParts(step, place)));
}

function partsOf(
  step: Exclude<GroupStep, TouchStep | { type: "launch" | "stop" | "link" | "assert" }>,
  screen: Size,
): GesturePart[] {
  switch (step.type) {
    case "swipe":
      return swipe(scaled(step.from, screen), scaled(step.to, screen), step.ms);
    case "pinch": {
      const by = stretch(step.at, screen);
      const spans = { fromSpan: step.fromSpan * by, toSpan: step.toSpan * by };
      return pinch({ middle: scaled(step.at, screen), ...spans, ms: step.ms }, screen);
    }
    case "touch": {
      const { phase, pointer, at } = step;
      const { width, height } = screen;
      return [{ at: 0, inputs: [{ type: "touch", phase, pointer, ...scaled(at, screen), width, height }] }];
    }
    case "text":
    case "paste":
      return [{ at: 0, inputs: [{ type: "text", text: step.text }] }];
    case "key":
      return [{ at: 0, inputs: [{ type: "key", key: step.key }] }];
    case "clear":
      return [
        {
          at: 0,
          inputs: [
            { type: "keyPress", key: "A", phase: "down", meta: CTRL },
            { type: "keyPress", key: "A", phase: "up", meta: CTRL },
            { type: "key", key: "DEL" },
          ],
        },
      ];
  }
}
