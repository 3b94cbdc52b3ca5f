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

/** Strings by language ("" for the default) of one resource; its id is 0x7fTT0000 by its place in the table. */
export interface ResourcePlan {
  /** Type name: "string", "mipmap". */
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

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

/** Compiles a table with one resource per type. */
export function compileTable(resources: readonly ResourcePlan[]): Buffer {
  const strings = resources.flatMap(({ values }) => Object.values(values));
  const types = resources.flatMap(({ values }, type) =>
    Object.entries(values).map(([language, text]) => {
      const config = Buffer.alloc(32);
      config.writeUInt32LE(32, 0);
      config.write(language, 8, "latin1");
      const entry = Buffer.concat([words(8, 0), Buffer.from([8, 0, 0, VALUE.string]), words(strings.indexOf(text))]);
      return chunk(
        CHUNK.tableType,
        Buffer.concat([words(type + 1, 1, 8 + 12 + 32 + 4), config]),
        Buffer.concat([words(0), entry]),
      );
    }),
  );
  const name = Buffer.alloc(256);
  name.write("test", "utf16le");
  const typeNames = stringPool(resources.map((resource) => resource.name));
  const keyNames = stringPool(["only"]);
  const header = Buffer.concat([words(0x7f), name, words(8 + 280, resources.length, 8 + 280 + typeNames.length, 1, 0)]);
  const pack = chunk(CHUNK.tablePackage, header, Buffer.concat([typeNames, keyNames, ...types]));
  return chunk(CHUNK.table, words(1), Buffer.concat([stringPool(strings), pack]));
}
