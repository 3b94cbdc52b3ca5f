/**
 * All strings of an app with their entry names, in every language its resources.arsc has: what maps a text in one language to its name and on to
 * the text in another. Looking up one id for one phone is resources.ts's.
 */
import { CHUNK, type Chunk, Reader, type StringPool, VALUE } from "./chunks.js";

/** By language (`fr`, `zh-TW`; "" for the default), the texts by entry name. */
export type StringTable = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Strings kept of one table, whatever it says it has. */
const MAX_STRINGS = 200_000;
const NO_ENTRY = 0xffffffff;
/** ResTable_entry flags: a map, and compact. */
const [COMPLEX, COMPACT] = [1, 8];

/** @param bytes resources.arsc. @throws ApkError when it is damaged. */
export function readStringTable(bytes: Buffer): StringTable {
  return new TableReader(bytes).read();
}

class TableReader {
  readonly #reader: Reader;
  readonly #table = new Map<string, Map<string, string>>();
  #strings: StringPool | undefined;
  #count = 0;

  constructor(bytes: Buffer) {
    this.#reader = new Reader(bytes);
  }

  read(): StringTable {
    const reader = this.#reader;
    const table = reader.chunk(0, reader.bytes.length);
    for (const chunk of reader.chunks(table.start + table.headerSize, table.end)) {
      if (chunk.type === CHUNK.stringPool) this.#strings ??= reader.strings(chunk);
      else if (chunk.type === CHUNK.tablePackage) this.#readPackage(chunk);
    }
    return this.#table;
  }

  #readPackage(chunk: Chunk): void {
    const reader = this.#reader;
    const pool = (field: number): StringPool =>
      reader.strings(reader.chunk(chunk.start + reader.u32(chunk.start + field), chunk.end));
    const [types, keys] = [pool(268), pool(276)];
    for (const inner of reader.chunks(chunk.start + chunk.headerSize, chunk.end)) {
      if (inner.type === CHUNK.tableType && types.get(reader.u8(inner.start + 8) - 1) === "string") this.#readType(inner, keys);
    }
  }

  #readType(chunk: Chunk, keys: StringPool): void {
    const language = this.#language(chunk.start + 20);
    const texts = this.#table.get(language) ?? new Map<string, string>();
    this.#table.set(language, texts);
    const entries = chunk.start + this.#reader.u32(chunk.start + 16);
    for (const offset of this.#offsets(chunk)) {
      if (++this.#count > MAX_STRINGS) return;
      const found = this.#entry(entries + offset, keys);
      // The first configuration of a language is its plainest: others are for sizes and API levels.
      if (found && !texts.has(found.name)) texts.set(found.name, found.text);
    }
  }

  *#offsets(chunk: Chunk): Generator<number> {
    const reader = this.#reader;
    const flags = reader.u8(chunk.start + 9);
    const count = reader.u32(chunk.start + 12);
    for (let i = 0; i < count; i++) {
      const at = chunk.start + chunk.headerSize;
      if (flags & 1) yield reader.u16(at + i * 4 + 2) * 4;
      else if (flags & 2) {
        const short = reader.u16(at + i * 2);
        if (short !== 0xffff) yield short * 4;
      } else {
        const offset = reader.u32(at + i * 4);
        if (offset !== NO_ENTRY) yield offset;
      }
    }
  }

  #entry(at: number, keys: StringPool): { name: string; text: string } | undefined {
    const reader = this.#reader;
    const flags = reader.u16(at + 2);
    if (flags & COMPLEX && !(flags & COMPACT)) return undefined;
    const key = flags & COMPACT ? reader.u16(at) : reader.u32(at + 4);
    const value = flags & COMPACT ? { type: flags >> 8, data: reader.u32(at + 4) } : reader.value(at + reader.u16(at));
    const name = keys.get(key);
    const text = value.type === VALUE.string ? this.#strings?.get(value.data) : undefined;
    return name === undefined || text === undefined ? undefined : { name, text };
  }

  /** Two letters each, in ResTable_config's locale; three-letter codes are packed and rare: they stay apart by their bytes. */
  #language(config: number): string {
    const reader = this.#reader;
    const letters = (at: number): string =>
      reader.u16(at) === 0 ? "" : String.fromCharCode(reader.u8(at), reader.u8(at + 1)).replaceAll("\0", "");
    if (reader.u32(config) < 12) return "";
    const [language, region] = [letters(config + 8), letters(config + 10)];
    return region === "" ? language : `${language}-${region}`;
  }
}
