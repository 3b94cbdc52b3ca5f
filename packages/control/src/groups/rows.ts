/** What the database keeps of groups, as the rest of `groups/` knows it. Times in milliseconds since the Unix epoch. */
import type { AimedElement, GroupAim, GroupStep } from "@phonerack/contract/bus";

/** Why a device that belongs to a group is not driven with it. */
export type Out = "dropped" | "taken-over" | null;

export interface MemberRow {
  readonly id: string;
  /** The lease's epoch of the device when it joined. */
  readonly epoch: number;
  readonly out: Out;
}

/** A step of a recording: the only place where what was typed is kept. */
export interface RecordedStep {
  readonly step: GroupStep;
  readonly element: AimedElement | null;
  readonly at: number;
}

export interface GroupRow {
  readonly id: string;
  readonly tenant: string;
  readonly leaseId: string;
  readonly actor: string;
  readonly actorName: string;
  readonly name: string;
  readonly aim: GroupAim;
  readonly leader: string;
  readonly mode: "hand" | "replay";
  readonly paused: boolean;
  readonly recording: boolean;
  readonly stepsPerSecond: number;
  readonly agreed: boolean;
  /** The control that replays a flow on it. */
  readonly replayer: string | null;
  readonly members: readonly MemberRow[];
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly endReason: string | null;
}

/** What may change while it lasts. */
export type GroupChange = Partial<
  Pick<GroupRow, "aim" | "leader" | "mode" | "paused" | "recording" | "stepsPerSecond" | "replayer" | "members">
>;
