/**
 * What a new viewer needs to see at once: the configuration, the last key frame and all that followed. Frames are kept as they travel
 * on the bus, so that nothing is copied per viewer.
 */
import { FrameKind } from "@phonerack/contract/bus";

/** Above it the encoder has forgotten its key frames: the group is dropped and the session started anew. */
const MOST_BYTES = 4 * 1024 * 1024;

export class GroupOfPictures {
  #config: Uint8Array | undefined;
  #frames: Uint8Array[] = [];
  #bytes = 0;
  /** Grows with each new group. */
  #number = 0;

  get config(): Uint8Array | undefined {
    return this.#config;
  }

  /** From the key frame on. Empty before the first. */
  get frames(): readonly Uint8Array[] {
    return this.#frames;
  }

  get number(): number {
    return this.#number;
  }

  /** Takes a frame. False when the group has outgrown its bounds and a key frame is needed. */
  add(kind: FrameKind, frame: Uint8Array): boolean {
    switch (kind) {
      case FrameKind.config:
      case FrameKind.audioConfig:
        this.#config = frame;
        this.#begin([]);
        return true;
      case FrameKind.key:
      case FrameKind.image:
        this.#begin([frame]);
        return true;
      default:
        // Nothing can be decoded before a key frame.
        if (this.#frames.length === 0) return true;
        if (this.#bytes + frame.length > MOST_BYTES) {
          this.#begin([]);
          return false;
        }
        this.#frames.push(frame);
        this.#bytes += frame.length;
        return true;
    }
  }

  clear(): void {
    this.#config = undefined;
    this.#begin([]);
  }

  #begin(frames: Uint8Array[]): void {
    this.#frames = frames;
    this.#bytes = frames.reduce((sum, frame) => sum + frame.length, 0);
    this.#number++;
  }
}
