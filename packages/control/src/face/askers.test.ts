import { expect, test } from "vitest";
import { Askers, askerOf, QUESTIONS } from "./askers.js";

const NOW = 1_800_000_000_000;

test.each([
  ["81.2.69.7", "::ffff:81.2.69.7"],
  ["2a02:8388:1:2::7", "2a02:8388:1:2:ffff:ffff:ffff:ffff"],
  ["2a02:8388:0001:0002::", "2a02:8388:1:2::1"],
  ["2A02:8388:1:2::7", "2a02:8388:1:2::8"],
  ["fe80::1%eth0", "fe80::2"],
])("%s and %s are one asker", (one, other) => {
  expect(askerOf(one)).toBe(askerOf(other));
});

test.each([
  ["81.2.69.7", "81.2.69.8"],
  ["2a02:8388:1:2::7", "2a02:8388:1:3::7"],
  ["::ffff:81.2.69.7", "::ffff:81.2.69.8"],
  ["::1", "81.2.69.7"],
])("%s and %s are two", (one, other) => {
  expect(askerOf(one)).not.toBe(askerOf(other));
});

test("who takes another address for each question has asked as often, and others are not held up", () => {
  const askers = new Askers();
  for (let asked = 0; asked < QUESTIONS; asked++) askers.count(`2a02:8388:1:2::${asked.toString(16)}`, NOW);
  const again = () => askers.count("2a02:8388:1:2:1:2:3:4", NOW);
  expect(again).toThrowError(expect.objectContaining({ code: "too_many" }));
  askers.count("2a02:8388:1:3::1", NOW);
  askers.count("81.2.69.7", NOW);
  askers.count("2a02:8388:1:2:1:2:3:4", NOW + 3_600_000);
});
