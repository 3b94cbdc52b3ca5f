// How wide text is and where it breaks. Measured in device pixels from unscaled outlines, so a layout is the same at every raster scale.
import { advanceOf } from "./glyphs.js";

export type Weight = "regular" | "bold";

export interface TextStyle {
  /** Font size (em) in device pixels. */
  readonly size: number;
  readonly weight?: Weight;
}

/** Height of a line of text as a multiple of its size; the text's box is this high and `y` in drawing is its top. */
export const LINE_HEIGHT = 1.25;
/** Distance from the top of a line to its baseline, as a multiple of the size. */
export const BASELINE = 0.96;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Width in device pixels of one line. Control characters have no width. */
export function measureText(text: string, style: TextStyle): number {
  let width = 0;
  for (const char of text) width += advanceOf(char.codePointAt(0) ?? 0, style.weight ?? "regular");
  return width * style.size;
}

/** The text itself when it fits, else as much of it as fits with "…" after it. */
export function ellipsize(text: string, style: TextStyle, maxWidth: number): string {
  if (measureText(text, style) <= maxWidth) return text;
  let left = maxWidth - measureText("…", style);
  let out = "";
  for (const { segment } of segmenter.segment(text)) {
    left -= measureText(segment, style);
    if (left < 0) break;
    out += segment;
  }
  return `${out.trimEnd()}…`;
}

/** Lines no wider than `maxWidth`, broken at spaces and between ideographs, at line feeds, and inside words that are too long. */
export function wrapText(text: string, style: TextStyle, limits: { maxWidth: number; maxLines?: number }): string[] {
  const lines = text.split("\n").flatMap((paragraph) => wrapParagraph(paragraph, style, limits.maxWidth));
  const maxLines = limits.maxLines ?? lines.length;
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  const last = kept.pop() ?? "";
  kept.push(ellipsize(`${last} ${lines[maxLines] ?? ""}`, style, limits.maxWidth));
  return kept;
}

/** A character and how far from the line's left edge it stands, in device pixels. */
export interface PlacedGlyph {
  readonly code: number;
  readonly x: number;
}

export function layoutLine(text: string, style: TextStyle): PlacedGlyph[] {
  const out: PlacedGlyph[] = [];
  let x = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const advance = advanceOf(code, style.weight ?? "regular") * style.size;
    out.push({ code, x });
    x += advance;
  }
  return out;
}

/** Scripts written without spaces, where a line may end after any character: kana, ideographs, hangul, emoji and full-width forms. */
const BREAKS_ANYWHERE = /[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]|\p{Extended_Pictographic}/u;
/** Closing punctuation that must not begin a line. */
const NEVER_FIRST = /^[、。，．！？：；）」』】〉》…,.!?:;)\]}%]/u;

function wrapParagraph(paragraph: string, style: TextStyle, maxWidth: number): string[] {
  const lines: string[] = [];
  let line = "";
  let width = 0;
  // Lengths of the line, in UTF-16 units, at which it may be cut.
  let breaks: number[] = [];
  for (const { segment } of segmenter.segment(paragraph)) {
    const advance = measureText(segment, style);
    if (NEVER_FIRST.test(segment)) breaks = breaks.filter((at) => at < line.length);
    else if (BREAKS_ANYWHERE.test(segment)) breaks.push(line.length);
    while (width + advance > maxWidth && line !== "" && segment !== " ") {
      const cut = breaks.at(-1) || line.length;
      lines.push(line.slice(0, cut).trimEnd());
      line = line.slice(cut);
      width = measureText(line, style);
      breaks = [];
    }
    line += segment;
    width += advance;
    if (segment === " " || segment === "-" || BREAKS_ANYWHERE.test(segment)) breaks.push(line.length);
  }
  lines.push(line.trimEnd());
  return lines;
}
