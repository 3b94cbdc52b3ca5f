/** Where everything on the wall goes, in CSS pixels: pure arithmetic, so that only what is seen need exist on the page. */
import type { Cell, WallGroup } from "./groups.js";

export interface TileSize {
  readonly width: number;
  readonly height: number;
  /** The part above the tile's foot. */
  readonly pictureHeight: number;
  /** So small that everything around the pictures is small too. */
  readonly dense: boolean;
}

export interface PlacedCell extends Cell {
  /** Within the block. */
  readonly x: number;
  readonly y: number;
}

/** A card of tiles: a whole chassis, or some rows of a large group. */
export interface Block {
  readonly key: string;
  readonly group: WallGroup;
  readonly headed: boolean;
  readonly x: number;
  readonly width: number;
  readonly height: number;
  readonly cells: readonly PlacedCell[];
}

export interface WallRow {
  readonly y: number;
  readonly height: number;
  readonly blocks: readonly Block[];
}

export interface WallLayout {
  readonly rows: readonly WallRow[];
  readonly height: number;
  readonly tile: TileSize;
  /** Between blocks, and below the last. */
  readonly pad: number;
}

export interface WallSpace {
  readonly width: number;
  readonly height: number;
  /** The wished width of a tile; undefined: as large as lets all be seen at once. */
  readonly tileWidth: number | undefined;
}

/** Four hundred of them fill a window of 1440 by 900. */
export const SMALLEST_TILE = 20;
export const LARGEST_TILE = 280;
/** A chassis is two rows of ten slots. */
const CHASSIS_COLUMNS = 10;
/** Columns in which twenty slots still make whole rows. */
const CHASSIS_SHAPES = [CHASSIS_COLUMNS, 5, 4, 2] as const;

/** What lies around the pictures. */
interface Measures {
  readonly gap: number;
  /** Around the tiles of a block, and between blocks. */
  readonly pad: number;
  readonly header: number;
  readonly foot: number;
}
const ROOMY: Measures = { gap: 8, pad: 12, header: 40, foot: 24 };
const DENSE: Measures = { gap: 4, pad: 8, header: 30, foot: 14 };
/** Narrower than this, the gaps would take more of the window than the pictures. */
const DENSE_BELOW = 44;
/** Phones are a little more than twice as high as wide; wider ones stand smaller in the same cell. */
const PICTURE_SHAPE = 2.14;
/** The least at which an automatic wall stops shrinking: below it, pictures cannot be told apart. */
const SMALLEST_AUTOMATIC = 72;
/** Wider than wished by more than this, few phones on a wide screen would be posters. */
const MOST_STRETCH = 1.6;
/** Below this the console is in a hand: two columns. */
const PHONE_WIDTH = 480;
const ROWS_OF_A_PART = 4;

export function layOutWall(groups: readonly WallGroup[], space: WallSpace): WallLayout {
  return layOut(groups, columnsFor(groups, space));
}

function columnsFor(groups: readonly WallGroup[], { width, height, tileWidth }: WallSpace): Columns {
  if (tileWidth !== undefined) return fitColumns(groups, { width, wished: tileWidth, exact: false });
  if (width < PHONE_WIDTH) return fitColumns(groups, { width, wished: width / 3, exact: false });
  for (let wished = LARGEST_TILE; wished > SMALLEST_AUTOMATIC; wished -= 4) {
    // Filling the width first; where that makes the wall too high, as wide as was tried.
    for (const exact of [false, true]) {
      const columns = fitColumns(groups, { width, wished, exact });
      if (heightOf(groups, columns) <= height) return columns;
    }
  }
  return fitColumns(groups, { width, wished: SMALLEST_AUTOMATIC, exact: false });
}

interface Wish {
  readonly width: number;
  /** Of a tile. */
  readonly wished: number;
  /** Not wider than wished, though there is room. */
  readonly exact: boolean;
}

interface Columns {
  /** Blocks side by side. */
  readonly blocks: number;
  readonly tiles: number;
  readonly tileWidth: number;
  readonly around: Measures;
}

function tileOf({ tileWidth, around }: Columns): TileSize {
  const pictureHeight = Math.round(tileWidth * PICTURE_SHAPE);
  return { width: tileWidth, height: pictureHeight + around.foot, pictureHeight, dense: around === DENSE };
}

function layOut(groups: readonly WallGroup[], columns: Columns): WallLayout {
  const tile = tileOf(columns);
  const parts = groups.flatMap((group) => partsOf(group, columns.tiles));
  const rows: WallRow[] = [];
  let y = 0;
  for (const part of inRows(parts, { columns, tile })) {
    const height = Math.max(...part.map((block) => block.height));
    rows.push({ y, height, blocks: part });
    y += height + columns.around.pad;
  }
  return { rows, height: Math.max(0, y - columns.around.pad), tile, pad: columns.around.pad };
}

/** The height that layOut would come to, without laying out: it is asked for a hundred widths at each change of the window. */
function heightOf(groups: readonly WallGroup[], columns: Columns): number {
  const tile = tileOf(columns);
  const heights = groups.flatMap((group) => {
    const size = sizeOfParts(columns.tiles);
    const parts = Math.ceil(group.cells.length / size);
    return Array.from({ length: parts }, (_, part) => {
      const cells = Math.min(size, group.cells.length - part * size);
      return blockHeight({ headed: part === 0 && group.by !== "none", cells }, { columns, tile });
    });
  });
  const { pad } = columns.around;
  let height = -pad;
  for (let at = 0; at < heights.length; at += columns.blocks) height += Math.max(...heights.slice(at, at + columns.blocks)) + pad;
  return Math.max(0, height);
}

function blockHeight(
  { headed, cells }: { headed: boolean; cells: number },
  { columns, tile }: { columns: Columns; tile: TileSize },
): number {
  const lines = Math.ceil(cells / columns.tiles);
  const { header, pad, gap } = columns.around;
  return (headed ? header : pad) + lines * (tile.height + gap) - gap + pad / 2;
}

/** Columns as a chassis has them where they fit, as many as do for other groups; then the tiles take what width is left. */
function fitColumns(groups: readonly WallGroup[], { width, wished, exact }: Wish): Columns {
  const widest = Math.max(1, ...groups.map((group) => group.cells.length));
  const chassis = groups.every((group) => group.by !== "none" && group.cells.length <= 2 * CHASSIS_COLUMNS);
  const around = wished < DENSE_BELOW ? DENSE : ROOMY;
  const { pad, gap } = around;
  const fitting = Math.max(1, Math.floor((width - 2 * pad + gap) / (wished + gap)));
  const tiles = Math.min(widest, chassis ? (CHASSIS_SHAPES.find((columns) => columns <= fitting) ?? 1) : fitting);
  const blocks = chassis ? blocksBeside({ count: groups.length, tiles, width, wished }, around) : 1;
  const room = (width - (blocks - 1) * pad) / blocks;
  const filling = Math.floor((room - 2 * pad + gap) / tiles - gap);
  // Few phones keep the wished size; many fill the width, a little larger or smaller than wished.
  const filled = groups.length > blocks || !chassis || (!exact && filling <= wished * MOST_STRETCH);
  const tileWidth = filled && !exact ? filling : Math.min(wished, filling);
  return { blocks, tiles, tileWidth: Math.max(SMALLEST_TILE / 2, tileWidth), around };
}

interface Beside {
  readonly count: number;
  readonly tiles: number;
  readonly width: number;
  readonly wished: number;
}

function blocksBeside({ count, tiles, width, wished }: Beside, { gap, pad }: Measures): number {
  const blockWidth = tiles * (wished + gap) - gap + 2 * pad;
  return Math.max(1, Math.min(count, Math.round((width + pad) / (blockWidth + pad))));
}

interface Part {
  readonly key: string;
  readonly group: WallGroup;
  readonly headed: boolean;
  readonly cells: readonly Cell[];
}

/** A large group in parts of a few rows each, so that a wall of a thousand in one group still scrolls in pieces. */
function partsOf(group: WallGroup, tiles: number): readonly Part[] {
  const size = sizeOfParts(tiles);
  const parts: Part[] = [];
  for (let at = 0; at < group.cells.length; at += size) {
    const cells = group.cells.slice(at, at + size);
    parts.push({ key: `${group.key}/${at}`, group, headed: at === 0 && group.by !== "none", cells });
  }
  return parts;
}

function sizeOfParts(tiles: number): number {
  return tiles * Math.max(ROWS_OF_A_PART, Math.ceil((2 * CHASSIS_COLUMNS) / tiles));
}

function inRows(parts: readonly Part[], space: { columns: Columns; tile: TileSize }): readonly Block[][] {
  const rows: Block[][] = [];
  const { columns, tile } = space;
  const { gap, pad } = columns.around;
  const blockWidth = columns.tiles * (tile.width + gap) - gap + 2 * pad;
  for (const part of parts) {
    const row = rows.at(-1);
    const fits = row !== undefined && row.length < columns.blocks;
    const block = place(part, { x: fits ? row.length * (blockWidth + pad) : 0, width: blockWidth }, space);
    if (fits) row.push(block);
    else rows.push([block]);
  }
  return rows;
}

function place(part: Part, at: { x: number; width: number }, space: { columns: Columns; tile: TileSize }): Block {
  const { tile, columns } = space;
  const { gap, pad, header } = columns.around;
  const top = part.headed ? header : pad;
  const cells = part.cells.map((cell, index) => ({
    ...cell,
    x: pad + (index % columns.tiles) * (tile.width + gap),
    y: top + Math.floor(index / columns.tiles) * (tile.height + gap),
  }));
  return { ...part, ...at, height: blockHeight({ headed: part.headed, cells: cells.length }, space), cells };
}

/** The rows that touch the window of the wall between `top` and `bottom`. */
export function rowsBetween({ rows }: WallLayout, top: number, bottom: number): readonly WallRow[] {
  return rows.filter(({ y, height }) => y + height >= top && y <= bottom);
}

/** The devices whose tiles touch the window of the wall between `top` and `bottom`. */
export function seenBetween(layout: WallLayout, top: number, bottom: number): readonly string[] {
  const seen: string[] = [];
  for (const row of rowsBetween(layout, top, bottom)) {
    for (const block of row.blocks) {
      for (const { id, y } of block.cells) {
        const at = row.y + y;
        if (id !== null && at + layout.tile.pictureHeight > top && at < bottom) seen.push(id);
      }
    }
  }
  return seen;
}
