/**
 * The video socket: codec meta, then the screen's encoded pictures. A reader that falls behind loses pictures up to the next key frame, never
 * latency. scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/video/SurfaceEncoder.java.
 */
import { encodeFrameHeader, encodeVideoMeta, type ScrcpyServerOptions, scrcpyCodec } from "@phonerack/android-wire/scrcpy";
import type { LocalSocket } from "../adbd/local-sockets.js";
import { pause } from "../phone/latency.js";
import { encoderSize, type ScreenEncoder, type ScreenPacket, startScreenEncoder } from "../screen/screen-encoder.js";
import type { ScrcpyPhone } from "./scrcpy-phone.js";
import type { ServerLog } from "./server-log.js";

/**
 * A real encoder takes this long at least; given the codec meta at once, scrcpy's own client 3.3.1 can crash when recording (its demuxer
 * adds a stream before the recorder has a context).
 */
const encoderStart = 150;
const slowEncoderStart = 3_000;
const slowEncoderFps = 2;
/** Bytes the client has not read above which pictures are dropped; more at high bit rates, so that it is about a second. */
const leastBacklog = 512 * 1024;
const mostBacklog = 2 * 1024 * 1024;
/** scrcpy's DEFAULT_I_FRAME_INTERVAL, seconds. */
const defaultIFrameInterval = 10;
/** Longest sides scrcpy falls back to when an encoder fails. */
const fallbackSizes = [2560, 1920, 1600, 1280, 1024, 800];
const encoderError =
  "android.media.MediaCodec$CodecException: Failed to initialize c2.phonerack.avc.encoder, error 0xfffffff4 (NO_MEMORY)";

export interface VideoParts {
  socket: LocalSocket;
  phone: ScrcpyPhone;
  options: ScrcpyServerOptions;
  log: ServerLog;
  /** The stream failed: the server ends. */
  onFailure: () => void;
}

export class VideoStream {
  #encoder: ScreenEncoder | undefined;
  #release: (() => void) | undefined;
  #size: { width: number; height: number } | undefined;
  #metaSent = false;
  #dropping = false;
  #stopped = false;
  #slow: boolean;
  readonly #unlisten: () => void;
  readonly #parts: VideoParts;
  readonly #backlog: number;

  constructor(parts: VideoParts) {
    this.#parts = parts;
    this.#backlog = Math.min(mostBacklog, Math.max(leastBacklog, parts.options.videoBitRate / 8));
    const { encoders } = parts.phone;
    this.#slow = encoders.slow;
    this.#unlisten = encoders.changes.add(() => this.#faultsChanged());
    void this.#start();
  }

  /** The picture's size now; `undefined` before the first. */
  get size(): { width: number; height: number } | undefined {
    return this.#size;
  }

  /** The present picture again, as config and key frame. */
  reset(): void {
    this.#encoder?.requestKeyFrame();
  }

  stop(): void {
    this.#stopped = true;
    this.#unlisten();
    this.#encoder?.stop();
    this.#release?.();
  }

  async #start(): Promise<void> {
    const { phone, encoders } = this.#parts.phone;
    await pause(phone.clock, Math.max(this.#slow ? slowEncoderStart : encoderStart, phone.latency.encoderStart));
    if (this.#stopped) return;
    this.#release = encoders.acquire();
    if (!this.#release) return this.#refused();
    this.#encode();
  }

  #encode(): void {
    const { phone, options } = this.#parts;
    this.#encoder = startScreenEncoder(
      phone.phone.screen,
      {
        maxSize: options.maxSize,
        maxFps: this.#slow ? slowEncoderFps : options.maxFps || 60,
        bitRate: options.videoBitRate,
        iFrameIntervalS: Number(options.videoCodecOptions.get("i-frame-interval") ?? defaultIFrameInterval),
      },
      (packet) => this.#packet(packet),
    );
  }

  /** What scrcpy prints and does when MediaCodec cannot be had: it tries smaller pictures, then gives up. */
  async #refused(): Promise<void> {
    const { phone, log, options, onFailure } = this.#parts;
    // It is the encoder's configuring that fails, after the meta has been sent.
    this.#meta(encoderSize(phone.phone.screen.size(), options.maxSize));
    log.error(`Capture/encoding error: ${encoderError}`);
    const { width, height } = phone.phone.screen.size();
    const longest = options.maxSize || Math.max(width, height);
    for (const size of options.downsizeOnError ? fallbackSizes.filter((side) => side < longest) : []) {
      log.info(`Retrying with -m${size}...`);
      await pause(phone.phone.clock, 50);
      if (this.#stopped) return;
      log.error(`Capture/encoding error: ${encoderError}`);
    }
    log.error("Video encoding error", encoderError);
    onFailure();
  }

  #faultsChanged(): void {
    const { encoders } = this.#parts.phone;
    if (!this.#encoder || this.#stopped) return;
    if (encoders.slow === this.#slow) {
      if (!encoders.frozen) this.#encoder.requestKeyFrame();
      return;
    }
    this.#slow = encoders.slow;
    this.#encoder.stop();
    this.#encode();
  }

  #packet(packet: ScreenPacket): void {
    if (this.#stopped || (this.#parts.phone.encoders.frozen && this.#metaSent)) return;
    const { socket } = this.#parts;
    if (!this.#metaSent) this.#meta(packet);
    this.#size = { width: packet.width, height: packet.height };
    if (this.#dropping && (packet.kind === "delta" || socket.buffered > this.#backlog / 2)) return;
    this.#dropping = false;
    this.#write(packet);
  }

  #meta({ width, height }: { width: number; height: number }): void {
    this.#metaSent = true;
    const { socket, options } = this.#parts;
    if (options.sendCodecMeta) void socket.write(encodeVideoMeta({ codec: scrcpyCodec.h264, width, height }));
  }

  #write(packet: ScreenPacket): void {
    const { socket, options } = this.#parts;
    const header = encodeFrameHeader({ kind: packet.kind, pts: packet.pts, length: packet.data.length });
    const room = socket.write(options.sendFrameMeta ? Buffer.concat([header, packet.data]) : packet.data);
    if (socket.buffered <= this.#backlog) return;
    this.#dropping = true;
    // When it has caught up the picture may be still, and no next packet would tell.
    void room.then(() => this.reset());
  }
}
