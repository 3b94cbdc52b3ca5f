// One macroblock's difference to its prediction: transformed, quantised, written, and added back exactly as a decoder will do it.
// Levels and coefficients of the macroblock in work live here; encoders take turns with one instance, for encoding is synchronous.
import type { BitWriter } from "./bit-writer.js";
import type { MacroblockPlace } from "./intra-prediction.js";
import type { Picture } from "./picture.js";
import { chromaQp, Quantizer, ZIGZAG } from "./quantizer.js";
import { CHROMA_DC, ResidualWriter } from "./residual-writer.js";
import type { TotalField } from "./total-field.js";
import { forward4x4, hadamard2x2, hadamard4x4, inverse4x4 } from "./transform.js";

/** Where the levels of DC blocks lie, after 24 blocks of 16. */
const LUMA_DC = 384;
const BLOCK_DC = { u: 400, v: 404 } as const;
/** Left and top of each luma block in coding order (figure 6-10), in blocks. */
const BLOCK_X = Uint8Array.of(0, 1, 0, 1, 2, 3, 2, 3, 0, 1, 0, 1, 2, 3, 2, 3);
const BLOCK_Y = Uint8Array.of(0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3);

export class MacroblockResidual {
  /** 256 luma samples of the prediction row by row, then 64 of each chroma plane. */
  readonly prediction = new Uint8Array(384);
  /** Bits 0 to 3: luma quarters with levels; plus 16 for chroma DC only, 32 for chroma AC. */
  pattern = 0;
  private readonly coefficients = new Int32Array(384);
  private readonly levels = new Int32Array(408);
  /** Blocks (16 luma, 4 U, 4 V) that add something to their prediction. */
  private readonly filled = new Uint8Array(24);
  private readonly data = { coefficients: this.coefficients, levels: this.levels };
  private readonly dc = new Int32Array(16);
  private readonly writer: ResidualWriter;
  private luma: Quantizer = quantizerOf(26, true);
  private chroma: Quantizer = this.luma;

  constructor(out: BitWriter) {
    this.writer = new ResidualWriter(out, this.levels);
  }

  /** Quantiser of what follows. */
  use(qp: number, intra: boolean): void {
    this.luma = quantizerOf(qp, intra);
    this.chroma = quantizerOf(chromaQp(qp), intra);
  }

  /** Sum of squared differences of source and prediction over all three planes; gives up above `limit`. */
  distortion(source: Picture, place: MacroblockPlace, limit: number): number {
    const { prediction } = this;
    let sum = 0;
    for (let plane = 0; plane < 3 && sum <= limit; plane++) {
      const size = plane === 0 ? 16 : 8;
      const samples = plane === 0 ? source.y : plane === 1 ? source.u : source.v;
      const stride = source.mbWidth * size;
      const at = place.y * size * stride + place.x * size;
      let p = plane === 0 ? 0 : plane === 1 ? 256 : 320;
      for (let y = 0; y < size; y++) {
        for (let i = at + y * stride; i < at + y * stride + size; i++, p++) {
          const d = (samples[i] as number) - (prediction[p] as number);
          sum += d * d;
        }
      }
    }
    return sum;
  }

  /** No difference is sent. */
  clear(): void {
    this.filled.fill(0);
    this.pattern = 0;
  }

  /** Luma of an inter macroblock: 16 blocks with their DC inside. */
  transformInterLuma(source: Picture, place: MacroblockPlace): void {
    const { coefficients, levels, filled, luma } = this;
    this.pattern = 0;
    for (let block = 0; block < 16; block++) {
      const at = block * 16;
      const size = this.loadLuma(source, place, block);
      filled[block] = 0;
      if (size > luma.zeroSum) {
        forward4x4(coefficients, at);
        if (luma.block(this.data, at, 0)) filled[block] = 1;
      } else levels.fill(0, at, at + 16);
      if (filled[block] === 1) this.pattern |= 1 << (block >> 2);
    }
  }

  /** Luma of an intra macroblock: the 16 DC values are transformed once more and sent by themselves. */
  transformIntraLuma(source: Picture, place: MacroblockPlace): void {
    const { coefficients, levels, filled, dc, luma } = this;
    let any = false;
    for (let block = 0; block < 16; block++) {
      const at = block * 16;
      this.loadLuma(source, place, block);
      forward4x4(coefficients, at);
      dc[(BLOCK_Y[block] as number) * 4 + (BLOCK_X[block] as number)] = coefficients[at] as number;
      levels[at] = 0;
      filled[block] = luma.block(this.data, at, 1) ? 1 : 0;
      if (filled[block] === 1) any = true;
    }
    this.pattern = any ? 15 : 0;
    hadamard4x4(dc);
    for (let i = 0; i < 16; i++) {
      const position = ZIGZAG[i] as number;
      const level = luma.dcLevel(dc[position] as number);
      levels[LUMA_DC + i] = level;
      dc[position] = level;
    }
    hadamard4x4(dc);
    for (let block = 0; block < 16; block++) {
      const scaled = luma.scaleLumaDc(dc[(BLOCK_Y[block] as number) * 4 + (BLOCK_X[block] as number)] as number);
      coefficients[block * 16] = scaled;
      if (scaled !== 0) filled[block] = 1;
    }
  }

  /** Both chroma planes; adds their bits to the pattern. */
  transformChroma(source: Picture, place: MacroblockPlace): void {
    const u = this.transformChromaPlane(source.u, { place, mbWidth: source.mbWidth }, 16);
    const v = this.transformChromaPlane(source.v, { place, mbWidth: source.mbWidth }, 20);
    this.pattern |= Math.max(u, v) << 4;
  }

  /** Answers 0 nothing, 1 DC levels only, 2 AC levels too. */
  private transformChromaPlane(
    samples: Uint8Array,
    at: { place: MacroblockPlace; mbWidth: number },
    firstBlock: number,
  ): 0 | 1 | 2 {
    const { coefficients, levels, filled, dc, chroma } = this;
    const stride = at.mbWidth * 8;
    const origin = at.place.y * 8 * stride + at.place.x * 8;
    let anyAc = false;
    for (let i = 0; i < 4; i++) {
      const block = firstBlock + i;
      const start = origin + (i >> 1) * 4 * stride + (i & 1) * 4;
      const p = (firstBlock === 16 ? 256 : 320) + (i >> 1) * 32 + (i & 1) * 4;
      this.loadBlock(samples, { start, stride, p, pStride: 8 }, block * 16);
      forward4x4(coefficients, block * 16);
      dc[i] = coefficients[block * 16] as number;
      levels[block * 16] = 0;
      filled[block] = chroma.block(this.data, block * 16, 1) ? 1 : 0;
      if (filled[block] === 1) anyAc = true;
    }
    hadamard2x2(dc);
    const dcAt = firstBlock === 16 ? BLOCK_DC.u : BLOCK_DC.v;
    let anyDc = 0;
    for (let i = 0; i < 4; i++) {
      const level = chroma.chromaDcLevel(dc[i] as number);
      anyDc |= level;
      levels[dcAt + i] = level;
      dc[i] = level;
    }
    hadamard2x2(dc);
    for (let i = 0; i < 4; i++) {
      const scaled = chroma.scaleChromaDc(dc[i] as number);
      coefficients[(firstBlock + i) * 16] = scaled;
      if (scaled !== 0) filled[firstBlock + i] = 1;
    }
    return anyAc ? 2 : anyDc !== 0 ? 1 : 0;
  }

  /** Write all levels that the pattern promises and remember how many each block had. */
  write(totals: TotalField, place: MacroblockPlace, intra: boolean): void {
    const { writer, pattern } = this;
    if (intra) writer.block(LUMA_DC, 16, totals.lumaContext(place.x * 4, place.y * 4));
    for (let block = 0; block < 16; block++) {
      const x = place.x * 4 + (BLOCK_X[block] as number);
      const y = place.y * 4 + (BLOCK_Y[block] as number);
      const coded = (pattern & (1 << (block >> 2))) !== 0;
      const context = coded ? totals.lumaContext(x, y) : 0;
      totals.setLuma(
        x,
        y,
        !coded ? 0 : intra ? writer.block(block * 16 + 1, 15, context) : writer.block(block * 16, 16, context),
      );
    }
    if (pattern >= 16) {
      writer.block(BLOCK_DC.u, 4, CHROMA_DC);
      writer.block(BLOCK_DC.v, 4, CHROMA_DC);
    }
    for (let block = 16; block < 24; block++) {
      const i = block & 3;
      const field = block < 20 ? totals.u : totals.v;
      const x = place.x * 2 + (i & 1);
      const y = place.y * 2 + (i >> 1);
      const total = pattern < 32 ? 0 : writer.block(block * 16 + 1, 15, totals.chromaContext(field, x, y));
      field[totals.chromaIndex(x, y)] = total;
    }
  }

  /** Prediction plus what was sent, into the decoded picture. */
  reconstruct(decoded: Picture, place: MacroblockPlace): void {
    const stride = decoded.mbWidth * 16;
    for (let block = 0; block < 16; block++) {
      const x = (BLOCK_X[block] as number) * 4;
      const y = (BLOCK_Y[block] as number) * 4;
      const start = (place.y * 16 + y) * stride + place.x * 16 + x;
      this.rebuild(decoded.y, { start, stride, p: y * 16 + x, pStride: 16 }, block);
    }
    for (let block = 16; block < 24; block++) {
      const x = (block & 1) * 4;
      const y = (block & 2) * 2;
      const start = (place.y * 8 + y) * (stride >> 1) + place.x * 8 + x;
      const p = (block < 20 ? 256 : 320) + y * 8 + x;
      this.rebuild(block < 20 ? decoded.u : decoded.v, { start, stride: stride >> 1, p, pStride: 8 }, block);
    }
  }

  private rebuild(plane: Uint8Array, at: { start: number; stride: number; p: number; pStride: number }, block: number): void {
    const { coefficients, prediction } = this;
    const filled = this.filled[block] === 1;
    if (filled) inverse4x4(coefficients, block * 16);
    let c = block * 16;
    for (let y = 0; y < 4; y++) {
      const q = at.start + y * at.stride;
      const p = at.p + y * at.pStride;
      for (let x = 0; x < 4; x++, c++) {
        if (!filled) plane[q + x] = prediction[p + x] as number;
        else {
          plane[q + x] = Math.min(255, Math.max(0, (prediction[p + x] as number) + (coefficients[c] as number)));
        }
      }
    }
  }

  private loadLuma(source: Picture, place: MacroblockPlace, block: number): number {
    const x = (BLOCK_X[block] as number) * 4;
    const y = (BLOCK_Y[block] as number) * 4;
    const stride = source.mbWidth * 16;
    const start = (place.y * 16 + y) * stride + place.x * 16 + x;
    return this.loadBlock(source.y, { start, stride, p: y * 16 + x, pStride: 16 }, block * 16);
  }

  /** Source minus prediction of one block into the coefficients; answers the sum of absolute differences. */
  private loadBlock(samples: Uint8Array, at: { start: number; stride: number; p: number; pStride: number }, to: number): number {
    const { coefficients, prediction } = this;
    let sum = 0;
    let c = to;
    for (let y = 0; y < 4; y++) {
      const q = at.start + y * at.stride;
      const p = at.p + y * at.pStride;
      for (let x = 0; x < 4; x++, c++) {
        const d = (samples[q + x] as number) - (prediction[p + x] as number);
        coefficients[c] = d;
        sum += d < 0 ? -d : d;
      }
    }
    return sum;
  }
}

const quantizers = new Map<number, Quantizer>();

function quantizerOf(qp: number, intra: boolean): Quantizer {
  const key = qp * 2 + (intra ? 1 : 0);
  let quantizer = quantizers.get(key);
  if (quantizer === undefined) {
    quantizer = new Quantizer(qp, intra ? 1 / 3 : 1 / 6);
    quantizers.set(key, quantizer);
  }
  return quantizer;
}
