/** What a tier rests on and how far it reaches: pure over what is known of an organisation. */
import { type TenantTier, TIER_PHONES, type TierRequirement } from "@phonerack/contract/api";
import { z } from "zod";

/** As it stands in the database; what is unknown is null. */
export const StoredFacts = z.object({
  verified: z.string().nullable().default(null),
  domain: z.string().nullable().default(null),
  responsible: z.object({ name: z.string(), email: z.string() }).nullable().default(null),
  extract: z.object({ reference: z.string(), sha256: z.string() }).nullable().default(null),
  use: z.string().nullable().default(null),
  signedOff: z.object({ by: z.string(), name: z.string(), at: z.number() }).nullable().default(null),
  grant: z.object({ phones: z.int() }).nullable().default(null),
});
export type StoredFacts = z.infer<typeof StoredFacts>;

export interface Standing {
  readonly tier: TenantTier;
  readonly facts: StoredFacts;
  readonly reviewDue: number | null;
  readonly ownsApp: boolean;
  /** One of its owners has an e-mail address at its domain, by the lab's own invitation. */
  readonly ownerAtDomain: boolean;
}

export const NO_TIER: Omit<Standing, "ownsApp" | "ownerAtDomain"> = { tier: "T0", facts: StoredFacts.parse({}), reviewDue: null };

const ORDER: readonly TenantTier[] = ["T0", "T1", "T2", "T3"];
const ASKED: Record<TenantTier, readonly TierRequirement[]> = {
  T0: [],
  T1: ["verified", "domain", "owned-app"],
  T2: ["responsible", "extract", "use", "sign-off"],
  T3: ["grant"],
};

export function tierAfter(tier: TenantTier): TenantTier | undefined {
  return ORDER[ORDER.indexOf(tier) + 1];
}

/** All that this tier and those below it ask for and that is not there. */
export function missingFor(tier: TenantTier, standing: Standing, now: number): TierRequirement[] {
  const asked = ORDER.slice(0, ORDER.indexOf(tier) + 1).flatMap((one) => ASKED[one]);
  return asked.filter((one) => !meets(one, standing, now));
}

/** What counts of the tier that was given: the highest whose requirements hold at this moment. */
export function tierNow(standing: Standing, now: number): TenantTier {
  const given = ORDER.slice(0, ORDER.indexOf(standing.tier) + 1);
  return given.reverse().find((tier) => missingFor(tier, standing, now).length === 0) ?? "T0";
}

/** Phones that are not virtual, at once. */
export function phonesOf(standing: Standing, now: number): number {
  const tier = tierNow(standing, now);
  return tier === "T3" ? (standing.facts.grant?.phones ?? TIER_PHONES.T2) : TIER_PHONES[tier];
}

function meets(one: TierRequirement, { facts, reviewDue, ownsApp, ownerAtDomain }: Standing, now: number): boolean {
  switch (one) {
    case "domain":
      return facts.domain !== null && ownerAtDomain;
    case "owned-app":
      return ownsApp;
    case "sign-off":
      return facts.signedOff !== null;
    case "grant":
      return facts.grant !== null && reviewDue !== null && now < reviewDue;
    default:
      return facts[one] !== null;
  }
}
