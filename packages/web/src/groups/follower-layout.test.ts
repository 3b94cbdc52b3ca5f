import { describe, expect, test } from "vitest";
import { GAP, layOutFollowers } from "./follower-layout.js";

describe("followers", () => {
  test("all fit where they can, in whatever room", () => {
    for (const count of [1, 4, 19, 40]) {
      const box = { width: 760, height: 500 };
      const { rows, columns, tile } = layOutFollowers(count, box);
      if (rows * (tile.height + GAP) - GAP > box.height) expect(tile.width).toBeLessThan(80);
      expect(columns * (tile.width + GAP) - GAP).toBeLessThanOrEqual(box.width);
      expect(rows * columns).toBeGreaterThanOrEqual(count);
    }
  });

  test("of a thousand scroll, and fill the width", () => {
    const { columns, rows, tile } = layOutFollowers(999, { width: 760, height: 500 });
    expect(tile.width).toBeGreaterThanOrEqual(68);
    expect(760 - (columns * (tile.width + GAP) - GAP)).toBeLessThan(columns);
    expect(rows).toBe(Math.ceil(999 / columns));
  });

  test("stand one below the other before there is any room", () => {
    expect(layOutFollowers(3, { width: 0, height: 0 }).columns).toBe(1);
  });
});
