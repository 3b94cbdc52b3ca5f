/**
 * The audio socket: a short chime in Opus while the phone plays something, nothing while it is silent. Phones whose sound cannot be captured
 * say so and go on. scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/audio/AudioEncoder.java.
 */
import { encodeAudioMeta, encodeFrameHeader, type ScrcpyServerOptions, scrcpyCodec } from "@phonerack/android-wire/scrcpy";
import type { LocalSocket } from "../adbd/local-sockets.js";
import { chimePacketDuration, chimePackets, opusHead } from "./chime.js";
import type { ScrcpyPhone } from "./scrcpy-phone.js";
import type { ServerLog } from "./server-log.js";

/** Bytes the client has not read above which sound is dropped. */
const backlog = 32 * 1024;
/** Playback capture exists from Android 11 on. */
const firstSdk = 30;

export class AudioStream {
  #stopped = false;
  #next = 0;
  #sent = 0;
  /** Microseconds on the clock of the video's times. */
  #startedAt = 0n;
  #cancelTimer: (() => void) | undefined;
  #unlisten: (() => void) | undefined;
  readonly #socket: LocalSocket;
  readonly #phone: ScrcpyPhone["phone"];
  readonly #options: ScrcpyServerOptions;

  constructor(parts: { socket: LocalSocket; phone: ScrcpyPhone; options: ScrcpyServerOptions; log: ServerLog }) {
    this.#socket = parts.socket;
    this.#phone = parts.phone.phone;
    this.#options = parts.options;
    const refusal = this.#refusal();
    if (refusal) {
      parts.log.warn(refusal.reason);
      this.#meta(refusal.code);
      return;
    }
    this.#meta(scrcpyCodec.opus);
    this.#write("config", 0n, opusHead);
    this.#unlisten = this.#phone.sound.changes.add(() => this.#changed());
    this.#changed();
  }

  stop(): void {
    this.#stopped = true;
    this.#unlisten?.();
    this.#cancelTimer?.();
  }

  #refusal(): { reason: string; code: number } | undefined {
    if (this.#phone.model.sdk < firstSdk) {
      return { reason: "Audio disabled: it is not supported before Android 11", code: scrcpyCodec.disabled };
    }
    if (!this.#phone.sound.capturable)
      return { reason: "Audio disabled: it is not supported by this device", code: scrcpyCodec.disabled };
    if (this.#options.audioCodec === "opus") return undefined;
    return { reason: `Could not create default audio encoder for ${this.#options.audioCodec}`, code: scrcpyCodec.failed };
  }

  #meta(codec: number): void {
    if (this.#options.sendCodecMeta) void this.#socket.write(encodeAudioMeta(codec));
  }

  #write(kind: "config" | "key", pts: bigint, data: Uint8Array): void {
    if (!this.#options.sendFrameMeta) return void this.#socket.write(data);
    void this.#socket.write(Buffer.concat([encodeFrameHeader({ kind, pts, length: data.length }), data]));
  }

  #changed(): void {
    const { playing, volume } = this.#phone.sound;
    const audible = playing && volume > 0;
    if (!audible) {
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
    } else if (!this.#cancelTimer && !this.#stopped) {
      this.#startedAt = monotonicMicroseconds();
      this.#sent = 0;
      this.#tick();
    }
  }

  /** Sends what is due; timers are late now and then, so it counts from the start. */
  #tick(): void {
    const elapsed = Number(monotonicMicroseconds() - this.#startedAt);
    const due = Math.min(this.#sent + 10, Math.floor(elapsed / chimePacketDuration) + 1);
    const packets = chimePackets();
    for (; this.#sent < due; this.#sent++) {
      const packet = packets[this.#next++ % packets.length];
      const pts = this.#startedAt + BigInt(this.#sent * chimePacketDuration);
      if (packet && this.#socket.buffered < backlog) this.#write("key", pts, packet);
    }
    this.#cancelTimer = this.#phone.clock.after(chimePacketDuration / 1000, () => this.#tick());
  }
}

function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}
