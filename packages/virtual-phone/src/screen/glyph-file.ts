// Reads the baked glyph files: variable-length numbers in columns, packed with Brotli. The writer is bake/bake.mjs.
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

export interface Reader {
  readonly data: Uint8Array;
  at: number;
}

/** Seven bits a byte, lowest first; the top bit says that more follow. */
export function readVarint(reader: Reader): number {
  let value = 0;
  let factor = 1;
  for (;;) {
    const byte = reader.data[reader.at++];
    if (byte === undefined) throw new Error("a glyph file ends too early; run `node bake/bake.mjs` again");
    value += (byte & 127) * factor;
    if (byte < 128) return value;
    factor *= 128;
  }
}

/** The columns after a head: their lengths stand at its end, the last column has the rest. */
export function columnsOf(head: Reader, lengths: number): Reader[] {
  const sizes = Array.from({ length: lengths }, () => readVarint(head));
  const columns: Reader[] = [];
  let at = head.at;
  for (const size of sizes) {
    columns.push({ data: head.data.subarray(at, at + size), at: 0 });
    at += size;
  }
  columns.push({ data: head.data.subarray(at), at: 0 });
  return columns;
}

/** An asset of this package; the same relative place from src and from dist. */
export function readGlyphFile(name: string): Uint8Array {
  return brotliDecompressSync(readFileSync(new URL(`../../assets/${name}`, import.meta.url)));
}

/** Place of a character in an ascending list, or -1. */
export function findCode(codes: Uint32Array, code: number): number {
  let low = 0;
  let high = codes.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = codes[middle] as number;
    if (found === code) return middle;
    if (found < code) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
