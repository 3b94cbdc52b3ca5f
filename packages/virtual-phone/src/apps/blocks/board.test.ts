import { describe, expect, it } from "vitest";
import { Random } from "../../phone/random.js";
import { Board, bestPlace, COLUMNS, cellsOf, ROWS } from "./board.js";

function played(seed: number, pieces: number): Board {
  const board = new Board(new Random(seed));
  for (let i = 0; i < pieces && !board.over; i++) {
    const { turn, column } = bestPlace(board);
    for (let turns = 0; turns < turn; turns++) board.turn();
    for (let steps = 0; steps < COLUMNS && board.piece.column !== column; steps++)
      board.move(Math.sign(column - board.piece.column));
    board.drop();
  }
  return board;
}

describe("the board", () => {
  it("keeps pieces inside, whatever they are told", () => {
    const board = new Board(new Random(3));
    for (let i = 0; i < 30; i++) {
      board.move(-1);
      board.turn();
      expect(cellsOf(board.piece).every(([x]) => x >= 0 && x < COLUMNS)).toBe(true);
    }
  });

  it("takes full rows away and counts them", () => {
    const board = played(5, 60);
    expect(board.score).toBeGreaterThan(60 * 10);
    for (let row = 0; row < ROWS; row++) {
      const cells = Array.from({ length: COLUMNS }, (_, column) => board.at(column, row));
      expect(cells.every((cell) => cell > 0)).toBe(false);
    }
  });

  it("is over when a new piece has no room, and moves nothing then", () => {
    const board = new Board(new Random(9));
    for (let i = 0; i < 60; i++) board.drop();
    expect(board.over).toBe(true);
    const { score, piece } = board;
    expect(board.move(1)).toBe(false);
    expect(board.step()).toBeNull();
    expect(board.drop()).toBe(0);
    expect(board.score).toBe(score);
    expect(board.piece).toBe(piece);
  });

  it("plays the same from the same seed", () => {
    expect(played(11, 40).score).toBe(played(11, 40).score);
  });

  it("is played well by its demonstration: a hundred pieces without an end", () => {
    expect(played(42, 100).over).toBe(false);
  });
});
