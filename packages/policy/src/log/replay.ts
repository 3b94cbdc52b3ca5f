/** Asks the gate again what it once answered: from the facts in the log, by the rules of this build. */
import { DAILY, decide, GATE_REVISION, GATE_RULES, type GateFacts, HOURLY, KNOWN_MS } from "../gate.js";
import { concat, type Digest, textOf, toHex, utf8 } from "./bytes.js";
import { canonicalJson, type Json } from "./canonical.js";
import { isObject, readFacts } from "./facts.js";
import type { Leaf } from "./leaf.js";

/** A digest of the gate's rules: their order, names, what they decide and when, and their limits. It changes when the gate's table does. */
export function gateVersion(digest: Digest, revision = GATE_REVISION): string {
  const rules = GATE_RULES.filter(({ since }) => since <= revision).map(({ name, decision, when }) => ({ name, decision, when }));
  return toHex(digest(utf8(canonicalJson({ rules, KNOWN_MS, HOURLY, DAILY }))));
}

/** The versions whose rules this build still knows, and which revision of them each is. */
export function gateRevisions(digest: Digest): ReadonlyMap<string, number> {
  const revisions = Array.from({ length: GATE_REVISION }, (_, at) => at + 1);
  return new Map(revisions.map((revision) => [gateVersion(digest, revision), revision]));
}

/** One decision of hands, as a bulk has it: a line of canonical JSON. */
export interface HandDecision {
  readonly n: number;
  readonly at: number;
  readonly facts: GateFacts;
  readonly decision: "allow" | "deny";
  readonly rule: string;
  /** What of an app was changed; it does not count in the decision. */
  readonly service?: string | undefined;
}

export type Replayed =
  | { readonly state: "same" }
  /** The gate of this build answers otherwise. */
  | { readonly state: "differs"; readonly why: string }
  /** It cannot be said: another build's rules, or a bulk that is not there any more. */
  | { readonly state: "unreplayable"; readonly why: string };

const SAME: Replayed = { state: "same" };
const OTHERS: Replayed = { state: "unreplayable", why: "it was decided by rules that this build does not know" };

/** Of a leaf that decides nothing: `same`. */
export function replayLeaf(leaf: Leaf, revisions: ReadonlyMap<string, number>): Replayed {
  if (leaf.kind !== "decision") return SAME;
  const revision = revisions.get(leaf.policy);
  return revision === undefined ? OTHERS : replay(leaf, revision);
}

/** The bulk that a leaf of hands commits to, and its salt. */
export function replayHands(
  digest: Digest,
  leaf: Extract<Leaf, { kind: "hands" }>,
  opened: { salt: Uint8Array; bulk: Uint8Array; revisions: ReadonlyMap<string, number> },
): Replayed {
  const { salt, bulk, revisions } = opened;
  if (toHex(digest(concat(salt, bulk))) !== leaf.commitment)
    return { state: "differs", why: "its bulk is not the one that it commits to" };
  const revision = revisions.get(leaf.policy);
  if (revision === undefined) return OTHERS;
  const decisions = readHands(bulk);
  if (decisions.length !== leaf.count)
    return { state: "differs", why: `its bulk has ${decisions.length} decisions, not ${leaf.count}` };
  for (const one of decisions) {
    if (!one) return { state: "differs", why: "its bulk has a line that is no decision" };
    const replayed = replay(one, revision);
    if (replayed.state !== "same") return replayed;
  }
  return SAME;
}

/** Line by line; undefined for one that is none. */
export function readHands(bulk: Uint8Array): (HandDecision | undefined)[] {
  const lines = (textOf(bulk) ?? "").split("\n").filter((line) => line !== "");
  return lines.map(readDecision);
}

function replay({ facts, decision, rule }: Pick<HandDecision, "facts" | "decision" | "rule">, revision: number): Replayed {
  const now = decide(facts, revision);
  if (now.decision === decision && now.rule === rule) return SAME;
  return { state: "differs", why: `the log says ${decision} by ${rule}, the gate ${now.decision} by ${now.rule}` };
}

function readDecision(line: string): HandDecision | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value) || canonicalJson(value as Json) !== line) return undefined;
    const facts = readFacts(value.facts);
    const fits =
      (value.decision === "allow" || value.decision === "deny") &&
      typeof value.rule === "string" &&
      Number.isSafeInteger(value.at) &&
      (value.service === undefined || typeof value.service === "string");
    return facts && fits ? (value as unknown as HandDecision) : undefined;
  } catch {
    return undefined;
  }
}
