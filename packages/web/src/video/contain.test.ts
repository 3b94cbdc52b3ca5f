import { describe, expect, test } from "vitest";
import { contain } from "./contain.js";

describe("a picture in its place", () => {
  const place = { x: 10, y: 20, width: 100, height: 200 };

  test("keeps its shape, in the middle or standing", () => {
    expect(contain({ width: 200, height: 100 }, place)).toEqual({ x: 10, y: 95, width: 100, height: 50 });
    expect(contain({ width: 200, height: 100 }, place, true)).toEqual({ x: 10, y: 170, width: 100, height: 50 });
    expect(contain({ width: 50, height: 200 }, place)).toEqual({ x: 35, y: 20, width: 50, height: 200 });
  });
});
