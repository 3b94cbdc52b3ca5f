/**
 * One recording of one device: takes the frames that flow anyway, cuts them into films (a new one when the picture changes its size, e.g. turns), and hands each over
 * when it is whole. Frames are queued and written one after the other, since rows and files take their time; what rows and files are is `Reel`'s.
 */
import { FrameKind, PhonerackError, readFrame } from "@phonerack/contract/bus";
import type { Relay, Watching } from "../relay/relay.js";
import type { Viewer } from "../relay/relay-stream.js";
import type { FilmStart, Mp4File } from "./mp4-file.js";
import { Timeline } from "./timeline.js";

/** Frames that wait to be written, in bytes; what is beyond is left out up to the next key frame. */
const MOST_WAITING = 16 * 1024 * 1024;
/** A phone's sound begins so long after it was asked for, or there is none. */
const SOUND_WAIT_MS = 2_000;
/** A phone that changes its picture's size again and again gets no more. */
const MOST_FILMS = 100;
/** Then a film ends and another begins. */
const FILM_BYTES = 2 * 1024 * 1024 * 1024;
const FILM_MS = 4 * 3_600_000;

/** Where films go. */
export interface Reel {
  /** Number 1 and up. */
  open(number: number, start: FilmStart): Promise<Mp4File>;
  /** It is whole, or what there is of it. */
  keep(number: number, film: Mp4File): Promise<void>;
}

export interface RecorderParts {
  readonly deviceId: string;
  readonly relay: Relay;
  readonly sound: boolean;
  readonly reel: Reel;
  /** It cannot go on. `stop` is still to be called. */
  readonly onFailure: (error: PhonerackError) => void;
  readonly now?: () => number;
}

interface Waiting {
  readonly kind: FrameKind;
  readonly generation: number;
  readonly pts: number;
  readonly at: number;
  readonly data: Uint8Array;
  /** From before the beginning: only there to be decoded. */
  readonly old: boolean;
}

export class Recorder {
  readonly #parts: RecorderParts;
  readonly #now: () => number;
  readonly #begun: number;
  readonly #watchings: Watching[] = [];
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  /** Frames were left out. */
  #gap = false;
  #draining: Promise<void> | undefined;
  #stopped: number | undefined;
  #failed = false;
  #config: Uint8Array | undefined;
  #sound: Uint8Array | undefined;
  #soundCame: () => void = () => {};
  #film: Mp4File | undefined;
  #times = new Timeline(0);
  #soundTimes = new Timeline(0);
  #filmBegun = 0;
  #films = 0;
  /** What comes next does not follow from what was before. */
  #broken = true;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => performance.now());
    this.#begun = this.#now();
  }

  start(): void {
    const { relay, deviceId, sound } = this.#parts;
    if (sound) this.#watch("audio");
    const watching = relay.watch(deviceId, "full", this.#viewer());
    this.#watchings.push(watching);
    // Copied one by one before the next push may write over them.
    for (const frame of watching.start()?.frames ?? []) this.#take(frame, true);
  }

  /** On disk so far, of the film that is being made. */
  get bytes(): number {
    return this.#film?.bytes ?? 0;
  }

  get ms(): number {
    return this.#film?.ms ?? 0;
  }

  get films(): number {
    return this.#films;
  }

  /** Brings to disk what waits. */
  flush(): void {
    this.#film?.flush();
  }

  /** Ends it; the last film is handed over before this resolves. */
  async stop(): Promise<void> {
    if (this.#stopped === undefined) {
      this.#stopped = this.#now();
      for (const watching of this.#watchings) watching.stop();
      this.#soundCame();
    }
    this.#drain();
    await this.#draining;
    await this.#finish(this.#stopped);
  }

  #viewer(): Viewer {
    return { unseen: true, frame: (bytes) => this.#take(bytes, false), trouble: () => this.#breakOff() };
  }

  #watch(tier: "audio"): void {
    const viewer: Viewer = { unseen: true, frame: (bytes) => this.#take(bytes, false), trouble: () => this.#soundCame() };
    const watching = this.#parts.relay.watch(this.#parts.deviceId, tier, viewer);
    this.#watchings.push(watching);
    for (const frame of watching.start()?.frames ?? []) this.#take(frame, true);
  }

  #breakOff(): void {
    this.#put({ kind: FrameKind.end, generation: 0, pts: 0, at: this.#now(), data: new Uint8Array(0), old: false });
  }

  #take(bytes: Uint8Array, old: boolean): void {
    if (this.#stopped !== undefined || this.#failed) return;
    const frame = readFrame(bytes);
    if (!frame) return;
    const { kind, stream: generation, pts } = frame;
    if (kind === FrameKind.audioConfig) {
      this.#sound ??= frame.payload.slice();
      this.#soundCame();
      return;
    }
    if (this.#waitingBytes + frame.payload.length > MOST_WAITING) this.#gap = true;
    if (this.#gap) {
      if (kind !== FrameKind.config && (kind !== FrameKind.key || this.#waitingBytes > MOST_WAITING / 2)) return;
      if (kind === FrameKind.key) this.#gap = false;
    }
    this.#put({ kind, generation, pts: Number(pts), at: this.#now(), data: frame.payload.slice(), old });
  }

  #put(frame: Waiting): void {
    this.#waiting.push(frame);
    this.#waitingBytes += frame.data.length;
    this.#drain();
  }

  #drain(): void {
    this.#draining ??= this.#write()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#draining = undefined;
      });
  }

  async #write(): Promise<void> {
    // One turn later: frames of the group that was cached come together.
    await Promise.resolve();
    for (;;) {
      const frame = this.#waiting.shift();
      if (!frame || this.#failed) return;
      this.#waitingBytes -= frame.data.length;
      await this.#handle(frame);
      if (this.#film?.failure) throw this.#film.failure;
    }
  }

  async #handle(frame: Waiting): Promise<void> {
    switch (frame.kind) {
      case FrameKind.config:
        if (this.#config && Buffer.compare(this.#config, frame.data) !== 0) await this.#finish(frame.at);
        this.#config = frame.data;
        this.#broken = true;
        return;
      case FrameKind.key:
        if (this.#tooLong(frame.at)) await this.#finish(frame.at);
        if (!this.#film) await this.#open(frame);
        this.#broken = false;
        this.#film?.video(frame.data, true, this.#place(frame));
        return;
      case FrameKind.delta:
        if (this.#film?.full) this.#broken = true;
        if (!this.#broken) this.#film?.video(frame.data, false, this.#place(frame));
        return;
      case FrameKind.audio:
        if (this.#film?.hasSound && !this.#film.full) this.#film.audio(frame.data, this.#soundTimes.place(frame));
        return;
      case FrameKind.end:
        this.#broken = true;
        return;
      default:
        return;
    }
  }

  #place(frame: Waiting): number {
    return frame.old ? this.#times.squeeze() : this.#times.place(frame);
  }

  #tooLong(now: number): boolean {
    return this.#film !== undefined && (this.#film.bytes > FILM_BYTES || now - this.#filmBegun > FILM_MS);
  }

  async #open({ data: key, at }: Waiting): Promise<void> {
    if (!this.#config) throw new PhonerackError("phone_failed", "its encoder gave a picture before its configuration");
    if (this.#films >= MOST_FILMS) throw new PhonerackError("phone_failed", `its picture changed its size ${MOST_FILMS} times`);
    if (this.#parts.sound && !this.#sound) await this.#awaitSound();
    this.#films++;
    this.#filmBegun = at;
    this.#times = new Timeline(at);
    this.#soundTimes = new Timeline(at);
    this.#film = await this.#parts.reel.open(this.#films, { config: this.#config, key, sound: this.#sound });
  }

  async #awaitSound(): Promise<void> {
    const left = this.#begun + SOUND_WAIT_MS - this.#now();
    if (left <= 0 || this.#stopped !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#soundCame = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #finish(at: number): Promise<void> {
    const film = this.#film;
    if (!film) return;
    this.#film = undefined;
    const number = this.#films;
    try {
      await film.close(at - this.#filmBegun);
    } finally {
      // Also when it could not be closed: what is on disk of it plays.
      await this.#parts.reel.keep(number, film);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    for (const watching of this.#watchings) watching.stop();
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#parts.onFailure(
      error instanceof PhonerackError ? error : new PhonerackError("internal", "the recording failed", { cause: error }),
    );
  }
}
