import { describe, expect, test } from "vitest";
import { isPending, soonest, stateOf, weigh } from "./egress-state.js";

const NOW = 1_795_000_000_000;
const DAY = 86_400_000;
const one = { prefix: "81.2.69.0/28", announcedAt: NOW - 2 * DAY, from: NOW - DAY, until: null };

test("a prefix is in force, to come, about to end, or over", () => {
  expect(stateOf(one, NOW)).toBe("now");
  expect(stateOf({ ...one, from: NOW + 1 }, NOW)).toBe("soon");
  expect(stateOf({ ...one, until: NOW + 1 }, NOW)).toBe("ending");
  expect(stateOf({ ...one, until: NOW }, NOW)).toBe("past");
  expect(isPending([one], NOW)).toBe(false);
  expect(isPending([one, { ...one, from: NOW + 1 }], NOW)).toBe(true);
});

describe("a change, while it is typed", () => {
  test("is what stands on the lines, at once when it is the first", () => {
    expect(weigh(" 81.2.69.0/28\n\n2a00:1450::/48 ", [], NOW)).toEqual({ prefixes: ["81.2.69.0/28", "2a00:1450::/48"] });
    expect(soonest([], NOW)).toBe(NOW);
    expect(soonest([one], NOW)).toBe(NOW + DAY);
  });

  test("is told which line is wrong and why, and when nothing would change", () => {
    expect(weigh("81.2.69.0/28\n10.0.0.0/24", [one], NOW).wrong).toMatch(/^10\.0\.0\.0\/24: .*10\.0\.0\.0\/8/);
    expect(weigh("81.2.69.0/28", [one], NOW).wrong).toBe("same");
    expect(weigh("81.2.70.0/28", [one, { ...one, from: NOW + 1 }], NOW).wrong).toMatch(/announced already/);
  });
});
