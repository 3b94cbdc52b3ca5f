/** Wallpapers: a gradient of three colours and two soft hills, one set per model so that models are told apart from afar. */
import type { Wallpaper } from "../../models/model.js";
import type { Canvas } from "../../screen/canvas.js";
import { mix, type Point, rgb, withAlpha } from "../../screen/geometry.js";

export function paintWallpaper(
  canvas: Canvas,
  size: { readonly width: number; readonly height: number },
  wallpaper: Wallpaper,
): void {
  const { width, height } = size;
  const half = Math.round(height * 0.55);
  canvas.gradient({ x: 0, y: 0, width, height: half }, { from: rgb(wallpaper.top), to: rgb(wallpaper.middle) });
  canvas.gradient({ x: 0, y: half, width, height: height - half }, { from: rgb(wallpaper.middle), to: rgb(wallpaper.bottom) });
  const side = Math.min(width, height);
  canvas.fillCircle({ x: width * 0.78, y: height * 0.37 }, side * 0.16, withAlpha(rgb(wallpaper.bottom), 0.55));
  canvas.fillCircle({ x: width * 0.78, y: height * 0.37 }, side * 0.125, withAlpha(rgb(wallpaper.bottom), 0.7));
  canvas.polygon(hill({ width, height }, { base: 0.62, rise: 0.1, phase: 0.4 }), withAlpha(rgb(wallpaper.shape), 0.75));
  canvas.polygon(hill({ width, height }, { base: 0.74, rise: 0.07, phase: 2.4 }), withAlpha(rgb(wallpaper.shape2), 0.7));
  canvas.polygon(
    hill({ width, height }, { base: 0.86, rise: 0.05, phase: 4.2 }),
    withAlpha(mix(rgb(wallpaper.shape2), 0xff000000, 0.35), 0.75),
  );
}

/** The area under a soft curve. */
function hill(size: { width: number; height: number }, curve: { base: number; rise: number; phase: number }): Point[] {
  const points: Point[] = [];
  const steps = 28;
  for (let i = 0; i <= steps; i++) {
    const t = i / steps;
    const wave = Math.sin(t * 4.2 + curve.phase) + 0.4 * Math.sin(t * 9.1 + curve.phase * 2);
    points.push({ x: t * size.width, y: size.height * (curve.base + (curve.rise * wave) / 1.4) });
  }
  return [...points, { x: size.width, y: size.height }, { x: 0, y: size.height }];
}
