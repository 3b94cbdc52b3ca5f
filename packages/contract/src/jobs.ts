/** Jobs: one action on many phones, tracked per phone. */
import { z } from "zod";
import { DeviceId } from "./devices.js";
import { Words } from "./words.js";
import { ActionResult, DeviceAction } from "./workbench.js";

export const JobId = z.string().regex(/^j-[a-z2-7]{10,26}$/, "a job id begins with j-");
export type JobId = z.infer<typeof JobId>;
export const JOB_MAX_DEVICES = 1_000;

/**
 * waiting: not begun. running: its agent has it. done, failed: over. stale: the lease was over before it began. interrupted: its agent was stopped in the middle of what must
 * not be done twice; nobody knows whether it was done. cancelled: a person, or the job's error rate, stopped it before it began.
 */
export const TaskState = z.enum(["waiting", "running", "done", "failed", "stale", "interrupted", "cancelled"]);
export type TaskState = z.infer<typeof TaskState>;
export const TASK_OVER: ReadonlySet<TaskState> = new Set<TaskState>(["done", "failed", "stale", "interrupted", "cancelled"]);

export const TaskError = z.object({ code: z.string(), message: z.string(), detail: z.string().optional() });

/** A job's part on one phone. */
export const JobTask = z.object({
  deviceId: DeviceId,
  deviceName: z.string(),
  state: TaskState,
  /** From 1; grows with each retry. */
  attempt: z.int().positive(),
  /** 0 to 1, where it can be told. */
  progress: z.number().min(0).max(1).nullable(),
  /** In words: what it does now, e.g. "sending 80 MiB". */
  note: z.string().nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  error: TaskError.nullable(),
  result: ActionResult.nullable(),
});
export type JobTask = z.infer<typeof JobTask>;

/** stopping: too many failed, or a person cancelled it; what runs is let end. */
export const JobState = z.enum(["running", "stopping", "ended"]);
export type JobState = z.infer<typeof JobState>;

/** How a job goes about it. */
export const JobPace = z.object({
  /** Phones at once. */
  concurrency: z.int().min(1).max(JOB_MAX_DEVICES).default(50),
  /** Phones to a wave: the next begins when all of one are over. null: one wave. */
  wave: z.int().min(1).max(JOB_MAX_DEVICES).nullable().default(null),
  /** Stops when more than this part of those that are over have failed, from the fifth on or at a wave's end. null: goes on whatever fails. */
  stopAt: z.number().min(0).max(1).nullable().default(null),
});
export type JobPace = z.infer<typeof JobPace>;

export const Job = z.object({
  id: JobId,
  tenant: z.string(),
  actor: z.string(),
  actorName: z.string(),
  /** What a person called it, or the action in words. */
  name: z.string(),
  /** As it was asked for; of a clipboard the text is left out. */
  action: DeviceAction,
  pace: JobPace,
  state: JobState,
  /** Why it was stopped; null when it was not. */
  reason: z.string().nullable(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
  size: z.int().positive(),
  counts: z.record(TaskState, z.int().nonnegative()),
  /** 0 to 1: of all phones together. */
  progress: z.number().min(0).max(1),
});
export type Job = z.infer<typeof Job>;

export const JobRequest = z.object({
  devices: z.array(DeviceId).min(1).max(JOB_MAX_DEVICES),
  action: DeviceAction,
  name: Words(120).optional(),
  pace: JobPace.default(JobPace.parse({})),
  /** Where the fence would ask: the fence may close on phones that nobody enrolled. */
  agreed: z.boolean().default(false),
  /** Milliseconds to wait for its end before the answer comes. */
  wait: z.int().min(0).max(60_000).default(0),
});
export type JobRequest = z.infer<typeof JobRequest>;

/** Phones whose outcome is the same, the largest group first. */
export const JobOutcome = z.object({
  state: TaskState,
  result: ActionResult.nullable(),
  error: TaskError.nullable(),
  devices: z.array(z.object({ id: DeviceId, name: z.string() })),
});
export type JobOutcome = z.infer<typeof JobOutcome>;
