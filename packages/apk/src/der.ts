/** Reads and writes the little of DER that signatures need (X.690): tag, length, value. */
import { noCertificates } from "./apk-error.js";

export interface Der {
  readonly tag: number;
  readonly body: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

const MOST = 1_000;

/** The values that stand one behind the other. @throws ApkError */
export function readDer(bytes: Buffer): Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = at + 2 <= bytes.length ? bytes.readUInt8(at + 1) : 0x80;
    const more = first & 0x80 ? first & 0x7f : 0;
    // 0x80 is BER's open length, which DER does not know.
    if (first === 0x80 || more > 4 || at + 2 + more > bytes.length) throw noCertificates("bad DER length");
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > bytes.length || found.length >= MOST) throw noCertificates("DER value out of bounds");
    found.push({
      tag: bytes.readUInt8(at),
      body: bytes.subarray(start, start + length),
      whole: bytes.subarray(at, start + length),
    });
    at = start + length;
  }
  return found;
}

export function writeDer(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; left > 0; left = Math.floor(left / 256)) length.unshift(left % 256);
  const head = body.length < 0x80 ? [tag, body.length] : [tag, 0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from(head), body]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => writeDer(0x30, ...parts);
