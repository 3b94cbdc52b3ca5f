/**
 * One stream to one browser. A browser that falls behind loses frames, not time: the stream stops, and once the socket has drained it
 * starts again from the cached group of pictures.
 */
import { FrameKind, type PhonerackError } from "@phonerack/contract/bus";
import type { Watching } from "../relay/relay.js";
import type { Viewer } from "../relay/relay-stream.js";
import type { Outlet } from "./outlet.js";

/** A group larger than this is not worth sending again while the next key frame is near. */
const WORTH_REPLAYING = 384 * 1024;
/** Encoders are asked for a key frame every 2 s; when none came the screen stands still and the old group is all there is. */
const KEY_NEAR_MS = 2_500;

export interface ChannelParts {
  readonly stream: number;
  readonly deviceId: string;
  readonly source: string;
  readonly fps: number | undefined;
  readonly outlet: Outlet;
  /** Told when frames are dropped or a start has to wait, so that somebody calls `resume` later. */
  readonly behind: () => void;
}

export class Channel implements Viewer {
  readonly stream: number;
  readonly deviceId: string;
  /** What it shows: device and tier. */
  readonly source: string;
  #fps: number | undefined;
  readonly #outlet: Outlet;
  readonly #behind: () => void;
  #watching: Watching | undefined;
  /** Since when it waits for a start; undefined while frames flow. */
  #waitingSince: number | undefined = 0;

  constructor(parts: ChannelParts) {
    this.stream = parts.stream;
    this.#fps = parts.fps;
    this.deviceId = parts.deviceId;
    this.source = parts.source;
    this.#outlet = parts.outlet;
    this.#behind = parts.behind;
  }

  /** Begins to show what is watched, at once if there is something to start from. */
  open(watching: Watching, now: number): void {
    this.#watching = watching;
    this.#waitingSince = now - KEY_NEAR_MS;
    if (!this.resume(now)) this.#behind();
  }

  get fps(): number | undefined {
    return this.#fps;
  }

  /** What the browser wishes now. */
  retune(fps: number | undefined): void {
    this.#fps = fps;
    this.#watching?.retune();
  }

  close(): void {
    this.#watching?.stop();
    this.#watching = undefined;
  }

  frame(bytes: Uint8Array, kind: FrameKind): void {
    if (kind === FrameKind.end || !this.#watching) return;
    if (this.#outlet.full) {
      this.#waitingSince ??= performance.now();
      this.#behind();
      return;
    }
    if (this.#waitingSince === undefined) {
      this.#outlet.frame(bytes, this.stream);
      return;
    }
    // The cache holds this frame already: what begins with it is all there is to send.
    if (kind === FrameKind.key || kind === FrameKind.image || kind === FrameKind.audioConfig) this.#replay();
    else if (kind === FrameKind.audio && this.#replay()) this.#outlet.frame(bytes, this.stream);
  }

  trouble(error: PhonerackError): void {
    this.#waitingSince ??= performance.now();
    this.#outlet.tell({ type: "stream", stream: this.stream, error: error.toJSON() });
  }

  /** Starts again when the socket has room; false when it should be asked once more. */
  resume(now: number): boolean {
    if (this.#waitingSince === undefined || !this.#watching) return true;
    if (!this.#outlet.roomy) return false;
    const start = this.#watching.start();
    // Nothing to start from: the next key frame will do it by itself.
    if (!start) return true;
    if (start.bytes > WORTH_REPLAYING && now - this.#waitingSince < KEY_NEAR_MS) return false;
    return this.#replay();
  }

  #replay(): boolean {
    const start = this.#watching?.start();
    if (!start) return false;
    for (const frame of start.frames) this.#outlet.frame(frame, this.stream);
    this.#waitingSince = undefined;
    return true;
  }
}
