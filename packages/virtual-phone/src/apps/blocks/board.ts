/** The rules of Blocks: a board, falling pieces, full rows. No drawing, no time. */
import type { Random } from "../../phone/random.js";

export const COLUMNS = 10;
export const ROWS = 18;

/** Cells of each piece in each of its turns, as [column, row] from its corner. */
const SHAPES: readonly (readonly (readonly [number, number])[])[] = [
  [
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 1],
  ],
  [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ],
  [
    [1, 0],
    [0, 1],
    [1, 1],
    [2, 1],
  ],
  [
    [1, 0],
    [2, 0],
    [0, 1],
    [1, 1],
  ],
  [
    [0, 0],
    [1, 0],
    [1, 1],
    [2, 1],
  ],
  [
    [0, 0],
    [0, 1],
    [1, 1],
    [2, 1],
  ],
  [
    [2, 0],
    [0, 1],
    [1, 1],
    [2, 1],
  ],
];
/** Side of the square in which a piece turns. */
const BOXES = [4, 2, 3, 3, 3, 3, 3] as const;

export interface Piece {
  /** 0 … 6. */
  readonly kind: number;
  readonly turn: number;
  readonly column: number;
  readonly row: number;
}

/** The cells a piece covers, as [column, row]. */
export function cellsOf(piece: Piece): [column: number, row: number][] {
  const side = BOXES[piece.kind] ?? 3;
  return (SHAPES[piece.kind] ?? []).map(([x, y]) => {
    let [a, b]: [number, number] = [x, y];
    for (let i = 0; i < piece.turn; i++) [a, b] = [side - 1 - b, a];
    return [piece.column + a, piece.row + b];
  });
}

/** Points for 0 … 4 rows at once. */
const POINTS = [0, 100, 300, 500, 800] as const;

export class Board {
  readonly #random: Random;
  /** 0 empty, else kind + 1; row by row from the top. */
  readonly #cells = new Uint8Array(COLUMNS * ROWS);
  #piece: Piece;
  #next: number;
  #score = 0;
  #rows = 0;
  #over = false;

  /** @param rubble rows at the bottom that are half full already: a demonstration begins in the midst. */
  constructor(random: Random, rubble = 0) {
    this.#random = random;
    for (let row = ROWS - rubble; row < ROWS; row++) {
      const gap = random.between(0, COLUMNS - 1);
      for (let x = 0; x < COLUMNS; x++) {
        if (x !== gap && random.between(0, 3)) this.#cells[row * COLUMNS + x] = random.between(1, 7);
      }
    }
    this.#next = random.between(0, 6);
    this.#piece = this.#spawn();
  }

  get piece(): Piece {
    return this.#piece;
  }
  get next(): number {
    return this.#next;
  }
  get score(): number {
    return this.#score;
  }
  get level(): number {
    return 1 + Math.floor(this.#rows / 8);
  }
  get over(): boolean {
    return this.#over;
  }
  at(column: number, row: number): number {
    return this.#cells[row * COLUMNS + column] ?? 0;
  }

  fits(piece: Piece): boolean {
    return cellsOf(piece).every(([x, y]) => x >= 0 && x < COLUMNS && y < ROWS && (y < 0 || this.at(x, y) === 0));
  }

  /** @returns false when something is in the way. */
  move(columns: number): boolean {
    return this.#try({ ...this.#piece, column: this.#piece.column + columns });
  }

  turn(): boolean {
    const turned = { ...this.#piece, turn: (this.#piece.turn + 1) % 4 };
    return [0, -1, 1, -2, 2].some((kick) => this.#try({ ...turned, column: turned.column + kick }));
  }

  /** One row down. @returns the number of full rows taken away when it landed; null while it falls. */
  step(): number | null {
    if (this.#over) return null;
    if (this.#try({ ...this.#piece, row: this.#piece.row + 1 })) return null;
    return this.#land();
  }

  /** Down to where it lands. @returns full rows taken away. */
  drop(): number {
    let landed: number | null = null;
    for (let i = 0; i <= ROWS + 2 && landed === null && !this.#over; i++) landed = this.step();
    return landed ?? 0;
  }

  #try(piece: Piece): boolean {
    if (this.#over || !this.fits(piece)) return false;
    this.#piece = piece;
    return true;
  }

  #land(): number {
    for (const [x, y] of cellsOf(this.#piece)) if (y >= 0) this.#cells[y * COLUMNS + x] = this.#piece.kind + 1;
    let cleared = 0;
    for (let row = ROWS - 1; row >= 0; row--) {
      const cells = this.#cells.subarray(row * COLUMNS, (row + 1) * COLUMNS);
      if (cells.includes(0)) continue;
      this.#cells.copyWithin(COLUMNS, 0, row * COLUMNS);
      this.#cells.fill(0, 0, COLUMNS);
      cleared++;
      row++;
    }
    this.#rows += cleared;
    this.#score += (POINTS[cleared] ?? 0) + 10;
    this.#piece = this.#spawn();
    if (!this.fits(this.#piece)) this.#over = true;
    return cleared;
  }

  #spawn(): Piece {
    const kind = this.#next;
    this.#next = this.#random.between(0, 6);
    return { kind, turn: 0, column: kind === 1 ? 4 : 3, row: -1 };
  }
}

/** Where a patient player would put the piece: low, level and without holes. */
export function bestPlace(board: Board): { readonly turn: number; readonly column: number } {
  let best = { turn: 0, column: board.piece.column, cost: Number.POSITIVE_INFINITY };
  for (let turn = 0; turn < 4; turn++) {
    for (let column = -2; column < COLUMNS; column++) {
      let piece: Piece = { ...board.piece, turn, column };
      if (!board.fits(piece)) continue;
      while (board.fits({ ...piece, row: piece.row + 1 })) piece = { ...piece, row: piece.row + 1 };
      const cost = costOf(board, piece);
      if (cost < best.cost) best = { turn, column, cost };
    }
  }
  return best;
}

function costOf(board: Board, piece: Piece): number {
  const covered = new Set(cellsOf(piece).map(([x, y]) => y * COLUMNS + x));
  const filled = (x: number, y: number): boolean => covered.has(y * COLUMNS + x) || board.at(x, y) !== 0;
  let holes = 0;
  let bumps = 0;
  let total = 0;
  let before = -1;
  for (let x = 0; x < COLUMNS; x++) {
    let top = 0;
    while (top < ROWS && !filled(x, top)) top++;
    for (let y = top; y < ROWS; y++) if (!filled(x, y)) holes++;
    const height = ROWS - top;
    total += height;
    if (before >= 0) bumps += Math.abs(height - before);
    before = height;
  }
  let full = 0;
  for (let y = 0; y < ROWS; y++) {
    let count = 0;
    for (let x = 0; x < COLUMNS; x++) if (filled(x, y)) count++;
    if (count === COLUMNS) full++;
  }
  return total * 0.51 + holes * 0.9 + bumps * 0.18 - full * 7.6;
}
