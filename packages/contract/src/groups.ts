/** Groups: devices of one lease driven together, what is done on them, and how each of them took it. */
import { z } from "zod";
import { DeviceId } from "./devices.js";
import { Key } from "./input.js";
import { LeaseId } from "./leases.js";
import { Words } from "./words.js";

export const GroupId = z.string().regex(/^g-[a-z2-7]{10,26}$/, "a group id begins with g-");
export type GroupId = z.infer<typeof GroupId>;

export const GROUP_MAX_DEVICES = 1_000;
export const STEPS_A_SECOND = 5;
export const MOST_STEPS_A_SECOND = 30;
/** How long a follower may take before a step on it is `late`. */
export const STEP_LATE_MS = 10_000;

/** element: what was touched on the leader is found again on each follower. point: the place is scaled to each follower's screen. */
export const GroupAim = z.enum(["element", "point"]);
export type GroupAim = z.infer<typeof GroupAim>;

const Coordinate = z.number().min(-1).max(100_000);
const Said = z.string().min(1).max(1_000);

/** A place on the leader's screen, in device pixels, and the size of the screen it was aimed at. */
export const StepPoint = z.object({ x: Coordinate, y: Coordinate, width: z.int().positive(), height: z.int().positive() });
export type StepPoint = z.infer<typeof StepPoint>;

/** An element by what it is called; every field given must hold. Ids may come without their package, as Maestro writes them. */
export const Selector = z
  .strictObject({
    id: Said.optional(),
    description: Said.optional(),
    text: Said.optional(),
    class: Said.optional(),
    /** The how-manieth of those that fit, from 0. */
    index: z.int().min(0).max(999).optional(),
  })
  .refine((value) => Object.keys(value).some((key) => key !== "index"), "give at least one of id, description, text, class");
export type Selector = z.infer<typeof Selector>;

export const StepTarget = z.union([StepPoint, Selector]);
export type StepTarget = z.infer<typeof StepTarget>;

/** One thing that is done on the leader and so on all. */
export const GroupStep = z.discriminatedUnion("type", [
  z.object({ type: z.literal("tap"), at: StepTarget }),
  z.object({ type: z.literal("longPress"), at: StepTarget, ms: z.int().min(300).max(10_000).default(800) }),
  z.object({ type: z.literal("doubleTap"), at: StepTarget }),
  z.object({ type: z.literal("swipe"), from: StepPoint, to: StepPoint, ms: z.int().min(0).max(10_000).default(300) }),
  /** Two fingers on a line through the middle; spans in device pixels, growing opens. */
  z.object({
    type: z.literal("pinch"),
    at: StepPoint,
    fromSpan: z.number().min(1).max(10_000),
    toSpan: z.number().min(1).max(10_000),
    ms: z.int().min(50).max(10_000).default(400),
  }),
  z.object({ type: z.literal("text"), text: z.string().min(1).max(10_000) }),
  /** Empties the field that has the focus. */
  z.object({ type: z.literal("clear") }),
  z.object({ type: z.literal("paste"), text: z.string().min(1).max(10_000) }),
  z.object({ type: z.literal("key"), key: Key }),
  z.object({ type: z.literal("launch"), package: z.string().min(1).max(200) }),
  z.object({ type: z.literal("stop"), package: z.string().min(1).max(200) }),
  z.object({ type: z.literal("link"), url: z.string().min(1).max(2_000) }),
  /** Looks and does nothing: `applied` where it holds. */
  z.object({
    type: z.literal("assert"),
    at: Selector,
    visible: z.boolean().default(true),
    ms: z.int().min(0).max(30_000).default(5_000),
  }),
  /** A finger of a live gesture; with aim `point` only. */
  z.object({
    type: z.literal("touch"),
    phase: z.enum(["down", "move", "up", "cancel"]),
    pointer: z.int().min(0).max(9),
    at: StepPoint,
  }),
]);
export type GroupStep = z.infer<typeof GroupStep>;

/**
 * How a step went on one device. applied: a change was seen after it, or the element took it. delivered: the phone took it, nothing more is known.
 * not-found: the element is not on its screen, scrolled for too. denied: the gate said no. late: not in time. failed: `error` says why.
 */
export const StepOutcome = z.enum(["applied", "delivered", "not-found", "denied", "late", "failed"]);
export type StepOutcome = z.infer<typeof StepOutcome>;

export const StepAnswer = z.object({
  deviceId: DeviceId,
  outcome: StepOutcome,
  /** From the order's arrival at the agent to the phone's acceptance, in milliseconds. */
  ms: z.number().nonnegative(),
  error: z.object({ code: z.string(), message: z.string(), detail: z.string().optional() }).optional(),
  /** What was touched there, e.g. `button "Sichern" (save)`. */
  element: z.string().max(300).optional(),
});
export type StepAnswer = z.infer<typeof StepAnswer>;

/** What a device shows when it has settled: its activity, and a digest of its hierarchy that language and content do not change. */
export const ScreenState = z.object({
  package: z.string(),
  activity: z.string(),
  /** null where there is no hierarchy (games, secure windows). */
  signature: z.string().nullable(),
});
export type ScreenState = z.infer<typeof ScreenState>;

/**
 * preparing: its fence closes, its engine starts. followed: as the leader. behind: has not answered the last step. stray: shows something else
 * than the leader. denied: the gate keeps it out. taken-over: somebody drives it by hand meanwhile. dropped: out of the group. lost: not there.
 */
export const MemberState = z.enum(["preparing", "followed", "behind", "stray", "denied", "taken-over", "dropped", "lost"]);
export type MemberState = z.infer<typeof MemberState>;

export const GroupMember = z.object({
  deviceId: DeviceId,
  state: MemberState,
  /** In words: why it is not `followed`; null when it is. */
  reason: z.string().nullable(),
  /** What it shows, as last heard. */
  screen: ScreenState.nullable(),
  fence: z.enum(["open", "closing", "closed", "leaky", "opening"]),
  /** The element engine runs on it. */
  engine: z.boolean(),
});
export type GroupMember = z.infer<typeof GroupMember>;

/** A line of the ledger. Counts are over all members; `answers` holds those that are neither applied nor delivered, at most 100. */
export const StepRecord = z.object({
  seq: z.int().positive(),
  at: z.number(),
  by: z.string(),
  step: GroupStep,
  /** For people: `tap "Save" (id/save)`. */
  words: z.string(),
  counts: z.record(StepOutcome, z.int().nonnegative()),
  waiting: z.int().nonnegative(),
  answers: z.array(StepAnswer).max(100),
  /** Milliseconds until the last `delivered` or `applied`; null while none is. */
  ms: z.number().nullable(),
});
export type StepRecord = z.infer<typeof StepRecord>;

export const Group = z.object({
  id: GroupId,
  lease: LeaseId,
  tenant: z.string(),
  actor: z.string(),
  actorName: z.string(),
  name: z.string(),
  aim: GroupAim,
  leader: DeviceId,
  /** hand: a person's session. replay: a flow is being replayed, in mode `script`. */
  mode: z.enum(["hand", "replay"]),
  paused: z.boolean(),
  recording: z.boolean(),
  stepsPerSecond: z.int().min(1).max(MOST_STEPS_A_SECOND),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  endReason: z.string().nullable(),
  members: z.array(GroupMember),
  /** The last steps, newest last; at most 200. */
  steps: z.array(StepRecord),
});
export type Group = z.infer<typeof Group>;

export const GroupRequest = z.strictObject({
  /** Devices of one lease of yours; the first is the leader unless `leader` says another. */
  devices: z.array(DeviceId).min(1).max(GROUP_MAX_DEVICES),
  leader: DeviceId.optional(),
  name: Words(80, 0).default(""),
  aim: GroupAim.default("element"),
  stepsPerSecond: z.int().min(1).max(MOST_STEPS_A_SECOND).default(STEPS_A_SECOND),
  /** You have seen what the fence disables and agree; needed where no operator has enrolled the device. */
  agreeToFence: z.boolean().default(false),
});
export type GroupRequest = z.infer<typeof GroupRequest>;

/** retry: the last step again. resync: bring it to what the leader shows. take-over: hands on it, without the group. drop: out. rejoin: back in. */
export const MemberAction = z.enum(["retry", "resync", "take-over", "drop", "rejoin"]);
export type MemberAction = z.infer<typeof MemberAction>;

export const FlowId = z.string().regex(/^f-[a-z2-7]{10,26}$/, "a flow id begins with f-");
/** A recorded session as a Maestro flow file. */
export const Flow = z.object({
  id: FlowId,
  tenant: z.string(),
  name: z.string(),
  /** The app that the flow is about. */
  appId: z.string(),
  yaml: z.string(),
  createdAt: z.number(),
  createdBy: z.string(),
});
export type Flow = z.infer<typeof Flow>;
