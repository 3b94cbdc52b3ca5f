import { expect, test } from "vitest";
import {
  ANNOUNCED_MS,
  type Announced,
  CHANGES_MS,
  covers,
  MOST_CHANGES,
  parsePrefix,
  wrongWithChange,
  wrongWithPrefix,
} from "./egress.js";

const NOW = 1_795_000_000_000;

test.each(["81.2.69.0/28", "81.2.69.7/32", "2a00:1450::/48", "2a00:1450:4001:81b::200e/128"])("a lab may have %s", (text) => {
  expect(wrongWithPrefix(text)).toBeUndefined();
});

test.each([
  ["81.2.69.1/28", /no bit set/],
  ["81.2.69.0", /no prefix/],
  ["81.2.69.0/33", /no prefix/],
  ["81.2.069.0/28", /no prefix/],
  ["81.2.69.0/28/28", /no prefix/],
  ["٨١.2.69.0/28", /no prefix/],
  ["81.0.0.0/8", /wider/],
  ["0.0.0.0/0", /wider/],
  ["2a00::/16", /wider/],
  ["10.0.0.0/24", /10\.0\.0\.0\/8/],
  ["100.64.3.0/24", /100\.64/],
  ["192.168.0.0/24", /192\.168/],
  ["203.0.113.0/24", /203\.0\.113/],
  ["fd00::/48", /fc00/],
  ["::ffff:0:0/96", /::\/8/],
  ["2001:db8::/48", /2001:db8/],
  ["2A00:1450::/48", /no prefix/],
])("no lab has %s", (text, why) => {
  expect(wrongWithPrefix(text)).toMatch(why);
});

test("knows which addresses lie in a prefix", () => {
  const four = parsePrefix("81.2.69.16/28") ?? expect.unreachable();
  expect(["81.2.69.16", "81.2.69.31", "81.2.69.15", "81.2.69.32", "::1"].map((ip) => covers(four, ip))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const six = parsePrefix("2a00:1450:4000::/44") ?? expect.unreachable();
  expect(["2a00:1450:400f::1", "2a00:1450:4010::1", "81.2.69.16"].map((ip) => covers(six, ip))).toEqual([true, false, false]);
});

const known = (days: readonly number[]): Announced[] =>
  days.map((day) => ({
    prefix: "81.2.69.0/28",
    announcedAt: NOW - day * 86_400_000,
    from: NOW - (day - 1) * 86_400_000,
    until: NOW - 1,
  }));

test("takes the first set at once, every other a day ahead", () => {
  const prefixes = ["81.2.69.0/28"];
  expect(wrongWithChange([], { prefixes, from: NOW, now: NOW })).toBeUndefined();
  expect(wrongWithChange(known([10]), { prefixes, from: NOW + ANNOUNCED_MS - 1, now: NOW })).toMatch(/24 hours/);
  expect(wrongWithChange(known([10]), { prefixes, from: NOW + ANNOUNCED_MS, now: NOW })).toBeUndefined();
});

test("refuses whatever rotates: many changes, changes upon changes, many prefixes", () => {
  const change = { prefixes: ["81.2.69.0/28"], from: NOW + ANNOUNCED_MS, now: NOW };
  expect(wrongWithChange(known([2, 4, 6, 8]), change)).toMatch(`${MOST_CHANGES} times in 30 days`);
  expect(wrongWithChange(known([2, 4, 6, CHANGES_MS / 86_400_000]), change)).toBeUndefined();
  expect(wrongWithChange([{ prefix: "81.2.69.0/28", announcedAt: NOW - 1, from: NOW + 1, until: null }], change)).toMatch(
    /announced already/,
  );
  const many = Array.from({ length: 17 }, (_, at) => `81.2.69.${at}/32`);
  expect(wrongWithChange([], { ...change, prefixes: many })).toMatch(/at most 16/);
  expect(wrongWithChange([], { ...change, prefixes: ["81.2.69.0/28", "81.2.69.0/28"] })).toMatch(/twice/);
});
