// Prediction from the picture before (ITU-T H.264 clause 8.4.2) for vectors of whole luma samples that stay inside the picture.
import type { Picture } from "./picture.js";

/** Where a macroblock's prediction comes from: its own place and a vector in whole samples. */
export interface Motion {
  readonly mbX: number;
  readonly mbY: number;
  readonly x: number;
  readonly y: number;
}

/** True when every sample the vector points at lies inside the picture. */
export function isInside(picture: Picture, motion: Motion): boolean {
  const x = motion.mbX * 16 + motion.x;
  const y = motion.mbY * 16 + motion.y;
  return x >= 0 && y >= 0 && x + 16 <= picture.mbWidth * 16 && y + 16 <= picture.mbHeight * 16;
}

/** Sum of absolute luma differences between a macroblock of `source` and what the vector predicts; gives up above `limit`. */
export function motionCost(source: Picture, reference: Picture, search: { motion: Motion; limit: number }): number {
  const stride = source.mbWidth * 16;
  const { motion } = search;
  const at = motion.mbY * 16 * stride + motion.mbX * 16;
  const from = at + motion.y * stride + motion.x;
  const a = source.y;
  const b = reference.y;
  let sum = 0;
  for (let row = 0; row < 16; row++) {
    const p = at + row * stride;
    const q = from + row * stride;
    for (let i = 0; i < 16; i++) {
      const d = (a[p + i] as number) - (b[q + i] as number);
      sum += d < 0 ? -d : d;
    }
    if (sum > search.limit) return sum;
  }
  return sum;
}

/** Write the prediction into `out`: 256 luma samples, then 64 of each chroma plane. */
export function predictInter(reference: Picture, motion: Motion, out: Uint8Array): void {
  const stride = reference.mbWidth * 16;
  const from = (motion.mbY * 16 + motion.y) * stride + motion.mbX * 16 + motion.x;
  for (let row = 0; row < 16; row++) {
    const p = from + row * stride;
    for (let i = 0; i < 16; i++) out[row * 16 + i] = reference.y[p + i] as number;
  }
  predictChroma(reference.u, reference, { motion, out, at: 256 });
  predictChroma(reference.v, reference, { motion, out, at: 320 });
}

/** An odd luma vector is half a chroma sample: the mean of two or four neighbours (clause 8.4.2.2.2 with fractions 0 and 4). */
function predictChroma(plane: Uint8Array, shape: Picture, target: { motion: Motion; out: Uint8Array; at: number }): void {
  const { motion, out, at } = target;
  const width = shape.mbWidth * 8;
  const height = shape.mbHeight * 8;
  const left = motion.mbX * 8 + (motion.x >> 1);
  const top = motion.mbY * 8 + (motion.y >> 1);
  const halfX = motion.x & 1;
  const halfY = motion.y & 1;
  for (let row = 0; row < 8; row++) {
    const upper = (top + row) * width;
    const lower = halfY === 0 || top + row + 1 >= height ? upper : upper + width;
    for (let i = 0; i < 8; i++) {
      const x = left + i;
      if (halfX + halfY === 0) {
        out[at + row * 8 + i] = plane[upper + x] as number;
        continue;
      }
      const next = halfX === 0 || x + 1 >= width ? x : x + 1;
      const sum =
        (plane[upper + x] as number) +
        (plane[upper + next] as number) +
        (plane[lower + x] as number) +
        (plane[lower + next] as number);
      out[at + row * 8 + i] = (sum + 2) >> 2;
    }
  }
}
