/**
 * The canonical JSON of a decision, quickly: leaves of this one shape are nearly all that a busy lab logs. An object whose members are in order is written canonically by
 * the engine's own JSON. Whatever is not exactly of the shape is left to `canonical.ts`, which says the same more slowly.
 */
import type { Judged } from "../apps.js";
import type { GateFacts } from "../gate.js";
import { isObject } from "./facts.js";
import type { Leaf } from "./leaf.js";

type Decision = Extract<Leaf, { kind: "decision" }>;

/** Half a surrogate pair, as JSON.stringify writes it; in doubt another looks. */
const ESCAPED_HALF = /\\ud[89a-f]/;
const LEAF_MEMBERS = 15;
const FACTS_MEMBERS = 13;

/** undefined: it is not what we know. */
export function decisionJson(leaf: Decision): string | undefined {
  const { facts, service } = leaf;
  if (membersOf(leaf) !== LEAF_MEMBERS + (Object.hasOwn(leaf, "service") ? 1 : 0)) return undefined;
  const isKnown =
    isNumber(leaf.v) &&
    isNumber(leaf.seq) &&
    isNumber(leaf.at) &&
    isNumber(leaf.n) &&
    isNumber(leaf.agentAt) &&
    isText(leaf.device) &&
    isTextOrNull(leaf.lease) &&
    isTextOrNull(leaf.tenant) &&
    isText(leaf.agent) &&
    isText(leaf.journal) &&
    isText(leaf.decision) &&
    isText(leaf.rule) &&
    isText(leaf.policy) &&
    (service === undefined || isText(service)) &&
    areFacts(facts);
  if (!isKnown) return undefined;
  const text = JSON.stringify(inOrder(leaf));
  return ESCAPED_HALF.test(text) ? undefined : text;
}

/** By UTF-16 code units; what is undefined is left out. */
function inOrder(leaf: Decision): object {
  const { facts, agent, agentAt, at, decision, device, journal, kind, lease, n, policy, rule, seq, service, tenant, v } = leaf;
  const { budget, front, target, paused } = facts;
  const { action, actor, epoch, fence, fresh, holder, knownMs, leaseEpoch, mode, phase } = facts;
  const { day, hour, trial } = budget;
  const ordered = {
    action,
    actor,
    budget: { day, hour, trial },
    epoch,
    fence,
    fresh,
    front: front && judgedInOrder(front),
    holder,
    knownMs,
    leaseEpoch,
    mode,
    paused,
    phase,
    target: target && judgedInOrder(target),
  };
  // biome-ignore format: one line reads as the order that it is
  return { agent, agentAt, at, decision, device, facts: ordered, journal, kind, lease, n, policy, rule, seq, service, tenant, v };
}

function judgedInOrder({ by, package: name, signer, standing }: Judged): object {
  return { by, package: name, signer, standing };
}

function areFacts(facts: GateFacts): boolean {
  if (!isObject(facts)) return false;
  const { budget, paused } = facts;
  return (
    membersOf(facts) === FACTS_MEMBERS + (Object.hasOwn(facts, "paused") ? 1 : 0) &&
    (paused === undefined || paused === true) &&
    isText(facts.mode) &&
    isText(facts.action) &&
    isText(facts.actor) &&
    isText(facts.holder) &&
    isText(facts.phase) &&
    isText(facts.fence) &&
    isNumber(facts.epoch) &&
    isNumber(facts.leaseEpoch) &&
    (facts.knownMs === null || isNumber(facts.knownMs)) &&
    typeof facts.fresh === "boolean" &&
    isObject(budget) &&
    membersOf(budget) === 3 &&
    isNumber(budget.day) &&
    isNumber(budget.hour) &&
    typeof budget.trial === "boolean" &&
    isJudged(facts.front) &&
    isJudged(facts.target)
  );
}

function isJudged(judged: Judged | null): boolean {
  if (judged === null) return true;
  if (!isObject(judged)) return false;
  const { by, package: name, signer, standing } = judged;
  return membersOf(judged) === 4 && isTextOrNull(by) && isText(name) && isTextOrNull(signer) && isText(standing);
}

function membersOf(value: object): number {
  return Object.keys(value).length;
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function isNumber(value: unknown): boolean {
  return Number.isFinite(value);
}
