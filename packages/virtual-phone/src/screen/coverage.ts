// Closed outlines to coverage masks: exact areas per pixel, so edges are smooth. Each edge adds its signed area to the pixels it crosses and
// its height to everything on its right; a running sum per row then gives the coverage (winding by direction, clamped).
import type { Box, Mask } from "./raster.js";

/** Edges of closed contours in raster pixels. Build, rasterise, reuse after `clear()`. */
export class Outline {
  private edges = new Float64Array(1024);
  private count = 0;
  private startX = 0;
  private startY = 0;
  private x = 0;
  private y = 0;
  private minX = Number.POSITIVE_INFINITY;
  private minY = Number.POSITIVE_INFINITY;
  private maxX = Number.NEGATIVE_INFINITY;
  private maxY = Number.NEGATIVE_INFINITY;

  clear(): this {
    this.count = 0;
    this.minX = this.minY = Number.POSITIVE_INFINITY;
    this.maxX = this.maxY = Number.NEGATIVE_INFINITY;
    return this;
  }

  moveTo(x: number, y: number): void {
    this.startX = this.x = x;
    this.startY = this.y = y;
  }

  lineTo(x: number, y: number): void {
    if (this.count + 4 > this.edges.length) this.grow();
    const { edges } = this;
    edges[this.count++] = this.x;
    edges[this.count++] = this.y;
    edges[this.count++] = x;
    edges[this.count++] = y;
    this.bound(this.x, this.y);
    this.bound(x, y);
    this.x = x;
    this.y = y;
  }

  /** Numbers: control point, end point. Split finely enough that the chord error stays below a twentieth of a pixel. */
  quadTo(c: readonly [number, number, number, number]): void {
    const { x, y } = this;
    const bend = Math.hypot(x - 2 * c[0] + c[2], y - 2 * c[1] + c[3]);
    const steps = Math.min(32, Math.max(1, Math.ceil(Math.sqrt(bend * 5))));
    for (let i = 1; i <= steps; i++) {
      const t = i / steps;
      const u = 1 - t;
      this.lineTo(u * u * x + 2 * u * t * c[0] + t * t * c[2], u * u * y + 2 * u * t * c[1] + t * t * c[3]);
    }
  }

  /** Numbers: two control points, end point. */
  cubicTo(c: readonly [number, number, number, number, number, number]): void {
    const { x, y } = this;
    const bend =
      Math.hypot(x - 2 * c[0] + c[2], y - 2 * c[1] + c[3]) + Math.hypot(c[0] - 2 * c[2] + c[4], c[1] - 2 * c[3] + c[5]);
    const steps = Math.min(48, Math.max(1, Math.ceil(Math.sqrt(bend * 6))));
    for (let i = 1; i <= steps; i++) {
      const t = i / steps;
      const u = 1 - t;
      const a = u * u * u;
      const b = 3 * u * u * t;
      const d = 3 * u * t * t;
      const e = t * t * t;
      this.lineTo(a * x + b * c[0] + d * c[2] + e * c[4], a * y + b * c[1] + d * c[3] + e * c[5]);
    }
  }

  close(): void {
    if (this.x !== this.startX || this.y !== this.startY) this.lineTo(this.startX, this.startY);
  }

  /** The part inside `clip` as a mask placed at the raster's origin, or undefined when there is none. */
  rasterise(clip: Box): Mask | undefined {
    const left = Math.max(clip.x0, Math.floor(this.minX));
    const top = Math.max(clip.y0, Math.floor(this.minY));
    const width = Math.min(clip.x1, Math.ceil(this.maxX)) - left;
    const height = Math.min(clip.y1, Math.ceil(this.maxY)) - top;
    if (!(width > 0 && height > 0)) return undefined;
    const stride = width + 2;
    const sums = scratch(stride * height);
    const { edges } = this;
    for (let i = 0; i < this.count; i += 4) {
      const edge: Edge = { x0: edges[i], y0: edges[i + 1], x1: edges[i + 2], y1: edges[i + 3] } as Edge;
      edge.x0 -= left;
      edge.x1 -= left;
      edge.y0 -= top;
      edge.y1 -= top;
      addEdge(sums, { width, height, stride }, edge);
    }
    return { left, top, width, height, data: integrate(sums, { width, height, stride }) };
  }

  private bound(x: number, y: number): void {
    if (x < this.minX) this.minX = x;
    if (x > this.maxX) this.maxX = x;
    if (y < this.minY) this.minY = y;
    if (y > this.maxY) this.maxY = y;
  }

  private grow(): void {
    const larger = new Float64Array(this.edges.length * 2);
    larger.set(this.edges);
    this.edges = larger;
  }
}

interface Edge {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

interface Field {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

let pool = new Float32Array(1 << 14);

function scratch(length: number): Float32Array {
  // A mask of a whole screenshot is not kept: one large picture must not cost memory for ever.
  if (length > 1 << 18) return new Float32Array(length);
  if (pool.length < length) pool = new Float32Array(length);
  else pool.fill(0, 0, length);
  return pool;
}

/** Cut an edge at the pixel rows and add each piece. */
function addEdge(sums: Float32Array, field: Field, edge: Edge): void {
  if (edge.y0 === edge.y1) return;
  const down = edge.y0 < edge.y1;
  const yTop = down ? edge.y0 : edge.y1;
  const yBottom = down ? edge.y1 : edge.y0;
  const slope = (edge.x1 - edge.x0) / (edge.y1 - edge.y0);
  const from = Math.max(0, yTop);
  const to = Math.min(field.height, yBottom);
  if (from >= to) return;
  let x = (down ? edge.x0 : edge.x1) + (from - yTop) * slope;
  const sign = down ? 1 : -1;
  for (let row = Math.floor(from); row < to; row++) {
    const dy = Math.min(row + 1, to) - Math.max(row, from);
    const next = x + slope * dy;
    addClipped(
      sums,
      { row: row * field.stride, width: field.width },
      { a: Math.min(x, next), b: Math.max(x, next), area: dy * sign },
    );
    x = next;
  }
}

/** Left of the field a piece covers all columns, right of it none: only what crosses the field is a ramp. */
function addClipped(sums: Float32Array, field: { row: number; width: number }, piece: Piece): void {
  const { row, width } = field;
  if (piece.a >= 0 && piece.b <= width) return addPiece(sums, row, piece);
  if (piece.b <= 0) {
    sums[row] = (sums[row] as number) + piece.area;
    return;
  }
  if (piece.a >= width) return;
  const share = piece.area / (piece.b - piece.a);
  if (piece.a < 0) sums[row] = (sums[row] as number) - piece.a * share;
  const a = Math.max(0, piece.a);
  const b = Math.min(width, piece.b);
  addPiece(sums, row, { a, b, area: (b - a) * share });
}

interface Piece {
  /** Column positions, a ≤ b. */
  readonly a: number;
  readonly b: number;
  /** Height, negative when the edge goes up. */
  readonly area: number;
}

/** A piece within one row from column position a to b (a ≤ b): coverage ramps up over the pixels between. */
function addPiece(sums: Float32Array, row: number, piece: Piece): void {
  const { a, b, area } = piece;
  const first = Math.floor(a);
  const last = Math.ceil(b);
  if (last <= first + 1) {
    const right = area * (0.5 * (a + b) - first);
    sums[row + first] = (sums[row + first] as number) + area - right;
    sums[row + first + 1] = (sums[row + first + 1] as number) + right;
    return;
  }
  const perColumn = area / (b - a);
  let before = 0;
  for (let column = first; column < last; column++) {
    const lo = Math.max(a, column);
    const hi = Math.min(b, column + 1);
    // What this column covers: the ramp inside it, and all of the ramp that lies left of it.
    const covered = perColumn * ((lo - a) * (hi - lo) + 0.5 * (hi - lo) * (hi - lo) + (hi - a) * (column + 1 - hi));
    sums[row + column] = (sums[row + column] as number) + covered - before;
    before = covered;
  }
  sums[row + last] = (sums[row + last] as number) + area - before;
}

function integrate(sums: Float32Array, field: Field): Uint8Array {
  const data = new Uint8Array(field.width * field.height);
  for (let y = 0; y < field.height; y++) {
    let sum = 0;
    const row = y * field.stride;
    for (let x = 0; x < field.width; x++) {
      sum += sums[row + x] as number;
      const cover = sum < 0 ? -sum : sum;
      data[y * field.width + x] = cover >= 1 ? 255 : cover * 255 + 0.5;
    }
  }
  return data;
}
