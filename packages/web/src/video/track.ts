/** One stream in the picture worker: reads its frames, keeps its decoder, gives up its pictures. */
import { type Frame, FrameKind, readVideoConfig } from "@phonerack/contract/api";
import type { Picture, PictureDecoder } from "./picture-decoder.js";
import { startSoftwareDecoder } from "./software-decoder.js";
import { startWebCodecsDecoder } from "./webcodecs-decoder.js";

export interface TrackEvents {
  picture(picture: Picture): void;
  broken(reason: string): void;
  /** Neither decoder of this browser can do it. */
  unable(): void;
}

/** A decoder that is this far behind shows the past: drop to the next key frame instead. */
const MOST_WAITING = 45;
/** Frames kept while the fallback loads; it starts on the newest group of pictures. */
const MOST_KEPT = 120;

export class Track {
  readonly #manySmall: boolean;
  readonly #events: TrackEvents;
  #decoder: PictureDecoder | undefined;
  /** SPS and PPS, which Annex-B key frames must carry. */
  #header: Uint8Array = new Uint8Array();
  #needsKey = true;
  #loading = false;
  #kept: Frame[] = [];
  #closed = false;

  constructor(manySmall: boolean, events: TrackEvents) {
    this.#manySmall = manySmall;
    this.#events = events;
  }

  get decoding(): boolean {
    return this.#decoder !== undefined;
  }

  push(frame: Frame): void {
    if (frame.kind === FrameKind.image) this.#still(frame.payload);
    else if (frame.kind === FrameKind.config) this.#configure(frame.payload);
    else if (frame.kind === FrameKind.key || frame.kind === FrameKind.delta) this.#decode(frame);
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #end(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#kept = [];
    this.#needsKey = true;
  }

  #configure(header: Uint8Array): void {
    this.#end();
    this.#header = header;
    const config = readVideoConfig(header);
    if (!config) return this.#fail("configuration");
    const events = {
      picture: (picture: Picture) => (this.#closed ? picture.close() : this.#events.picture(picture)),
      broken: (reason: string) => this.#fail(reason),
    };
    const wish = { config, manySmall: this.#manySmall };
    if ("VideoDecoder" in globalThis) {
      try {
        this.#decoder = startWebCodecsDecoder(wish, events);
      } catch {
        this.#events.unable();
      }
      return;
    }
    this.#loading = true;
    startSoftwareDecoder(wish, events).then(
      (decoder) => this.#loaded(decoder, header),
      () => {
        this.#loading = false;
        if (!this.#closed) this.#events.unable();
      },
    );
  }

  #loaded(decoder: PictureDecoder, header: Uint8Array): void {
    if (this.#closed || this.#header !== header) return decoder.close();
    this.#loading = false;
    this.#decoder = decoder;
    const kept = this.#kept;
    this.#kept = [];
    for (const frame of kept) this.#decode(frame);
  }

  #decode(frame: Frame): void {
    const key = frame.kind === FrameKind.key;
    if (this.#loading) return this.#keep(frame);
    if (!this.#decoder) return;
    if (!key && this.#decoder.waiting > MOST_WAITING) this.#needsKey = true;
    if (this.#needsKey && !key) return;
    this.#needsKey = false;
    const data = key ? joined(this.#header, frame.payload) : frame.payload;
    try {
      this.#decoder.decode({ key, pts: Number(frame.pts), data });
    } catch (error) {
      this.#fail(String(error));
    }
  }

  #keep(frame: Frame): void {
    if (frame.kind === FrameKind.key) this.#kept = [];
    if (this.#kept.length < MOST_KEPT) this.#kept.push(frame);
  }

  #still(png: Uint8Array): void {
    createImageBitmap(new Blob([new Uint8Array(png)], { type: "image/png" })).then(
      (picture) => (this.#closed ? picture.close() : this.#events.picture(picture)),
      () => this.#fail("image"),
    );
  }

  #fail(reason: string): void {
    this.#end();
    if (!this.#closed) this.#events.broken(reason);
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
