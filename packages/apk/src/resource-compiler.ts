/** Writes Android's binary XML and resource tables, as far as small test APKs need them. The readers are binary-xml.ts and resources.ts. */
import { CHUNK, VALUE } from "./chunks.js";

export interface Element {
  readonly name: string;
  /** In the android namespace. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | { readonly reference: number }>>;
  /** Without a namespace. */
  readonly plain?: Readonly<Record<string, string>>;
  readonly children?: readonly Element[];
}

/** The resources of one type. An id is 0x7fTTEEEE by the places of type (from 1) and entry (from 0). */
export interface ResourceType {
  /** "string", "mipmap" … */
  readonly type: string;
  /** By entry name, then by language, "" for the default. */
  readonly entries: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** ResTable_typeSpec: this entry differs by locale (ACONFIGURATION_LOCALE). */
const CONFIG_LOCALE = 0x0004;

const NONE = 0xffffffff;
const ANDROID = "http://schemas.android.com/apk/res/android";

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value >>> 0, index * 4);
  });
  return bytes;
}

function chunk(type: number, header: Buffer, body: Buffer = Buffer.alloc(0)): Buffer {
  const start = Buffer.alloc(8);
  start.writeUInt16LE(type, 0);
  start.writeUInt16LE(8 + header.length, 2);
  start.writeUInt32LE(8 + header.length + body.length, 4);
  return Buffer.concat([start, header, body]);
}

function stringPool(strings: readonly string[]): Buffer {
  const data = strings.map((text) => {
    const encoded = Buffer.from(text, "utf16le");
    const length = Buffer.alloc(2);
    length.writeUInt16LE(text.length);
    return Buffer.concat([length, encoded, Buffer.alloc(2)]);
  });
  const offsets: number[] = [];
  let at = 0;
  for (const entry of data) {
    offsets.push(at);
    at += entry.length;
  }
  const padding = Buffer.alloc((4 - (at % 4)) % 4);
  const header = words(strings.length, 0, 0, 28 + offsets.length * 4, 0);
  return chunk(CHUNK.stringPool, header, Buffer.concat([words(...offsets), ...data, padding]));
}

/** Compiles one XML document. */
export function compileXml(root: Element): Buffer {
  const strings: string[] = [ANDROID];
  const index = (text: string): number => {
    const known = strings.indexOf(text);
    return known >= 0 ? known : strings.push(text) - 1;
  };
  const nodes: Buffer[] = [];
  const line = words(1, NONE);
  const write = (element: Element): void => {
    const attributes = [
      ...Object.entries(element.attributes ?? {}).map(([name, value]) => attribute(name, value, { namespace: 0, index })),
      ...Object.entries(element.plain ?? {}).map(([name, value]) => attribute(name, value, { namespace: NONE, index })),
    ];
    const shape = Buffer.alloc(12);
    shape.writeUInt16LE(20, 0);
    shape.writeUInt16LE(20, 2);
    shape.writeUInt16LE(attributes.length, 4);
    nodes.push(chunk(CHUNK.xmlStartElement, line, Buffer.concat([words(NONE, index(element.name)), shape, ...attributes])));
    for (const child of element.children ?? []) write(child);
    nodes.push(chunk(CHUNK.xmlEndElement, line, words(NONE, index(element.name))));
  };
  write(root);
  const namespace = words(index("android"), 0);
  const body = [stringPool(strings), chunk(0x0100, line, namespace), ...nodes, chunk(0x0101, line, namespace)];
  return chunk(CHUNK.xml, Buffer.alloc(0), Buffer.concat(body));
}

function attribute(
  name: string,
  value: NonNullable<Element["attributes"]>[string],
  { namespace, index }: { namespace: number; index: (text: string) => number },
): Buffer {
  const typed = (type: number, data: number, raw = NONE): Buffer =>
    Buffer.concat([words(namespace, index(name), raw), Buffer.from([8, 0, 0, type]), words(data)]);
  if (typeof value === "string") return typed(VALUE.string, index(value), index(value));
  if (typeof value === "number") return typed(VALUE.integer, value);
  if (typeof value === "boolean") return typed(VALUE.boolean, value ? NONE : 0);
  return typed(VALUE.reference, value.reference);
}

/**
 * Compiles a table of strings (files are strings too: their paths). One chunk for each type and language, as aapt2 writes them.
 * @param packageName what the table calls its package; its id is an app's, 0x7f.
 */
export function compileTable(resources: readonly ResourceType[], packageName: string): Buffer {
  const strings = new Pool();
  const keys = new Pool();
  const types = resources.flatMap(({ entries }, index) => {
    const names = Object.keys(entries);
    const languages = [...new Set(names.flatMap((name) => Object.keys(entries[name] ?? {})))];
    const flags = words(...names.map((name) => (Object.keys(entries[name] ?? {}).length > 1 ? CONFIG_LOCALE : 0)));
    const spec = chunk(CHUNK.tableTypeSpec, words(index + 1, names.length), flags);
    return [spec, ...languages.map((language) => typeChunk(index + 1, { entries, language, strings, keys }))];
  });
  const name = Buffer.alloc(256);
  name.write(packageName.slice(0, 127), "utf16le");
  const typeNames = stringPool(resources.map(({ type }) => type));
  const keyNames = stringPool(keys.list);
  const header = Buffer.concat([words(0x7f), name, words(288, resources.length, 288 + typeNames.length, keys.list.length, 0)]);
  const pack = chunk(CHUNK.tablePackage, header, Buffer.concat([typeNames, keyNames, ...types]));
  return chunk(CHUNK.table, words(1), Buffer.concat([stringPool(strings.list), pack]));
}

/** The entries of one type that have a text in one language; the others have none there. */
function typeChunk(
  id: number,
  { entries, language, strings, keys }: { entries: ResourceType["entries"]; language: string; strings: Pool; keys: Pool },
): Buffer {
  const config = Buffer.alloc(32);
  config.writeUInt32LE(32, 0);
  config.write(language, 8, "latin1");
  const names = Object.keys(entries);
  const offsets: number[] = [];
  const bodies: Buffer[] = [];
  for (const name of names) {
    const text = entries[name]?.[language];
    offsets.push(text === undefined ? NONE : bodies.length * 16);
    if (text !== undefined)
      bodies.push(Buffer.concat([words(8, keys.index(name)), Buffer.from([8, 0, 0, VALUE.string]), words(strings.index(text))]));
  }
  const header = Buffer.concat([words(id, names.length, 20 + 32 + names.length * 4), config]);
  return chunk(CHUNK.tableType, header, Buffer.concat([words(...offsets), ...bodies]));
}

/** Strings by the order in which they were first asked for. */
class Pool {
  readonly #indexes = new Map<string, number>();

  get list(): string[] {
    return [...this.#indexes.keys()];
  }

  index(text: string): number {
    const known = this.#indexes.get(text) ?? this.#indexes.size;
    this.#indexes.set(text, known);
    return known;
  }
}
