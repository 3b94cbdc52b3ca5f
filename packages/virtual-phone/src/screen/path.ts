// Shapes as commands, free of scale: parsed from SVG-like text or built by hand, traced (filled or stroked) onto an Outline at a place.
import type { Outline } from "./coverage.js";
import type { Point } from "./geometry.js";

/** Letters M L Q C Z with their absolute coordinates. */
export type PathPart =
  | readonly ["M" | "L", number, number]
  | readonly ["Q", number, number, number, number]
  | readonly ["C", number, number, number, number, number, number]
  | readonly ["Z"];

export type Path = readonly PathPart[];

/** From path units to raster pixels: scale, then move. */
export interface Placement {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly x: number;
  readonly y: number;
}

/** Share of a radius at which the control points of a quarter circle's cubic stand. */
const QUARTER = 0.5523;

/**
 * Read "M x y L x y H x V y Q … C … Z" in absolute coordinates, and "O cx cy r" for a whole circle.
 * @throws Error when a letter is unknown or numbers are missing: paths are constants of this program.
 */
export function parsePath(text: string): Path {
  const parts: PathPart[] = [];
  const tokens = text.match(/[A-Z]|-?[\d.]+/g) ?? [];
  let at = 0;
  let last: Point = { x: 0, y: 0 };
  const number = (): number => {
    const value = Number(tokens[at++]);
    if (Number.isNaN(value)) throw new Error(`path "${text}": a number is missing at token ${at}`);
    return value;
  };
  const point = (): readonly [number, number] => {
    last = { x: number(), y: number() };
    return [last.x, last.y];
  };
  while (at < tokens.length) {
    const letter = tokens[at++];
    if (letter === "M" || letter === "L") parts.push([letter, ...point()]);
    else if (letter === "H") parts.push(["L", ...move({ x: number(), y: last.y })]);
    else if (letter === "V") parts.push(["L", ...move({ x: last.x, y: number() })]);
    else if (letter === "Q") parts.push(["Q", ...point(), ...point()]);
    else if (letter === "C") parts.push(["C", ...point(), ...point(), ...point()]);
    else if (letter === "Z") parts.push(["Z"]);
    else if (letter === "O") parts.push(...circlePath({ x: number(), y: number() }, number()));
    else throw new Error(`path "${text}": "${letter}" is not known`);
  }
  return parts;
  function move(to: Point): readonly [number, number] {
    last = to;
    return [to.x, to.y];
  }
}

export function circlePath(center: Point, radius: number): Path {
  return roundRectPath({ x: center.x - radius, y: center.y - radius, width: radius * 2, height: radius * 2 }, radius);
}

export function roundRectPath(rect: { x: number; y: number; width: number; height: number }, radius: number): Path {
  const { x, y } = rect;
  const right = x + rect.width;
  const bottom = y + rect.height;
  const r = Math.max(0, Math.min(radius, rect.width / 2, rect.height / 2));
  const k = r * (1 - QUARTER);
  return [
    ["M", x + r, y],
    ["L", right - r, y],
    ["C", right - k, y, right, y + k, right, y + r],
    ["L", right, bottom - r],
    ["C", right, bottom - k, right - k, bottom, right - r, bottom],
    ["L", x + r, bottom],
    ["C", x + k, bottom, x, bottom - k, x, bottom - r],
    ["L", x, y + r],
    ["C", x, y + k, x + k, y, x + r, y],
    ["Z"],
  ];
}

/** Add a path's inside to an outline. Open contours are closed. */
export function traceFill(path: Path, at: Placement, outline: Outline): void {
  const px = (x: number): number => x * at.scaleX + at.x;
  const py = (y: number): number => y * at.scaleY + at.y;
  for (const part of path) {
    switch (part[0]) {
      case "M":
        outline.close();
        outline.moveTo(px(part[1]), py(part[2]));
        break;
      case "L":
        outline.lineTo(px(part[1]), py(part[2]));
        break;
      case "Q":
        outline.quadTo([px(part[1]), py(part[2]), px(part[3]), py(part[4])]);
        break;
      case "C":
        outline.cubicTo([px(part[1]), py(part[2]), px(part[3]), py(part[4]), px(part[5]), py(part[6])]);
        break;
      case "Z":
        outline.close();
        break;
    }
  }
  outline.close();
}
