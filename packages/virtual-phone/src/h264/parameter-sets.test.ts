import { expect, it } from "vitest";
import { levelFor, parameterSets } from "./parameter-sets.js";

it("describes a 360 x 800 stream with these bytes", () => {
  const hex = Buffer.from(parameterSets({ width: 360, height: 800, maxFps: 30 })).toString("hex");
  expect(hex).toMatchInlineSnapshot(`"000000016742c01eda05c197979a80808302c68aa80000000168ce3c80"`);
});

it("picks the lowest level that holds the size and rate", () => {
  expect(levelFor({ width: 176, height: 144, maxFps: 15 })).toBe(10);
  expect(levelFor({ width: 184, height: 400, maxFps: 5 })).toBe(11);
  expect(levelFor({ width: 360, height: 800, maxFps: 30 })).toBe(30);
  expect(levelFor({ width: 360, height: 800, maxFps: 60 })).toBe(31);
  expect(levelFor({ width: 800, height: 800, maxFps: 60 })).toBe(32);
});
