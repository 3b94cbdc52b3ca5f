import { expect, test } from "vitest";
import { Pace } from "./pace.js";

test("lets pass what is within the rate and holds what is beyond it until the second is over", async () => {
  let now = 0;
  const pace = new Pace(1_000, () => now);
  for (let i = 0; i < 10; i++) expect(pace.count(100)).toBeUndefined();
  const began = performance.now();
  const held = pace.count(1);
  expect(held).toBeInstanceOf(Promise);
  await held;
  expect(performance.now() - began).toBeGreaterThan(900);
  now = 1_000;
  expect(pace.count(500)).toBeUndefined();
});
