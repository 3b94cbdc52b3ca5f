/** Android's compiled XML, as AndroidManifest.xml and adaptive icons are in an APK. */
import { CHUNK, type Chunk, malformed, Reader, type StringPool, type TypedValue, VALUE } from "./chunks.js";

export interface XmlAttribute extends TypedValue {
  readonly name: string;
  /** The text it was written as, for strings. */
  readonly text: string | undefined;
  /** The attribute's number in android.R.attr; 0 when it has none. */
  readonly resourceId: number;
}

export interface XmlElement {
  readonly name: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
}

const MAX_DEPTH = 100;
const MAX_ELEMENTS = 100_000;

/** @throws ApkError */
export function parseBinaryXml(bytes: Buffer): XmlElement {
  const reader = new Reader(bytes);
  const whole = reader.chunk(0, bytes.length);
  if (whole.type !== CHUNK.xml) throw malformed("not binary XML");
  let strings: StringPool | undefined;
  let ids: number[] = [];
  const stack: { name: string; attributes: XmlAttribute[]; children: XmlElement[] }[] = [
    { name: "", attributes: [], children: [] },
  ];
  let elements = 0;
  for (const chunk of reader.chunks(whole.start + whole.headerSize, whole.end)) {
    if (chunk.type === CHUNK.stringPool) strings ??= reader.strings(chunk);
    else if (chunk.type === CHUNK.xmlResourceMap) ids = readIds(reader, chunk);
    else if (chunk.type === CHUNK.xmlStartElement) {
      if (!strings || stack.length > MAX_DEPTH || ++elements > MAX_ELEMENTS) throw malformed("XML too deep or too large");
      const element = readElement(reader, chunk, { strings, ids });
      stack.at(-1)?.children.push(element);
      stack.push(element);
    } else if (chunk.type === CHUNK.xmlEndElement && stack.length > 1) stack.pop();
  }
  const root = stack[0]?.children[0];
  if (!root) throw malformed("XML without a root element");
  return root;
}

function readIds(reader: Reader, chunk: Chunk): number[] {
  const ids: number[] = [];
  for (let at = chunk.start + chunk.headerSize; at + 4 <= chunk.end; at += 4) ids.push(reader.u32(at));
  return ids;
}

function readElement(reader: Reader, chunk: Chunk, names: { strings: StringPool; ids: readonly number[] }) {
  const body = chunk.start + chunk.headerSize;
  const first = body + reader.u16(body + 8);
  const size = reader.u16(body + 10);
  const count = reader.u16(body + 12);
  if (size < 20 || first + size * count > chunk.end) throw malformed("attributes out of bounds");
  const attributes: XmlAttribute[] = [];
  for (let i = 0; i < count; i++) {
    const at = first + i * size;
    const nameIndex = reader.u32(at + 4);
    const value = reader.value(at + 12);
    const raw = reader.u32(at + 8);
    const text =
      value.type === VALUE.string ? names.strings.get(value.data) : raw === 0xffffffff ? undefined : names.strings.get(raw);
    attributes.push({ name: names.strings.get(nameIndex) ?? "", resourceId: names.ids[nameIndex] ?? 0, text, ...value });
  }
  return { name: names.strings.get(reader.u32(body + 4)) ?? "", attributes, children: [] as XmlElement[] };
}

/** Attribute by name, or by its number where a tool has stripped the names. */
export function attribute(element: XmlElement, name: string, resourceId = -1): XmlAttribute | undefined {
  return element.attributes.find((one) => (one.resourceId !== 0 && one.resourceId === resourceId) || one.name === name);
}

export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}
