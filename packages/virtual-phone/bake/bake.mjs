// Makes the glyph assets of the virtual phone's screen from fonts that Debian ships (packages fonts-noto-core, fonts-noto-cjk, unifont; all
// under the SIL Open Font License). Run by hand when a font or the choice of characters changes: node bake/bake.mjs [fonts folder].
// The formats written here are read by src/screen/{outline-face,bitmap-face}.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { openFont } from "./sfnt.mjs";

const fonts = process.argv[2] ?? "/usr/share/fonts";
const assets = new URL("../assets/", import.meta.url);
/** Face of the CJK collection with the mainland Chinese forms. */
const SIMPLIFIED = 2;

class Bytes {
  list = [];
  byte(value) {
    this.list.push(value & 255);
  }
  varint(value) {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.list.push((rest % 128) | 128);
    this.list.push(rest);
  }
  signed(value) {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }
}

const LETTERS = { M: 0, L: 1, Q: 2, C: 3 };

/**
 * Units per em, count, then columns (code steps, advances, part counts), then the parts: a letter and coordinates as steps.
 * A character is taken from the first font that has it.
 */
function outlineFace(fonts, codes, unitsPerEm) {
  const [head, steps, advances, counts, letters, numbers] = Array.from({ length: 6 }, () => new Bytes());
  let previous = 0;
  const sorted = [...codes].filter((code) => fonts.some(({ glyphs }) => glyphs.has(code))).sort((a, b) => a - b);
  head.varint(unitsPerEm);
  head.varint(sorted.length);
  for (const code of sorted) {
    const font = fonts.find(({ glyphs }) => glyphs.has(code));
    const glyph = font.glyphs.get(code);
    const scale = unitsPerEm / font.unitsPerEm;
    steps.varint(code - previous);
    previous = code;
    advances.varint(Math.round(font.advance(glyph) * scale));
    const parts = font.outline(glyph).flat();
    counts.varint(parts.length);
    let [x, y] = [0, 0];
    for (const [letter, ...n] of parts) {
      letters.byte(LETTERS[letter]);
      for (let i = 0; i < n.length; i += 2) {
        const [nx, ny] = [Math.round(n[i] * scale), Math.round(n[i + 1] * scale)];
        numbers.signed(nx - x);
        numbers.signed(ny - y);
        [x, y] = [nx, ny];
      }
    }
  }
  for (const column of [steps, advances, counts, letters]) head.varint(column.list.length);
  return Buffer.concat([head, steps, advances, counts, letters, numbers].map((column) => Buffer.from(column.list)));
}

/** Count, code steps, shapes (1: 16 pixels wide, else 8; 2: a mark over the character before), then 16 rows of one bit per pixel. */
function bitmapFace(faces, wanted) {
  const [head, steps, shapes, rows] = Array.from({ length: 4 }, () => new Bytes());
  let previous = 0;
  let count = 0;
  for (const { font, code } of faces
    .flatMap((font) => [...font.glyphs.keys()].filter(wanted).map((code) => ({ font, code })))
    .sort((a, b) => a.code - b.code)) {
    const glyph = font.glyphs.get(code);
    const unit = font.unitsPerEm / 16;
    const outline = font.outline(glyph);
    const advance = font.advance(glyph);
    // Marks have no width and lie left of their origin, up to a whole cell.
    const reach = advance > 0 ? 0 : Math.min(0, ...outline.flat().map((part) => part[1])) < -8 * unit ? 16 : 8;
    const bitmap = rasterise(outline, unit, reach);
    const wide = advance > 8 * unit || reach === 16 || (reach === 0 && bitmap.some((row) => row & 255));
    steps.varint(code - previous);
    previous = code;
    shapes.byte((wide ? 1 : 0) + (advance > 0 ? 0 : 2));
    for (const row of bitmap) rows.byte(row >> 8);
    if (wide) for (const row of bitmap) rows.byte(row);
    count++;
  }
  head.varint(count);
  for (const column of [steps, shapes]) head.varint(column.list.length);
  return Buffer.concat([head, steps, shapes, rows].map((column) => Buffer.from(column.list)));
}

/** Sixteen rows of sixteen pixels of a glyph made of squares; the cell reaches from two pixels under the baseline to fourteen above. */
function rasterise(contours, unit, reach) {
  return Array.from({ length: 16 }, (_, row) => {
    const y = (13.5 - row) * unit;
    let bits = 0;
    for (let column = 0; column < 16; column++)
      if (winding(contours, (column + 0.5 - reach) * unit, y) !== 0) bits |= 0x8000 >> column;
    return bits;
  });
}

function winding(contours, x, y) {
  let turns = 0;
  for (const parts of contours) {
    for (let i = 0; i < parts.length; i++) {
      const [, ax, ay] = parts[i];
      const [, bx, by] = parts[(i + 1) % parts.length];
      if (ay <= y !== by <= y && ax + ((y - ay) * (bx - ax)) / (by - ay) > x) turns += ay <= y ? 1 : -1;
    }
  }
  return turns;
}

/** Every character of two-byte encodings' common levels: what people really type in Chinese, Japanese and Korean. */
function commonCjk() {
  const codes = new Set();
  const level = (encoding, from, to) => {
    const decoder = new TextDecoder(encoding);
    for (let lead = from; lead <= to; lead++) {
      for (let trail = 0x40; trail <= 0xfe; trail++) {
        const text = decoder.decode(Uint8Array.of(lead, trail));
        if (!text.includes("\ufffd") && text.length === 1) codes.add(text.codePointAt(0));
      }
    }
  };
  level("gb2312", 0xb0, 0xd7);
  level("big5", 0xa4, 0xc6);
  level("euc-jp", 0xb0, 0xcf);
  level("euc-kr", 0xb0, 0xc8);
  for (const [first, last] of [
    [0x3000, 0x303f],
    [0x3040, 0x30ff],
    [0xff00, 0xffef],
    [0x2460, 0x2473],
    [0x25a0, 0x25ff],
    [0x2190, 0x2193],
  ]) {
    for (let code = first; code <= last; code++) codes.add(code);
  }
  return codes;
}

function write(name, data) {
  const packed = brotliCompressSync(data, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: data.length,
    },
  });
  writeFileSync(new URL(name, assets), packed);
  process.stdout.write(`${name}: ${data.length} -> ${packed.length} bytes\n`);
}

const load = (path, index) => openFont(readFileSync(join(fonts, path)), index);
const regular = load("truetype/noto/NotoSans-Regular.ttf");
const bold = load("truetype/noto/NotoSans-Bold.ttf");
const cjk = load("opentype/noto/NotoSansCJK-Regular.ttc", SIMPLIFIED);
/** Scripts beside those of Noto Sans, in one weight. Their letters stand side by side: nothing here joins or reorders them. */
const SCRIPTS = [
  "Arabic",
  "Hebrew",
  "Thai",
  "Devanagari",
  "Bengali",
  "Tamil",
  "Telugu",
  "Armenian",
  "Georgian",
  "Ethiopic",
  "Symbols",
  "Symbols2",
];
const scripts = SCRIPTS.map((name) => load(`truetype/noto/NotoSans${name}-Regular.ttf`));
const latin = [...regular.glyphs.keys()].filter((code) => code > 0x1f);
const world = new Set(
  scripts.flatMap(({ glyphs }) => [...glyphs.keys()]).filter((code) => code > 0xff && !regular.glyphs.has(code)),
);
const ideographs = [...commonCjk()].filter((code) => !regular.glyphs.has(code) && !world.has(code));
write("sans-regular.outlines.br", outlineFace([regular], latin, 1000));
write("sans-bold.outlines.br", outlineFace([bold], latin, 1000));
write("scripts.outlines.br", outlineFace(scripts, world, 500));
write("cjk.outlines.br", outlineFace([cjk], ideographs, 256));

const drawn = new Set([...latin, ...world, ...ideographs]);
const isEmoji = (code) => code >= 0x1f000 && code <= 0x1fbff;
const isPrivate = (code) => code >= 0xd800 && code <= 0xf8ff;
const bitmaps = [load("opentype/unifont/unifont.otf"), load("opentype/unifont/unifont_upper.otf")];
const baked = new Set();
write(
  "fallback.bitmaps.br",
  bitmapFace(bitmaps, (code) => {
    if (drawn.has(code) || code < 0x20 || isPrivate(code) || (code > 0xffff && !isEmoji(code)) || baked.has(code)) return false;
    baked.add(code);
    return true;
  }),
);
