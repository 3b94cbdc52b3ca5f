/**
 * Reads a view-only scrcpy video session and turns it into frames of the bus, one access unit each. Nothing is decoded. A phone that
 * announces an absurd frame is cut off before a byte of it is kept.
 */
import { scrcpyCodec } from "@phonerack/android-wire/scrcpy";
import { FRAME_HEADER_BYTES, FrameKind, MAX_FRAME_BYTES, PhonerackError, setFrameRate } from "@phonerack/contract/bus";
import type { ByteReader } from "../transports/byte-reader.js";
import type { PhoneLink } from "../transports/link.js";
import { Pace } from "../transports/pace.js";
import { failure, startSession } from "./scrcpy-session.js";
import type { ServerJar } from "./server-jar.js";

const CONFIG_FLAG = 0x8000_0000;
const KEY_FLAG = 0x4000_0000;
/** An encoder that has not given anything by then will not. */
const FIRST_FRAME_TIMEOUT_MS = 8_000;

/** Sixteen times what the encoder is asked for. */
const BYTES_PER_SECOND = 8 * 1024 * 1024;

export interface StreamRun {
  readonly link: PhoneLink;
  readonly jar: ServerJar;
  /** The number every frame carries: tells this run from the one before. */
  readonly generation: number;
  readonly signal: AbortSignal;
  /** Frames a second that the encoder is asked for, where viewers are to know. */
  readonly fps?: number;
  /** Is given each frame, ready to be published. */
  frame(kind: FrameKind, frame: Uint8Array): void;
}

/** The picture in `options`' size and rate until the signal is aborted (resolves) or the session ends (fails with the reason in words). */
export function runVideo(run: StreamRun, options: readonly string[]): Promise<void> {
  return runSession(
    run,
    ["audio=false", "control=false", "power_on=false", "video_codec_options=i-frame-interval=2", ...options],
    async (reader) => {
      const meta = viewOf(await reader.exactly(12));
      if (meta.getUint32(0) !== scrcpyCodec.h264) throw new PhonerackError("phone_protocol", "its picture is not H.264");
    },
  );
}

/** The sound as Opus. Fails with `phone_failed` on a phone that gives none. */
export function runAudio(run: StreamRun): Promise<void> {
  return runSession(run, ["video=false", "control=false", "power_on=false", "audio_codec=opus"], async (reader) => {
    const codec = viewOf(await reader.exactly(4)).getUint32(0);
    if (codec === scrcpyCodec.disabled) throw new PhonerackError("phone_failed", "this phone lets no app listen to its sound");
    if (codec !== scrcpyCodec.opus) throw new PhonerackError("phone_failed", "this phone cannot encode its sound as Opus");
  });
}

async function runSession(
  run: StreamRun,
  options: readonly string[],
  open: (reader: ByteReader) => Promise<void>,
): Promise<void> {
  const session = await startSession({ link: run.link, jar: run.jar, options });
  const stop = () => session.stop();
  run.signal.addEventListener("abort", stop, { once: true });
  try {
    if (run.signal.aborted) return;
    const { life } = run.link;
    await life.guard(open(session.reader), FIRST_FRAME_TIMEOUT_MS, "the stream's beginning");
    const pace = new Pace(BYTES_PER_SECOND);
    const kinds = options.includes("video=false") ? SOUND : PICTURE;
    await life.guard(readFrame(session.reader, run, kinds), FIRST_FRAME_TIMEOUT_MS, "the first picture");
    for (;;) {
      const tooFast = pace.count(await readFrame(session.reader, run, kinds));
      if (tooFast) await tooFast;
    }
  } catch (error) {
    if (run.signal.aborted) return;
    throw run.link.life.ended ?? failure(error, session);
  } finally {
    run.signal.removeEventListener("abort", stop);
    stop();
  }
}

const PICTURE = { config: FrameKind.config, key: FrameKind.key, delta: FrameKind.delta } as const;
const SOUND = { config: FrameKind.audioConfig, key: FrameKind.audio, delta: FrameKind.audio } as const;

/** @returns the frame's bytes. scrcpy: u64 of flags and time in microseconds, u32 size, data. The frame is read straight to where it will be sent from. */
async function readFrame(reader: ByteReader, run: StreamRun, kinds: typeof PICTURE | typeof SOUND): Promise<number> {
  const head = viewOf(await reader.exactly(12));
  const high = head.getUint32(0);
  const low = head.getUint32(4);
  const size = head.getUint32(8);
  if (size === 0 || size > MAX_FRAME_BYTES - FRAME_HEADER_BYTES) {
    throw new PhonerackError("phone_protocol", `it announced a frame of ${size} bytes, which no encoder gives at this rate`);
  }
  const frame = new Uint8Array(FRAME_HEADER_BYTES + size);
  const config = (high & CONFIG_FLAG) !== 0;
  const kind = config ? kinds.config : high & KEY_FLAG ? kinds.key : kinds.delta;
  frame[0] = kind;
  const view = viewOf(frame);
  view.setUint32(4, run.generation);
  if (config && run.fps !== undefined) setFrameRate(frame, run.fps);
  if (!config) {
    view.setUint32(8, high & 0x3fff_ffff);
    view.setUint32(12, low);
  }
  await reader.fill(frame, FRAME_HEADER_BYTES);
  if (!run.signal.aborted) run.frame(kind, frame);
  return frame.length;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
