/** How Blocks looks. */
import type { Canvas } from "../../screen/canvas.js";
import { type Color, mix, type Rect, rgb, withAlpha } from "../../screen/geometry.js";
import { type Board, COLUMNS, cellsOf, ROWS } from "./board.js";

export const NIGHT: Color = rgb(0x1b1836);
export const PANEL: Color = rgb(0x262148);
const COLORS: readonly Color[] = [0x4cc9f0, 0xffd166, 0xb388ff, 0x7ae582, 0xff6b6b, 0x5b8def, 0xff9f43].map(rgb);

function pieceColor(kind: number): Color {
  return COLORS[kind] ?? 0xffffffff;
}

function paintCell(canvas: Canvas, rect: Rect, color: Color): void {
  const gap = rect.width * 0.05;
  const side = rect.width - 2 * gap;
  const box = { x: rect.x + gap, y: rect.y + gap, width: side, height: side };
  canvas.fillRoundRect(box, side * 0.16, color);
  canvas.fillRect(
    { x: box.x + side * 0.18, y: box.y + side * 0.12, width: side * 0.64, height: side * 0.14 },
    mix(color, 0xffffffff, 0.4),
  );
}

/** @param fall how far into the next row the falling piece is, 0 … 1. */
export function paintBoard(
  canvas: Canvas,
  board: Board,
  look: { readonly cell: number; readonly fall: number; readonly flash: number },
): void {
  const { cell, fall } = look;
  canvas.fillRoundRect({ x: 0, y: 0, width: cell * COLUMNS, height: cell * ROWS }, cell * 0.2, PANEL);
  const place = (x: number, y: number): Rect => ({ x: x * cell, y: y * cell, width: cell, height: cell });
  for (let y = 0; y < ROWS; y++) {
    for (let x = 0; x < COLUMNS; x++) {
      const rect = place(x, y);
      if (!canvas.visible(rect)) continue;
      const kind = board.at(x, y);
      if (kind) paintCell(canvas, rect, pieceColor(kind - 1));
      else
        canvas.fillRect(
          { x: rect.x + cell * 0.46, y: rect.y + cell * 0.46, width: cell * 0.08, height: cell * 0.08 },
          withAlpha(0xffffffff, 0.12),
        );
    }
  }
  const below = board.fits({ ...board.piece, row: board.piece.row + 1 });
  const color = pieceColor(board.piece.kind);
  canvas.clip({ x: 0, y: 0, width: cell * COLUMNS, height: cell * ROWS }, () => {
    if (!board.over) for (const [x, y] of cellsOf(board.piece)) paintCell(canvas, place(x, y + (below ? fall : 0)), color);
    if (look.flash > 0)
      canvas.fillRect({ x: 0, y: 0, width: cell * COLUMNS, height: cell * ROWS }, withAlpha(0xffffffff, look.flash * 0.35));
  });
}

export function paintNext(canvas: Canvas, kind: number, box: { readonly width: number; readonly height: number }): void {
  const cell = Math.min(box.width / 4.4, box.height / 2.6);
  const cells = cellsOf({ kind, turn: 0, column: 0, row: 0 });
  const wide = Math.max(...cells.map(([x]) => x)) + 1;
  const top = Math.min(...cells.map(([, y]) => y));
  const high = Math.max(...cells.map(([, y]) => y)) - top + 1;
  for (const [x, y] of cells) {
    const at = { x: (box.width - wide * cell) / 2 + x * cell, y: (box.height - high * cell) / 2 + (y - top) * cell };
    paintCell(canvas, { ...at, width: cell, height: cell }, pieceColor(kind));
  }
}
