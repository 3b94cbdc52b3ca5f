import { expect, test } from "vitest";
import { Pace } from "./pace.js";

test("lets pass what is within the rate and holds what is beyond it until the second is over", async () => {
  const pace = new Pace(1_000);
  const began = performance.now();
  for (let i = 0; i < 10; i++) expect(pace.count(100)).toBeUndefined();
  const held = pace.count(1);
  expect(held).toBeInstanceOf(Promise);
  await held;
  expect(performance.now() - began).toBeGreaterThan(900);
  expect(pace.count(500)).toBeUndefined();
});
