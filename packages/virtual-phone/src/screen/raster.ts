// A picture in memory and the few loops that write to it. Positions are whole raster pixels, already clipped by the caller.
import { type Color, mix, type Rect, withAlpha } from "./geometry.js";

/** Pixels row by row, one 32-bit word each: 0xAABBGGRR, which is R, G, B, A in memory. Screens are opaque: alpha is always 255. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint32Array;
}

/** A picture with straight alpha, R G B A bytes row by row, as PNG decoders give it. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** Whole raster pixels: left and top inside, right and bottom outside. */
export interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** How much of each pixel a shape covers, 0 to 255, with its place relative to the point it is drawn at. */
export interface Mask {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A black picture. */
export function createRaster(width: number, height: number): Raster {
  return { width, height, pixels: new Uint32Array(width * height).fill(0xff000000) };
}

/** 0xAARRGGBB to the raster's opaque word. */
function wordOf(color: Color): number {
  return (0xff000000 | ((color & 255) << 16) | (color & 0xff00) | ((color >>> 16) & 255)) >>> 0;
}

/** `under` with `color` laid over it, `alpha` 0 to 256. Two channels are mixed in one multiplication. */
function over(under: number, word: number, alpha: number): number {
  const rb = under & 0xff00ff;
  const g = under & 0xff00;
  const rbOut = (rb + ((((word & 0xff00ff) - rb) * alpha) >> 8)) & 0xff00ff;
  const gOut = (g + ((((word & 0xff00) - g) * alpha) >> 8)) & 0xff00;
  return 0xff000000 | rbOut | gOut;
}

/** Fill a box with a colour, mixing when the colour is not opaque. */
export function fillBox(raster: Raster, box: Box, color: Color): void {
  const alpha = alphaOf(color);
  if (alpha === 0) return;
  const word = wordOf(color);
  const { pixels, width } = raster;
  for (let y = box.y0; y < box.y1; y++) {
    const row = y * width;
    if (alpha === 256) {
      pixels.fill(word, row + box.x0, row + box.x1);
      continue;
    }
    for (let i = row + box.x0; i < row + box.x1; i++) pixels[i] = over(pixels[i] as number, word, alpha);
  }
}

/** Alpha 0 to 256, so that 255 covers wholly. */
function alphaOf(color: Color): number {
  const a = color >>> 24;
  return a + (a >> 7);
}

/** Lay a colour through a mask, the mask's origin at (x, y). */
export function fillMask(raster: Raster, mask: Mask, ink: { x: number; y: number; color: Color; clip: Box }): void {
  const alpha = alphaOf(ink.color);
  const word = wordOf(ink.color);
  const left = ink.x + mask.left;
  const top = ink.y + mask.top;
  const x0 = Math.max(left, ink.clip.x0);
  const x1 = Math.min(left + mask.width, ink.clip.x1);
  const y0 = Math.max(top, ink.clip.y0);
  const y1 = Math.min(top + mask.height, ink.clip.y1);
  const { pixels, width } = raster;
  const { data } = mask;
  for (let y = y0; y < y1; y++) {
    let m = (y - top) * mask.width + x0 - left;
    const end = y * width + x1;
    for (let i = y * width + x0; i < end; i++, m++) {
      const cover = data[m] as number;
      if (cover === 0) continue;
      const a = ((cover + (cover >> 7)) * alpha) >> 8;
      pixels[i] = a === 256 ? word : over(pixels[i] as number, word, a);
    }
  }
}

const RAMP = 256;

interface Ramp {
  readonly from: Color;
  readonly to: Color;
  readonly direction: "vertical" | "horizontal" | "diagonal";
  /** Holds all of the clip when there is one. */
  readonly cover: Mask | undefined;
}

/** A colour ramp over `place.box`, drawn where `place.clip` (inside the box) and the mask allow. */
export function fillGradient(raster: Raster, place: { box: Box; clip: Box }, ramp: Ramp): void {
  const { box, clip } = place;
  const { cover, direction } = ramp;
  const width = box.x1 - box.x0;
  const height = box.y1 - box.y0;
  // How far along the ramp one pixel to the right and one down are.
  const right = direction === "vertical" ? 0 : RAMP / (direction === "diagonal" ? width + height : width);
  const down = direction === "horizontal" ? 0 : RAMP / (direction === "diagonal" ? width + height : height);
  const steps = Array.from({ length: RAMP + 1 }, (_, i) => mix(ramp.from, ramp.to, i / RAMP));
  const words = Uint32Array.from(steps, wordOf);
  const alphas = Uint16Array.from(steps, alphaOf);
  const { pixels } = raster;
  for (let y = clip.y0; y < clip.y1; y++) {
    let at = (clip.x0 + 0.5 - box.x0) * right + (y + 0.5 - box.y0) * down + 0.5;
    const end = y * raster.width + clip.x1;
    let m = cover === undefined ? 0 : (y - cover.top) * cover.width + clip.x0 - cover.left;
    for (let i = y * raster.width + clip.x0; i < end; i++, m++, at += right) {
      const step = at | 0;
      let alpha = alphas[step] as number;
      if (cover !== undefined) {
        const share = cover.data[m] as number;
        alpha = ((share + (share >> 7)) * alpha) >> 8;
      }
      if (alpha === 256) pixels[i] = words[step] as number;
      else if (alpha !== 0) pixels[i] = over(pixels[i] as number, words[step] as number, alpha);
    }
  }
}

/** A colour with its opacity reduced to what a mask covers of a pixel. */
function throughMask(color: Color, mask: Mask, at: { x: number; y: number }): Color {
  const x = at.x - mask.left;
  const y = at.y - mask.top;
  const cover = x < 0 || y < 0 || x >= mask.width || y >= mask.height ? 0 : (mask.data[y * mask.width + x] as number);
  return ((Math.round(((color >>> 24) * cover) / 255) << 24) | (color & 0xffffff)) >>> 0;
}

/** A bitmap scaled into `place.box` by averaging the source pixels under each raster pixel. */
export function drawBitmap(
  raster: Raster,
  bitmap: Bitmap,
  place: { box: Box; clip: Box; opacity: number; cover: Mask | undefined },
): void {
  const { box, clip } = place;
  const stepX = bitmap.width / (box.x1 - box.x0);
  const stepY = bitmap.height / (box.y1 - box.y0);
  for (let y = clip.y0; y < clip.y1; y++) {
    for (let x = clip.x0; x < clip.x1; x++) {
      const source = { x: (x - box.x0) * stepX, y: (y - box.y0) * stepY, width: stepX, height: stepY };
      let color = averageOf(bitmap, source);
      if (place.opacity < 1) color = withAlpha(color, ((color >>> 24) / 255) * place.opacity);
      if (place.cover !== undefined) color = throughMask(color, place.cover, { x, y });
      fillBox(raster, { x0: x, y0: y, x1: x + 1, y1: y + 1 }, color);
    }
  }
}

/** Mean colour of the source pixels inside an area (at least one), weighted by their opacity. */
function averageOf(bitmap: Bitmap, area: Rect): Color {
  const x0 = Math.min(bitmap.width - 1, Math.floor(area.x));
  const y0 = Math.min(bitmap.height - 1, Math.floor(area.y));
  const x1 = Math.min(bitmap.width, Math.max(x0 + 1, Math.round(area.x + area.width)));
  const y1 = Math.min(bitmap.height, Math.max(y0 + 1, Math.round(area.y + area.height)));
  let [r, g, b, a] = [0, 0, 0, 0];
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const i = (y * bitmap.width + x) * 4;
      const alpha = bitmap.data[i + 3] as number;
      r += (bitmap.data[i] as number) * alpha;
      g += (bitmap.data[i + 1] as number) * alpha;
      b += (bitmap.data[i + 2] as number) * alpha;
      a += alpha;
    }
  }
  if (a === 0) return 0;
  const alpha = Math.round(a / ((x1 - x0) * (y1 - y0)));
  return ((alpha << 24) | (Math.round(r / a) << 16) | (Math.round(g / a) << 8) | Math.round(b / a)) >>> 0;
}
