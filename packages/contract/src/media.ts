/**
 * One picture or sound frame as it travels: agent → bus → control → live WebSocket → browser, the same 16-byte header all the way.
 *
 * ```
 * 0      u8   kind (FrameKind)
 * 1      u8   flags, 0
 * 2      u16  of a tile's `config`: the frames per second that its encoder was asked for; else 0
 * 4      u32  stream: on the bus the agent's generation of this stream, on the live socket the id the browser chose
 * 8      u64  presentation time in microseconds
 * 16     …    payload
 * ```
 * All big-endian. Payloads: `config` Annex-B SPS+PPS; `key`, `delta` one Annex-B access unit; `audioConfig` the OpusHead bytes as
 * scrcpy gives them; `audio` one Opus packet; `image` a whole PNG; `end` nothing.
 */
export const FrameKind = { config: 1, key: 2, delta: 3, audioConfig: 4, audio: 5, image: 6, end: 7 } as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

export const FRAME_HEADER_BYTES = 16;
/** A whole frame with its header, never split: NATS refuses messages above 1 MiB, and a key frame of the full stream has about 0.2 MB. */
export const MAX_FRAME_BYTES = 1_000_000;

export interface Frame {
  readonly kind: FrameKind;
  readonly stream: number;
  /** Microseconds. */
  readonly pts: bigint;
  readonly payload: Uint8Array;
}

const RATE_AT = 2;

/** Writes into a tile's `config` frame how many frames a second follow at most. */
export function setFrameRate(frame: Uint8Array, fps: number): void {
  new DataView(frame.buffer, frame.byteOffset).setUint16(RATE_AT, fps);
}

/** Undefined where none was said. */
export function frameRateOf(frame: Uint8Array): number | undefined {
  if (frame[0] !== FrameKind.config || frame.length < FRAME_HEADER_BYTES) return undefined;
  return new DataView(frame.buffer, frame.byteOffset).getUint16(RATE_AT) || undefined;
}

const KINDS: ReadonlySet<number> = new Set(Object.values(FrameKind));

export function writeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = frame.kind;
  view.setUint32(4, frame.stream);
  view.setBigUint64(8, frame.pts);
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** Reads a frame without copying its payload; undefined when the bytes are not one. */
export function readFrame(bytes: Uint8Array): Frame | undefined {
  const kind = bytes[0];
  if (bytes.length < FRAME_HEADER_BYTES || kind === undefined || !KINDS.has(kind)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return {
    kind: kind as FrameKind,
    stream: view.getUint32(4),
    pts: view.getBigUint64(8),
    payload: bytes.subarray(FRAME_HEADER_BYTES),
  };
}
