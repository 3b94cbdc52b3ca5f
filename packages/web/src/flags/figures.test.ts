import { FLAG_BOUNDS } from "@phonerack/contract/api";
import { expect, test } from "vitest";
import { figuresOf, placesOf } from "./figures.js";

const beyondOf = (...[rule, measured]: [Parameters<typeof figuresOf>[0]["rule"], Record<string, number | string>]) =>
  figuresOf({ rule, measured }).map(({ name, beyond }) => [name, beyond]);

test("a figure is beyond its bound from where its rule flags, and not before", () => {
  const { hour, day } = FLAG_BOUNDS.budget;
  expect(beyondOf("budget", { hour, day })).toEqual([
    ["hour", false],
    ["day", false],
  ]);
  expect(beyondOf("budget", { hour: hour + 1, day: day + 1 })).toEqual([
    ["hour", true],
    ["day", true],
  ]);
  const { devices } = FLAG_BOUNDS["fan-out"];
  expect(beyondOf("fan-out", { package: "a.b", devices: 1, tried: devices - 1 })).toEqual([
    ["used", false],
    ["reached", true],
  ]);
  expect(beyondOf("fan-out", { package: "a.b", devices, tried: 0 })).toEqual([["used", true]]);
  expect(beyondOf("resets", { resets: FLAG_BOUNDS.resets.resets })).toEqual([["resets", false]]);
  expect(beyondOf("accounts", { times: 1, devices: FLAG_BOUNDS.accounts.devices })).toEqual([
    ["times", false],
    ["devices", true],
  ]);
  expect(beyondOf("duty", { hours: 21, variation: 0.149 })).toEqual([
    ["hours", true],
    ["variation", true],
  ]);
  expect(beyondOf("duty", { hours: 20, variation: 0.15 })).toEqual([
    ["hours", false],
    ["variation", false],
  ]);
});

test("what an organisation is not told draws no figure", () => {
  expect(figuresOf({ rule: "linked", measured: {} })).toEqual([]);
});

test("the bound stands within the bar, however far the value is beyond it", () => {
  const [near] = figuresOf({ rule: "linked", measured: { devices: 1 } });
  const [far] = figuresOf({ rule: "linked", measured: { devices: 600 } });
  expect(near && placesOf(near)).toEqual({ value: 1 / 90, bound: 60 / 90 });
  expect(far && placesOf(far)).toEqual({ value: 1, bound: 0.1 });
});
