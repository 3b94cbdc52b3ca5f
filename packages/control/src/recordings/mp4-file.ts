/**
 * A film as it grows on disk: fragmented MP4 of the frames as the phone encoded them. What is in a whole fragment plays, whatever becomes of this process. Writing is
 * done one after the other behind the caller's back; what fails is kept in `failure`, and nothing is written any more.
 */
import { type FileHandle, open } from "node:fs/promises";
import { PhonerackError, readVideoConfig } from "@phonerack/contract/bus";
import {
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  StreamTarget,
} from "mediabunny";

/** A fragment ends at the first key frame after this time … */
const FRAGMENT_MS = 1_000;
/** … or, where none comes, after this one. */
const FLUSH_MS = 2_000;
/** A disk that is so far behind gets no more before it has caught up. */
const MOST_QUEUED = 16 * 1024 * 1024;
/** As scrcpy's Opus encoder cuts it. */
const SOUND_S = 0.02;

export interface FilmStart {
  /** Annex-B SPS and PPS. */
  readonly config: Uint8Array;
  /** The first key frame; it is still to be added. */
  readonly key: Uint8Array;
  /** The OpusHead, where there is sound. */
  readonly sound: Uint8Array | undefined;
}

interface HeldFrame {
  readonly data: Uint8Array;
  readonly key: boolean;
  /** Milliseconds from the beginning. */
  readonly at: number;
}

export class Mp4File {
  readonly path: string;
  readonly hasSound: boolean;
  readonly #file: FileHandle;
  readonly #video: EncodedVideoPacketSource;
  readonly #audio: EncodedAudioPacketSource | undefined;
  readonly #output: Output;
  /** Written when it is known how long it is to be seen. */
  #held: HeldFrame | undefined;
  #writing: Promise<void> = Promise.resolve();
  #queued = 0;
  #bytes = 0;
  #end = 0;
  #flushed = 0;
  #failure: PhonerackError | undefined;

  private constructor(path: string, file: FileHandle, start: FilmStart & { width: number; height: number; codec: string }) {
    this.path = path;
    this.#file = file;
    const writable = new WritableStream<{ data: Uint8Array; position: number }>({ write: (chunk) => this.#write(chunk) });
    const format = new Mp4OutputFormat({ fastStart: "fragmented", minimumFragmentDuration: FRAGMENT_MS / 1_000 });
    this.#output = new Output({ format, target: new StreamTarget(writable) });
    this.#video = new EncodedVideoPacketSource("avc");
    const primingPacket = new EncodedPacket(Buffer.concat([start.config, start.key]), "key", 0, 0);
    const decoderConfig = { codec: start.codec, codedWidth: start.width, codedHeight: start.height };
    this.#output.addVideoTrack(this.#video, { decoderConfig, primingPacket });
    this.hasSound = start.sound !== undefined;
    if (!start.sound) return;
    this.#audio = new EncodedAudioPacketSource("opus");
    const sound = { codec: "opus", sampleRate: 48_000, numberOfChannels: channelsOf(start.sound), description: start.sound };
    this.#output.addAudioTrack(this.#audio, { decoderConfig: sound });
  }

  /** Fails with `storage_full`, or `phone_failed` for a configuration that describes no picture. */
  static async create(path: string, start: FilmStart): Promise<Mp4File> {
    const shape = readVideoConfig(start.config);
    if (!shape) throw new PhonerackError("phone_failed", "its encoder's configuration describes no picture");
    const file = await open(path, "wx", 0o600).catch(refuse);
    // What is to be seen: the SPS itself says how the coded picture is cut to it.
    const { width, height, codec } = shape;
    const film = new Mp4File(path, file, { ...start, codec, width, height });
    try {
      await film.#output.start();
      return film;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** What lies on disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How long it is by now, in milliseconds. */
  get ms(): number {
    return Math.round(this.#end);
  }

  get failure(): PhonerackError | undefined {
    return this.#failure;
  }

  /** The disk is behind: leave frames out up to the next key frame. */
  get full(): boolean {
    return this.#queued > MOST_QUEUED;
  }

  /** One access unit at this time; keeps the bytes. */
  video(data: Uint8Array, key: boolean, at: number): void {
    const held = this.#held;
    this.#held = { data, key, at };
    this.#end = Math.max(this.#end, at);
    if (held) this.#addVideo(held, at);
    if (at - this.#flushed >= (key ? FRAGMENT_MS : FLUSH_MS)) this.flush();
  }

  /** One Opus packet; keeps the bytes. */
  audio(data: Uint8Array, at: number): void {
    const source = this.#audio;
    if (!source) return;
    this.#end = Math.max(this.#end, at + SOUND_S * 1_000);
    this.#do(data.length, () => source.add(new EncodedPacket(data, "key", at / 1_000, SOUND_S)));
    if (at - this.#flushed >= FLUSH_MS) this.flush();
  }

  /** Brings to disk what waits for a key frame, or for the other track: a phone that plays nothing sends no sound, one that stands still no picture. */
  flush(): void {
    if (this.#flushed === this.#end) return;
    this.#flushed = this.#end;
    this.#do(0, () => fragmentsOf(this.#output).forceFragmentFinalization());
  }

  /** The last frame is to be seen until `end`. Whole on disk then, or fails with what `failure` says; what was written before plays in either case. */
  async close(end: number): Promise<void> {
    if (this.#held) this.#addVideo(this.#held, Math.max(end, this.#held.at + 1));
    this.#end = Math.max(this.#end, end);
    this.#held = undefined;
    this.#do(0, () => this.#output.finalize());
    await this.#writing;
    await this.#file.close();
    if (this.#failure) throw this.#failure;
  }

  #addVideo({ data, key, at }: HeldFrame, until: number): void {
    const packet = new EncodedPacket(data, key ? "key" : "delta", at / 1_000, (until - at) / 1_000);
    this.#do(data.length, () => this.#video.add(packet));
  }

  #do(bytes: number, work: () => Promise<void>): void {
    this.#queued += bytes;
    this.#writing = this.#writing.then(async () => {
      try {
        if (!this.#failure) await work();
      } catch (error) {
        this.#failure ??= asFailure(error);
      } finally {
        this.#queued -= bytes;
      }
    });
  }

  async #write({ data, position }: { data: Uint8Array; position: number }): Promise<void> {
    try {
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await this.#file.write(data, at, data.length - at, position + at);
        at += bytesWritten;
      }
      this.#bytes = Math.max(this.#bytes, position + data.length);
    } catch (error) {
      this.#failure ??= asFailure(error);
      throw error;
    }
  }
}

/**
 * A fragment that waits neither for a key frame nor for the other track. mediabunny has it for its own segmenting and does not publish it; its version is pinned, and
 * tests fail without.
 */
function fragmentsOf(output: Output): { forceFragmentFinalization(): Promise<void> } {
  return (output as unknown as { _muxer: { forceFragmentFinalization(): Promise<void> } })._muxer;
}

/** RFC 7845, 5.1: after the magic and a version. */
function channelsOf(opusHead: Uint8Array): number {
  return opusHead[9] === 1 ? 1 : 2;
}

function asFailure(error: unknown): PhonerackError {
  if (error instanceof PhonerackError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new PhonerackError("storage_full", "the lab's disk is full", { cause: error });
  return new PhonerackError("internal", `the film could not be written: ${message}`, { cause: error });
}

function refuse(error: unknown): never {
  throw asFailure(error);
}
