/** What the wall's tiles say of the groups that are driven, and of what the gate denied. */
import type { Device, DeviceId, GroupMember, MemberState } from "@phonerack/contract/api";
import type { MarkKind, TileMark } from "../wall/tile-marks.js";
import type { GroupHead } from "./group-store.js";

/** What is out of a group, or lost, its tile says otherwise or not at all. */
const KINDS = {
  preparing: "behind",
  followed: "followed",
  behind: "behind",
  stray: "stray",
  denied: "denied",
  "taken-over": undefined,
  dropped: undefined,
  lost: undefined,
} as const satisfies Record<MemberState, MarkKind | undefined>;

export interface MarkedGroup {
  readonly head: GroupHead;
  readonly members: readonly GroupMember[];
}

export interface MarkWords {
  member(group: GroupHead, state: MemberState | "leads"): string;
}

/** Where a device is in no group, a denial is said as long as the app that is not theirs is in front. */
export function marksOf(
  groups: readonly MarkedGroup[],
  devices: readonly Device[],
  words: MarkWords,
): ReadonlyMap<DeviceId, TileMark> {
  const marks = new Map<DeviceId, TileMark>();
  for (const { id, denials, foreground } of devices) {
    if (denials && denials.count > 0 && foreground?.standing === "other") marks.set(id, { kind: "denied", words: denials.last });
  }
  for (const { head, members } of groups) {
    for (const { deviceId, state, reason } of members) {
      const leads = deviceId === head.leader && state === "followed";
      const kind = leads ? "leader" : KINDS[state];
      if (kind) marks.set(deviceId, { kind, words: reason ?? words.member(head, leads ? "leads" : state) });
    }
  }
  return marks;
}
