/** W3C actions (`POST /actions`): sources side by side, tick by tick. A tick takes as long as the longest action in it. */

import { canType, characterOf, KEYCODE } from "../phone/key-characters.js";
import { pause } from "../phone/latency.js";
import type { Phone } from "../phone/phone.js";
import { type Body, isBody, list, number, object, text } from "./body.js";
import type { Point } from "./finger.js";
import { badArgument } from "./server-error.js";

const STEP_MS = 5;
const FIRST_POINTER = 50;
const MAX_SOURCES = 10;
const MAX_TICKS = 1000;
const MAX_MS = 60_000;

/** WebDriver's keys beyond characters, as Android's. */
const SPECIAL_KEYS: ReadonlyMap<string, number> = new Map([
  ["\uE003", KEYCODE.del],
  ["\uE004", KEYCODE.tab],
  ["\uE006", KEYCODE.enter],
  ["\uE007", KEYCODE.enter],
  ["\uE00C", KEYCODE.escape],
  ["\uE00D", KEYCODE.space],
  ["\uE010", KEYCODE.moveEnd],
  ["\uE011", KEYCODE.moveHome],
  ["\uE012", KEYCODE.dpadLeft],
  ["\uE013", KEYCODE.dpadUp],
  ["\uE014", KEYCODE.dpadRight],
  ["\uE015", KEYCODE.dpadDown],
  ["\uE017", KEYCODE.forwardDel],
]);

interface Pointer {
  readonly kind: "pointer";
  readonly id: number;
  at: Point;
  down: boolean;
}
interface Source {
  readonly type: "pointer" | "key" | "none";
  readonly pointer: Pointer;
  readonly actions: readonly Body[];
}

export interface ActionsAround {
  readonly phone: Phone;
  /** The middle of an element that a move starts from. @throws ServerError */
  readonly centreOf: (elementId: string) => Point;
  readonly signal: AbortSignal;
}

/** @throws ServerError before anything is done, where the actions are malformed. */
export async function performActions(body: Body, around: ActionsAround): Promise<void> {
  const sources = list(body, "actions").map(readSource);
  const ticks = sources.reduce((most, { actions }) => Math.max(most, actions.length), 0);
  if (sources.length === 0 || ticks === 0) throw badArgument("The 'actions' list must not be empty");
  if (sources.length > MAX_SOURCES || ticks > MAX_TICKS) throw badArgument("There are too many actions");
  try {
    for (let tick = 0; tick < ticks && !around.signal.aborted; tick++) await performTick(sources, tick, around);
  } finally {
    // What is still down would hold its window for ever.
    for (const { pointer } of sources) if (pointer.down) around.phone.input.touch("cancel", pointer.id, pointer.at);
  }
}

function readSource(value: unknown, index: number): Source {
  if (!isBody(value)) throw badArgument("Every item of 'actions' must be an object");
  const type = text(value, "type");
  if (type !== "pointer" && type !== "key" && type !== "none") throw badArgument(`'${String(type)}' is not a valid action type`);
  const actions = list(value, "actions").map((action) => {
    if (!isBody(action)) throw badArgument("Every action must be an object");
    return action;
  });
  return { type, pointer: { kind: "pointer", id: FIRST_POINTER + index, at: { x: 0, y: 0 }, down: false }, actions };
}

async function performTick(sources: readonly Source[], tick: number, around: ActionsAround): Promise<void> {
  const { clock } = around.phone;
  let longest = 0;
  const moves: { pointer: Pointer; from: Point; to: Point; ms: number }[] = [];
  for (const source of sources) {
    const action = source.actions[tick];
    if (!action) continue;
    const ms = Math.max(0, Math.min(number(action, "duration") ?? 0, MAX_MS));
    longest = Math.max(longest, ms);
    const to = performOne(source, action, around);
    if (to) moves.push({ pointer: source.pointer, from: source.pointer.at, to, ms });
  }
  const start = clock.now();
  for (let passed = 0; ; passed = clock.now() - start) {
    for (const move of moves) moveTo(move, passed, around.phone);
    if (passed >= longest || around.signal.aborted) return;
    // Nothing moves in a pause: one wait is enough.
    await pause(clock, moves.length > 0 ? Math.min(STEP_MS, longest - passed) : longest - passed);
  }
}

function moveTo(move: { pointer: Pointer; from: Point; to: Point; ms: number }, passed: number, phone: Phone): void {
  const part = move.ms <= 0 ? 1 : Math.min(1, passed / move.ms);
  const { pointer, from, to } = move;
  pointer.at = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
  if (pointer.down) phone.input.touch("move", pointer.id, pointer.at);
}

/** Does what is done at once. @returns where a move goes. */
function performOne(source: Source, action: Body, around: ActionsAround): Point | undefined {
  const { pointer } = source;
  const { input } = around.phone;
  const type = text(action, "type");
  switch (type) {
    case "pause":
      return undefined;
    case "pointerMove":
      return targetOf(action, pointer, around);
    case "pointerDown":
      pointer.down = true;
      input.touch("down", pointer.id, pointer.at);
      return undefined;
    case "pointerUp":
    case "pointerCancel":
      if (pointer.down) input.touch(type === "pointerUp" ? "up" : "cancel", pointer.id, pointer.at);
      pointer.down = false;
      return undefined;
    case "keyDown":
    case "keyUp":
      pressKey(type, text(action, "value") ?? "", around.phone);
      return undefined;
    default:
      throw badArgument(`'${String(type)}' is not a valid action`);
  }
}

function targetOf(action: Body, pointer: Pointer, around: ActionsAround): Point {
  const [x, y] = [number(action, "x") ?? 0, number(action, "y") ?? 0];
  const { origin } = action;
  const element = isBody(origin) ? elementOf(object(action, "origin") ?? {}) : undefined;
  const start = element === undefined ? (origin === "pointer" ? pointer.at : { x: 0, y: 0 }) : around.centreOf(element);
  return { x: start.x + x, y: start.y + y };
}

/** An element's id under either of its two names. */
export function elementOf(body: Body): string | undefined {
  return text(body, "element-6066-11e4-a52e-4f735466cecf") ?? text(body, "ELEMENT");
}

/** Characters that have a key are typed on the way down, as KeyCharacterMap makes events of them. */
function pressKey(type: "keyDown" | "keyUp", value: string, phone: Phone): void {
  const code = SPECIAL_KEYS.get(value) ?? keyOf(value);
  if (code !== undefined) phone.input.key(type === "keyDown" ? "down" : "up", code);
  else if (type === "keyDown" && canType(value)) phone.input.text(value);
}

function keyOf(value: string): number | undefined {
  const letter = /^[a-z]$/.test(value) ? KEYCODE.a + value.charCodeAt(0) - 97 : undefined;
  const digit = /^\d$/.test(value) ? KEYCODE.d0 + Number(value) : undefined;
  const code = letter ?? digit;
  return code !== undefined && characterOf(code, 0) === value ? code : undefined;
}
