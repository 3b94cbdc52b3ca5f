/** ADB packets as bytes, written and read here from the protocol's text alone, so that tests do not trust our own reader of it. */

export interface AdbBytes {
  readonly command: string;
  readonly arg0: number;
  readonly arg1: number;
  readonly payload: Buffer;
}

export interface HeaderFields {
  readonly command: string;
  readonly arg0?: number;
  readonly arg1?: number;
  readonly length?: number;
  readonly magic?: number;
}

/** The 24 bytes before a payload; what is not given is right. AOSP packages/modules/adb, protocol.txt. */
export function adbHeader({ command, arg0 = 0, arg1 = 0, length = 0, magic }: HeaderFields): Buffer {
  const header = Buffer.alloc(24);
  header.write(command, 0, "latin1");
  header.writeUInt32LE(arg0 >>> 0, 4);
  header.writeUInt32LE(arg1 >>> 0, 8);
  header.writeUInt32LE(length >>> 0, 12);
  header.writeUInt32LE(magic ?? ~header.readUInt32LE(0) >>> 0, 20);
  return header;
}

export function adbPacket(fields: Omit<HeaderFields, "length" | "magic">, payload: Uint8Array | string = ""): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([adbHeader({ ...fields, length: bytes.length }), bytes]);
}

/** A phone's greeting. */
export function greeting(version = 0x0100_0001, maxData = 1024 * 1024): Buffer {
  const banner = "device::ro.product.name=bad;ro.product.model=Bad;ro.product.device=bad;features=shell_v2,cmd";
  return adbPacket({ command: "CNXN", arg0: version, arg1: maxData }, banner);
}

/** Cuts a stream of well-formed packets into packets. */
export class AdbReader {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): AdbBytes[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const packets: AdbBytes[] = [];
    while (this.#rest.length >= 24 && this.#rest.length >= 24 + this.#rest.readUInt32LE(12)) {
      const end = 24 + this.#rest.readUInt32LE(12);
      packets.push({
        command: this.#rest.toString("latin1", 0, 4),
        arg0: this.#rest.readUInt32LE(4),
        arg1: this.#rest.readUInt32LE(8),
        payload: this.#rest.subarray(24, end),
      });
      this.#rest = this.#rest.subarray(end);
    }
    return packets;
  }
}
