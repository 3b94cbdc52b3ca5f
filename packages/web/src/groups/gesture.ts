/** What a hand did on the leader's screen, as one step for all: pure, from where its fingers went down to where they lifted. */
import type { GroupStep, StepPoint } from "@phonerack/contract/api";
import type { Extent } from "../device/pointer.js";

export interface Trace {
  readonly from: StepPoint;
  readonly to: StepPoint;
}

/** A finger that stays within this part of the screen's width did not mean to move. */
const SLOP = 0.025;
const SWIPE_MS = { least: 50, most: 10_000 } as const;

export function moved({ from, to }: Trace): boolean {
  return Math.hypot(to.x - from.x, to.y - from.y) > from.width * SLOP;
}

/** `ms`: from the first finger down to the last one up. Undefined when nothing was meant by it. */
export function stepOfGesture(traces: readonly Trace[], ms: number): GroupStep | undefined {
  const [first, second] = traces;
  if (!first) return undefined;
  const lasted = Math.round(Math.min(Math.max(ms, SWIPE_MS.least), SWIPE_MS.most));
  if (second) return pinch(first, second, lasted);
  if (moved(first)) return { type: "swipe", from: first.from, to: first.to, ms: lasted };
  return { type: "tap", at: first.from };
}

function pinch(a: Trace, b: Trace, ms: number): GroupStep | undefined {
  const { width, height } = a.from;
  const span = (one: StepPoint, other: StepPoint) =>
    Math.min(10_000, Math.max(1, Math.round(Math.hypot(one.x - other.x, one.y - other.y))));
  const fromSpan = span(a.from, b.from);
  const toSpan = span(a.to, b.to);
  if (Math.abs(fromSpan - toSpan) <= width * SLOP) return undefined;
  const at = { x: Math.round((a.from.x + b.from.x) / 2), y: Math.round((a.from.y + b.from.y) / 2), width, height };
  return { type: "pinch", at, fromSpan, toSpan, ms };
}

/** One notch of a wheel moves the content by so much of the screen, and a swipe by so much at most. */
const NOTCH = 0.12;
const MOST_SWIPE = 0.6;
/** Swipes that begin at the very edge are the system's. */
const EDGE = 0.06;
const WHEEL_MS = 250;

/** Turned as Android counts wheel steps: positive is up and left, and the finger goes down and right. */
export function stepOfWheel(
  at: { x: number; y: number },
  turned: { dx: number; dy: number },
  screen: Extent,
): GroupStep | undefined {
  const { width, height } = screen;
  const [fromX, toX] = line(at.x, turned.dx, width);
  const [fromY, toY] = line(at.y, turned.dy, height);
  const from = { x: fromX, y: fromY, width, height };
  const to = { x: toX, y: toY, width, height };
  return moved({ from, to }) ? { type: "swipe", from, to, ms: WHEEL_MS } : undefined;
}

/** From where the pointer is, shifted inwards as far as the way needs it. */
function line(at: number, notches: number, length: number): readonly [number, number] {
  const way = Math.max(-MOST_SWIPE, Math.min(MOST_SWIPE, notches * NOTCH)) * length;
  if (way === 0) return [at, at];
  const [least, most] = [EDGE * length, (1 - EDGE) * length];
  const from = Math.min(Math.max(at, least - Math.min(0, way)), most - Math.max(0, way));
  return [Math.round(from), Math.round(from + way)];
}
