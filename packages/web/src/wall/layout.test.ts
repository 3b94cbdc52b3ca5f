import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleDevice, sampleDevices } from "../live/sample-device.js";
import { GROUPINGS, groupDevices, keepGroups } from "./groups.js";
import { LARGEST_TILE, layOutWall, SMALLEST_TILE, seenBetween } from "./layout.js";
import { step } from "./steps.js";

const wall = (count: number, by: (typeof GROUPINGS)[number] = "chassis") =>
  groupDevices(sampleDevices(count), by, { gaps: true });

describe("grouping", () => {
  test("puts a chassis in the order of its slots, with its gaps when asked", () => {
    const devices = [sampleDevice({ id: "d-0003", slot: 3 }), sampleDevice({ id: "d-0001", slot: 1 })];
    expect(groupDevices(devices, "chassis", { gaps: true })[0]?.cells).toEqual([
      { id: "d-0001", slot: 1 },
      { id: null, slot: 2 },
      { id: "d-0003", slot: 3 },
    ]);
    expect(groupDevices(devices, "chassis", { gaps: false })[0]?.cells.length).toBe(2);
  });

  test("survives two devices in one slot and slots numbered in the millions", () => {
    const devices = [
      sampleDevice({ id: "d-0001", slot: 1 }),
      sampleDevice({ id: "d-0002", slot: 1 }),
      sampleDevice({ id: "d-0003", slot: 5_000_000 }),
    ];
    expect(groupDevices(devices, "chassis", { gaps: true })[0]?.cells.map(({ id }) => id)).toEqual([
      "d-0001",
      "d-0002",
      "d-0003",
    ]);
  });

  test("puts devices without a chassis last", () => {
    const devices = [sampleDevice({ id: "d-0001", chassis: null, slot: null }), sampleDevice({ id: "d-0002" })];
    expect(groupDevices(devices, "chassis", { gaps: true }).map(({ name }) => name)).toEqual(["C01", null]);
  });
});

test("groups stay the same objects until a device moves", () => {
  const before = wall(40);
  const again = keepGroups(before, wall(40));
  expect(again).toBe(before);
  const grown = keepGroups(before, wall(41));
  expect(grown.length).toBe(3);
  expect(grown[0]).toBe(before[0]);
  expect(grown[1]).toBe(before[1]);
});

describe("the wall's layout", () => {
  test("shows twenty phones at once as two rows of ten, at both common sizes of window", () => {
    for (const space of [
      { width: 1340, height: 790 },
      { width: 1180, height: 610 },
    ]) {
      const layout = layOutWall(wall(20), { ...space, tileWidth: undefined });
      const lines = new Set(layout.rows[0]?.blocks[0]?.cells.map(({ y }) => y));
      expect(lines.size).toBe(2);
      expect(layout.height).toBeLessThanOrEqual(space.height);
    }
  });

  test("has two columns in a hand", () => {
    const layout = layOutWall(wall(20), { width: 374, height: 700, tileWidth: undefined });
    expect(new Set(layout.rows[0]?.blocks[0]?.cells.map(({ x }) => x)).size).toBe(2);
  });

  test("sets many chassis side by side", () => {
    const layout = layOutWall(wall(1_000), { width: 1340, height: 790, tileWidth: undefined });
    expect(layout.rows[0]?.blocks.length).toBe(2);
  });

  test("places every device once, inside its block, over no other, whatever the window", () => {
    fc.assert(
      fc.property(
        fc.record({
          count: fc.integer({ min: 1, max: 120 }),
          width: fc.integer({ min: 200, max: 3_000 }),
          tileWidth: fc.option(fc.integer({ min: SMALLEST_TILE, max: LARGEST_TILE }), { nil: undefined }),
          by: fc.constantFrom(...GROUPINGS),
        }),
        ({ count, width, tileWidth, by }) => {
          const layout = layOutWall(wall(count, by), { width, height: 800, tileWidth });
          const boxes = layout.rows.flatMap((row) =>
            row.blocks.flatMap((block) => {
              for (const { x, y } of block.cells) {
                expect(x + layout.tile.width).toBeLessThanOrEqual(block.width);
                expect(y + layout.tile.height).toBeLessThanOrEqual(block.height);
              }
              expect(block.x + block.width).toBeLessThanOrEqual(width + 1);
              return block.cells.map(({ id, x, y }) => ({ id, key: `${block.x + x} ${row.y + y}` }));
            }),
          );
          expect(new Set(boxes.map(({ id }) => id)).size).toBe(count);
          expect(new Set(boxes.map(({ key }) => key)).size).toBe(count);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("knows which tiles are seen: no more than fit, and all of them on a wall as high as the window", () => {
    const layout = layOutWall(wall(1_000), { width: 1340, height: 790, tileWidth: undefined });
    expect(seenBetween(layout, 0, layout.height).length).toBe(1_000);
    const seen = seenBetween(layout, 0, 790);
    expect(seen).toContain("d-0000");
    expect(seen).not.toContain("d-0999");
    expect(seen.length).toBeLessThan(200);
  });
});

describe("arrow keys on the wall", () => {
  const layout = layOutWall(wall(40), { width: 1340, height: 400, tileWidth: 110 });

  test("go along the line and over its end", () => {
    expect(step(layout, "d-0000", "ArrowRight")?.id).toBe("d-0001");
    expect(step(layout, "d-0009", "ArrowRight")?.id).toBe("d-0010");
    expect(step(layout, "d-0000", "ArrowLeft")).toBeUndefined();
  });

  test("go down within a chassis and into the next", () => {
    expect(step(layout, "d-0003", "ArrowDown")?.id).toBe("d-0013");
    expect(step(layout, "d-0013", "ArrowDown")).toMatchObject({ id: "d-0023", row: 1 });
    expect(step(layout, "d-0023", "ArrowUp")?.id).toBe("d-0013");
  });

  test("know the ends, and leave other keys alone", () => {
    expect(step(layout, "d-0003", "End")?.id).toBe("d-0039");
    expect(step(layout, "d-0003", "Home")?.id).toBe("d-0000");
    expect(step(layout, "d-0003", "x")).toBeUndefined();
    expect(step(layout, "d-none", "ArrowDown")).toBeUndefined();
  });
});
