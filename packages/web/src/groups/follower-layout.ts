/** How large the followers' tiles are: as large as lets all be seen, down to where pictures can still be told apart; beyond that they scroll. */
import type { BoxSize } from "../wall/use-box.js";

export interface FollowerLayout {
  readonly columns: number;
  readonly rows: number;
  readonly tile: { readonly width: number; readonly height: number; readonly pictureHeight: number };
}

export const GAP = 8;
const FOOT = 24;
/** Narrower than this, the name and the word of how it follows stand one below the other. */
export const ROOM_FOR_BOTH = 132;
const HIGH_FOOT = 38;
const PICTURE_SHAPE = 2.14;
const LARGEST = 190;
const SMALLEST = 68;

export function layOutFollowers(count: number, { width, height }: BoxSize): FollowerLayout {
  for (let wished = LARGEST; wished > SMALLEST; wished -= 4) {
    const columns = columnsOf(count, width, wished);
    const layout = laidOut(count, { columns, tileWidth: Math.min(wished, width) });
    if (layout.rows * (layout.tile.height + GAP) - GAP <= height) return layout;
  }
  const columns = columnsOf(count, width, SMALLEST);
  // They scroll, so they may as well fill the width.
  return laidOut(count, { columns, tileWidth: Math.max(1, Math.floor((width + GAP) / columns - GAP)) });
}

function columnsOf(count: number, width: number, wished: number): number {
  return Math.max(1, Math.min(count, Math.floor((width + GAP) / (wished + GAP))));
}

function laidOut(count: number, { columns, tileWidth }: { columns: number; tileWidth: number }): FollowerLayout {
  const pictureHeight = Math.round(tileWidth * PICTURE_SHAPE);
  const height = pictureHeight + (tileWidth < ROOM_FOR_BOTH ? HIGH_FOOT : FOOT);
  return { columns, rows: Math.ceil(count / columns), tile: { width: tileWidth, height, pictureHeight } };
}
