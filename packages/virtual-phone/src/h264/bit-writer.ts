// Bits into bytes, most significant first, with the two Exp-Golomb codes of ITU-T H.264 clause 9.1, and NAL units in Annex B form (clause 7.4.1, B.1).

export class BitWriter {
  private bytes = new Uint8Array(1 << 14);
  private length = 0;
  private pending = 0;
  private pendingBits = 0;

  clear(): void {
    this.length = 0;
    this.pending = 0;
    this.pendingBits = 0;
  }

  get bitLength(): number {
    return this.length * 8 + this.pendingBits;
  }

  /** The lowest `count` bits of a value, at most 24. */
  put(value: number, count: number): void {
    let bits = this.pendingBits + count;
    const pending = (this.pending << count) | value;
    if (this.length + 4 > this.bytes.length) this.grow();
    while (bits >= 8) {
      bits -= 8;
      this.bytes[this.length++] = pending >>> bits;
    }
    this.pending = pending & ((1 << bits) - 1);
    this.pendingBits = bits;
  }

  /** ue(v), for values below 2^16 - 1. */
  ue(value: number): void {
    const code = value + 1;
    const bits = 31 - Math.clz32(code);
    if (bits > 0) this.put(0, bits);
    this.put(code, bits + 1);
  }

  /** se(v). */
  se(value: number): void {
    this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** A one and zeros up to the next byte (rbsp_trailing_bits). */
  trailing(): void {
    this.put(1, 1);
    if (this.pendingBits > 0) this.put(0, 8 - this.pendingBits);
  }

  /** The whole bytes written so far; valid until the next write. */
  rbsp(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private grow(): void {
    const larger = new Uint8Array(this.bytes.length * 2);
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

/** Start code, header byte, and the payload with emulation prevention bytes, as one new array. */
export function nalUnit(type: number, importance: number, rbsp: Uint8Array): Uint8Array {
  let escapes = 0;
  let zeros = 0;
  for (const byte of rbsp) {
    if (zeros >= 2 && byte <= 3) {
      escapes++;
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  const out = new Uint8Array(rbsp.length + 5 + escapes);
  out[3] = 1;
  out[4] = (importance << 5) | type;
  if (escapes === 0) {
    out.set(rbsp, 5);
    return out;
  }
  let at = 5;
  zeros = 0;
  for (const byte of rbsp) {
    if (zeros >= 2 && byte <= 3) {
      out[at++] = 3;
      zeros = 0;
    }
    out[at++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out;
}
