import { describe, expect, test } from "vitest";
import { sampleDevices } from "../live/sample-device.js";
import { groupDevices, orderOf } from "./groups.js";
import { layOutWall, SMALLEST_TILE } from "./layout.js";
import { Selection } from "./selection.js";
import { anchorAt, pointOf, spotOf, tilesUnder } from "./spots.js";
import { zoomedVisibly } from "./zoom.js";

const groups = groupDevices(sampleDevices(60), "chassis", { gaps: true });
const order = orderOf(groups);

describe("a selection", () => {
  test("tells only the phones that came or went", () => {
    const selection = new Selection();
    const told: string[] = [];
    for (const id of order) selection.subscribeTo(id, () => told.push(id));
    selection.put(["d-0001", "d-0002"]);
    selection.put(["d-0002", "d-0003"]);
    expect(told).toEqual(["d-0001", "d-0002", "d-0001", "d-0003"]);
    const { ids } = selection;
    selection.put(["d-0003", "d-0002"]);
    expect(selection.ids).toBe(ids);
  });

  test("goes from the anchor to where Shift points, there and back", () => {
    const selection = new Selection();
    selection.toggle("d-0005");
    selection.extend(order, "d-0008");
    expect([...selection.ids]).toEqual(["d-0005", "d-0006", "d-0007", "d-0008"]);
    selection.extend(order, "d-0004");
    expect([...selection.ids]).toEqual(["d-0004", "d-0005"]);
    selection.extend(order, "d-none");
    expect(selection.ids.size).toBe(2);
  });

  test("takes a chassis whole, and gives it back only when all of it was selected", () => {
    const selection = new Selection();
    const chassis = order.slice(0, 20);
    selection.toggle("d-0003");
    selection.toggle("d-0030");
    selection.toggleAll(chassis);
    expect(selection.ids.size).toBe(21);
    selection.toggleAll(chassis);
    expect([...selection.ids]).toEqual(["d-0030"]);
  });
});

describe("places on the wall", () => {
  const layout = layOutWall(groups, { width: 1340, height: 700, tileWidth: 110 });

  test("a rectangle takes what it touches, in whatever direction it was drawn", () => {
    const first = spotOf(layout, "d-0000");
    const twelfth = spotOf(layout, "d-0011");
    if (!first || !twelfth) throw new Error("not on the wall");
    const from = { x: first.x + 4, y: first.y + 4 };
    const to = { x: twelfth.x + 4, y: twelfth.y + 4 };
    expect(tilesUnder(layout, { from, to })).toEqual(["d-0000", "d-0001", "d-0010", "d-0011"]);
    expect(tilesUnder(layout, { from: to, to: from })).toEqual(tilesUnder(layout, { from, to }));
    expect(tilesUnder(layout, { from: { x: 0, y: 0 }, to: { x: 2, y: 2 } })).toEqual([]);
  });

  test("what was under the pointer before a zoom can be found again after it", () => {
    const anchor = anchorAt(layout, { x: 400, y: 900 });
    const small = layOutWall(groups, { width: 1340, height: 700, tileWidth: 60 });
    const there = anchor && pointOf(small, anchor);
    expect(there && anchorAt(small, there)?.id).toBe(anchor?.id);
    expect(anchor && pointOf(layout, anchor)).toEqual({ x: 400, y: 900 });
  });

  test("a key makes tiles visibly smaller each time, down to the smallest, and larger again", () => {
    const shownAt = (tileWidth: number) => layOutWall(groups, { width: 1340, height: 700, tileWidth }).tile.width;
    const widths = [280];
    for (let press = 0; press < 40; press++) widths.push(zoomedVisibly(widths.at(-1) ?? 0, { direction: -1, shownAt }));
    expect(widths.at(-1)).toBe(SMALLEST_TILE);
    const shown = widths.map(shownAt);
    const sizes = shown.slice(0, shown.indexOf(shown.at(-1) ?? 0) + 1);
    expect(new Set(sizes).size).toBe(sizes.length);
    expect(zoomedVisibly(SMALLEST_TILE, { direction: 1, shownAt })).toBeGreaterThan(SMALLEST_TILE);
  });

  test("four hundred small tiles are seen at once", () => {
    const many = groupDevices(sampleDevices(400), "chassis", { gaps: true });
    const dense = layOutWall(many, { width: 1340, height: 790, tileWidth: SMALLEST_TILE });
    expect(dense.height).toBeLessThanOrEqual(790);
  });
});
