/** What a member of a group is, from what is known of it: pure functions. */
import type { GroupMember, MemberState, ScreenState, StepAnswer } from "@phonerack/contract/bus";
import type { Out } from "./rows.js";

/** As its agent said last. */
export interface Said {
  readonly state: MemberState;
  readonly reason: string | null;
  readonly screen: ScreenState | null;
  readonly fence: GroupMember["fence"];
  readonly engine: boolean;
  /** After which step the screen was seen. */
  readonly seq: number;
}

export interface MemberFacts {
  readonly out: Out;
  /** Why it is not there; null when it is. */
  readonly missing: string | null;
  /** Why its agent could not be told to take part; null when it was. */
  readonly refused: string | null;
  readonly said: Said | undefined;
  /** Its answer to the last step that it was asked for. */
  readonly answer: StepAnswer | undefined;
  /** What that step was aimed at, in words. */
  readonly target: string;
  /** It has not answered for longer than others take. */
  readonly slow: boolean;
  /** Where a replayed flow failed on it. */
  readonly failed: string | null;
}

export type Standing = Pick<GroupMember, "state" | "reason">;

/** `leader`: what the leader's agent said last; undefined for the leader itself, who strays from nobody. */
export function standingOf(facts: MemberFacts, leader: Said | undefined): Standing {
  const { out, missing, refused, said, answer, failed } = facts;
  if (out === "dropped") return { state: "dropped", reason: "Dropped from the group." };
  if (missing !== null) return { state: "lost", reason: missing };
  if (out === "taken-over") return { state: "taken-over", reason: "Driven by hand, without the group." };
  if (refused !== null) return { state: "denied", reason: refused };
  if (said === undefined) return { state: "preparing", reason: "Its agent has not answered yet." };
  if (said.state === "preparing" || said.state === "denied" || said.state === "lost")
    return { state: said.state, reason: said.reason };
  if (answer?.outcome === "denied") return { state: "denied", reason: sentenceOf(answer) };
  if (facts.slow || answer?.outcome === "late") return { state: "behind", reason: "Has not answered the last step." };
  if (failed !== null) return { state: "stray", reason: failed };
  if (answer?.outcome === "not-found") return { state: "stray", reason: `Did not find ${facts.target}.` };
  if (answer?.outcome === "failed") return { state: "stray", reason: sentenceOf(answer) };
  const difference = leader && differenceOf(said, leader);
  if (difference) return { state: "stray", reason: difference };
  return { state: "followed", reason: null };
}

/** In words, how the two screens differ; undefined when they do not, or were not seen after the same step. */
export function differenceOf(member: Pick<Said, "screen" | "seq">, leader: Pick<Said, "screen" | "seq">): string | undefined {
  const [own, its] = [member.screen, leader.screen];
  if (!own || !its || member.seq !== leader.seq) return undefined;
  if (own.package !== its.package) return `Shows ${own.package}, the leader ${its.package}.`;
  if (own.activity !== its.activity) return `Shows ${short(own)}, the leader ${short(its)}.`;
  // Games and secure windows have no hierarchy: there is nothing to compare.
  if (own.signature !== null && its.signature !== null && own.signature !== its.signature)
    return `Shows ${short(own)} as the leader does, but not the same in it.`;
  return undefined;
}

function short({ activity, package: app }: ScreenState): string {
  const name = activity.startsWith(app) ? activity.slice(app.length) : activity;
  return name.replace(/^[./]+/, "") || app;
}

function sentenceOf({ error, outcome }: StepAnswer): string {
  if (!error) return `The last step: ${outcome}.`;
  return error.detail ?? error.message;
}
