/** What Android's binary XML and resource tables share: chunks with headers, and string pools (ResourceTypes.h). */
import { ApkError } from "./apk-error.js";

export const CHUNK = {
  stringPool: 0x0001,
  table: 0x0002,
  xml: 0x0003,
  xmlStartElement: 0x0102,
  xmlEndElement: 0x0103,
  xmlResourceMap: 0x0180,
  tablePackage: 0x0200,
  tableType: 0x0201,
  tableTypeSpec: 0x0202,
} as const;

/** A value with its type (Res_value). */
export interface TypedValue {
  readonly type: number;
  readonly data: number;
}
export const VALUE = {
  reference: 0x01,
  string: 0x03,
  integer: 0x10,
  hex: 0x11,
  boolean: 0x12,
  colorFirst: 0x1c,
  colorLast: 0x1f,
} as const;

export interface Chunk {
  readonly type: number;
  readonly start: number;
  readonly headerSize: number;
  readonly end: number;
}

export function malformed(detail: string): ApkError {
  return new ApkError("INSTALL_PARSE_FAILED_BAD_MANIFEST", detail);
}

/** Reads a buffer whose lengths nobody vouches for. */
export class Reader {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  u8(at: number): number {
    this.#check(at, 1);
    return this.bytes.readUInt8(at);
  }
  u16(at: number): number {
    this.#check(at, 2);
    return this.bytes.readUInt16LE(at);
  }
  u32(at: number): number {
    this.#check(at, 4);
    return this.bytes.readUInt32LE(at);
  }
  value(at: number): TypedValue {
    return { type: this.u8(at + 3), data: this.u32(at + 4) };
  }

  chunk(start: number, limit: number): Chunk {
    const size = this.u32(start + 4);
    const headerSize = this.u16(start + 2);
    if (size < 8 || headerSize < 8 || headerSize > size || start + size > limit) throw malformed("chunk out of bounds");
    return { type: this.u16(start), start, headerSize, end: start + size };
  }

  /** The chunks inside another. */
  *chunks(start: number, end: number): Generator<Chunk> {
    for (let at = start; at + 8 <= end; ) {
      const chunk = this.chunk(at, end);
      yield chunk;
      at = chunk.end;
    }
  }

  strings(chunk: Chunk): StringPool {
    return new StringPool(this, chunk);
  }

  #check(at: number, length: number): void {
    if (!(at >= 0 && at + length <= this.bytes.length)) throw malformed("value out of bounds");
  }
}

/** Strings by index, read when asked for, once; all of them together hold little more than the pool does. */
export class StringPool {
  readonly #reader: Reader;
  readonly #chunk: Chunk;
  readonly count: number;
  readonly #utf8: boolean;
  readonly #known = new Map<number, string>();
  /** Strings may lie within each other, as compilers save space; a thousand times over they are a bomb. */
  #left: number;

  constructor(reader: Reader, chunk: Chunk) {
    this.#reader = reader;
    this.#chunk = chunk;
    this.count = reader.u32(chunk.start + 8);
    this.#utf8 = (reader.u32(chunk.start + 16) & 0x100) !== 0;
    this.#left = 4 * (chunk.end - chunk.start) + 65_536;
  }

  get(index: number): string | undefined {
    if (index >= this.count) return undefined;
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    const text = this.#read(index);
    this.#left -= text.length;
    if (this.#left < 0) throw malformed("strings that lie within each other become too many");
    this.#known.set(index, text);
    return text;
  }

  #read(index: number): string {
    const { start, headerSize, end } = this.#chunk;
    const at = start + this.#reader.u32(start + 20) + this.#reader.u32(start + headerSize + index * 4);
    if (at >= end) throw malformed("string out of bounds");
    return this.#utf8 ? this.#readUtf8(at, end) : this.#readUtf16(at, end);
  }

  /** Two lengths (characters, bytes) of one or two bytes each, then UTF-8. */
  #readUtf8(at: number, end: number): string {
    const first = this.#reader.u8(at) & 0x80 ? 2 : 1;
    let length = this.#reader.u8(at + first);
    let from = at + first + 1;
    if (length & 0x80) length = ((length & 0x7f) << 8) | this.#reader.u8(from++);
    if (from + length > end) throw malformed("string out of bounds");
    return this.#reader.bytes.toString("utf8", from, from + length);
  }

  #readUtf16(at: number, end: number): string {
    let length = this.#reader.u16(at);
    let from = at + 2;
    if (length & 0x8000) {
      length = ((length & 0x7fff) << 16) | this.#reader.u16(from);
      from += 2;
    }
    if (from + length * 2 > end) throw malformed("string out of bounds");
    return this.#reader.bytes.toString("utf16le", from, from + length * 2);
  }
}
