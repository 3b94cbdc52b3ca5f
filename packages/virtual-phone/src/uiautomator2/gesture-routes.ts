/** Routes that move fingers: W3C actions and `/appium/gestures/*`. */

import type { Bounds } from "../phone/hierarchy.js";
import { pause } from "../phone/latency.js";
import { number, object, required, text } from "./body.js";
import type { FingerPath, Point } from "./finger.js";
import {
  BETWEEN_TAPS_MS,
  canScroll,
  DIRECTIONS,
  type Direction,
  drag,
  fling,
  pinch,
  press,
  scrollSwipes,
  speedOf,
  swipe,
  withoutMargins,
} from "./gestures.js";
import { locatorOf, scrollTarget } from "./locators.js";
import type { Route, RouteCall } from "./route.js";
import { scrollTo } from "./scrollable.js";
import { badArgument, noSuchElement } from "./server-error.js";
import type { AxNode } from "./snapshot.js";
import { elementOf, performActions } from "./w3c-actions.js";

/** The element that the request's `origin` names. */
function originOf(call: RouteCall): AxNode | undefined {
  const origin = object(call.body, "origin");
  const id = origin && elementOf(origin);
  return id === undefined ? undefined : call.session.elements.get(id);
}

function pointOf(call: RouteCall, name: string): Point | undefined {
  const value = object(call.body, name);
  if (!value) return undefined;
  return { x: required(number(value, "x"), "x"), y: required(number(value, "y"), "y") };
}

/** Where a click goes: a located or given element, the middle of it or an offset in it; or a point of the screen. */
async function targetOf(call: RouteCall): Promise<Point> {
  const locator = object(call.body, "locator");
  const offset = pointOf(call, "offset");
  let node = originOf(call);
  if (locator) {
    node = (await call.session.find(locator, call.signal)).nodes[0];
    if (!node) throw noSuchElement();
  }
  if (!node) {
    if (!offset) throw badArgument("Either element or offset must be provided");
    return offset;
  }
  if (!offset) return call.session.centre(node);
  return { x: node.facts.bounds.left + offset.x, y: node.facts.bounds.top + offset.y };
}

/** The area of a gesture: an element without its margins, or a rectangle of the screen. */
function areaOf(call: RouteCall, gesture: string): Bounds {
  const node = originOf(call);
  if (node) return withoutMargins(node.facts.bounds);
  const area = object(call.body, "area");
  if (!area) throw badArgument(`The ${gesture} area coordinates must be provided if element is not set`);
  const side = (name: string): number => required(number(area, name), name);
  const [left, top, width, height] = [side("left"), side("top"), side("width"), side("height")];
  if (width < 0 || height < 0) throw badArgument("Rectangle width must not be negative");
  return { left, top, right: left + width, bottom: top + height };
}

function directionOf(call: RouteCall, gesture: string): Direction {
  const wanted = text(call.body, "direction")?.toUpperCase();
  const found = DIRECTIONS.find((direction) => direction === wanted);
  if (!found) throw badArgument(`${gesture} direction must be one of [${DIRECTIONS.join(", ")}]`);
  return found;
}

function canScrollAt(call: RouteCall, area: Bounds, direction: Direction): boolean {
  const { ui } = call.session.phone;
  const [x, y] = [(area.left + area.right) / 2, (area.top + area.bottom) / 2];
  return canScroll(ui.windowAt(x, y)?.hit(x, y), direction);
}

async function scroll(call: RouteCall): Promise<boolean> {
  const area = areaOf(call, "scroll");
  const direction = directionOf(call, "Scroll");
  const percent = required(number(call.body, "percent"), "percent");
  const speed = speedOf(call.session.phone, "scroll", number(call.body, "speed"));
  for (const path of scrollSwipes(area, { direction, percent, speed })) {
    await call.session.move([path], call.signal);
    if (!canScrollAt(call, area, direction)) return false;
  }
  return true;
}

/** Appium's `mobile: scroll`. */
async function scrollToElement({ session, body, signal }: RouteCall): Promise<null> {
  const params = required(object(body, "params"), "params");
  const selector = required(text(params, "selector"), "selector");
  const wanted = scrollTarget(locatorOf(required(text(params, "strategy"), "strategy"), selector));
  session.mustInject();
  await scrollTo(wanted, { phone: session.phone, signal, whole: selector, maxSwipes: number(params, "maxSwipes") });
  return null;
}

async function flingOnce(call: RouteCall): Promise<boolean> {
  const area = areaOf(call, "fling");
  const direction = directionOf(call, "Fling");
  const wanted = number(call.body, "speed");
  const least = (50 * call.session.phone.display.density) / 160;
  if (wanted !== undefined && wanted < least)
    throw badArgument(`Speed ${wanted} is less than the minimum fling velocity ${Math.round(least)}`);
  await call.session.move([fling(area, direction, speedOf(call.session.phone, "fling", wanted))], call.signal);
  return canScrollAt(call, area, direction);
}

async function dragOnce(call: RouteCall): Promise<null> {
  const node = originOf(call);
  const end = required(pointOf(call, "end"), "end");
  const start = pointOf(call, "start");
  if (!node && !start) throw badArgument("The starting point coordinates must be provided if element is not set");
  const from = node
    ? start
      ? { x: node.facts.bounds.left + start.x, y: node.facts.bounds.top + start.y }
      : call.session.centre(node)
    : (start ?? end);
  await call.session.move([drag(from, end, speedOf(call.session.phone, "drag", number(call.body, "speed")))], call.signal);
  return null;
}

function pinchPaths(call: RouteCall, open: boolean): FingerPath[] {
  const percent = required(number(call.body, "percent"), "percent");
  return pinch(areaOf(call, "pinch"), { percent, open, speed: speedOf(call.session.phone, "pinch", number(call.body, "speed")) });
}

async function doubleClick(call: RouteCall): Promise<null> {
  const path: FingerPath = { from: await targetOf(call), legs: [] };
  await call.session.move([path], call.signal);
  await pause(call.session.phone.clock, BETWEEN_TAPS_MS);
  await call.session.move([path], call.signal);
  return null;
}

function swipePath(call: RouteCall): FingerPath {
  const percent = required(number(call.body, "percent"), "percent");
  const speed = speedOf(call.session.phone, "swipe", number(call.body, "speed"));
  return swipe(areaOf(call, "swipe"), { direction: directionOf(call, "Swipe"), percent, speed });
}

/** A gesture that only moves fingers and answers null. */
function moving(name: string, paths: (call: RouteCall) => FingerPath[] | Promise<FingerPath[]>): Route {
  return {
    method: "POST",
    path: `/appium/gestures/${name}`,
    handle: async (call) => {
      await call.session.move(await paths(call), call.signal);
      return null;
    },
  };
}

export const gestureRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/actions",
    handle: async (call) => {
      const { session, body, signal } = call;
      session.mustInject();
      await performActions(body, { phone: session.phone, centreOf: (id) => session.centre(session.elements.get(id)), signal });
      await session.wait("act");
      return null;
    },
  },
  moving("click", async (call) => [{ from: await targetOf(call), legs: [] }]),
  moving("long_click", async (call) => [press(await targetOf(call), number(call.body, "duration"))]),
  moving("swipe", (call) => [swipePath(call)]),
  moving("pinch_open", (call) => pinchPaths(call, true)),
  moving("pinch_close", (call) => pinchPaths(call, false)),
  { method: "POST", path: "/appium/gestures/double_click", handle: doubleClick },
  { method: "POST", path: "/appium/gestures/drag", handle: dragOnce },
  { method: "POST", path: "/appium/gestures/scroll", handle: scroll },
  { method: "POST", path: "/gestures/scroll_to", handle: scrollToElement },
  { method: "POST", path: "/appium/gestures/fling", handle: flingOnce },
];
