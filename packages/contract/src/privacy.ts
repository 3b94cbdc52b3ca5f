/** What the lab keeps of people, for how long, and what they can have and have deleted. */
import { z } from "zod";

/** What is kept, by what it is. artifacts: an organisation sets its own time (`/tenants/{id}/retention`). leaves: the sealed log's, by pseudonyms. */
export const KeptKind = z.enum([
  "account",
  "log-ins",
  "keys",
  "leases",
  "events",
  "work",
  "hands",
  "leaves",
  "artifacts",
  "trials",
  "cases",
]);
export type KeptKind = z.infer<typeof KeptKind>;

/** Days after which the lab deletes by itself; the rest ends with the account, or by its own rule. */
export const PrivacyDays = z.strictObject({
  /** Leases that have ended, and who held them. */
  leases: z.int().min(30).max(3_650).default(730),
  events: z.int().min(30).max(3_650).default(730),
  /** Jobs, groups and their steps that are over. */
  work: z.int().min(7).max(3_650).default(365),
  /** What platforms asked and what watching found, once it is decided. */
  cases: z.int().min(30).max(3_650).default(730),
});
export type PrivacyDays = z.infer<typeof PrivacyDays>;

/** What hands did can be replayed for so long; then only that there was something is known. */
export const HANDS_DAYS = 90;

export const Kept = z.object({
  kind: KeptKind,
  /** null: until the account is erased, or as its own rule says. */
  days: z.int().nullable(),
  /** Of you, now. */
  count: z.int().nonnegative(),
});
export type Kept = z.infer<typeof Kept>;

/** What somebody did by hand in ten seconds on one phone, as the log can still open it. */
export const KeptHands = z.object({
  leaf: z.int(),
  lease: z.string(),
  at: z.number(),
  decisions: z.array(z.record(z.string(), z.unknown())),
});
export type KeptHands = z.infer<typeof KeptHands>;

export const PersonalData = z.object({
  at: z.number(),
  person: z.record(z.string(), z.unknown()),
  /** How the sealed log calls them. */
  pseudonym: z.string().nullable(),
  /** Where in the log the leaves of their leases stand. */
  leaves: z.array(z.object({ lease: z.string(), first: z.int(), last: z.int(), count: z.int() })),
  hands: z.array(KeptHands),
  /** By the table in which it stands; secrets, their digests and what others said are left out. */
  records: z.record(z.string(), z.array(z.record(z.string(), z.unknown()))),
  /** Tables (and `leaves`, `hands`) of which more is kept than is shown here: the newest are. */
  cut: z.array(z.string()),
});
export type PersonalData = z.infer<typeof PersonalData>;

export const Erasure = z.object({
  /** What stands in their place from now on. */
  alias: z.string(),
  /** Records in which they were named. */
  changed: z.int().nonnegative(),
  /** Bulks of what their hands did, with their salts. */
  bulks: z.int().nonnegative(),
  /** Leases of which these stay until a person has decided, because of an open flag or case; after 90 days they go anyway. */
  held: z.array(z.string()),
});
export type Erasure = z.infer<typeof Erasure>;
