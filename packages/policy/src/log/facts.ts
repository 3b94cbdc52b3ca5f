/** Reads what a decision rested on back out of JSON, strictly: a log may have been written by anybody. */
import type { Judged, Standing } from "../apps.js";
import type { GateAction, GateFacts, GateMode } from "../gate.js";

type Unknown = Readonly<Record<string, unknown>>;

const MODES: readonly string[] = ["unicast", "group", "script"] satisfies GateMode[];
const STANDINGS: readonly string[] = ["owned", "system", "permitted", "other"] satisfies Standing[];
const PHASES: readonly string[] = ["free", "leased", "cleaning", "dirty"] satisfies GateFacts["phase"][];
const FENCES: readonly string[] = ["open", "closed", "leaky"] satisfies GateFacts["fence"][];
const ACTIONS = {
  tap: 1,
  drag: 1,
  swipe: 1,
  scroll: 1,
  navigate: 1,
  key: 1,
  text: 1,
  paste: 1,
  install: 1,
  launch: 1,
  stop: 1,
  "deep-link": 1,
  shell: 1,
  file: 1,
  setting: 1,
  location: 1,
  look: 1,
  read: 1,
} as const satisfies Record<GateAction, 1>;

export function isObject(value: unknown): value is Unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** undefined: these are not all the facts, or more than there are. */
export function readFacts(value: unknown): GateFacts | undefined {
  if (!isObject(value)) return undefined;
  const { paused } = value;
  // Left out where nothing was, so that every decision has one form.
  if (paused !== undefined && paused !== true) return undefined;
  if (Object.keys(value).length !== (paused === undefined ? 13 : 14)) return undefined;
  const { mode, action, actor, epoch, leaseEpoch, phase, holder, front, knownMs, fresh, target, fence, budget } = value;
  const words =
    oneOf(MODES, mode) &&
    oneOf(PHASES, phase) &&
    oneOf(FENCES, fence) &&
    typeof action === "string" &&
    Object.hasOwn(ACTIONS, action);
  const people = typeof actor === "string" && typeof holder === "string";
  const numbers =
    isWhole(epoch) && isWhole(leaseEpoch) && (knownMs === null || typeof knownMs === "number") && typeof fresh === "boolean";
  const spent = isObject(budget) && typeof budget.trial === "boolean" && isWhole(budget.hour) && isWhole(budget.day);
  return words && people && numbers && spent && isJudged(front) && isJudged(target) ? (value as unknown as GateFacts) : undefined;
}

function isJudged(value: unknown): value is Judged | null {
  if (value === null) return true;
  if (!isObject(value)) return false;
  const { package: name, signer, standing, by } = value;
  return typeof name === "string" && oneOf(STANDINGS, standing) && isTextOrNull(signer) && isTextOrNull(by);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function oneOf(all: readonly string[], value: unknown): boolean {
  return typeof value === "string" && all.includes(value);
}
