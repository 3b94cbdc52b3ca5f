import { expect, test } from "vitest";
import { Bucket } from "./bucket.js";

test("lets as many through at once as a second may have, and then one each time its share of a second has passed", () => {
  const bucket = new Bucket(2, 1_000);
  const taken = (now: number) => bucket.take(2, now);
  expect([1_000, 1_000, 1_000, 1_000].map(taken)).toEqual([true, true, false, false]);
  expect([1_499, 1_500, 1_500].map(taken)).toEqual([false, true, false]);
  expect([60_000, 60_000, 60_000].map(taken)).toEqual([true, true, false]);
});

test("does not give anything for a clock that was set back", () => {
  const bucket = new Bucket(1, 5_000);
  expect(bucket.take(1, 5_000)).toBe(true);
  expect(bucket.take(1, 1_000)).toBe(false);
});
