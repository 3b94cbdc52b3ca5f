/** Carries a place, and what fingers do there, from the leader's screen to another: pure. */
import type { GroupStep, Input, StepPoint } from "@phonerack/contract/bus";

export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** The same part of its own frame, whichever way up either is held. */
export function scaled(at: StepPoint, screen: Size): Place {
  return {
    x: within(Math.round((at.x / at.width) * screen.width), screen.width),
    y: within(Math.round((at.y / at.height) * screen.height), screen.height),
  };
}

/** How much longer a length is here; screens of other shapes stretch it evenly. */
export function stretch(from: Size, to: Size): number {
  return Math.sqrt((to.width * to.height) / (from.width * from.height));
}

/** Inputs that go in one order, and when they are due in milliseconds from the gesture's beginning. */
export interface GesturePart {
  readonly at: number;
  readonly inputs: Input[];
}

const FRAME_MS = 16;
/** Android takes two taps for a double tap when 40 to 300 ms lie between them (ViewConfiguration). */
const DOUBLE_TAP_MS = 90;

export type TouchStep = Extract<GroupStep, { type: "tap" | "longPress" | "doubleTap" }>;

export function touchParts(step: TouchStep, place: Place): GesturePart[] {
  switch (step.type) {
    case "tap":
      return tap(place);
    case "doubleTap":
      return doubleTap(place);
    case "longPress":
      return longPress(place, step.ms);
  }
}

export function tap({ x, y }: Place): GesturePart[] {
  return [{ at: 0, inputs: [{ type: "tap", x, y }] }];
}

export function doubleTap({ x, y }: Place): GesturePart[] {
  return [0, DOUBLE_TAP_MS].map((at) => ({ at, inputs: [{ type: "tap", x, y }] }));
}

/** A finger that rests. */
export function longPress({ x, y }: Place, ms: number): GesturePart[] {
  return [{ at: 0, inputs: [{ type: "swipe", x, y, toX: x, toY: y, ms }] }];
}

export function swipe(from: Place, to: Place, ms: number): GesturePart[] {
  return [{ at: 0, inputs: [{ type: "swipe", x: from.x, y: from.y, toX: to.x, toY: to.y, ms }] }];
}

/** Two fingers on a diagonal through the middle, which fits any screen best. */
export function pinch(of: { middle: Place; fromSpan: number; toSpan: number; ms: number }, screen: Size): GesturePart[] {
  const frames = Math.max(2, Math.round(of.ms / FRAME_MS));
  const fingers = (phase: "down" | "move" | "up", part: number): Input[] => {
    const reach = (of.fromSpan + (of.toSpan - of.fromSpan) * part) / 2 / Math.SQRT2;
    return [1, -1].map((side, pointer) => ({
      type: "touch",
      phase,
      pointer,
      x: within(of.middle.x - side * reach, screen.width),
      y: within(of.middle.y - side * reach, screen.height),
      ...sizeOf(screen),
    }));
  };
  const moves = Array.from({ length: frames }, (_, index) => (index + 1) / frames);
  return [
    { at: 0, inputs: fingers("down", 0) },
    ...moves.map((part) => ({ at: of.ms * part, inputs: fingers("move", part) })),
    { at: of.ms, inputs: fingers("up", 1) },
  ];
}

function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

function within(value: number, size: number): number {
  return Math.max(0, Math.min(size - 1, value));
}
