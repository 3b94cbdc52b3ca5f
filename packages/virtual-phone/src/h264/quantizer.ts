// Quantisation: coefficients to levels and back to what a decoder will see (ITU-T H.264 clause 8.5, flat scaling). The forward factors
// follow from the decoder's: factor * scale * norm = 2^21 for each class of positions.

/** Raster position of each coefficient in zig-zag order (figure 8-8). */
export const ZIGZAG = Uint8Array.of(0, 1, 4, 8, 5, 2, 3, 6, 9, 12, 13, 10, 7, 11, 14, 15);

/** Table of normAdjust4x4 by qp % 6: positions with even row and column, with odd row and column, the rest. */
const SCALES = [
  [10, 16, 13],
  [11, 18, 14],
  [13, 20, 16],
  [14, 23, 18],
  [16, 25, 20],
  [18, 29, 23],
] as const;
/** Squared norm of the forward transform's rows for the same three classes, times the inverse's. */
const NORMS = [16, 25, 20] as const;

/** QPc for luma QPs from 30 (Table 8-15, offset 0); below they are equal. */
const CHROMA_QP = [29, 30, 31, 32, 32, 33, 34, 34, 35, 35, 36, 36, 37, 37, 37, 38, 38, 38, 39, 39, 39, 39];

export function chromaQp(qp: number): number {
  return qp < 30 ? qp : (CHROMA_QP[qp - 30] as number);
}

export class Quantizer {
  /** A block whose absolute residuals sum to no more than this has no coefficient left after quantisation. */
  readonly zeroSum: number;
  private readonly factors = new Int32Array(16);
  private readonly scales = new Int32Array(16);
  private readonly bits: number;
  private readonly rounding: number;
  private readonly shift: number;

  /** @param rounding share of a step that still rounds up: a third keeps detail, a sixth saves bits */
  constructor(qp: number, rounding: number) {
    this.shift = Math.floor(qp / 6);
    this.bits = 15 + this.shift;
    this.rounding = Math.floor(2 ** this.bits * rounding);
    const scales = SCALES[qp % 6] as (typeof SCALES)[number];
    let zeroSum = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 16; i++) {
      const kind = (i & 1) === 0 && (i & 4) === 0 ? 0 : (i & 1) === 1 && (i & 4) === 4 ? 1 : 2;
      this.scales[i] = scales[kind] as number;
      const factor = Math.round(2 ** 21 / ((scales[kind] as number) * (NORMS[kind] as number)));
      this.factors[i] = factor;
      // The largest weight of one residual in a coefficient of the class is 1, 4 or 2.
      zeroSum = Math.min(zeroSum, (2 ** this.bits - this.rounding) / factor / ([1, 4, 2][kind] as number));
    }
    this.zeroSum = Math.ceil(zeroSum) - 1;
  }

  /**
   * Quantise the block at `at` from scan position `first` (1 leaves the DC alone): levels in scan order, and the coefficients replaced by
   * what the decoder scales them to. Answers whether any level is not zero.
   */
  block(data: { coefficients: Int32Array; levels: Int32Array }, at: number, first: number): boolean {
    const { coefficients, levels } = data;
    const { factors, scales, bits, rounding, shift } = this;
    let any = 0;
    for (let i = first; i < 16; i++) {
      const position = ZIGZAG[i] as number;
      const value = coefficients[at + position] as number;
      const size = ((value < 0 ? -value : value) * (factors[position] as number) + rounding) >> bits;
      any |= size;
      const level = value < 0 ? -size : size;
      levels[at + i] = level;
      coefficients[at + position] = (level * (scales[position] as number)) << shift;
    }
    return any !== 0;
  }

  /** Luma DC values of an Intra 16x16 block after the Hadamard transform (not yet halved) to levels, at raster positions. */
  dcLevel(value: number): number {
    const half = (value < 0 ? -value : value) >> 1;
    const size = (half * (this.factors[0] as number) + 2 * this.rounding) >> (this.bits + 1);
    return value < 0 ? -size : size;
  }

  /** Clause 8.5.10: inverse-transformed luma DC level to the block's first coefficient. */
  scaleLumaDc(value: number): number {
    const scaled = value * (this.scales[0] as number);
    return this.shift >= 2 ? scaled << (this.shift - 2) : (scaled + (1 << (1 - this.shift))) >> (2 - this.shift);
  }

  chromaDcLevel(value: number): number {
    const size = ((value < 0 ? -value : value) * (this.factors[0] as number) + 2 * this.rounding) >> (this.bits + 1);
    return value < 0 ? -size : size;
  }

  /** Clause 8.5.11.2: inverse-transformed chroma DC level to the block's first coefficient. */
  scaleChromaDc(value: number): number {
    return ((value * (this.scales[0] as number)) << this.shift) >> 1;
  }
}
