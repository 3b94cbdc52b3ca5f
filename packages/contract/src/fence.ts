/** What the gate makes of an app, and what the fence has done to a phone: parts of a device's report. */
import { z } from "zod";

/** What an app in front is to the tenant that holds the phone (docs/lawful-use.md). */
export const Standing = z.enum(["owned", "system", "permitted", "other"]);
export type Standing = z.infer<typeof Standing>;

/**
 * The fence of one phone: every launchable package that is not owned, permitted or system is disabled while a group, script or adb session is
 * open on it. leaky: something could not be disabled, so input is checked afresh at each step.
 */
export const Fence = z.object({
  state: z.enum(["open", "closing", "closed", "leaky", "opening"]),
  /** Disabled now by us. */
  disabled: z.array(z.string()).max(2_000),
  /** What could not be disabled, and why. */
  left: z.array(z.object({ package: z.string(), reason: z.string() })).max(200),
});
export type Fence = z.infer<typeof Fence>;
