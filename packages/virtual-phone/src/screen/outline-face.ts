// A baked font of outlines (written by bake/bake.mjs): finds a character's glyph, its width, and traces it at any size.
import type { Outline } from "./coverage.js";
import { columnsOf, findCode, type Reader, readVarint } from "./glyph-file.js";

const MOVE = 0;
const LINE = 1;
const QUAD = 2;
const NUMBERS_PER_PART = [2, 2, 4, 6] as const;

export class OutlineFace {
  private readonly unitsPerEm: number;
  private readonly codes: Uint32Array;
  private readonly advances: Uint16Array;
  private readonly counts: Uint16Array;
  /** Where each glyph's letters and numbers begin. */
  private readonly letterAt: Uint32Array;
  private readonly numberAt: Uint32Array;
  private readonly letters: Uint8Array;
  private readonly numbers: Uint8Array;

  constructor(file: Uint8Array) {
    const head: Reader = { data: file, at: 0 };
    this.unitsPerEm = readVarint(head);
    const count = readVarint(head);
    const [steps, advances, counts, letters, numbers] = columnsOf(head, 4) as [Reader, Reader, Reader, Reader, Reader];
    this.codes = new Uint32Array(count);
    this.advances = new Uint16Array(count);
    this.counts = new Uint16Array(count);
    this.letterAt = new Uint32Array(count);
    this.numberAt = new Uint32Array(count);
    this.letters = letters.data;
    this.numbers = numbers.data;
    let code = 0;
    for (let i = 0; i < count; i++) {
      code += readVarint(steps);
      this.codes[i] = code;
      this.advances[i] = readVarint(advances);
      const parts = readVarint(counts);
      this.counts[i] = parts;
      this.letterAt[i] = letters.at;
      this.numberAt[i] = numbers.at;
      for (let p = 0; p < parts; p++) {
        const letter = letters.data[letters.at++] as number;
        for (let n = NUMBERS_PER_PART[letter] as number; n > 0; n--) readVarint(numbers);
      }
    }
  }

  /** The glyph's number, or -1. */
  find(code: number): number {
    return findCode(this.codes, code);
  }

  /** Width as a share of the font size. */
  advance(glyph: number): number {
    return (this.advances[glyph] as number) / this.unitsPerEm;
  }

  /** Add a glyph to an outline with its origin (left end of the baseline) at (x, 0). */
  trace(glyph: number, at: { size: number; x: number }, outline: Outline): void {
    const scale = at.size / this.unitsPerEm;
    const numbers: Reader = { data: this.numbers, at: this.numberAt[glyph] as number };
    const from = this.letterAt[glyph] as number;
    const to = from + (this.counts[glyph] as number);
    const pen = { x: 0, y: 0 };
    const nextX = (): number => {
      pen.x += signed(readVarint(numbers));
      return pen.x * scale + at.x;
    };
    const nextY = (): number => {
      pen.y += signed(readVarint(numbers));
      return -pen.y * scale;
    };
    for (let i = from; i < to; i++) {
      const letter = this.letters[i];
      if (letter === MOVE) {
        outline.close();
        outline.moveTo(nextX(), nextY());
      } else if (letter === LINE) outline.lineTo(nextX(), nextY());
      else if (letter === QUAD) outline.quadTo([nextX(), nextY(), nextX(), nextY()]);
      else outline.cubicTo([nextX(), nextY(), nextX(), nextY(), nextX(), nextY()]);
    }
    outline.close();
  }
}

function signed(value: number): number {
  return value & 1 ? -(value + 1) / 2 : value / 2;
}
