// Icons drawn by hand on a 24 x 24 grid: lines of one width or filled shapes. Launcher tiles, navigation and app buttons use them by name.
import { Outline } from "./coverage.js";
import { type Path, parsePath, traceFill } from "./path.js";
import type { Mask } from "./raster.js";
import { traceStroke } from "./stroke.js";

interface Drawing {
  readonly fill?: string;
  readonly line?: string;
  /** Width of the lines, default 2. */
  readonly width?: number;
}

const DRAWINGS = {
  "nav-back": { fill: "M 17 5 L 17 19 L 6 12 Z", line: "M 17 5 L 17 19 L 6 12 Z", width: 1.6 },
  "nav-home": { fill: "O 12 12 5.5", line: "O 12 12 8", width: 1.4 },
  "nav-recents": { fill: "M 6 6 H 18 V 18 H 6 Z", line: "M 6 6 H 18 V 18 H 6 Z", width: 1.6 },
  back: { line: "M 20 12 H 4 M 11 5 L 4 12 L 11 19" },
  forward: { line: "M 4 12 H 20 M 13 5 L 20 12 L 13 19" },
  up: { line: "M 5 15 L 12 8 L 19 15" },
  down: { line: "M 5 9 L 12 16 L 19 9" },
  left: { line: "M 15 5 L 8 12 L 15 19" },
  right: { line: "M 9 5 L 16 12 L 9 19" },
  close: { line: "M 6 6 L 18 18 M 18 6 L 6 18" },
  menu: { line: "M 4 6.5 H 20 M 4 12 H 20 M 4 17.5 H 20" },
  more: { fill: "O 12 5.5 1.8 O 12 12 1.8 O 12 18.5 1.8" },
  plus: { line: "M 12 5 V 19 M 5 12 H 19" },
  minus: { line: "M 5 12 H 19" },
  check: { line: "M 5 12.5 L 10 17.5 L 19.5 7" },
  search: { line: "O 10.5 10.5 6 M 15 15 L 20 20" },
  person: { fill: "O 12 8 4 M 4 20 C 4 15.5 8 14 12 14 C 16 14 20 15.5 20 20 Z" },
  people: {
    fill: "O 9 8.5 3.5 M 2 19.5 C 2 15.5 5.5 14 9 14 C 12.5 14 16 15.5 16 19.5 Z O 17 9.5 2.7 M 17.8 19.5 C 17.8 17 17 15 15.7 13.9 C 19 13.6 22 15.2 22 19.5 Z",
  },
  heart: { line: "M 12 20 C 4 14 3 11 3 8.5 C 3 4 9 2.8 12 7.4 C 15 2.8 21 4 21 8.5 C 21 11 20 14 12 20 Z" },
  "heart-filled": {
    fill: "M 12 20.5 C 4 14.5 2.5 11.5 2.5 8.5 C 2.5 3.5 9 2.4 12 7 C 15 2.4 21.5 3.5 21.5 8.5 C 21.5 11.5 20 14.5 12 20.5 Z",
  },
  star: { fill: "M 12 3 L 14.7 8.9 L 21.1 9.6 L 16.3 13.9 L 17.6 20.2 L 12 17 L 6.4 20.2 L 7.7 13.9 L 2.9 9.6 L 9.3 8.9 Z" },
  cart: { line: "M 2.5 4 H 5.5 L 8 15 H 18 L 20.5 7 H 6.3", fill: "O 9.3 19 1.7 O 16.8 19 1.7" },
  bag: { line: "M 5 8 H 19 L 20 20.5 H 4 Z M 8.5 10.5 V 7 C 8.5 2.6 15.5 2.6 15.5 7 V 10.5" },
  chat: { line: "M 4 5 H 20 V 16 H 11 L 7 20 V 16 H 4 Z" },
  comment: {
    fill: "M 5.5 4 H 18.5 Q 21 4 21 6.5 V 14.5 Q 21 17 18.5 17 H 11 L 6.5 21 V 17 H 5.5 Q 3 17 3 14.5 V 6.5 Q 3 4 5.5 4 Z",
  },
  send: { fill: "M 3 4 L 21.5 12 L 3 20 L 3 13.6 L 14 12 L 3 10.4 Z" },
  share: { line: "M 17 6 L 7 12 L 17 18", fill: "O 17.5 5.5 2.8 O 6.5 12 2.8 O 17.5 18.5 2.8" },
  game: {
    fill: "M 7 6.5 H 17 C 21 6.5 22.5 12 22 16 C 21.6 19.6 18.5 19 16 15.5 H 8 C 5.5 19 2.4 19.6 2 16 C 1.5 12 3 6.5 7 6.5 Z",
  },
  blocks: {
    fill: "M 3 14 H 9 V 20 H 3 Z M 9.6 14 H 15.6 V 20 H 9.6 Z M 16.2 14 H 21.5 V 20 H 16.2 Z M 9.6 7.4 H 15.6 V 13.4 H 9.6 Z",
  },
  note: { line: "M 6 3.5 H 15 L 19 7.5 V 20.5 H 6 Z M 9.5 11 H 15.5 M 9.5 15 H 15.5" },
  edit: { line: "M 4.5 19.5 L 5.5 15.5 L 16 5 L 19 8 L 8.5 18.5 Z" },
  trash: { line: "M 4 6.5 H 20 M 9 6.5 V 4 H 15 V 6.5 M 6 6.5 L 7 20.5 H 17 L 18 6.5 M 10 10.5 V 16.5 M 14 10.5 V 16.5" },
  gear: {
    line: "O 12 12 3.2 M 12 2.8 V 6 M 12 18 V 21.2 M 2.8 12 H 6 M 18 12 H 21.2 M 5.5 5.5 L 7.8 7.8 M 16.2 16.2 L 18.5 18.5 M 5.5 18.5 L 7.8 16.2 M 16.2 7.8 L 18.5 5.5 O 12 12 6.4",
    width: 2.2,
  },
  bell: { line: "M 5 17.5 C 7 15.5 6.5 13 6.5 10.5 C 6.5 3.2 17.5 3.2 17.5 10.5 C 17.5 13 17 15.5 19 17.5 Z M 10.5 20.5 H 13.5" },
  lock: { line: "M 8 11 V 7.5 C 8 2.8 16 2.8 16 7.5 V 11", fill: "M 5 10.5 H 19 V 21 H 5 Z" },
  phone: { line: "M 7 2.5 H 17 V 21.5 H 7 Z M 10.5 18.5 H 13.5" },
  camera: { line: "M 3.5 7.5 H 8 L 9.5 5 H 14.5 L 16 7.5 H 20.5 V 19 H 3.5 Z O 12 13 3.6" },
  picture: { line: "M 3.5 4.5 H 20.5 V 19.5 H 3.5 Z M 4 17 L 9.5 11 L 13.5 15 L 16 12.5 L 20 16.5", fill: "O 16 8.7 1.6" },
  package: { line: "M 4 7.5 L 12 3 L 20 7.5 V 16.5 L 12 21 L 4 16.5 Z M 4 7.5 L 12 12 L 20 7.5 M 12 12 V 21" },
  clock: { line: "O 12 12 8.5 M 12 7 V 12 L 15.5 14" },
  info: { line: "O 12 12 8.5 M 12 11 V 16.5", fill: "O 12 7.8 1.3" },
  warning: { line: "M 12 3.5 L 21.5 20 H 2.5 Z M 12 10 V 14.5", fill: "O 12 17 1.2" },
  volume: {
    fill: "M 3 9 H 7 L 12.5 4.5 V 19.5 L 7 15 H 3 Z",
    line: "M 15.5 9 C 17.2 10.8 17.2 13.2 15.5 15 M 18 6.3 C 21.4 9.7 21.4 14.3 18 17.7",
  },
  mute: { fill: "M 3 9 H 7 L 12.5 4.5 V 19.5 L 7 15 H 3 Z", line: "M 15.5 9.5 L 20.5 14.5 M 20.5 9.5 L 15.5 14.5" },
  play: { fill: "M 7 4 L 20 12 L 7 20 Z" },
  pause: { fill: "M 6 4.5 H 10 V 19.5 H 6 Z M 14 4.5 H 18 V 19.5 H 14 Z" },
  refresh: { line: "M 19 9 C 16.5 3.5 8.5 3 5.5 8 C 2.5 13.5 6 19.5 12 19.5 C 15.5 19.5 18 17.5 19.3 15 M 19.5 4 V 9 H 14.5" },
  rotate: { line: "M 4 12 C 4 1.5 20 1.5 20 12 M 16.5 9 L 20 12.5 L 23 9 M 8 13.5 H 16 V 21 H 8 Z" },
  power: { line: "M 12 3 V 11 M 7 6 C 1.5 11 4.5 20 12 20 C 19.5 20 22.5 11 17 6" },
  sun: {
    line: "O 12 12 4 M 12 2.5 V 4.5 M 12 19.5 V 21.5 M 2.5 12 H 4.5 M 19.5 12 H 21.5 M 5.3 5.3 L 6.7 6.7 M 17.3 17.3 L 18.7 18.7 M 5.3 18.7 L 6.7 17.3 M 17.3 6.7 L 18.7 5.3",
  },
  moon: { fill: "M 19.5 14.5 C 12.5 17 7.5 11 10 4 C 1.5 6.5 1.8 19.5 11 20.5 C 15 20.8 18.3 18.3 19.5 14.5 Z" },
  backspace: { line: "M 8.5 5 H 21 V 19 H 8.5 L 2.5 12 Z M 11.5 9 L 17.5 15 M 17.5 9 L 11.5 15", width: 1.8 },
  enter: { line: "M 20 5 V 13 H 5 M 10 8 L 5 13 L 10 18" },
  shift: { line: "M 12 4 L 20 12.5 H 15.5 V 19.5 H 8.5 V 12.5 H 4 Z", width: 1.8 },
  globe: { line: "O 12 12 8.5 M 3.5 12 H 20.5 M 12 3.5 C 7 8.5 7 15.5 12 20.5 C 17 15.5 17 8.5 12 3.5 Z", width: 1.7 },
  wifi: { fill: "M 12 20.5 L 1 7.5 C 7.5 2 16.5 2 23 7.5 Z" },
  signal: { fill: "M 21 3 V 21 H 3 Z" },
  battery: { fill: "M 9.5 2.5 H 14.5 V 4.5 H 17 V 21.5 H 7 V 4.5 H 9.5 Z" },
  charging: { fill: "M 13.5 2 L 5 13.5 H 11 L 10 22 L 19 10 H 13 Z" },
  bug: {
    line: "M 8 9 H 16 V 15 C 16 21.5 8 21.5 8 15 Z M 9 9 C 9 4.5 15 4.5 15 9 M 3.5 8 L 8 11 M 20.5 8 L 16 11 M 3 14.5 H 8 M 16 14.5 H 21 M 4 20.5 L 8.5 17.5 M 20 20.5 L 15.5 17.5 M 12 10 V 19",
    width: 1.6,
  },
  airplane: {
    fill: "M 12 1.5 C 13.5 1.5 13.8 3.5 13.8 5 V 9.5 L 22 14.5 V 17 L 13.8 14.3 V 19 L 16.5 21 V 22.5 L 12 21.3 L 7.5 22.5 V 21 L 10.2 19 V 14.3 L 2 17 V 14.5 L 10.2 9.5 V 5 C 10.2 3.5 10.5 1.5 12 1.5 Z",
  },
} as const satisfies Record<string, Drawing>;

export type IconName = keyof typeof DRAWINGS;

export const ICON_NAMES = Object.keys(DRAWINGS) as IconName[];

const GRID = 24;
const parsed = new Map<string, Path>();

function pathOf(text: string): Path {
  let path = parsed.get(text);
  if (path === undefined) {
    path = parsePath(text);
    parsed.set(text, path);
  }
  return path;
}

const outline = new Outline();
const masks = new Map<string, Mask>();

/** An icon's mask with its top left corner at the origin; `size` in whole raster pixels. Kept, for there are few sizes. */
export function iconMask(name: IconName, size: number): Mask {
  const key = `${name} ${size}`;
  const kept = masks.get(key);
  if (kept !== undefined) return kept;
  const drawing: Drawing = DRAWINGS[name];
  const scale = size / GRID;
  const at = { scaleX: scale, scaleY: scale, x: 0, y: 0 };
  const data = new Uint8Array(size * size);
  // One after the other: a line over a shape that turns the other way would cancel it out in one outline.
  for (const fill of [true, false]) {
    const text = fill ? drawing.fill : drawing.line;
    if (text === undefined) continue;
    outline.clear();
    if (fill) traceFill(pathOf(text), at, outline);
    else traceStroke(pathOf(text), { at, width: drawing.width ?? 2 }, outline);
    const part = outline.rasterise({ x0: 0, y0: 0, x1: size, y1: size });
    if (part !== undefined) layOver(data, size, part);
  }
  const mask = { left: 0, top: 0, width: size, height: size, data };
  if (masks.size > 500) masks.clear();
  masks.set(key, mask);
  return mask;
}

function layOver(data: Uint8Array, size: number, part: Mask): void {
  for (let y = 0; y < part.height; y++) {
    for (let x = 0; x < part.width; x++) {
      const i = (y + part.top) * size + x + part.left;
      data[i] = Math.max(data[i] as number, part.data[y * part.width + x] as number);
    }
  }
}
