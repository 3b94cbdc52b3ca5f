/** What agents tell the log: the gate's decisions, in the order in which they were written down. */
import { z } from "zod";

const Judged = z.object({
  package: z.string().max(300),
  signer: z.string().max(128).nullable(),
  standing: z.enum(["owned", "system", "permitted", "other"]),
  by: z.string().max(300).nullable(),
});

/** One answer of the gate with all that it rested on (`GateFacts` of policy); never what was written, nor where. */
export const JournalledDecision = z.object({
  /** Its number in the journal, from 1, without a gap. */
  n: z.int().positive(),
  /** Milliseconds since the Unix epoch, by the agent's clock. */
  at: z.number(),
  device: z.string().max(100),
  facts: z.object({
    mode: z.enum(["unicast", "group", "script"]),
    action: z.string().max(40),
    actor: z.string().max(200),
    epoch: z.int(),
    leaseEpoch: z.int(),
    phase: z.string().max(20),
    holder: z.string().max(200),
    front: Judged.nullable(),
    knownMs: z.number().nullable(),
    fresh: z.boolean(),
    target: Judged.nullable(),
    fence: z.string().max(20),
    budget: z.object({ trial: z.boolean(), hour: z.int(), day: z.int() }),
    paused: z.literal(true).optional(),
  }),
  decision: z.enum(["allow", "deny"]),
  rule: z.string().max(60),
  /** A digest of the rules by which the agent decided (`GATE_VERSION` of policy). */
  policy: z.string().max(80),
  /** Which service of adb was opened, by its name; or what the guard did. */
  service: z.string().max(200).optional(),
});
export type JournalledDecision = z.infer<typeof JournalledDecision>;

/** Decisions that follow each other. Sent again until it was answered: what was taken already is left out. */
export const JournalBatch = z.object({
  /** Random; a new one when the agent's journal was lost. */
  journal: z.string().regex(/^[a-z0-9]{8,40}$/),
  /** None: only asks how far the log is. */
  entries: z.array(JournalledDecision).max(500),
});
export type JournalBatch = z.infer<typeof JournalBatch>;

/** All up to and with this number stand in the log, and need not be kept any more. */
export const JournalReply = z.object({ upTo: z.int().nonnegative() });
export type JournalReply = z.infer<typeof JournalReply>;
