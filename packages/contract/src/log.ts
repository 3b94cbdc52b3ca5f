/** The lab's log as people see it: how large it is, who has seen it, and receipts of what stands in it. */
import { z } from "zod";

/** Somebody else's program that signs each checkpoint it has seen, so that nothing before it can be rewritten without being caught. */
export const WitnessChoice = z.object({
  /** Below it stands `add-checkpoint` (c2sp.org/tlog-witness). */
  url: z.url({ protocol: /^https?$/ }).max(300),
  /** Its verifier key, as it prints it (c2sp.org/tlog-cosignature). */
  vkey: z.string().max(400),
});
export type WitnessChoice = z.infer<typeof WitnessChoice>;

export const LogWitness = WitnessChoice.extend({
  name: z.string(),
  /** good: it signed the newest checkpoint. waiting: not yet asked. away: it does not answer. refused: it says that our log does not go on from what it saw. bad: what it answers is no signature of its. */
  state: z.enum(["good", "waiting", "away", "refused", "bad"]),
  /** What it said, when that is not `good`. */
  reason: z.string().nullable(),
  /** The size that it signed last, and when: milliseconds since the Unix epoch. */
  size: z.int().nullable(),
  at: z.number().nullable(),
});
export type LogWitness = z.infer<typeof LogWitness>;

/** An agent whose decisions do not get here: nothing of it is lost, and when it has no more room it refuses inputs. */
export const LogLag = z.object({
  agent: z.string(),
  /** Decisions on its disk that do not stand in the log yet. */
  lines: z.int(),
  /** How long the oldest has waited at least, milliseconds. */
  waited: z.number(),
  /** Whether it can write decisions down; it refuses inputs when it cannot. */
  writes: z.boolean(),
});
export type LogLag = z.infer<typeof LogLag>;

export const LogStatus = z.object({
  origin: z.string(),
  /** The log's verifier key: what checkpoints are checked with. */
  vkey: z.string(),
  /** Leaves that were committed. */
  size: z.int(),
  checkpoint: z.object({ size: z.int(), root: z.string(), at: z.number(), note: z.string() }).nullable(),
  /** Whether some control appends; else why not. */
  appends: z.boolean(),
  reason: z.string().nullable(),
  witnesses: z.array(LogWitness),
  /** How many leaves by kind. */
  kinds: z.record(z.string(), z.int()),
  /** In each of the last 24 hours, the oldest first; the last has only begun. */
  denials: z.array(z.object({ hour: z.number(), count: z.int() })),
  /** Only those for whom it has taken more than some seconds, and only for those who run the lab. */
  behind: z.array(LogLag),
});
export type LogStatus = z.infer<typeof LogStatus>;

export const LogReceipt = z.object({
  index: z.int(),
  kind: z.string(),
  at: z.number(),
  decision: z.enum(["allow", "deny"]).nullable(),
  /** `c2sp.org/tlog-proof@v1`, with the leaf as its extra: all that is needed to verify it without us. */
  receipt: z.string(),
});
export type LogReceipt = z.infer<typeof LogReceipt>;

export const LogBulk = z.object({
  /** Base64. */
  salt: z.string(),
  /** Lines of canonical JSON, one a decision. */
  bulk: z.string(),
});
export type LogBulk = z.infer<typeof LogBulk>;

/** In short, for whoever looks whether the lab works. */
export const LogHealth = z.object({
  appends: z.boolean(),
  size: z.int(),
  /** When the newest checkpoint was signed. */
  signedAt: z.number().nullable(),
  witnesses: z.array(LogWitness.pick({ name: true, state: true })),
});
export type LogHealth = z.infer<typeof LogHealth>;
