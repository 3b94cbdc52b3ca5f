/** What somebody wants to read of a phone's log: live in a pipe, or kept by a job. */
import { z } from "zod";

/** logcat's own. */
export const LogBuffer = z.enum(["main", "system", "radio", "events", "crash", "kernel"]);
export type LogBuffer = z.infer<typeof LogBuffer>;
export const LogLevel = z.enum(["V", "D", "I", "W", "E", "F"]);
export type LogLevel = z.infer<typeof LogLevel>;

/** Lines of before that may be asked for. */
export const LOG_TAIL_MAX = 100_000;

/** What is asked of the phone, so that the rest does not travel; text and regular expressions are looked for by whoever reads. */
export const LogWish = z.object({
  /** Default: all that the phone has. */
  buffers: z.array(LogBuffer).max(6).optional(),
  /** Lines from before; 0: only what comes. */
  tail: z.int().min(0).max(LOG_TAIL_MAX).default(2_000),
  /** false: the pipe ends with what there is now, all of it however long that takes. */
  follow: z.boolean().default(true),
  level: LogLevel.default("V"),
  /** Only processes of this package, also ones that begin later. */
  package: z.string().max(200).optional(),
  tags: z.array(z.string().min(1).max(100)).max(20).optional(),
});
export type LogWish = z.infer<typeof LogWish>;
