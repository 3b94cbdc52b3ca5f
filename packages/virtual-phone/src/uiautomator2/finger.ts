/** Moves fingers over the glass in real time, as UiAutomator's gesture controller injects pointer events. */
import { pause } from "../phone/latency.js";
import type { Phone } from "../phone/phone.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One finger's way: a press at the first point, then each leg in its time, then up. */
export interface FingerPath {
  readonly from: Point;
  readonly legs: readonly {
    readonly to: Point /** Milliseconds; standing still when the point is the same. */;
    readonly ms: number;
  }[];
}

/** Between two moves, in milliseconds: UiAutomator injects about two hundred a second. */
const STEP_MS = 5;
/** Fingers of UiAutomator are others than those of `input` and of scrcpy. */
const FIRST_POINTER = 40;

/** Presses, moves and lifts all fingers together. A signal that aborts cancels them. */
export async function moveFingers(phone: Phone, paths: readonly FingerPath[], signal: AbortSignal): Promise<void> {
  const { input, clock } = phone;
  const fingers = paths.map((path, index) => ({ path, pointer: FIRST_POINTER + index }));
  for (const { path, pointer } of fingers) input.touch("down", pointer, path.from);
  const whole = paths.reduce((longest, { legs }) => Math.max(longest, lengthOf(legs)), 0);
  const start = clock.now();
  for (let passed = 0; passed < whole && !signal.aborted; passed = clock.now() - start) {
    await pause(clock, STEP_MS);
    const now = Math.min(whole, clock.now() - start);
    for (const { path, pointer } of fingers) input.touch("move", pointer, placeAt(path, now));
  }
  for (const { path, pointer } of fingers) {
    const end = placeAt(path, Number.POSITIVE_INFINITY);
    if (path.legs.length > 0) input.touch("move", pointer, end);
    input.touch(signal.aborted ? "cancel" : "up", pointer, end);
  }
}

function lengthOf(legs: FingerPath["legs"]): number {
  return legs.reduce((sum, { ms }) => sum + ms, 0);
}

function placeAt({ from, legs }: FingerPath, passed: number): Point {
  let [at, left] = [from, passed];
  for (const { to, ms } of legs) {
    if (left < ms) {
      const part = left / ms;
      return { x: at.x + (to.x - at.x) * part, y: at.y + (to.y - at.y) * part };
    }
    left -= ms;
    at = to;
  }
  return at;
}
