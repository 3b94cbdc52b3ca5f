/**
 * One control replica that watches a stream, and how far it has come in the group of pictures. It is sent frames only within the credit
 * it gave; one that falls behind reads on in the group while that lasts and jumps to the next key frame when there is one. Nothing is
 * queued for it.
 */
import type { GroupOfPictures } from "./group-of-pictures.js";

export interface WatcherParts {
  readonly credit: number;
  send(frame: Uint8Array): void;
}

export class Watcher {
  /** Milliseconds since the Unix epoch. */
  expires = 0;
  /** The most frames a second that are of use to it; undefined: as many as there are. */
  fps: number | undefined;
  readonly #send: (frame: Uint8Array) => void;
  readonly #granted: number;
  #credit: number;
  #config: Uint8Array | undefined;
  #group = -1;
  #next = 0;

  constructor(parts: WatcherParts) {
    this.#granted = parts.credit;
    this.#credit = parts.credit;
    this.#send = (frame) => parts.send(frame);
  }

  /** Bytes that were consumed on the other side; never more than was granted at first. */
  addCredit(bytes: number): void {
    this.#credit = Math.min(this.#granted, this.#credit + bytes);
  }

  /** Sends the group again from its configuration. */
  restart(): void {
    this.#group = -1;
    this.#config = undefined;
  }

  /** Sends what the group holds and the credit allows. */
  pump(group: GroupOfPictures): void {
    if (this.#group !== group.number) {
      this.#group = group.number;
      this.#next = 0;
    }
    const { frames, config } = group;
    if (frames.length > 0 && config && this.#config !== config) {
      if (!this.#pay(config)) return;
      this.#config = config;
    }
    for (; this.#next < frames.length; this.#next++) {
      const frame = frames[this.#next];
      if (frame && !this.#pay(frame)) return;
    }
  }

  /** Sends one frame that nothing depends on (sound), after its configuration, or drops it. */
  offer(frame: Uint8Array, config: Uint8Array | undefined): void {
    if (config && this.#config !== config) {
      if (!this.#pay(config)) return;
      this.#config = config;
    }
    this.#pay(frame);
  }

  #pay(frame: Uint8Array): boolean {
    // A frame larger than the whole credit would else never pass: it may go when nothing is under way.
    if (this.#credit < frame.length && this.#credit < this.#granted) return false;
    this.#credit -= frame.length;
    this.#send(frame);
    return true;
  }
}
