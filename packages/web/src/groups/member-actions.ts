/** What can be done with a follower as it is now, what helps most first. */
import type { MemberAction, MemberState } from "@phonerack/contract/api";

const ACTIONS = {
  preparing: ["drop"],
  followed: ["take-over", "drop"],
  behind: ["retry", "resync", "take-over", "drop"],
  stray: ["resync", "retry", "take-over", "drop"],
  denied: ["take-over", "resync", "retry", "drop"],
  "taken-over": ["rejoin", "drop"],
  dropped: ["rejoin"],
  lost: ["drop"],
} as const satisfies Record<MemberState, readonly MemberAction[]>;

export function actionsOf(state: MemberState): readonly MemberAction[] {
  return ACTIONS[state];
}
