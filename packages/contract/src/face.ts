/** What the lab says of itself to the world, and how a platform asks about traffic that came from it. */
import { z } from "zod";
import { readable, Words } from "./words.js";

/** A host name that DNS could know: letters, digits and hyphens between dots. */
const HostName = z
  .string()
  .max(253)
  .regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/);

/** Who runs the lab, as the owner enters it. */
export const FaceSettings = z.object({
  operator: Words(200, 2),
  /** Where people complain. */
  abuseEmail: z.email().max(254),
  abuseUrl: z
    .url({ protocol: /^https$/ })
    .max(300)
    .nullable()
    .default(null),
  /** All addresses have a name below it, and that name leads back to the address. */
  ptrSuffix: HostName.nullable().default(null),
  /** Within which the lab answers a case. */
  responseHours: z.int().min(1).max(168).default(72),
});
export type FaceSettings = z.infer<typeof FaceSettings>;

/** Addresses from which phones reach the world: from a time on, until another. Milliseconds since the Unix epoch. */
export const EgressPrefix = z.object({
  /** CIDR, with no bit set beyond its length. */
  prefix: z.string().max(50),
  announcedAt: z.number(),
  from: z.number(),
  until: z.number().nullable(),
});
export type EgressPrefix = z.infer<typeof EgressPrefix>;

export const EgressChange = z.object({
  /** All that there are to be from then on: what is not in it ends. */
  prefixes: z.array(z.string().max(50)).max(16),
  /** When: at least 24 hours from now; left out: as soon as that. */
  from: z.number().optional(),
});
export type EgressChange = z.infer<typeof EgressChange>;

export const Face = z.object({ settings: FaceSettings.nullable(), egress: z.array(EgressPrefix) });
export type Face = z.infer<typeof Face>;

export const AbuseQuestion = z.object({
  ip: z.union([z.ipv4(), z.ipv6()]),
  /** When the traffic was seen: ISO 8601, or milliseconds since the Unix epoch. */
  time: z.union([z.iso.datetime({ offset: true }), z.number().int().nonnegative()]),
  /** What it did. */
  message: z.string().max(4_000).overwrite(readable).default(""),
  /** Where the answer may be sent by the lab's people; nothing is sent by itself. */
  contact: z.string().max(254).overwrite(readable).default(""),
});
export type AbuseQuestion = z.input<typeof AbuseQuestion>;

export const FoundLease = z.object({
  /** Opaque: stands for one lease in whatever is said about it. */
  reference: z.string(),
  from: z.number(),
  until: z.number(),
  /** Packages whose ownership its organisation has proved: what it may drive by group and script. */
  packages: z.array(z.string()),
});
export type FoundLease = z.infer<typeof FoundLease>;

export const AbuseAnswer = z.object({
  /** Whether the lab had that address at that time. */
  ours: z.boolean(),
  leases: z.array(FoundLease),
  case: z.object({ id: z.string(), token: z.string(), answerBy: z.number() }).nullable(),
});
export type AbuseAnswer = z.infer<typeof AbuseAnswer>;

export const CaseMessage = z.object({
  at: z.number(),
  by: z.enum(["asker", "lab"]),
  text: z.string().max(4_000),
});
export type CaseMessage = z.infer<typeof CaseMessage>;

export const AbuseCase = z.object({
  id: z.string(),
  state: z.enum(["open", "answered", "closed"]),
  ip: z.string(),
  time: z.number(),
  contact: z.string(),
  /** For the lab's people: which leases of which organisations. */
  leases: z.array(FoundLease.extend({ lease: z.string(), tenant: z.string() })),
  messages: z.array(CaseMessage),
  createdAt: z.number(),
  answerBy: z.number(),
  overdue: z.boolean(),
  closedAt: z.number().nullable(),
});
export type AbuseCase = z.infer<typeof AbuseCase>;
