// Intra prediction of whole macroblocks (ITU-T H.264 clauses 8.3.3 and 8.3.4): which mode fits best, and its prediction.

/** Intra16x16PredMode values; chroma modes number the same shapes differently (see CHROMA_MODE). */
const VERTICAL = 0;
const HORIZONTAL = 1;
export const DC = 2;
const PLANE = 3;

/** intra_chroma_pred_mode of each of the shapes above. */
export const CHROMA_MODE = [2, 1, 0, 3] as const;

/** Above this many per sample the plain modes fit badly and the plane is tried. */
const TRY_PLANE_ABOVE = 1;

/** A macroblock's place, whole macroblocks. */
export interface MacroblockPlace {
  readonly x: number;
  readonly y: number;
}

/** Predicts one square of `size` samples (16 luma, 8 chroma) from the decoded samples around it. */
export class IntraPredictor {
  private readonly top: Int32Array;
  private readonly left: Int32Array;
  private corner = 0;
  private hasTop = false;
  private hasLeft = false;
  private readonly plane: Uint8Array;
  /** Sum of absolute differences of the mode last chosen. */
  cost = 0;

  constructor(private readonly size: 8 | 16) {
    this.top = new Int32Array(size);
    this.left = new Int32Array(size);
    this.plane = new Uint8Array(size * size);
  }

  /** Look at the decoded samples around a macroblock. */
  load(decoded: Uint8Array, place: MacroblockPlace, stride: number): void {
    const { size, top, left } = this;
    this.hasTop = place.y > 0;
    this.hasLeft = place.x > 0;
    const at = place.y * size * stride + place.x * size;
    if (this.hasTop) for (let i = 0; i < size; i++) top[i] = decoded[at - stride + i] as number;
    if (this.hasLeft) for (let i = 0; i < size; i++) left[i] = decoded[at + i * stride - 1] as number;
    if (this.hasTop && this.hasLeft) this.corner = decoded[at - stride - 1] as number;
  }

  /** The best mode for the samples at `at` in `source`, its cost in `cost`. */
  choose(source: Uint8Array, at: number, stride: number): number {
    const { size, top, left, hasTop, hasLeft } = this;
    const dc = this.dcOf(hasTop, hasLeft, 0);
    let vertical = 0;
    let horizontal = 0;
    let flat = 0;
    for (let y = 0; y < size; y++) {
      const row = at + y * stride;
      const l = left[y] as number;
      for (let x = 0; x < size; x++) {
        const s = source[row + x] as number;
        const v = s - (top[x] as number);
        const h = s - l;
        const d = s - dc;
        vertical += v < 0 ? -v : v;
        horizontal += h < 0 ? -h : h;
        flat += d < 0 ? -d : d;
      }
    }
    let mode: number = DC;
    this.cost = flat;
    if (hasTop && vertical < this.cost) {
      mode = VERTICAL;
      this.cost = vertical;
    }
    if (hasLeft && horizontal < this.cost) {
      mode = HORIZONTAL;
      this.cost = horizontal;
    }
    if (hasTop && hasLeft && this.cost > TRY_PLANE_ABOVE * size * size) {
      const cost = this.planeCost(source, at, stride);
      if (cost < this.cost) {
        mode = PLANE;
        this.cost = cost;
      }
    }
    return mode;
  }

  /** Write the prediction of a mode into `out` from `at`, rows of `size`. */
  predict(mode: number, out: Uint8Array, at: number): void {
    const { size, top, left } = this;
    if (mode === PLANE) {
      this.fillPlane();
      out.set(this.plane, at);
    } else if (mode === DC) {
      if (size === 16) out.fill(this.dcOf(this.hasTop, this.hasLeft, 0), at, at + 256);
      else this.chromaDc(out, at);
    } else {
      for (let y = 0; y < size; y++) {
        const row = at + y * size;
        if (mode === HORIZONTAL) out.fill(left[y] as number, row, row + size);
        else for (let x = 0; x < size; x++) out[row + x] = top[x] as number;
      }
    }
  }

  /** Mean of the neighbours from `from` on; 128 where there are none. */
  private dcOf(useTop: boolean, useLeft: boolean, from: number): number {
    const { size, top, left } = this;
    if (!useTop && !useLeft) return 128;
    let sum = 0;
    for (let i = from; i < size; i++) sum += (useTop ? (top[i] as number) : 0) + (useLeft ? (left[i] as number) : 0);
    const count = (size - from) * (useTop && useLeft ? 2 : 1);
    return ((sum + (count >> 1)) / count) | 0;
  }

  /** Each 4x4 quarter has its own mean; the two off the diagonal prefer the side they touch (clause 8.3.4.1 to 3). */
  private chromaDc(out: Uint8Array, at: number): void {
    const { hasTop, hasLeft } = this;
    for (let quarter = 0; quarter < 4; quarter++) {
      const x = (quarter & 1) * 4;
      const y = (quarter >> 1) * 4;
      const useTop = hasTop && !(quarter === 2 && hasLeft);
      const useLeft = hasLeft && !(quarter === 1 && hasTop);
      const dc = this.quarterDc(useTop ? x : -1, useLeft ? y : -1);
      for (let row = 0; row < 4; row++) {
        const start = at + (y + row) * 8 + x;
        out.fill(dc, start, start + 4);
      }
    }
  }

  private quarterDc(topFrom: number, leftFrom: number): number {
    if (topFrom < 0 && leftFrom < 0) return 128;
    let sum = 0;
    let count = 0;
    if (topFrom >= 0) for (let i = 0; i < 4; i++, count++) sum += this.top[topFrom + i] as number;
    if (leftFrom >= 0) for (let i = 0; i < 4; i++, count++) sum += this.left[leftFrom + i] as number;
    return ((sum + (count >> 1)) / count) | 0;
  }

  private planeCost(source: Uint8Array, at: number, stride: number): number {
    const { size, plane } = this;
    this.fillPlane();
    let cost = 0;
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const d = (source[at + y * stride + x] as number) - (plane[y * size + x] as number);
        cost += d < 0 ? -d : d;
      }
    }
    return cost;
  }

  private fillPlane(): void {
    const { size, top, left, plane } = this;
    const half = size >> 1;
    let h = 0;
    let v = 0;
    for (let i = 1; i <= half; i++) {
      const before = half - 1 - i;
      h += i * ((top[half - 1 + i] as number) - (before < 0 ? this.corner : (top[before] as number)));
      v += i * ((left[half - 1 + i] as number) - (before < 0 ? this.corner : (left[before] as number)));
    }
    // Clause 8.3.3.4 for luma; 8.3.4.4 with xCF = yCF = 0 for chroma.
    const b = size === 16 ? (5 * h + 32) >> 6 : (34 * h + 32) >> 6;
    const c = size === 16 ? (5 * v + 32) >> 6 : (34 * v + 32) >> 6;
    const a = 16 * ((left[size - 1] as number) + (top[size - 1] as number));
    for (let y = 0; y < size; y++) {
      let value = a + b * (1 - half) + c * (y - half + 1) + 16;
      for (let x = 0; x < size; x++, value += b) {
        plane[y * size + x] = Math.min(255, Math.max(0, value >> 5));
      }
    }
  }
}
