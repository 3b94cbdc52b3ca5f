/** Made-up video streams of a known rate: what a phone's encoder would send, without the cost of encoding. */
import { FRAME_HEADER_BYTES, FrameKind, writeFrame } from "@phonerack/contract/bus";

export const FPS = 30;
/** One key frame every two seconds, as the agent asks encoders for. */
const GROUP = 60;
const KEY_SHARE = 6;

export interface StreamRate {
  readonly streams: number;
  readonly bitsPerSecond: number;
}

/** A clock that all processes of a machine share, in microseconds (CLOCK_MONOTONIC). */
export function nowMicros(): bigint {
  return process.hrtime.bigint() / 1_000n;
}

/**
 * Calls `send` with each stream's frames at their time: `config` and `key` first, then deltas, evenly spread over the streams. The frame's
 * time is when it was made. Returns what stops it.
 */
export function startStreams(rate: StreamRate, send: (stream: number, frame: Uint8Array) => void): () => void {
  const bytesPerFrame = rate.bitsPerSecond / 8 / FPS;
  const delta = Math.round((bytesPerFrame * GROUP) / (GROUP - 1 + KEY_SHARE)) - FRAME_HEADER_BYTES;
  const payloads = {
    config: crypto.getRandomValues(new Uint8Array(32)),
    key: new Uint8Array(delta * KEY_SHARE).map((_, at) => (at * 31) & 0xff),
    delta: new Uint8Array(delta).map((_, at) => (at * 17) & 0xff),
  };
  const started = performance.now();
  let sent = 0;
  const tick = () => {
    const due = ((performance.now() - started) / 1_000) * FPS * rate.streams;
    for (; sent < due; sent++) {
      const stream = sent % rate.streams;
      const round = Math.floor(sent / rate.streams);
      // Streams start their groups at different times, as phones do.
      const inGroup = (round + (round === 0 ? 0 : stream)) % GROUP;
      const frame = (kind: keyof typeof payloads) =>
        send(stream, writeFrame({ kind: FrameKind[kind], stream: 1, pts: nowMicros(), payload: payloads[kind] }));
      if (round === 0) frame("config");
      frame(round === 0 || inGroup === 0 ? "key" : "delta");
    }
  };
  const timer = setInterval(tick, 4);
  return () => clearInterval(timer);
}
