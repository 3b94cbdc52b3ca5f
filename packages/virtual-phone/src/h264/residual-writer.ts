// Writes blocks of quantised coefficients with CAVLC (ITU-T H.264 clause 9.2, seen from the writing side).
import type { BitWriter } from "./bit-writer.js";
import { COEFF_TOKEN, COEFF_TOKEN_CHROMA_DC, RUN_BEFORE, TOTAL_ZEROS, TOTAL_ZEROS_CHROMA_DC } from "./vlc-tables.js";

/** The nC that selects the chroma DC tables. */
export const CHROMA_DC = -1;

export class ResidualWriter {
  /** Non-zero levels, highest frequency first, and the zeros directly before each (in scan order). */
  private readonly values = new Int32Array(16);
  private readonly runs = new Int32Array(16);

  /** @param levels coefficients in scan order; blocks lie one after the other */
  constructor(
    private readonly out: BitWriter,
    private readonly levels: Int32Array,
  ) {}

  /** Write the block of `count` levels at `at`. Answers how many are not zero (total_coeff). */
  block(at: number, count: number, nC: number): number {
    const { out, levels, values, runs } = this;
    let total = 0;
    let last = -1;
    for (let i = count - 1; i >= 0; i--) {
      const level = levels[at + i] as number;
      if (level === 0) continue;
      if (total > 0) runs[total - 1] = last - i - 1;
      values[total++] = level;
      last = i;
    }
    const ones = trailingOnes(values, total);
    const table = nC === CHROMA_DC ? COEFF_TOKEN_CHROMA_DC : (COEFF_TOKEN[nC] as Uint32Array);
    const token = table[total * 4 + ones] as number;
    out.put(token >>> 5, token & 31);
    if (total === 0) return 0;
    runs[total - 1] = last;
    this.writeLevels(total, ones);
    this.writeRuns({ total, count, nC });
    return total;
  }

  private writeLevels(total: number, ones: number): void {
    const { out, values } = this;
    for (let i = 0; i < ones; i++) out.put((values[i] as number) < 0 ? 1 : 0, 1);
    let suffix = total > 10 && ones < 3 ? 1 : 0;
    for (let i = ones; i < total; i++) {
      const level = values[i] as number;
      const size = level < 0 ? -level : level;
      let code = level > 0 ? 2 * level - 2 : -2 * level - 1;
      // With fewer than three trailing ones the first level cannot be ±1.
      if (i === ones && ones < 3) code -= 2;
      this.writeLevel(code, suffix);
      if (suffix === 0) suffix = 1;
      if (size > 3 << (suffix - 1) && suffix < 6) suffix++;
    }
  }

  private writeLevel(code: number, suffix: number): void {
    const { out } = this;
    if (suffix === 0 && code >= 14 && code < 30) {
      out.put(1, 15);
      out.put(code - 14, 4);
      return;
    }
    const longest = suffix === 0 ? 30 : 15 << suffix;
    if (code >= longest) {
      out.put(1, 16);
      out.put(code - longest, 12);
      return;
    }
    out.put(1, (code >> suffix) + 1);
    if (suffix > 0) out.put(code & ((1 << suffix) - 1), suffix);
  }

  private writeRuns(block: { total: number; count: number; nC: number }): void {
    const { out, runs } = this;
    const { total } = block;
    let zeros = 0;
    for (let i = 0; i < total; i++) zeros += runs[i] as number;
    if (total < block.count) {
      const table = (block.nC === CHROMA_DC ? TOTAL_ZEROS_CHROMA_DC : TOTAL_ZEROS)[total] as Uint32Array;
      const code = table[zeros] as number;
      out.put(code >>> 5, code & 31);
    }
    for (let i = 0; i < total - 1 && zeros > 0; i++) {
      const run = runs[i] as number;
      const code = (RUN_BEFORE[zeros > 6 ? 7 : zeros] as Uint32Array)[run] as number;
      out.put(code >>> 5, code & 31);
      zeros -= run;
    }
  }
}

/** Up to three ±1 at the high-frequency end. */
function trailingOnes(values: Int32Array, total: number): number {
  let ones = 0;
  while (ones < 3 && ones < total && (values[ones] === 1 || values[ones] === -1)) ones++;
  return ones;
}
