/** Looks up `@string/…` and `@mipmap/…` in an APK's resources.arsc: the best entry for a language and a density. */
import { CHUNK, type Chunk, Reader, type StringPool, type TypedValue, VALUE } from "./chunks.js";

export interface Wanted {
  /** ISO 639-1. */
  readonly language: string;
  /** dpi */
  readonly density: number;
}

interface Candidate {
  readonly value: TypedValue;
  readonly language: string;
  readonly density: number;
  /** Lowest API level it is for. */
  readonly sdk: number;
}

const MAX_REFERENCES = 10;
const NO_ENTRY = 0xffffffff;

export class Resources {
  readonly #reader: Reader;
  #strings: StringPool | undefined;
  /** Type chunks by package id and type id. */
  readonly #types = new Map<number, Chunk[]>();

  /** @throws ApkError */
  constructor(bytes: Buffer) {
    this.#reader = new Reader(bytes);
    const table = this.#reader.chunk(0, bytes.length);
    for (const chunk of this.#reader.chunks(table.start + table.headerSize, table.end)) {
      if (chunk.type === CHUNK.stringPool) this.#strings ??= this.#reader.strings(chunk);
      else if (chunk.type === CHUNK.tablePackage) this.#readPackage(chunk);
    }
  }

  /** The text, or for files the path inside the APK. */
  text(id: number, wanted: Wanted): string | undefined {
    const value = this.value(id, wanted);
    return value?.type === VALUE.string ? this.#strings?.get(value.data) : undefined;
  }

  /** The value for a language and density, references followed. */
  value(id: number, wanted: Wanted): TypedValue | undefined {
    let at = id;
    for (let i = 0; i < MAX_REFERENCES; i++) {
      const best = this.#candidates(at).reduce<Candidate | undefined>((a, b) => (!a || better(b, a, wanted) ? b : a), undefined);
      if (best?.value.type !== VALUE.reference) return best?.value;
      at = best.value.data;
    }
    return undefined;
  }

  /** Paths of all files behind an id, for a look at other densities. */
  texts(id: number): string[] {
    return this.#candidates(id).flatMap(({ value }) =>
      value.type === VALUE.string ? (this.#strings?.get(value.data) ?? []) : [],
    );
  }

  #readPackage(chunk: Chunk): void {
    const packageId = this.#reader.u32(chunk.start + 8) & 0xff;
    for (const inner of this.#reader.chunks(chunk.start + chunk.headerSize, chunk.end)) {
      if (inner.type !== CHUNK.tableType) continue;
      const key = (packageId << 8) | this.#reader.u8(inner.start + 8);
      this.#types.set(key, [...(this.#types.get(key) ?? []), inner]);
    }
  }

  #candidates(id: number): Candidate[] {
    const found: Candidate[] = [];
    for (const chunk of this.#types.get(id >>> 16) ?? []) {
      const value = this.#entry(chunk, id & 0xffff);
      if (value) found.push({ value, ...this.#config(chunk) });
    }
    return found;
  }

  #entry(chunk: Chunk, index: number): TypedValue | undefined {
    const { start, headerSize } = chunk;
    const flags = this.#reader.u8(start + 9);
    const count = this.#reader.u32(start + 12);
    const entries = start + this.#reader.u32(start + 16);
    let offset = NO_ENTRY;
    if (flags & 1) {
      // Sparse: pairs of index and offset in words.
      for (let i = 0; i < count; i++) {
        const at = start + headerSize + i * 4;
        if (this.#reader.u16(at) === index) offset = this.#reader.u16(at + 2) * 4;
      }
    } else if (index < count) {
      offset = flags & 2 ? this.#reader.u16(start + headerSize + index * 2) : this.#reader.u32(start + headerSize + index * 4);
      if (flags & 2) offset = offset === 0xffff ? NO_ENTRY : offset * 4;
    }
    if (offset === NO_ENTRY) return undefined;
    const at = entries + offset;
    const entryFlags = this.#reader.u16(at + 2);
    // Compact entries keep type and data in the entry itself.
    if (entryFlags & 8) return { type: entryFlags >> 8, data: this.#reader.u32(at + 4) };
    if (entryFlags & 1) return undefined;
    return this.#reader.value(at + this.#reader.u16(at));
  }

  #config({ start }: Chunk): Omit<Candidate, "value"> {
    const at = start + 20;
    const size = this.#reader.u32(at);
    const language =
      size >= 12 && this.#reader.u16(at + 8) !== 0 ? String.fromCharCode(this.#reader.u8(at + 8), this.#reader.u8(at + 9)) : "";
    return { language, density: size >= 16 ? this.#reader.u16(at + 14) : 0, sdk: size >= 28 ? this.#reader.u16(at + 24) : 0 };
  }
}

function better(a: Candidate, b: Candidate, wanted: Wanted): boolean {
  const rank = ({ language }: Candidate): number => (language === wanted.language ? 2 : language === "" ? 1 : 0);
  if (rank(a) !== rank(b)) return rank(a) > rank(b);
  if (a.density !== b.density) {
    const distance = ({ density }: Candidate): number =>
      density === 0 || density >= 0xfffe
        ? 1000
        : density < wanted.density
          ? 2 * (wanted.density - density)
          : density - wanted.density;
    return distance(a) < distance(b);
  }
  return a.sdk > b.sdk;
}
