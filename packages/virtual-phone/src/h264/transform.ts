// The integer transforms of ITU-T H.264 clause 8.5 and their forward counterparts, on 4x4 blocks of 16 numbers row by row, in place.

/** Forward core transform of the block at `at`. */
export function forward4x4(data: Int32Array, at: number): void {
  for (let i = at; i < at + 16; i += 4) {
    const a = data[i] as number;
    const b = data[i + 1] as number;
    const c = data[i + 2] as number;
    const d = data[i + 3] as number;
    const outer = a + d;
    const inner = b + c;
    const outerDiff = a - d;
    const innerDiff = b - c;
    data[i] = outer + inner;
    data[i + 1] = 2 * outerDiff + innerDiff;
    data[i + 2] = outer - inner;
    data[i + 3] = outerDiff - 2 * innerDiff;
  }
  for (let i = at; i < at + 4; i++) {
    const a = data[i] as number;
    const b = data[i + 4] as number;
    const c = data[i + 8] as number;
    const d = data[i + 12] as number;
    const outer = a + d;
    const inner = b + c;
    const outerDiff = a - d;
    const innerDiff = b - c;
    data[i] = outer + inner;
    data[i + 4] = 2 * outerDiff + innerDiff;
    data[i + 8] = outer - inner;
    data[i + 12] = outerDiff - 2 * innerDiff;
  }
}

/** Inverse transform of scaled coefficients (clause 8.5.12.2): leaves the residual, rounded. */
export function inverse4x4(data: Int32Array, at: number): void {
  for (let i = at; i < at + 16; i += 4) {
    const a = data[i] as number;
    const b = data[i + 1] as number;
    const c = data[i + 2] as number;
    const d = data[i + 3] as number;
    const e = a + c;
    const f = a - c;
    const g = (b >> 1) - d;
    const h = b + (d >> 1);
    data[i] = e + h;
    data[i + 1] = f + g;
    data[i + 2] = f - g;
    data[i + 3] = e - h;
  }
  for (let i = at; i < at + 4; i++) {
    const a = data[i] as number;
    const b = data[i + 4] as number;
    const c = data[i + 8] as number;
    const d = data[i + 12] as number;
    const e = a + c + 32;
    const f = a - c + 32;
    const g = (b >> 1) - d;
    const h = b + (d >> 1);
    data[i] = (e + h) >> 6;
    data[i + 4] = (f + g) >> 6;
    data[i + 8] = (f - g) >> 6;
    data[i + 12] = (e - h) >> 6;
  }
}

/** The 4x4 Hadamard transform of luma DC values; its own inverse up to scale. */
export function hadamard4x4(data: Int32Array): void {
  for (let step = 1; step <= 4; step += 3) {
    // step 1 goes along rows (lines start 4 apart), step 4 along columns (lines start 1 apart).
    const next = 5 - step;
    for (let line = 0; line < 4; line++) {
      const i = line * next;
      const a = data[i] as number;
      const b = data[i + step] as number;
      const c = data[i + 2 * step] as number;
      const d = data[i + 3 * step] as number;
      data[i] = a + b + c + d;
      data[i + step] = a + b - c - d;
      data[i + 2 * step] = a - b - c + d;
      data[i + 3 * step] = a - b + c - d;
    }
  }
}

/** The 2x2 transform of chroma DC values; its own inverse up to scale. */
export function hadamard2x2(data: Int32Array): void {
  const a = data[0] as number;
  const b = data[1] as number;
  const c = data[2] as number;
  const d = data[3] as number;
  data[0] = a + b + c + d;
  data[1] = a - b + c - d;
  data[2] = a + b - c - d;
  data[3] = a - b - c + d;
}
