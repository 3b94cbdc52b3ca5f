import { describe, expect, it } from "vitest";
import {
  COEFF_TOKEN,
  COEFF_TOKEN_CHROMA_DC,
  INTER_PATTERN_CODE,
  RUN_BEFORE,
  TOTAL_ZEROS,
  TOTAL_ZEROS_CHROMA_DC,
} from "./vlc-tables.js";

const bits = (packed: number): string => (packed >>> 5).toString(2).padStart(packed & 31, "0");

function codesOf(table: Uint32Array): string[] {
  return [...table].filter((packed) => packed !== 0).map(bits);
}

const tables: [string, Uint32Array][] = [
  ...[0, 2, 4, 8].map((nC): [string, Uint32Array] => [`coeff_token for nC ${nC}`, COEFF_TOKEN[nC] as Uint32Array]),
  ["coeff_token for chroma DC", COEFF_TOKEN_CHROMA_DC],
  ...TOTAL_ZEROS.slice(1).map((table, i): [string, Uint32Array] => [`total_zeros after ${i + 1}`, table]),
  ...TOTAL_ZEROS_CHROMA_DC.slice(1).map((table, i): [string, Uint32Array] => [`chroma total_zeros after ${i + 1}`, table]),
  ...RUN_BEFORE.slice(1).map((table, i): [string, Uint32Array] => [`run_before with ${i + 1} left`, table]),
];

describe("variable-length code tables", () => {
  it.each(tables)("%s has no code that begins another", (name, table) => {
    // The six-bit table keeps rows for impossible counts of trailing ones; every possible one is distinct.
    const codes = name.endsWith("nC 8") ? [...new Set(codesOf(table))] : codesOf(table);
    for (const [i, code] of codes.entries()) {
      for (const [j, other] of codes.entries())
        if (i !== j) expect(other.startsWith(code), `${code} begins ${other}`).toBe(false);
    }
  });

  it("gives each of the 48 coded block patterns its own number", () => {
    expect(new Set(INTER_PATTERN_CODE).size).toBe(48);
  });
});
