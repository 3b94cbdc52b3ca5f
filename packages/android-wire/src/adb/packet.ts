/**
 * ADB's packet: 24 bytes of header, little-endian, and a payload. Layout and limits: AOSP packages/modules/adb, protocol.txt and adb.h.
 */
import { type Grammar, Incremental, type IncrementalOptions } from "../incremental.js";
import { viewOf } from "../text.js";
import { WireError } from "../wire-error.js";

export const adbCommand = {
  cnxn: 0x4e584e43,
  auth: 0x48545541,
  open: 0x4e45504f,
  okay: 0x59414b4f,
  clse: 0x45534c43,
  wrte: 0x45545257,
  stls: 0x534c5453,
} as const;
export type AdbCommand = (typeof adbCommand)[keyof typeof adbCommand];

/** From this version on nobody fills in or checks a payload's checksum. */
export const adbVersionSkipChecksum = 0x01000001;
export const adbVersionMin = 0x01000000;
export const adbHeaderLength = 24;
/** The payload of the protocol's first version: every host takes at least this much (MAX_PAYLOAD_V1). */
export const adbMinPayload = 4096;
/** The largest payload any adb asks for. */
export const adbMaxPayload = 1024 * 1024;

export interface AdbPacket {
  command: AdbCommand;
  arg0: number;
  arg1: number;
  payload: Uint8Array;
}

const knownCommands: ReadonlySet<number> = new Set(Object.values(adbCommand));

function isKnown(command: number): command is AdbCommand {
  return knownCommands.has(command);
}

/** The sum of all bytes, modulo 2^32; the protocol's text calls it a CRC. */
export function adbChecksum(payload: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < payload.length; i++) sum += payload[i] ?? 0;
  return sum >>> 0;
}

/** Encodes a packet's header. `checksum` is left 0 unless asked for: see `adbVersionSkipChecksum`. */
export function encodeAdbHeader(packet: AdbPacket, options: { checksum: boolean }): Uint8Array {
  const header = new Uint8Array(adbHeaderLength);
  const view = viewOf(header);
  view.setUint32(0, packet.command, true);
  view.setUint32(4, packet.arg0, true);
  view.setUint32(8, packet.arg1, true);
  view.setUint32(12, packet.payload.length, true);
  view.setUint32(16, options.checksum ? adbChecksum(packet.payload) : 0, true);
  view.setUint32(20, ~packet.command, true);
  return header;
}

export interface AdbHeader {
  command: AdbCommand;
  arg0: number;
  arg1: number;
  length: number;
  checksum: number;
}

/** Reads a header of 24 bytes. Throws `bad-magic`, `unknown-command`. */
export function parseAdbHeader(bytes: Uint8Array): AdbHeader {
  const view = viewOf(bytes);
  const command = view.getUint32(0, true);
  if (~command >>> 0 !== view.getUint32(20, true))
    throw new WireError("bad-magic", "These bytes are no ADB packet: its magic is wrong.");
  if (!isKnown(command)) throw new WireError("unknown-command", `ADB has no command 0x${command.toString(16)}.`);
  return {
    command,
    arg0: view.getUint32(4, true),
    arg1: view.getUint32(8, true),
    length: view.getUint32(12, true),
    checksum: view.getUint32(16, true),
  };
}

/** Reads packets from bytes in any chunking. Holds at most one payload, of at most `maxPayload` bytes. */
export class AdbPacketParser {
  /** Longest payload accepted from the next header on. */
  maxPayload: number;
  /** Whether the checksum of the next packet must be right, asked once its header is known. */
  verifyChecksum: (header: AdbHeader) => boolean;
  readonly #bytes: Incremental;

  constructor(
    options: {
      maxPayload: number;
      verifyChecksum: (header: AdbHeader) => boolean;
      onPacket: (packet: AdbPacket) => void;
    } & IncrementalOptions,
  ) {
    this.maxPayload = options.maxPayload;
    this.verifyChecksum = options.verifyChecksum;
    this.#bytes = new Incremental(this.#packets(options.onPacket), options);
  }

  /** Bytes held of an incomplete packet. */
  get held(): number {
    return this.#bytes.held;
  }

  /** Throws `bad-magic`, `unknown-command`, `payload-too-large` or `bad-checksum`, then at each later call the same. */
  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  finish(): void {
    this.#bytes.finish();
  }

  *#packets(onPacket: (packet: AdbPacket) => void): Grammar {
    for (;;) {
      const header = parseAdbHeader(yield adbHeaderLength);
      if (header.length > this.maxPayload) {
        throw new WireError(
          "payload-too-large",
          `An ADB packet announced ${header.length} bytes, more than the ${this.maxPayload} agreed.`,
        );
      }
      const field: Uint8Array = yield header.length;
      // Up to 64 bytes may be a view of the caller's chunk, and payloads are kept.
      const payload = header.length <= 64 ? new Uint8Array(field) : field;
      if (this.verifyChecksum(header) && adbChecksum(payload) !== header.checksum) {
        throw new WireError("bad-checksum", "An ADB packet's payload does not match its checksum.");
      }
      this.#bytes.markBoundary();
      onPacket({ command: header.command, arg0: header.arg0, arg1: header.arg1, payload });
    }
  }
}
