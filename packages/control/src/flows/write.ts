/**
 * A recorded session as a Maestro flow. Elements are named by id where they have one, so that a flow runs in every language; places become parts
 * of the screen in whole percent, which is what Maestro reads. What it has no command for stands there as a comment.
 */
import type { AimedElement, GroupStep, Selector, StepPoint, StepTarget } from "@phonerack/contract/bus";
import { stringify } from "yaml";
import { keyNameOf, patternOf, typedOf } from "./names.js";

export interface Recorded {
  readonly step: GroupStep;
  readonly element: AimedElement | null;
  /** Milliseconds since the Unix epoch: how long a finger was down. */
  readonly at: number;
}

type Command = string | Record<string, unknown>;
type Touch = Extract<GroupStep, { type: "touch" }>;

/** Longer than this a finger that stays where it is presses long. */
const LONG_PRESS_MS = 500;
/** Parts of the screen that a finger moves within a tap. */
const STILL = 0.02;
const DEFAULT_ASSERT_MS = 5_000;

/** `fallback`: the app that it is about when nothing recorded says so. */
export function writeFlow(recorded: readonly Recorded[], { name, fallback }: { name: string; fallback: string }): string {
  const appId = appOf(recorded) ?? fallback;
  const header = stringify({ appId, ...(name && { name }) }, STYLE);
  const body = withoutFingers(recorded).map((one) => commandText(one, appId));
  return `${header}---\n${body.join("")}`;
}

/** How many commands it has. */
export function commandsOf(recorded: readonly Recorded[]): number {
  return withoutFingers(recorded).filter((one) => commandOf(one, "") !== undefined).length;
}

/** Double quotes everywhere: other readers of YAML take a bare `yes` or `12:30` for something else than a text. */
const STYLE = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 } as const;

function appOf(recorded: readonly Recorded[]): string | undefined {
  for (const { step } of recorded) if (step.type === "launch") return step.package;
  return recorded.find(({ element }) => element)?.element?.package;
}

function commandText(one: Recorded, appId: string): string {
  const command = commandOf(one, appId);
  if (command === undefined) return `# Maestro has no command for this: ${nameless(one.step)}\n`;
  return typeof command === "string" ? `- ${command}\n` : stringify([command], STYLE);
}

function nameless(step: GroupStep): string {
  return step.type === "key" ? `key ${step.key}` : step.type;
}

function commandOf({ step, element }: Recorded, appId: string): Command | undefined {
  switch (step.type) {
    case "tap":
      return named("tapOn", selectorOf(step.at, element));
    case "doubleTap":
      return named("doubleTapOn", selectorOf(step.at, element));
    case "longPress":
      return named("longPressOn", selectorOf(step.at, element));
    case "swipe":
      return { swipe: { start: percent(step.from), end: percent(step.to), duration: step.ms } };
    case "text":
    case "paste":
      return { inputText: typedOf(step.text) };
    case "clear":
      return "eraseText";
    case "key":
      return keyCommand(step.key);
    case "launch":
      return { launchApp: { ...(step.package !== appId && { appId: step.package }), stopApp: false } };
    case "stop":
      return { stopApp: step.package };
    case "link":
      return { openLink: typedOf(step.url) };
    case "assert":
      return assertCommand(step);
    case "pinch":
    case "touch":
      return undefined;
  }
}

function keyCommand(key: Extract<GroupStep, { type: "key" }>["key"]): Command | undefined {
  if (key === "BACK") return "back";
  const name = keyNameOf(key);
  return name === undefined ? undefined : { pressKey: name };
}

/** Undefined where Maestro cannot say what is meant: it knows no classes. */
function named(command: string, selector: Record<string, unknown>): Command | undefined {
  return Object.keys(selector).some((key) => key !== "index") ? { [command]: selector } : undefined;
}

function assertCommand({ at, visible, ms }: Extract<GroupStep, { type: "assert" }>): Command | undefined {
  const selector = fromSelector(at);
  if (!named("", selector)) return undefined;
  if (ms !== DEFAULT_ASSERT_MS) return { extendedWaitUntil: { [visible ? "visible" : "notVisible"]: selector, timeout: ms } };
  return { [visible ? "assertVisible" : "assertNotVisible"]: selector };
}

function selectorOf(at: StepTarget, element: AimedElement | null): Record<string, unknown> {
  if (element) return fromElement(element);
  return "x" in at ? { point: percent(at) } : fromSelector(at);
}

function fromSelector({ id, description, text, index }: Selector): Record<string, unknown> {
  const words = text ?? description;
  return {
    ...(id !== undefined && { id: patternOf(bareId(id)) }),
    ...(words !== undefined && { text: patternOf(words) }),
    ...(index !== undefined && { index }),
  };
}

function fromElement({ resourceId, description, text, index, of, bounds, at }: AimedElement): Record<string, unknown> {
  const words = description ?? text;
  const id = resourceId === null ? {} : { id: patternOf(bareId(resourceId)) };
  if (resourceId !== null && of === 1) return id;
  if (words !== null) return { ...id, text: patternOf(words), ...(resourceId === null && of > 1 && { index }) };
  if (resourceId !== null) return { ...id, index };
  // Nothing to call it by: where it is.
  const x = bounds.left + at.x * (bounds.right - bounds.left);
  const y = bounds.top + at.y * (bounds.bottom - bounds.top);
  return { point: percent({ x, y, width: 1, height: 1 }) };
}

/** As Maestro writes ids: without their package. */
function bareId(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

function percent({ x, y, width, height }: StepPoint): string {
  const part = (value: number, whole: number) => Math.min(100, Math.max(0, Math.round((value * 100) / whole)));
  return `${part(x, width)}%,${part(y, height)}%`;
}

/** Fingers that were recorded as they came down and went up become taps, long presses and swipes; with two at once nothing can be said. */
function withoutFingers(recorded: readonly Recorded[]): Recorded[] {
  const left: Recorded[] = [];
  let down: { touch: Touch; at: number } | undefined;
  for (const one of recorded) {
    if (one.step.type !== "touch") {
      left.push(one);
      continue;
    }
    if (one.step.phase === "down") down = { touch: one.step, at: one.at };
    else if (one.step.phase === "up" && down?.touch.pointer === one.step.pointer) {
      left.push({ step: gestureOf(down.touch.at, one.step.at, one.at - down.at), element: null, at: down.at });
      down = undefined;
    }
  }
  return left;
}

function gestureOf(from: StepPoint, to: StepPoint, ms: number): GroupStep {
  const moved = Math.max(Math.abs(from.x - to.x) / from.width, Math.abs(from.y - to.y) / from.height);
  if (moved > STILL) return { type: "swipe", from, to, ms: Math.min(10_000, Math.max(0, Math.round(ms))) };
  return ms >= LONG_PRESS_MS ? { type: "longPress", at: from, ms: 800 } : { type: "tap", at: from };
}
