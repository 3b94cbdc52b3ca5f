// Lines with a width: turns a path's contours into outlines of the stroke, with round ends and joins.
import type { Outline } from "./coverage.js";
import type { Point } from "./geometry.js";
import type { Path, PathPart, Placement } from "./path.js";

interface Contour {
  readonly points: Point[];
  closed: boolean;
}

/** Segments per half turn of a round end; a stroke on a phone is at most some 20 pixels wide. */
const ROUND_STEPS = 8;

/** Add the stroke of a path to an outline; `width` in path units. */
export function traceStroke(path: Path, line: { at: Placement; width: number }, outline: Outline): void {
  const half = (line.width * (line.at.scaleX + line.at.scaleY)) / 4;
  for (const contour of flatten(path, line.at)) {
    const points = withoutRepeats(contour);
    if (points.length === 1) dot(points[0] as Point, half, outline);
    else if (contour.closed && points.length > 2) {
      strokeSide(points, { half, closed: true }, outline);
      strokeSide([...points].reverse(), { half, closed: true }, outline);
    } else strokeSide([...points, ...points.slice(1, -1).reverse()], { half, closed: false }, outline);
  }
}

function dot(center: Point, radius: number, outline: Outline): void {
  outline.moveTo(center.x + radius, center.y);
  for (let i = 1; i < ROUND_STEPS * 2; i++) {
    const angle = (i * Math.PI) / ROUND_STEPS;
    outline.lineTo(center.x + radius * Math.cos(angle), center.y + radius * Math.sin(angle));
  }
  outline.close();
}

/**
 * One closed contour lying `half` to the left of a closed walk. An open line is walked forth and back, so that its ends are turns of 180°;
 * a closed one is walked twice, once in each direction, which leaves the ring between.
 */
function strokeSide(walk: readonly Point[], line: { half: number; closed: boolean }, outline: Outline): void {
  let started = false;
  const put = (x: number, y: number): void => {
    if (started) outline.lineTo(x, y);
    else outline.moveTo(x, y);
    started = true;
  };
  for (let i = 0; i < walk.length; i++) {
    const here = walk[i] as Point;
    const before = walk[(i + walk.length - 1) % walk.length] as Point;
    const after = walk[(i + 1) % walk.length] as Point;
    join({ before, here, after }, line.half, put);
  }
  outline.close();
}

function join(corner: { before: Point; here: Point; after: Point }, half: number, put: (x: number, y: number) => void): void {
  const { here } = corner;
  const a = Math.atan2(here.y - corner.before.y, here.x - corner.before.x);
  const b = Math.atan2(corner.after.y - here.y, corner.after.x - here.x);
  let turn = b - a;
  // A turn back (the end of a line) is a round end, whichever way rounding errors put it.
  while (turn <= -3.1) turn += 2 * Math.PI;
  while (turn > 2 * Math.PI - 3.1) turn -= 2 * Math.PI;
  // The left side is outside when the walk turns right (in screen coordinates y grows downwards, so that is a positive angle).
  const offset = (angle: number, length: number): void =>
    put(here.x + Math.sin(angle) * length, here.y - Math.cos(angle) * length);
  if (turn > 0.1) {
    const steps = Math.max(1, Math.ceil((turn / Math.PI) * ROUND_STEPS));
    for (let i = 0; i <= steps; i++) offset(a + (turn * i) / steps, half);
    return;
  }
  offset(a + turn / 2, half / Math.max(0.25, Math.cos(turn / 2)));
}

function withoutRepeats(contour: Contour): Point[] {
  const out: Point[] = [];
  for (const point of contour.points) {
    const last = out.at(-1);
    if (last === undefined || Math.hypot(point.x - last.x, point.y - last.y) > 1e-3) out.push(point);
  }
  const first = out[0];
  const last = out.at(-1);
  if (contour.closed && out.length > 1 && first && last && Math.hypot(first.x - last.x, first.y - last.y) <= 1e-3) out.pop();
  return out;
}

function flatten(path: Path, at: Placement): Contour[] {
  const contours: Contour[] = [];
  for (const part of path) {
    if (part[0] === "M") contours.push({ points: [], closed: false });
    const contour = contours.at(-1);
    if (contour === undefined) continue;
    if (part[0] === "Z") contour.closed = true;
    else addPart(contour.points, part, at);
  }
  return contours;
}

function addPart(points: Point[], part: Exclude<PathPart, readonly ["Z"]>, at: Placement): void {
  const numbers = part.slice(1) as number[];
  const controls: Point[] = [];
  for (let i = 0; i < numbers.length; i += 2) {
    controls.push({ x: (numbers[i] as number) * at.scaleX + at.x, y: (numbers[i + 1] as number) * at.scaleY + at.y });
  }
  const start = points.at(-1);
  if (controls.length === 1 || start === undefined) {
    points.push(controls.at(-1) as Point);
    return;
  }
  const steps = 10;
  for (let i = 1; i <= steps; i++) points.push(along([start, ...controls], i / steps));
}

/** The point at `t` of a Bézier curve of any order (de Casteljau). */
function along(controls: readonly Point[], t: number): Point {
  let level = controls;
  while (level.length > 1) {
    const next: Point[] = [];
    for (let i = 0; i + 1 < level.length; i++) {
      const a = level[i] as Point;
      const b = level[i + 1] as Point;
      next.push({ x: a.x + (b.x - a.x) * t, y: a.y + (b.y - a.y) * t });
    }
    level = next;
  }
  return level[0] as Point;
}
