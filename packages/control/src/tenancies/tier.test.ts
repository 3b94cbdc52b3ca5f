import type { TenantTier } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { missingFor, phonesOf, type Standing, StoredFacts, tierNow } from "./tier.js";

const NOW = Date.UTC(2026, 10, 26);
const DAY = 86_400_000;
const FULL = StoredFacts.parse({
  verified: "contract 2026-17",
  domain: "acme.example",
  responsible: { name: "Ada", email: "ada@acme.example" },
  extract: { reference: "binder 3", sha256: "0".repeat(64) },
  use: "regression tests of our own shop",
  signedOff: { by: "u-1", name: "Olga", at: NOW },
  grant: { phones: 60 },
});
const standing = (tier: TenantTier, change: Partial<Standing> = {}): Standing => ({
  tier,
  facts: FULL,
  reviewDue: NOW + DAY,
  ownsApp: true,
  ownerAtDomain: true,
  ...change,
});

test("each tier reaches as far as it says, and never farther than it was given", () => {
  expect((["T0", "T1", "T2", "T3"] as const).map((tier) => phonesOf(standing(tier), NOW))).toEqual([0, 5, 20, 60]);
});

test("a tier falls by itself when what it rests on is gone", () => {
  expect(tierNow(standing("T3", { ownsApp: false }), NOW)).toBe("T0");
  expect(tierNow(standing("T3", { facts: { ...FULL, extract: null } }), NOW)).toBe("T1");
  expect(tierNow(standing("T2", { facts: { ...FULL, domain: null } }), NOW)).toBe("T0");
  expect(tierNow(standing("T2", { ownerAtDomain: false }), NOW)).toBe("T0");
});

test("a grant above 20 ends with its review", () => {
  expect(phonesOf(standing("T3"), NOW + DAY - 1)).toBe(60);
  expect(phonesOf(standing("T3"), NOW + DAY)).toBe(20);
  expect(phonesOf(standing("T3", { reviewDue: null }), NOW)).toBe(20);
});

test("says all that is missing, of the tiers below too", () => {
  const bare = { tier: "T0" as const, facts: StoredFacts.parse({}), reviewDue: null, ownsApp: false, ownerAtDomain: false };
  expect(missingFor("T1", bare, NOW)).toEqual(["verified", "domain", "owned-app"]);
  expect(missingFor("T3", { ...bare, ownsApp: true }, NOW)).toEqual([
    "verified",
    "domain",
    "responsible",
    "extract",
    "use",
    "sign-off",
    "grant",
  ]);
});
