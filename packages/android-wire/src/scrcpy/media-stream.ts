/**
 * scrcpy's video and audio sockets, big-endian: [a zero byte] [64 bytes of device name] [codec meta] then packets of 12 bytes of header and data.
 * scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/device/{DesktopConnection,Streamer}.java.
 */
import { type Grammar, Incremental, type IncrementalOptions } from "../incremental.js";
import { decodeText, encodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";

export const deviceNameLength = 64;
export const frameHeaderLength = 12;

/** The four characters of a codec as a number; audio has two more that say there is none. */
export const scrcpyCodec = {
  h264: 0x68323634,
  h265: 0x68323635,
  av1: 0x00617631,
  opus: 0x6f707573,
  aac: 0x00616163,
  flac: 0x666c6163,
  raw: 0x00726177,
  /** Instead of an audio codec: this device cannot, go on without. */
  disabled: 0,
  /** Instead of an audio codec: fatal. */
  failed: 1,
} as const;

/** The name, cut where a character of UTF-8 ends, and at least one NUL. */
export function encodeDeviceName(name: string): Uint8Array {
  const field = new Uint8Array(deviceNameLength);
  let bytes = encodeText(name);
  for (let cut = name.length; bytes.length > deviceNameLength - 1; ) bytes = encodeText(wholeCharacters(name, --cut));
  field.set(bytes);
  return field;
}

function wholeCharacters(name: string, length: number): string {
  const last = name.charCodeAt(length - 1);
  return name.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

export function encodeVideoMeta(meta: { codec: number; width: number; height: number }): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = viewOf(bytes);
  view.setUint32(0, meta.codec);
  view.setUint32(4, meta.width);
  view.setUint32(8, meta.height);
  return bytes;
}

export function encodeAudioMeta(codec: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, codec);
  return bytes;
}

export interface MediaPacket {
  /** "config": parameter sets, no picture. Audio packets are "key" or "delta", which means nothing there. */
  kind: "config" | "key" | "delta";
  /** Microseconds; 0 for config. */
  pts: bigint;
  data: Uint8Array;
}

const configBit = 1n << 63n;
const keyBit = 1n << 62n;
const ptsMask = keyBit - 1n;

/** The 12 bytes before a packet of `length` bytes. */
export function encodeFrameHeader(packet: { kind: MediaPacket["kind"]; pts: bigint; length: number }): Uint8Array {
  const bytes = new Uint8Array(frameHeaderLength);
  const view = viewOf(bytes);
  // A config packet has no time.
  const flags = packet.kind === "config" ? configBit : (packet.kind === "key" ? keyBit : 0n) | (packet.pts & ptsMask);
  view.setBigUint64(0, flags);
  view.setUint32(8, packet.length);
  return bytes;
}

export type MediaEvent =
  | { type: "device-name"; name: string }
  | { type: "video-meta"; codec: number; width: number; height: number }
  | { type: "audio-meta"; codec: number }
  | ({ type: "packet" } & MediaPacket);

export interface MediaStreamOptions extends IncrementalOptions {
  stream: "video" | "audio";
  /** What stands before the codec meta on this socket. */
  dummyByte: boolean;
  deviceName: boolean;
  /** Longest packet taken; default 8 MiB. */
  maxPacket?: number;
}

/** Reads a media socket in any chunking; holds at most one packet. Throws `frame-too-large`, `bad-stream-header`. */
export class MediaStreamParser {
  readonly #bytes: Incremental;

  constructor(options: MediaStreamOptions, onEvent: (event: MediaEvent) => void) {
    this.#bytes = new Incremental(this.#grammar(options, onEvent), options);
  }

  get held(): number {
    return this.#bytes.held;
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  finish(): void {
    this.#bytes.finish();
  }

  *#grammar(options: MediaStreamOptions, onEvent: (event: MediaEvent) => void): Grammar {
    if (options.dummyByte && (yield 1)[0] !== 0)
      throw new WireError("bad-stream-header", "scrcpy's stream does not begin with its zero byte.");
    if (options.deviceName) {
      const name: Uint8Array = yield deviceNameLength;
      const end = name.indexOf(0);
      onEvent({ type: "device-name", name: decodeText(name.subarray(0, end < 0 ? name.length : end)) });
    }
    onEvent(readMeta(options.stream, yield options.stream === "video" ? 12 : 4));
    this.#bytes.markBoundary();
    const maxPacket = options.maxPacket ?? 8 * 1024 * 1024;
    for (;;) yield* this.#packet(maxPacket, onEvent);
  }

  *#packet(maxPacket: number, onEvent: (event: MediaEvent) => void): Grammar {
    const view = viewOf(yield frameHeaderLength);
    const flags = view.getBigUint64(0);
    const length = view.getUint32(8);
    if (length > maxPacket)
      throw new WireError("frame-too-large", `A frame of ${length} bytes was announced; at most ${maxPacket} are taken.`);
    const field: Uint8Array = yield length;
    // Up to 64 bytes may be a view of the caller's chunk, and frames are kept.
    const data = length <= 64 ? new Uint8Array(field) : field;
    this.#bytes.markBoundary();
    const config = (flags & configBit) !== 0n;
    const kind = config ? "config" : (flags & keyBit) !== 0n ? "key" : "delta";
    onEvent({ type: "packet", kind, pts: config ? 0n : flags & ptsMask, data });
  }
}

function readMeta(stream: "video" | "audio", field: Uint8Array): MediaEvent {
  const view = viewOf(field);
  if (stream === "audio") return { type: "audio-meta", codec: view.getUint32(0) };
  const meta = { codec: view.getUint32(0), width: view.getUint32(4), height: view.getUint32(8) };
  if (meta.width > 16384 || meta.height > 16384) {
    throw new WireError("bad-stream-header", `A picture of ${meta.width} × ${meta.height} pixels was announced.`);
  }
  return { type: "video-meta", ...meta };
}
