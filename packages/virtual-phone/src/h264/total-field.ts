// How many coefficients each 4x4 block of the picture had: the neighbours' numbers choose the code table (ITU-T H.264 clause 9.2.1).

/** Stands for a neighbour outside the picture; above any real total, so that sums show how many are missing. */
const MISSING = 64;

export class TotalField {
  readonly u: Uint8Array;
  readonly v: Uint8Array;
  private readonly luma: Uint8Array;
  private readonly lumaStride: number;
  private readonly chromaStride: number;

  constructor(mbWidth: number, mbHeight: number) {
    this.lumaStride = mbWidth * 4 + 1;
    this.chromaStride = mbWidth * 2 + 1;
    this.luma = bordered(this.lumaStride, mbHeight * 4 + 1);
    this.u = bordered(this.chromaStride, mbHeight * 2 + 1);
    this.v = bordered(this.chromaStride, mbHeight * 2 + 1);
  }

  /** nC of a luma block, by its place in 4x4 blocks. */
  lumaContext(x: number, y: number): number {
    const at = (y + 1) * this.lumaStride + x + 1;
    return contextOf((this.luma[at - 1] as number) + (this.luma[at - this.lumaStride] as number));
  }

  setLuma(x: number, y: number, total: number): void {
    this.luma[(y + 1) * this.lumaStride + x + 1] = total;
  }

  chromaIndex(x: number, y: number): number {
    return (y + 1) * this.chromaStride + x + 1;
  }

  chromaContext(field: Uint8Array, x: number, y: number): number {
    const at = this.chromaIndex(x, y);
    return contextOf((field[at - 1] as number) + (field[at - this.chromaStride] as number));
  }

  /** A macroblock without any coefficients. */
  clearMacroblock(mbX: number, mbY: number): void {
    for (let row = 0; row < 4; row++) {
      const at = (mbY * 4 + row + 1) * this.lumaStride + mbX * 4 + 1;
      this.luma[at] = this.luma[at + 1] = this.luma[at + 2] = this.luma[at + 3] = 0;
    }
    for (let row = 0; row < 2; row++) {
      const at = this.chromaIndex(mbX * 2, mbY * 2 + row);
      this.u[at] = this.u[at + 1] = this.v[at] = this.v[at + 1] = 0;
    }
  }
}

function bordered(stride: number, rows: number): Uint8Array {
  const field = new Uint8Array(stride * rows);
  field.fill(MISSING, 0, stride);
  for (let y = 1; y < rows; y++) field[y * stride] = MISSING;
  return field;
}

/** The rounded mean of both neighbours, the one there is, or 0. */
function contextOf(sum: number): number {
  return sum < MISSING ? (sum + 1) >> 1 : sum & (MISSING - 1);
}
