// The baked fallback font: 16 rows of one-bit pixels for every character that the outline fonts lack, so that any script shows something.
import type { Outline } from "./coverage.js";
import { columnsOf, findCode, type Reader, readVarint } from "./glyph-file.js";

const ROWS = 16;
/** Rows above the baseline. */
const ASCENT = 14;

/** Bits of a character's shape: 16 pixels wide rather than 8; no room of its own. */
const WIDE = 1;
const MARK = 2;

export class BitmapFace {
  private readonly codes: Uint32Array;
  private readonly shapes: Uint8Array;
  /** First byte of each character's rows. */
  private readonly starts: Uint32Array;
  private readonly rows: Uint8Array;

  constructor(file: Uint8Array) {
    const head: Reader = { data: file, at: 0 };
    const count = readVarint(head);
    const [steps, shapes, rows] = columnsOf(head, 2) as [Reader, Reader, Reader];
    this.codes = new Uint32Array(count);
    this.starts = new Uint32Array(count);
    this.shapes = shapes.data;
    this.rows = rows.data;
    let code = 0;
    let at = 0;
    for (let i = 0; i < count; i++) {
      code += readVarint(steps);
      this.codes[i] = code;
      this.starts[i] = at;
      at += (shapes.data[i] as number) & WIDE ? 2 * ROWS : ROWS;
    }
  }

  /** The glyph's number, or -1. */
  find(code: number): number {
    return findCode(this.codes, code);
  }

  /** Width as a share of the font size. */
  advance(glyph: number): number {
    const shape = this.shapes[glyph] as number;
    return shape & MARK ? 0 : shape & WIDE ? 1 : 0.5;
  }

  /** Add a glyph to an outline with its origin at (x, 0): a rectangle for each run of set pixels. */
  trace(glyph: number, at: { size: number; x: number }, outline: Outline): void {
    const shape = this.shapes[glyph] as number;
    const wide = (shape & WIDE) !== 0;
    const first = this.starts[glyph] as number;
    const unit = at.size / 16;
    // A mark stands over the character before it.
    const left = at.x - ((shape & MARK) === 0 ? 0 : (wide ? 16 : 8) * unit);
    for (let row = 0; row < ROWS; row++) {
      const bits = ((this.rows[first + row] as number) << 8) | (wide ? (this.rows[first + ROWS + row] as number) : 0);
      const top = (row - ASCENT) * unit;
      for (let column = 0; column < 16; column++) {
        if (!(bits & (0x8000 >> column))) continue;
        const from = column;
        while (column < 16 && bits & (0x8000 >> column)) column++;
        outline.moveTo(left + from * unit, top);
        outline.lineTo(left + column * unit, top);
        outline.lineTo(left + column * unit, top + unit);
        outline.lineTo(left + from * unit, top + unit);
        outline.close();
      }
    }
  }
}
