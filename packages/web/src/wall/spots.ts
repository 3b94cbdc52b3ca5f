/** Where on the wall each tile lies: for keys that go from tile to tile, rectangles drawn over them, and zooming around one. */
import type { DeviceId } from "@phonerack/contract/api";
import type { WallLayout } from "./layout.js";

/** In CSS pixels from the wall's upper left corner, whatever of it is scrolled into view. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Spot extends Point {
  readonly id: DeviceId;
  /** Which row of the layout it is in. */
  readonly row: number;
}

/** From one corner to the opposite one, in any direction. */
export interface Band {
  readonly from: Point;
  readonly to: Point;
}

const known = new WeakMap<WallLayout, readonly Spot[]>();

export function spotsOf(layout: WallLayout): readonly Spot[] {
  const before = known.get(layout);
  if (before) return before;
  const spots = layout.rows.flatMap((row, index) =>
    row.blocks.flatMap((block) =>
      block.cells.flatMap(({ id, x, y }) => (id === null ? [] : { id, row: index, x: block.x + x, y: row.y + y })),
    ),
  );
  known.set(layout, spots);
  return spots;
}

export function spotOf(layout: WallLayout, id: DeviceId): Spot | undefined {
  return spotsOf(layout).find((spot) => spot.id === id);
}

/** The tiles that the band touches, in the order of the wall. */
export function tilesUnder(layout: WallLayout, { from, to }: Band): readonly DeviceId[] {
  const { width, height } = layout.tile;
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  return spotsOf(layout)
    .filter(({ x, y }) => x < right && x + width > left && y < bottom && y + height > top)
    .map(({ id }) => id);
}

/** What is at a point of the wall: the nearest tile, and where in it the point lies, in shares of a tile. */
export interface Anchor extends Point {
  readonly id: DeviceId;
}

export function anchorAt(layout: WallLayout, { x, y }: Point): Anchor | undefined {
  const { width, height } = layout.tile;
  const away = (spot: Spot) => Math.hypot(spot.x + width / 2 - x, spot.y + height / 2 - y);
  let nearest: Spot | undefined;
  for (const spot of spotsOf(layout)) if (!nearest || away(spot) < away(nearest)) nearest = spot;
  return nearest && { id: nearest.id, x: (x - nearest.x) / width, y: (y - nearest.y) / height };
}

/** Where that point of that tile lies in another layout of the same wall; undefined when the tile is not in it. */
export function pointOf(layout: WallLayout, { id, x, y }: Anchor): Point | undefined {
  const spot = spotOf(layout, id);
  return spot && { x: spot.x + x * layout.tile.width, y: spot.y + y * layout.tile.height };
}
