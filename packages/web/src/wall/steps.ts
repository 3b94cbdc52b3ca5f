/** From tile to tile by arrow keys, over the laid out wall. */
import type { DeviceId } from "@phonerack/contract/api";
import type { WallLayout } from "./layout.js";
import { type Spot, spotsOf } from "./spots.js";

/** The tile that the key leads to; undefined for other keys and at the end of the wall. */
export function step(layout: WallLayout, from: DeviceId, key: string): { id: DeviceId; row: number } | undefined {
  const spots = spotsOf(layout);
  const at = spots.find(({ id }) => id === from);
  if (!at) return undefined;
  switch (key) {
    case "Home":
      return spots[0];
    case "End":
      return spots.at(-1);
    case "ArrowLeft":
      return beside(spots, at, -1);
    case "ArrowRight":
      return beside(spots, at, 1);
    case "ArrowUp":
      return above(spots, at, -1);
    case "ArrowDown":
      return above(spots, at, 1);
    default:
      return undefined;
  }
}

/** On the same line; past its end, the next line's first. */
function beside(spots: readonly Spot[], at: Spot, by: 1 | -1): Spot | undefined {
  const inReadingOrder = [...spots].sort((a, b) => a.y - b.y || a.x - b.x);
  return inReadingOrder[inReadingOrder.indexOf(at) + by];
}

/** On the nearest line in that direction, the tile closest by x. */
function above(spots: readonly Spot[], at: Spot, by: 1 | -1): Spot | undefined {
  const beyond = spots.filter(({ y }) => (y - at.y) * by > 0);
  const line = beyond.reduce<number | undefined>(
    (best, { y }) => (best === undefined || (best - y) * by > 0 ? y : best),
    undefined,
  );
  return beyond.filter(({ y }) => y === line).sort((a, b) => Math.abs(a.x - at.x) - Math.abs(b.x - at.x))[0];
}
