/**
 * The little that players and recorders must read of an H.264 configuration (ITU-T H.264, 7.3.2.1.1 and annexes A, B, E): which decoder it
 * needs and how large the picture is. Decoding itself is the browser's.
 */

export interface VideoConfig {
  /** For WebCodecs, e.g. `avc1.42c01f` (RFC 6381). */
  readonly codec: string;
  /** profile_idc: 66 is (constrained) baseline, all that the fallback decoder can do. */
  readonly profile: number;
  /** Of the coded picture: whole macroblocks. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** The visible part. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const SPS = 7;
/** Profiles whose SPS carries the chroma and scaling fields (7.3.2.1.1). */
const HIGH_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
const MOST_PIXELS_A_SIDE = 16_384;

/** Reads the first SPS of an Annex-B byte string; undefined when there is none or it makes no sense. */
export function readVideoConfig(annexB: Uint8Array): VideoConfig | undefined {
  const sps = findUnit(annexB, SPS);
  if (!sps || sps.length < 5) return undefined;
  const codec = `avc1.${[...sps.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  const size = readSize(new BitReader(withoutEmulation(sps.subarray(1))));
  return size && { codec, profile: sps[1] ?? 0, ...size };
}

function findUnit(bytes: Uint8Array, type: number): Uint8Array | undefined {
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    if (((bytes[at + 3] ?? 0) & 0x1f) === type) return bytes.subarray(at + 3, endOfUnit(bytes, at + 3));
  }
  return undefined;
}

function endOfUnit(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 2 < bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && (bytes[at + 2] ?? 9) <= 1) return at;
  }
  return bytes.length;
}

/** Takes out the 3 of each 0 0 3 (7.4.1.1). */
function withoutEmulation(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Uint8Array.from(out);
}

function readSize(bits: BitReader): Omit<VideoConfig, "codec" | "profile"> | undefined {
  const profile = bits.read(8);
  bits.read(16);
  bits.unsigned();
  const chroma = HIGH_PROFILES.has(profile) ? readChroma(bits) : 1;
  bits.unsigned();
  readPictureOrder(bits);
  bits.unsigned();
  bits.read(1);
  const codedWidth = (bits.unsigned() + 1) * 16;
  const mapUnits = bits.unsigned() + 1;
  const framesOnly = bits.read(1);
  if (!framesOnly) bits.read(1);
  bits.read(1);
  const codedHeight = mapUnits * 16 * (framesOnly ? 1 : 2);
  const [left, right, top, bottom] = bits.read(1)
    ? [bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()]
    : [0, 0, 0, 0];
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  const width = codedWidth - (left + right) * unitX;
  const height = codedHeight - (top + bottom) * unitY;
  if (bits.overrun || width <= 0 || height <= 0 || Math.max(width, height) > MOST_PIXELS_A_SIDE) return undefined;
  return { codedWidth, codedHeight, left: left * unitX, top: top * unitY, width, height };
}

function readChroma(bits: BitReader): number {
  const format = bits.unsigned();
  if (format === 3) bits.read(1);
  bits.unsigned();
  bits.unsigned();
  bits.read(1);
  if (bits.read(1)) {
    for (let list = 0; list < (format === 3 ? 12 : 8); list++) if (bits.read(1)) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return format;
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let at = 0; at < size; at++) {
    if (next !== 0) next = (last + bits.signed() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function readPictureOrder(bits: BitReader): void {
  const type = bits.unsigned();
  if (type === 0) bits.unsigned();
  if (type !== 1) return;
  bits.read(1);
  bits.signed();
  bits.signed();
  const cycle = Math.min(bits.unsigned(), 255);
  for (let at = 0; at < cycle; at++) bits.signed();
}

/** Reads past the end as zeros and remembers that it did. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  overrun = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++) {
      const byte = this.#bytes[this.#at >> 3];
      if (byte === undefined) this.overrun = true;
      value = value * 2 + (((byte ?? 0) >> (7 - (this.#at & 7))) & 1);
      this.#at += 1;
    }
    return value;
  }

  /** ue(v), 9.1. */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 32 && !this.overrun && this.read(1) === 0) zeros += 1;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** se(v), 9.1.1. */
  signed(): number {
    const value = this.unsigned();
    return value % 2 === 1 ? (value + 1) / 2 : -value / 2;
  }
}
