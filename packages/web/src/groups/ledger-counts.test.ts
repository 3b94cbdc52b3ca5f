import { expect, test } from "vitest";
import { countsOf } from "./ledger-counts.js";
import { sampleStep } from "./sample-group.js";

test("a line's counts come in the order in which people ask, nothing that is none, and their parts make a whole", () => {
  const counts = countsOf(
    sampleStep({ waiting: 1, counts: { applied: 16, delivered: 0, "not-found": 1, denied: 2, late: 0, failed: 0 } }),
  );
  expect(counts.map(({ kind, count }) => [kind, count])).toEqual([
    ["applied", 16],
    ["not-found", 1],
    ["denied", 2],
    ["waiting", 1],
  ]);
  expect(counts.reduce((sum, { part }) => sum + part, 0)).toBeCloseTo(1);
});
