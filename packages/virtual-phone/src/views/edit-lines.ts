/** Where the lines of an editable text begin and end: unlike drawn text, every character must have a place for the cursor. */
import { measureText, type TextStyle } from "../screen/text.js";

export interface EditLine {
  readonly start: number;
  /** Behind its last character, its line feed not counted. */
  readonly end: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

export function editLines(text: string, style: TextStyle, maxWidth: number): EditLine[] {
  const lines: EditLine[] = [];
  let at = 0;
  for (const paragraph of text.split("\n")) {
    wrap(paragraph, at, { style, maxWidth, lines });
    at += paragraph.length + 1;
  }
  return lines;
}

function wrap(text: string, offset: number, to: { style: TextStyle; maxWidth: number; lines: EditLine[] }): void {
  let start = 0;
  let width = 0;
  let breakAt = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    const advance = measureText(segment, to.style);
    if (width + advance > to.maxWidth && index > start && segment !== " ") {
      const end = breakAt > start ? breakAt : index;
      to.lines.push({ start: offset + start, end: offset + end });
      start = end;
      width = measureText(text.slice(start, index), to.style);
    }
    width += advance;
    if (segment === " " || segment.charCodeAt(0) > 0x2e80) breakAt = index + segment.length;
  }
  to.lines.push({ start: offset + start, end: offset + text.length });
}

/** The start of the grapheme before `index`: what Backspace takes away. */
export function previousBoundary(text: string, index: number): number {
  let last = 0;
  for (const { index: at } of segmenter.segment(text.slice(0, index))) last = at;
  return index === 0 ? 0 : last;
}

/** The end of the grapheme at `index`. */
export function nextBoundary(text: string, index: number): number {
  for (const { segment } of segmenter.segment(text.slice(index))) return index + segment.length;
  return text.length;
}

/** The place in `text` (one line) nearest to `x` device pixels. */
export function indexAt(text: string, style: TextStyle, x: number): number {
  let width = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    const advance = measureText(segment, style);
    if (x < width + advance / 2) return index;
    width += advance;
  }
  return text.length;
}
