import { expect, it } from "vitest";
import { BitWriter } from "./bit-writer.js";
import { CHROMA_DC, ResidualWriter } from "./residual-writer.js";

function written(levels: number[], nC: number): { bits: string; total: number } {
  const out = new BitWriter();
  const total = new ResidualWriter(out, Int32Array.from(levels)).block(0, levels.length, nC);
  const { bitLength } = out;
  out.trailing();
  const bits = [...out.rbsp()].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return { bits: bits.slice(0, bitLength), total };
}

// Worked by hand from tables 9-5, 9-7 and 9-10 and clause 9.2.2.1.
it("writes a block with three trailing ones and zeros between", () => {
  const block = [0, 3, 0, 1, -1, -1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
  const token = "0000100";
  const signs = "011";
  const levels = "10010";
  const zeros = "111";
  const runs = "101101";
  expect(written(block, 0)).toEqual({ bits: [token, signs, levels, zeros, runs].join(""), total: 5 });
});

it("writes an empty block as one code of its context", () => {
  expect(written(Array<number>(16).fill(0), 0).bits).toBe("1");
  expect(written(Array<number>(16).fill(0), 3).bits).toBe("11");
  expect(written(Array<number>(15).fill(0), 9).bits).toBe("000011");
  expect(written([0, 0, 0, 0], CHROMA_DC).bits).toBe("01");
});

it("writes no zero count for a full block", () => {
  expect(written([1, 1, 1, 1], CHROMA_DC).bits).toBe("00000000001");
});

it("escapes a level that no prefix can hold", () => {
  // One level of 40: first level without trailing ones, so its code is 2 * 40 - 2 - 2; 30 and above are escaped into 12 bits.
  const escaped = (76 - 30).toString(2).padStart(12, "0");
  expect(written([40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0).bits).toBe(`0001010000000000000001${escaped}1`);
});
