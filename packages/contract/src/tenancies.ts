/** How much an organisation may rent: its tier, what the tier rests on, and what it holds of it. */
import { z } from "zod";
import { TenantId } from "./people.js";
import { Lines, Words } from "./words.js";

/**
 * T0: virtual phones only. T1: up to 5 phones, for an organisation that somebody verified, with its domain and an app that it has proved to own. T2: up to 20, a whole
 * chassis, with a responsible person, an extract of a public register, a declaration of use and an operator's word. T3: as many as a grant says, until its review.
 */
export const TenantTier = z.enum(["T0", "T1", "T2", "T3"]);
export type TenantTier = z.infer<typeof TenantTier>;

/** Phones that are not virtual, held at once. */
export const TIER_PHONES = { T0: 0, T1: 5, T2: 20 } as const satisfies Partial<Record<TenantTier, number>>;
/** A grant above 20 phones is looked at again within a quarter. */
export const REVIEW_MOST_MS = 92 * 24 * 3_600_000;
export const GRANT_MOST_PHONES = 1_000;

/** A lease on which a group or a script is at work ends after so long without a person's word. */
export const CONFIRM_WITHIN_MS = 150 * 60_000;
/** How long before that people are warned, first and last. */
export const CONFIRM_WARN_MS = [10 * 60_000, 2 * 60_000] as const;

const Fact = Words(500, 3);

/** What a tier rests on. What is left out stays as it was; null takes it away. */
export const TenancyFacts = z.strictObject({
  /** How the organisation was verified, e.g. which contract or payment it was compared with. */
  verified: Fact.nullable().optional(),
  /** Of its owners' e-mail addresses: it counts while one of them has such an address. */
  domain: z
    .string()
    .trim()
    .toLowerCase()
    .regex(
      /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
      "a domain, e.g. acme.example",
    )
    .nullable()
    .optional(),
  /** Who answers for what is done. */
  responsible: z.strictObject({ name: Fact, email: z.email() }).nullable().optional(),
  /** Of a public register: where it is kept, and the SHA-256 of the document. */
  extract: z
    .strictObject({ reference: Fact, sha256: z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits") })
    .nullable()
    .optional(),
  /** What they say they use the phones for. */
  use: Lines(2_000, 20).nullable().optional(),
});
export type TenancyFacts = z.infer<typeof TenancyFacts>;

export const TierRequirement = z.enum(["verified", "domain", "owned-app", "responsible", "extract", "use", "sign-off", "grant"]);
export type TierRequirement = z.infer<typeof TierRequirement>;

/** active: it may lease within its tier. paused: no new leases, no longer ones; those that run go on to their end. ended: the same, and its leases were ended. */
export const TenancyState = z.enum(["active", "paused", "ended"]);
export type TenancyState = z.infer<typeof TenancyState>;

export const Tenancy = z.object({
  tenant: TenantId,
  /** Whether tiers count for it at all: not in a lab of one organisation, nor for the lab's own. */
  applies: z.boolean(),
  /** As it was given, and what of it counts now: a tier falls by itself when what it rests on is gone. */
  tier: TenantTier,
  counts: TenantTier,
  state: TenancyState,
  /** Phones that are not virtual, at once: allowed (null: no limit) and held now. */
  phones: z.int().nonnegative().nullable(),
  held: z.int().nonnegative(),
  verified: z.string().nullable(),
  domain: z.string().nullable(),
  /** Whether one of its owners has an address at that domain, or below it, to which the lab itself sent their invitation. */
  ownerAtDomain: z.boolean(),
  responsible: z.object({ name: z.string(), email: z.string() }).nullable(),
  extract: z.object({ reference: z.string(), sha256: z.string() }).nullable(),
  use: z.string().nullable(),
  /** Who gave T2, in an operator's own name. */
  signedOff: z.object({ name: z.string(), at: z.number() }).nullable(),
  ownsApp: z.boolean(),
  /** Of T3. */
  grant: z.object({ phones: z.int(), reviewDue: z.number(), overdue: z.boolean() }).nullable(),
  /** What is missing for the next tier, and which that is. */
  next: z.object({ tier: TenantTier, missing: z.array(TierRequirement) }).nullable(),
});
export type Tenancy = z.infer<typeof Tenancy>;

/** `phones` and `reviewDue` with T3 alone. */
export const TierGift = z.strictObject({
  tier: TenantTier,
  reason: Fact,
  phones: z
    .int()
    .min(TIER_PHONES.T2 + 1)
    .max(GRANT_MOST_PHONES)
    .optional(),
  reviewDue: z.number().optional(),
});
export type TierGift = z.infer<typeof TierGift>;

/** The lab's owner says once that it serves only its own organisation, if in several teams: then there are no tiers. */
export const LabDeclaration = z.object({ ownOnly: z.boolean(), by: z.string().nullable(), at: z.number().nullable() });
export type LabDeclaration = z.infer<typeof LabDeclaration>;
