/** As much of DER (X.690) as keystores need: values one behind the other, with their tags. */
import { PhonerackError } from "@phonerack/contract/bus";

export interface Der {
  readonly tag: number;
  readonly body: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

/** Fails with `key_unreadable`. */
export function readDer(bytes: Buffer): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1] ?? 0x80;
    const more = first & 0x80 ? first & 0x7f : 0;
    if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) throw new PhonerackError("key_unreadable", "it is damaged");
    const start = at + 2 + more;
    const end = start + (more === 0 ? first : bytes.readUIntBE(at + 2, more));
    if (end > bytes.length) throw new PhonerackError("key_unreadable", "it is cut short");
    found.push({ tag: bytes[at] ?? 0, body: bytes.subarray(start, end), whole: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

/** What is inside of the n-th value of a sequence, and so on. */
export function inside(bytes: Buffer, ...path: readonly number[]): Der[] {
  return path.reduce((values, at) => readDer(values[at]?.body ?? Buffer.alloc(0)), readDer(bytes));
}
