/** What control and agents say about work on phones; which subject carries what stands in `messages.ts`. */
import { z } from "zod";
import { Artifact, Recording } from "../artifacts.js";
import { DeviceId } from "../devices.js";
import { PackageName } from "../grounds.js";
import { TaskError } from "../jobs.js";
import {
  ActionResult,
  DeviceAction,
  DeviceSettingsNow,
  FileList,
  InstalledPackage,
  PackageDetail,
  PhonePath,
} from "../workbench.js";

const Epoch = z.int().nonnegative();
const Mode = z.enum(["unicast", "group", "script"]);

/** A task's name: the job, the phone's number in it, the attempt. Whoever is asked the same twice does it once. */
export const TaskId = z.string().regex(/^j-[a-z2-7]{10,26}\.\d{1,4}\.\d{1,4}$/);
export type TaskId = z.infer<typeof TaskId>;

export const AskOrder = z.object({
  epoch: Epoch,
  notAfter: z.number(),
  question: z.discriminatedUnion("type", [
    z.object({ type: z.literal("packages") }),
    z.object({ type: z.literal("package"), package: PackageName }),
    /** `after`: the last name of the page before. */
    z.object({ type: z.literal("folder"), path: PhonePath, after: z.string().nullable(), limit: z.int().min(1).max(1_000) }),
    z.object({ type: z.literal("settings") }),
    z.object({ type: z.literal("clipboard") }),
  ]),
});
export type AskOrder = z.infer<typeof AskOrder>;
export const AskReply = z.discriminatedUnion("type", [
  z.object({ type: z.literal("packages"), packages: z.array(InstalledPackage).max(2_000) }),
  z.object({ type: z.literal("package"), package: PackageDetail }),
  z.object({ type: z.literal("folder"), list: FileList }),
  z.object({ type: z.literal("settings"), settings: DeviceSettingsNow }),
  z.object({ type: z.literal("clipboard"), text: z.string().max(100_000) }),
]);
export type AskReply = z.infer<typeof AskReply>;

export const TaskOrder = z.discriminatedUnion("order", [
  z.object({
    order: z.literal("do"),
    task: TaskId,
    epoch: Epoch,
    actor: z.string(),
    mode: Mode,
    /** When it must have begun, at most 2 s ahead. */
    notAfter: z.number(),
    /** What it may take from its beginning, in milliseconds. */
    timeoutMs: z.int().positive(),
    agreed: z.boolean(),
    /** This device is one of those on which this person may freely try others' apps today. */
    trial: z.boolean().optional(),
    action: DeviceAction,
  }),
  /** What became of it? An agent that has never heard of it answers `unknown`. */
  z.object({ order: z.literal("tell"), task: TaskId }),
  /** Give it up if it has not begun; what is done in one piece is let end. */
  z.object({ order: z.literal("cancel"), task: TaskId }),
]);
export type TaskOrder = z.infer<typeof TaskOrder>;

export const TaskStanding = z.object({
  task: TaskId,
  deviceId: DeviceId,
  state: z.enum(["unknown", "running", "done", "failed", "stale", "interrupted", "cancelled"]),
  progress: z.number().min(0).max(1).nullable(),
  note: z.string().max(300).nullable(),
  error: TaskError.nullable(),
  result: ActionResult.nullable(),
});
export type TaskStanding = z.infer<typeof TaskStanding>;
/** In a field of its own: a message with an error at its top is taken for a refusal. */
export const TaskReply = z.object({ standing: TaskStanding });
export type TaskReply = z.infer<typeof TaskReply>;
export const TaskNews = z.object({ agentId: z.string(), tasks: z.array(TaskStanding).min(1).max(100) });
export type TaskNews = z.infer<typeof TaskNews>;

/** Only of apps that the holder's organisation owns. */
export const CrashNews = z.object({
  agentId: z.string(),
  deviceId: DeviceId,
  epoch: Epoch,
  at: z.number(),
  kind: z.enum(["crash", "native", "anr"]),
  package: PackageName,
  process: z.string().max(300),
  versionName: z.string().max(200).nullable(),
  versionCode: z.int().nullable(),
  exception: z.string().max(500),
  message: z.string().max(2_000),
  stack: z.string().max(200_000),
});
export type CrashNews = z.infer<typeof CrashNews>;

export const JobsChanged = z.object({ replica: z.string(), ids: z.array(z.string()).max(1_000) });
export type JobsChanged = z.infer<typeof JobsChanged>;

/** What one control records, all of it each time. */
export const RecordingNews = z.object({
  replica: z.string().max(100),
  items: z.array(Recording.extend({ epoch: Epoch })).max(2_000),
});
export type RecordingNews = z.infer<typeof RecordingNews>;

/** To the control that records a device, by somebody whom the asking control has found to hold it. */
export const RecordingOrder = z.object({
  deviceId: DeviceId,
  epoch: Epoch,
  actor: z.string(),
  actorName: z.string(),
  wish: z.discriminatedUnion("type", [
    z.object({ type: z.literal("status") }),
    z.object({ type: z.literal("begin"), sound: z.boolean() }),
    z.object({ type: z.literal("keep"), seconds: z.int().min(0).max(300) }),
    z.object({ type: z.literal("end") }),
    z.object({ type: z.literal("last"), seconds: z.int().min(1).max(300) }),
  ]),
});
export type RecordingOrder = z.infer<typeof RecordingOrder>;
/** `artifact`: of `end` and `last`. */
export const RecordingReply = z.object({ recording: Recording, artifact: Artifact.nullable() });
export type RecordingReply = z.infer<typeof RecordingReply>;
