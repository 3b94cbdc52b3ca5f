/**
 * The current group of pictures of one stream: what a viewer needs to start at once. Bounded: a group that grows too large is given up
 * and the stream can be joined again at its next key frame.
 *
 * Frames are copied into one piece of memory that the next group uses again. To keep the bus's own buffers for two seconds would make V8
 * collect its whole heap about once per 64 MB of them (measured at 200 streams: collecting took more CPU than sending).
 */
import { FrameKind } from "@phonerack/contract/bus";

/** Two seconds of the full stream have about 1 MB; a still screen adds nothing. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_FRAMES = 2_000;
/** The first memory of a group; it doubles as needed. */
const LEAST_ROOM = 32 * 1024;
/** A group that needs so much less than there is gives memory back. */
const SPARSE = 8;
const NO_ROOM = new Uint8Array(0);

export class PictureCache {
  #config: Uint8Array | undefined;
  #room: Uint8Array = NO_ROOM;
  /** Where each frame ends in `#room`. */
  #ends: number[] = [];
  #bytes = 0;
  #sound = false;

  /** Copies what it keeps: the frame may be changed afterwards. */
  push(kind: FrameKind, frame: Uint8Array): void {
    switch (kind) {
      case FrameKind.config:
      case FrameKind.audioConfig:
        this.clear();
        this.#config = new Uint8Array(frame);
        this.#sound = kind === FrameKind.audioConfig;
        return;
      case FrameKind.image:
        this.clear();
        this.#add(frame);
        return;
      case FrameKind.key:
        this.#drop();
        this.#add(frame);
        return;
      case FrameKind.delta:
        if (this.#ends.length === 0) return;
        if (this.#bytes + frame.length > MAX_BYTES || this.#ends.length >= MAX_FRAMES) this.#drop();
        else this.#add(frame);
        return;
      case FrameKind.audio:
        // Sound that was is of no use to who comes now.
        return;
      case FrameKind.end:
        this.clear();
        return;
    }
  }

  clear(): void {
    this.#config = undefined;
    this.#sound = false;
    this.#drop();
  }

  /** Whether `frames` lets a viewer start. */
  get startable(): boolean {
    return this.#ends.length > 0 || this.#sound;
  }

  /** Of what `frames` gives, without the configuration. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Configuration first; empty unless `startable`. To be read at once: the next `push` may write over them. */
  frames(): readonly Uint8Array[] {
    if (!this.startable) return [];
    const frames = this.#config ? [this.#config] : [];
    let begin = 0;
    for (const end of this.#ends) {
      frames.push(this.#room.subarray(begin, end));
      begin = end;
    }
    return frames;
  }

  #add(frame: Uint8Array): void {
    const end = this.#bytes + frame.length;
    if (end > this.#room.length) this.#grow(end);
    this.#room.set(frame, this.#bytes);
    this.#bytes = end;
    this.#ends.push(end);
  }

  #grow(least: number): void {
    const room = new Uint8Array(Math.max(LEAST_ROOM, least, Math.min(MAX_BYTES, this.#room.length * 2)));
    room.set(this.#room.subarray(0, this.#bytes));
    this.#room = room;
  }

  #drop(): void {
    if (this.#bytes > 0 && this.#room.length > LEAST_ROOM && this.#bytes * SPARSE < this.#room.length) this.#room = NO_ROOM;
    this.#ends.length = 0;
    this.#bytes = 0;
  }
}
