import { expect, test } from "vitest";
import { isMet, missingToGive } from "./requirements.js";
import { sampleTenancy } from "./sample-tenancy.js";

const verified = { verified: "contract 17", domain: "acme.example", ownerAtDomain: true, ownsApp: true } as const;

test("a tier asks for all that those below it ask for, and not for what giving it brings", () => {
  expect(missingToGive(sampleTenancy(), "T0")).toEqual([]);
  expect(missingToGive(sampleTenancy(), "T1")).toEqual(["verified", "domain", "owned-app"]);
  expect(missingToGive(sampleTenancy(verified), "T1")).toEqual([]);
  expect(missingToGive(sampleTenancy({ ...verified, ownsApp: false, use: "tests of our own game" }), "T3")).toEqual([
    "owned-app",
    "responsible",
    "extract",
  ]);
});

test("a grant whose review is overdue is not there", () => {
  const grant = { phones: 60, reviewDue: 1, overdue: false };
  expect(isMet(sampleTenancy({ grant }), "grant")).toBe(true);
  expect(isMet(sampleTenancy({ grant: { ...grant, overdue: true } }), "grant")).toBe(false);
});
