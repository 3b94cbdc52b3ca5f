// Motion vectors of a picture's macroblocks and their prediction from neighbours (ITU-T H.264 clause 8.4.1), for 16x16 partitions and one
// reference. Vectors are in whole luma samples here; the bitstream wants quarters.

const UNAVAILABLE = 2;
const INTRA = 1;
const INTER = 0;

export class MotionField {
  /** One column and row of border, so that neighbours always exist in the arrays. */
  private readonly stride: number;
  private readonly kinds: Uint8Array;
  private readonly xs: Int16Array;
  private readonly ys: Int16Array;
  /** The last prediction. */
  x = 0;
  y = 0;

  constructor(mbWidth: number, mbHeight: number) {
    this.stride = mbWidth + 2;
    const size = this.stride * (mbHeight + 1);
    this.kinds = new Uint8Array(size).fill(UNAVAILABLE);
    this.xs = new Int16Array(size);
    this.ys = new Int16Array(size);
  }

  setInter(mbX: number, mbY: number, vector: { x: number; y: number }): void {
    const at = this.index(mbX, mbY);
    this.kinds[at] = INTER;
    this.xs[at] = vector.x;
    this.ys[at] = vector.y;
  }

  setIntra(mbX: number, mbY: number): void {
    const at = this.index(mbX, mbY);
    this.kinds[at] = INTRA;
    this.xs[at] = 0;
    this.ys[at] = 0;
  }

  /** The vector prediction mvpL0, left in `x` and `y` (clause 8.4.1.3). */
  predict(mbX: number, mbY: number): void {
    const at = this.index(mbX, mbY);
    const a = at - 1;
    const b = at - this.stride;
    const kinds = this.kinds;
    // Above right is coded already except at the right edge; then above left takes its place.
    let c = b + 1;
    if (kinds[c] === UNAVAILABLE) c = b - 1;
    if (kinds[b] === UNAVAILABLE && kinds[c] === UNAVAILABLE && kinds[a] !== UNAVAILABLE) return this.take(a);
    const inters = (kinds[a] === INTER ? 1 : 0) + (kinds[b] === INTER ? 1 : 0) + (kinds[c] === INTER ? 1 : 0);
    if (inters === 1) return this.take(kinds[a] === INTER ? a : kinds[b] === INTER ? b : c);
    const { xs, ys } = this;
    this.x = median(xs[a] as number, xs[b] as number, xs[c] as number);
    this.y = median(ys[a] as number, ys[b] as number, ys[c] as number);
  }

  /** The vector of a skipped macroblock, left in `x` and `y` (clause 8.4.1.1). */
  predictSkip(mbX: number, mbY: number): void {
    const at = this.index(mbX, mbY);
    if (this.stillsSkip(at - 1) || this.stillsSkip(at - this.stride)) {
      this.x = 0;
      this.y = 0;
    } else this.predict(mbX, mbY);
  }

  /** A neighbour that is missing or does not move makes a skipped macroblock stand still. */
  private stillsSkip(at: number): boolean {
    return this.kinds[at] === UNAVAILABLE || (this.kinds[at] === INTER && this.xs[at] === 0 && this.ys[at] === 0);
  }

  private take(at: number): void {
    this.x = this.xs[at] as number;
    this.y = this.ys[at] as number;
  }

  private index(mbX: number, mbY: number): number {
    return (mbY + 1) * this.stride + mbX + 1;
  }
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
