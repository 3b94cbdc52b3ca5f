/** The server's `/appium/gestures/*`: each makes the finger paths that UiAutomator's Gestures make. */

import type { Bounds } from "../phone/hierarchy.js";
import type { Phone } from "../phone/phone.js";
import { ScrollView } from "../views/scroll-view.js";
import type { View } from "../views/view.js";
import type { FingerPath, Point } from "./finger.js";
import { badArgument } from "./server-error.js";

export const DIRECTIONS = ["LEFT", "RIGHT", "UP", "DOWN"] as const;
export type Direction = (typeof DIRECTIONS)[number];
const OPPOSITE = { LEFT: "RIGHT", RIGHT: "LEFT", UP: "DOWN", DOWN: "UP" } as const;

/** UiObject2's default speeds, in dp per second. */
const SPEED_DP = { drag: 2500, swipe: 5000, scroll: 5000, fling: 7500, pinch: 2500 } as const;
/** ViewConfiguration: a long press, and half of what two taps may be apart. */
const LONG_PRESS_MS = 500;
export const BETWEEN_TAPS_MS = 150;
/** After a scroll the finger rests, so that nothing flings. */
const REST_MS = 250;
/** UiObject2 keeps this part of an element's sides out of its gestures. */
const MARGIN = 0.1;

/** @param wanted pixels per second; undefined: UiObject2's own for the gesture. */
export function speedOf(phone: Phone, gesture: keyof typeof SPEED_DP, wanted: number | undefined): number {
  const speed = wanted ?? (SPEED_DP[gesture] * phone.display.density) / 160;
  if (speed <= 0) throw badArgument("Speed cannot be negative");
  return speed;
}

/** The part of an element in which gestures are made. */
export function withoutMargins({ left, top, right, bottom }: Bounds): Bounds {
  const [x, y] = [(right - left) * MARGIN, (bottom - top) * MARGIN];
  return { left: left + x, top: top + y, right: right - x, bottom: bottom - y };
}

/** @param ms how long it is held. */
export function press(at: Point, ms: number | undefined): FingerPath {
  return { from: at, legs: [{ to: at, ms: ms ?? LONG_PRESS_MS }] };
}

/** Held first, then moved. */
export function drag(from: Point, to: Point, speed: number): FingerPath {
  return {
    from,
    legs: [
      { to: from, ms: LONG_PRESS_MS },
      { to, ms: msFor(from, to, speed) },
    ],
  };
}

export function swipe(area: Bounds, along: { direction: Direction; percent: number; speed: number }): FingerPath {
  const { direction, percent, speed } = along;
  if (!(percent >= 0 && percent <= 1)) throw badArgument("Percent must be between 0.0f and 1.0f");
  const [from, to] = line(area, direction, percent);
  return { from, legs: [{ to, ms: msFor(from, to, speed) }] };
}

/** The swipes of a scroll: content moves in `direction`, the finger the other way; each at most the area's length. */
export function scrollSwipes(area: Bounds, along: { direction: Direction; percent: number; speed: number }): FingerPath[] {
  if (!(along.percent > 0)) throw badArgument("Percent must be greater than 0.0f");
  const swipes: FingerPath[] = [];
  for (let left = Math.min(along.percent, 50); left > 0; left -= 1) {
    const [from, to] = line(area, OPPOSITE[along.direction], Math.min(left, 1));
    swipes.push({
      from,
      legs: [
        { to, ms: msFor(from, to, along.speed) },
        { to, ms: REST_MS },
      ],
    });
  }
  return swipes;
}

export function fling(area: Bounds, direction: Direction, speed: number): FingerPath {
  const [from, to] = line(area, OPPOSITE[direction], 1);
  return { from, legs: [{ to, ms: msFor(from, to, speed) }] };
}

/** Two fingers on the diagonal, from the middle out or back. */
export function pinch(area: Bounds, { percent, speed, open }: { percent: number; speed: number; open: boolean }): FingerPath[] {
  if (!(percent >= 0 && percent <= 1)) throw badArgument("Percent must be between 0.0f and 1.0f");
  const middle = { x: (area.left + area.right) / 2, y: (area.top + area.bottom) / 2 };
  const corners = [
    { x: area.left + 1, y: area.bottom - 1 },
    { x: area.right - 1, y: area.top + 1 },
  ];
  // Two fingers do not stand on one spot: they begin, or end, a little apart.
  const apart = 0.05;
  return corners.map((corner) => {
    const far = between(middle, corner, apart + (1 - apart) * percent);
    const near = between(middle, corner, apart);
    const [from, to] = open ? [near, far] : [far, near];
    return { from, legs: [{ to, ms: msFor(from, to, speed) }] };
  });
}

/** Whether what lies in the area can be scrolled on in that direction. */
export function canScroll(view: View | undefined, direction: Direction): boolean {
  const across = direction === "LEFT" || direction === "RIGHT";
  for (let up = view; up; up = up.parent) {
    if (!(up instanceof ScrollView) || up.horizontal !== across || up.range === 0) continue;
    return direction === "DOWN" || direction === "RIGHT" ? up.offset < up.range : up.offset > 0;
  }
  return false;
}

function line(area: Bounds, direction: Direction, percent: number): [from: Point, to: Point] {
  const [x, y] = [(area.left + area.right) / 2, (area.top + area.bottom) / 2];
  const [width, height] = [(area.right - area.left) * percent, (area.bottom - area.top) * percent];
  switch (direction) {
    case "LEFT":
      return [
        { x: area.right - 1, y },
        { x: area.right - 1 - width, y },
      ];
    case "RIGHT":
      return [
        { x: area.left, y },
        { x: area.left + width, y },
      ];
    case "UP":
      return [
        { x, y: area.bottom - 1 },
        { x, y: area.bottom - 1 - height },
      ];
    case "DOWN":
      return [
        { x, y: area.top },
        { x, y: area.top + height },
      ];
    default:
      return direction satisfies never;
  }
}

function between(a: Point, b: Point, part: number): Point {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

function msFor(from: Point, to: Point, speed: number): number {
  return (Math.hypot(to.x - from.x, to.y - from.y) / speed) * 1000;
}
