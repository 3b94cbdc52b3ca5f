/** What each step of the ladder asks for, and what of it an organisation has. Control decides; this draws it. */
import type { Tenancy, TenantTier, TierRequirement } from "@phonerack/contract/api";

interface Step {
  readonly tier: TenantTier;
  readonly asks: readonly TierRequirement[];
}

export const STEPS: readonly Step[] = [
  { tier: "T0", asks: [] },
  { tier: "T1", asks: ["verified", "domain", "owned-app"] },
  { tier: "T2", asks: ["responsible", "extract", "use", "sign-off"] },
  { tier: "T3", asks: ["grant"] },
];

export const TIERS: readonly TenantTier[] = STEPS.map(({ tier }) => tier);

/** Who gives a tier signs it with their name, and says the grant. */
const WITH_THE_GIFT: ReadonlySet<TierRequirement> = new Set(["sign-off", "grant"]);

export function rankOf(tier: TenantTier): number {
  return TIERS.indexOf(tier);
}

export function isMet(tenancy: Tenancy, asked: TierRequirement): boolean {
  switch (asked) {
    case "owned-app":
      return tenancy.ownsApp;
    case "sign-off":
      return tenancy.signedOff !== null;
    case "grant":
      return tenancy.grant !== null && !tenancy.grant.overdue;
    case "domain":
      return tenancy.domain !== null && tenancy.ownerAtDomain;
    case "verified":
    case "responsible":
    case "extract":
    case "use":
      return tenancy[asked] !== null;
  }
}

/** What has to be there before somebody can give it. */
export function missingToGive(tenancy: Tenancy, tier: TenantTier): TierRequirement[] {
  const asked = STEPS.slice(0, rankOf(tier) + 1).flatMap(({ asks }) => asks);
  return asked.filter((one) => !WITH_THE_GIFT.has(one) && !isMet(tenancy, one));
}
