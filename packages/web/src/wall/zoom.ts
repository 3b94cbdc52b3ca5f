/** The size of the tiles as one gesture: each step makes them larger or smaller by the same share. */
import { LARGEST_TILE, SMALLEST_TILE } from "./layout.js";

const STEP = 1.15;
/** A wheel's notch is 100 or 120 of its units; a pinch on a touchpad comes as many small ones. */
const WHEEL_STEP = 100;
/** Turns that the browser gathered come as one; more at once is a device that counts otherwise. */
const MOST_STEPS = 8;
const SLIDER_STEPS = 100;

/** `width` is whatever the tiles have now; `steps` may be a fraction, and below zero. */
export function zoomed(width: number, steps: number): number {
  return Math.min(LARGEST_TILE, Math.max(SMALLEST_TILE, width * STEP ** steps));
}

/** As far in that direction as it takes for the tiles to be shown in another size; whole pixels. */
export function zoomedVisibly(
  wished: number,
  { direction, shownAt }: { direction: 1 | -1; shownAt: (wished: number) => number },
): number {
  const shown = shownAt(wished);
  let width = wished;
  for (;;) {
    const next = Math.round(zoomed(width, direction));
    // At the end, or so small that a step is less than a pixel.
    if (next === width) return width;
    width = next;
    if (shownAt(width) !== shown) return width;
  }
}

export function stepsOfWheel(deltaY: number): number {
  return -Math.max(-MOST_STEPS, Math.min(MOST_STEPS, deltaY / WHEEL_STEP));
}

/** Of 0 to 100. */
export function sliderOf(width: number): number {
  return (Math.log(width / SMALLEST_TILE) / Math.log(LARGEST_TILE / SMALLEST_TILE)) * SLIDER_STEPS;
}

export function widthOfSlider(value: number): number {
  return Math.round(SMALLEST_TILE * (LARGEST_TILE / SMALLEST_TILE) ** (value / SLIDER_STEPS));
}
