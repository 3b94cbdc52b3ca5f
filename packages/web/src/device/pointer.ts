/** From where a pointer is on the page to where it is on the phone, and the second finger of a pinch with one mouse. */
import type { Screen } from "@phonerack/contract/api";

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/** The phone's picture on the page: `DOMRect` fits. */
export interface Box extends Extent {
  readonly left: number;
  readonly top: number;
}

/**
 * The phone's screen in device pixels as the person sees it. Just after a turn the picture may lie while the device's report still stands (or
 * the other way round): the picture is what the hand aims at.
 */
export function seenScreen(screen: Pick<Screen, "width" | "height">, picture: Extent | undefined): Extent {
  const { width, height } = screen;
  const lies = picture ? picture.width > picture.height : width > height;
  return lies === width > height ? { width, height } : { width: height, height: width };
}

/** Whole device pixels, kept on the screen: a drag that leaves the picture goes along its edge. */
export function toDevice(at: Spot, box: Box, screen: Extent): Spot {
  return {
    x: clamp(Math.floor(((at.x - box.left) / box.width) * screen.width), screen.width - 1),
    y: clamp(Math.floor(((at.y - box.top) / box.height) * screen.height), screen.height - 1),
  };
}

/** Where a pinch's other finger is: across the middle of the screen, as in scrcpy. */
export function mirrored(at: Spot, screen: Extent): Spot {
  return { x: screen.width - 1 - at.x, y: screen.height - 1 - at.y };
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

const WHEEL_STEP_PX = 100;
const LINE_PX = 33;
const MOST_STEPS = 16;

/** Android scrolls by steps, positive up and left; browsers by pixels, lines or pages, positive down and right. */
export function toScroll(wheel: { deltaX: number; deltaY: number; deltaMode: number }): { dx: number; dy: number } {
  const unit = wheel.deltaMode === 0 ? 1 : wheel.deltaMode === 1 ? LINE_PX : 8 * LINE_PX;
  const steps = (delta: number) => {
    const value = Math.max(-MOST_STEPS, Math.min(MOST_STEPS, (-delta * unit) / WHEEL_STEP_PX));
    return value === 0 ? 0 : value;
  };
  return { dx: steps(wheel.deltaX), dy: steps(wheel.deltaY) };
}
