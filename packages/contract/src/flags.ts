/** What the lab's watching found: what it rests on, what it has paused, and what people decided about it. */
import { z } from "zod";
import { Lines } from "./words.js";

export const FlagId = z.string().regex(/^w-[a-z2-7]{10,26}$/, "a flag's id begins with w-");
export type FlagId = z.infer<typeof FlagId>;

/**
 * budget: by hand, again and again beyond the budget for others' apps. fan-out: the same app that is nobody's here on many devices. resets: such an app cleared or
 * removed over and over. accounts: accounts were added, or nearly. linked: organisations that belong together hold more than one may. duty: by hand, day and night,
 * at an even pace.
 */
export const FlagRule = z.enum(["budget", "fan-out", "resets", "accounts", "linked", "duty"]);
export type FlagRule = z.infer<typeof FlagRule>;

/**
 * What a flag stops by itself until a person has decided. nothing: it is to be looked at. new-leases: its organisation gets no more devices. lease: that too, and on
 * this lease's devices group and script input, adb, and all that concerns others' apps. organisation: the same on all that its organisation holds.
 */
export const FlagPause = z.enum(["nothing", "new-leases", "lease", "organisation"]);
export type FlagPause = z.infer<typeof FlagPause>;

/** open: nobody has decided. cleared: it was nothing, and nothing is paused by it. upheld: it was right. appealed: whom it is about disagrees; another person decides. */
export const FlagState = z.enum(["open", "appealed", "upheld", "cleared"]);
export type FlagState = z.infer<typeof FlagState>;

/**
 * Where rules begin to flag, so that a figure can be shown beside it. Beyond: budget's touches in an hour and in a day, resets, linked's devices, duty's hours. From on:
 * fan-out's devices, accounts' times on one device and devices. Below: duty's variation.
 */
export const FLAG_BOUNDS = {
  budget: { hour: 40, day: 160 },
  "fan-out": { devices: 5 },
  resets: { resets: 2 },
  accounts: { times: 3, devices: 2 },
  linked: { devices: 60 },
  duty: { hours: 20, variation: 0.15 },
} as const satisfies Record<FlagRule, Readonly<Record<string, number>>>;

const Reason = Lines(2_000, 3);

export const FlagMoment = z.object({
  at: z.number(),
  what: z.enum(["raised", "grew", "appealed", "upheld", "cleared", "lease-ended", "organisation-ended"]),
  /** null: the watching itself. Of the lab's people others see only that they are the lab's. */
  by: z.object({ actor: z.string(), name: z.string() }).nullable(),
  reason: z.string().max(2_000),
});
export type FlagMoment = z.infer<typeof FlagMoment>;

export const Flag = z.object({
  id: FlagId,
  rule: FlagRule,
  tenant: z.string(),
  lease: z.string().nullable(),
  deviceId: z.string().nullable(),
  at: z.number(),
  /** The leaves of the lab's log that it rests on, at most 200. */
  leaves: z.array(z.int().nonnegative()).max(200),
  /** What was counted. */
  measured: z.record(z.string(), z.union([z.number(), z.string()])),
  /** In one sentence. */
  why: z.string(),
  pauses: FlagPause,
  /** Whether it pauses that now. */
  paused: z.boolean(),
  state: FlagState,
  /** Whether whom it is about may appeal now. */
  appealable: z.boolean(),
  history: z.array(FlagMoment),
});
export type Flag = z.infer<typeof Flag>;

export const FlagAppeal = z.object({ reason: Reason });

/** `end`: ends the lease, or all that the organisation holds and its way to more; upheld flags only. */
export const FlagDecision = z.object({
  verdict: z.enum(["cleared", "upheld"]),
  reason: Reason,
  end: z.enum(["nothing", "lease", "organisation"]).default("nothing"),
});
export type FlagDecision = z.infer<typeof FlagDecision>;
