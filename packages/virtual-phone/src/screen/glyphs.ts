// Characters to coverage masks: which of the baked fonts has a character, its width, and its mask at a size (kept, for all phones together).
// Fonts are read when first needed: a rack without Chinese text never loads Chinese glyphs.
import { BitmapFace } from "./bitmap-face.js";
import { Outline } from "./coverage.js";
import { readGlyphFile } from "./glyph-file.js";
import { OutlineFace } from "./outline-face.js";
import type { Box, Mask } from "./raster.js";

export interface GlyphStyle {
  /** Font size in raster pixels. */
  readonly size: number;
  readonly weight: "regular" | "bold";
  /** Where in its pixel the glyph's origin stands, 0 to 1; a quarter of a pixel is told apart. */
  readonly fraction: number;
}

/** Masks kept at most, in bytes, for the whole process. */
const CACHE_BYTES = 4 << 20;
/** Font size in raster pixels up to which masks are kept; larger ones are drawn only where they show. */
const LARGEST_KEPT = 256;
const WHOLE: Box = { x0: -8 * LARGEST_KEPT, y0: -8 * LARGEST_KEPT, x1: 8 * LARGEST_KEPT, y1: 8 * LARGEST_KEPT };
const FRACTIONS = 4;
/** Width of the empty box that stands for a character no font has. */
const BOX = 0.6;

const outline = new Outline();
const cache = new Map<number, Map<number, Mask | undefined>>();
let cached = 0;

const faces: { regular?: OutlineFace; bold?: OutlineFace; scripts?: OutlineFace; cjk?: OutlineFace; bitmaps?: BitmapFace } = {};
const regular = (): OutlineFace => (faces.regular ??= new OutlineFace(readGlyphFile("sans-regular.outlines.br")));
const bold = (): OutlineFace => (faces.bold ??= new OutlineFace(readGlyphFile("sans-bold.outlines.br")));
const scripts = (): OutlineFace => (faces.scripts ??= new OutlineFace(readGlyphFile("scripts.outlines.br")));
const cjk = (): OutlineFace => (faces.cjk ??= new OutlineFace(readGlyphFile("cjk.outlines.br")));
const bitmaps = (): BitmapFace => (faces.bitmaps ??= new BitmapFace(readGlyphFile("fallback.bitmaps.br")));

/** Controls, joiners, direction marks, variation selectors and skin tones: they change their neighbours and take no room. */
function isInvisible(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    code === 0xad ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    code === 0xfeff ||
    (code >= 0x1f3fb && code <= 0x1f3ff) ||
    code >= 0xe0000
  );
}

type Found =
  | { readonly kind: "outline"; readonly face: OutlineFace; readonly glyph: number; readonly embolden: boolean }
  | { readonly kind: "bitmap"; readonly face: BitmapFace; readonly glyph: number }
  | { readonly kind: "box" };

function find(code: number, weight: "regular" | "bold"): Found {
  const own = weight === "bold" ? bold() : regular();
  const glyph = own.find(code);
  if (glyph >= 0) return { kind: "outline", face: own, glyph, embolden: false };
  // Ideographs, kana and hangul lie in blocks of their own: what is outside needs no look at their large file first.
  for (const face of code >= 0x2e80 && code < 0x1f000 ? [cjk, scripts] : [scripts, cjk]) {
    const other = face().find(code);
    if (other >= 0) return { kind: "outline", face: face(), glyph: other, embolden: weight === "bold" };
  }
  const fallback = bitmaps();
  const bitmap = fallback.find(code);
  return bitmap >= 0 ? { kind: "bitmap", face: fallback, glyph: bitmap } : { kind: "box" };
}

/** Width of a character as a share of the font size. */
export function advanceOf(code: number, weight: "regular" | "bold"): number {
  if (isInvisible(code)) return 0;
  const found = find(code, weight);
  return found.kind === "box" ? BOX : found.face.advance(found.glyph);
}

/**
 * The mask of a character around its origin on the baseline, or undefined when it leaves no ink.
 * @param clip what of it will be seen, relative to the origin; only very large characters are cut to it
 */
export function glyphMask(code: number, style: GlyphStyle, clip: Box): Mask | undefined {
  const quarter = Math.min(FRACTIONS - 1, Math.floor(style.fraction * FRACTIONS));
  if (style.size > LARGEST_KEPT) return drawMask(code, style, clip);
  const key = (Math.round(style.size * 8) * 2 + (style.weight === "bold" ? 1 : 0)) * FRACTIONS + quarter;
  let masks = cache.get(key);
  if (masks?.has(code)) return masks.get(code);
  if (cached > CACHE_BYTES) {
    cache.clear();
    cached = 0;
    masks = undefined;
  }
  if (masks === undefined) {
    masks = new Map();
    cache.set(key, masks);
  }
  const mask = drawMask(code, { ...style, fraction: quarter / FRACTIONS }, WHOLE);
  masks.set(code, mask);
  cached += 100 + (mask?.data.length ?? 0);
  return mask;
}

function drawMask(code: number, style: GlyphStyle, clip: Box): Mask | undefined {
  if (isInvisible(code)) return undefined;
  outline.clear();
  const found = find(code, style.weight);
  const at = { size: style.size, x: style.fraction };
  if (found.kind === "outline") {
    found.face.trace(found.glyph, at, outline);
    // These scripts have one weight; a second one beside it, a little to the right, makes the strokes thicker.
    if (found.embolden) found.face.trace(found.glyph, { size: style.size, x: style.fraction + style.size / 26 }, outline);
  } else if (found.kind === "bitmap") found.face.trace(found.glyph, at, outline);
  else traceBox(at, outline);
  return outline.rasterise(clip);
}

function traceBox(at: { size: number; x: number }, into: Outline): void {
  const line = at.size / 16;
  const ring = (inset: number): [number, number, number, number] => [
    at.x + line + inset,
    -0.7 * at.size + inset,
    at.x + BOX * at.size - line - inset,
    -inset,
  ];
  const [x0, y0, x1, y1] = ring(0);
  into.moveTo(x0, y0);
  for (const [x, y] of [
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ] as const)
    into.lineTo(x, y);
  into.close();
  const [a0, b0, a1, b1] = ring(line);
  into.moveTo(a0, b0);
  for (const [x, y] of [
    [a0, b1],
    [a1, b1],
    [a1, b0],
  ] as const)
    into.lineTo(x, y);
  into.close();
}
