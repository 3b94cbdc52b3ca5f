// Rectangles and colours of a screen, in device pixels unless a name says otherwise. Pure functions; nothing here draws.

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Left, top and extent. Empty when width or height is not positive. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** 0xAARRGGBB, not premultiplied, as Android writes colours. */
export type Color = number;

export const colors = {
  transparent: 0x00000000,
  black: 0xff000000,
  white: 0xffffffff,
} as const;

/** An opaque colour from 0xRRGGBB. */
export function rgb(hex: number): Color {
  return (0xff000000 | hex) >>> 0;
}

/** The same colour with another opacity, 0 to 1. */
export function withAlpha(color: Color, alpha: number): Color {
  const a = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return ((a << 24) | (color & 0xffffff)) >>> 0;
}

/** The colour `t` (0 to 1) of the way from one to another, channel by channel. */
export function mix(from: Color, to: Color, t: number): Color {
  let out = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const a = (from >>> shift) & 255;
    const b = (to >>> shift) & 255;
    out |= Math.round(a + (b - a) * t) << shift;
  }
  return out >>> 0;
}

export function isEmpty(rect: Rect): boolean {
  return !(rect.width > 0 && rect.height > 0);
}

export function rectOf(size: Size): Rect {
  return { x: 0, y: 0, width: size.width, height: size.height };
}

/** What two rectangles have in common; empty (zero extent) when nothing. */
export function intersect(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.max(0, Math.min(a.x + a.width, b.x + b.width) - x);
  const height = Math.max(0, Math.min(a.y + a.height, b.y + b.height) - y);
  return { x, y, width, height };
}

export function intersects(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The smallest rectangle holding both; an empty one adds nothing. */
export function union(a: Rect, b: Rect): Rect {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

export function translate(rect: Rect, dx: number, dy: number): Rect {
  return { x: rect.x + dx, y: rect.y + dy, width: rect.width, height: rect.height };
}

/** Smaller on every side by `by` (larger when negative). */
export function inset(rect: Rect, by: number): Rect {
  return { x: rect.x + by, y: rect.y + by, width: rect.width - 2 * by, height: rect.height - 2 * by };
}
