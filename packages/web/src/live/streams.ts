/**
 * The streams this tab watches: gives each a number, asks control for them, asks again after a reconnect, and hands each frame to
 * whoever opened its stream. Decoding is left to `video/` and `sound/`.
 */
import { type DeviceId, FRAME_HEADER_BYTES, type Tier, type ToBrowser } from "@phonerack/contract/api";
import type { LiveConnection } from "./connection.js";

export interface StreamError {
  readonly code: string;
  readonly message: string;
  readonly detail?: string | undefined;
}

export interface StreamSink {
  /** A frame with its header; the buffer is the sink's to keep or transfer. */
  frame(bytes: ArrayBuffer): void;
  /** No picture now, and why. Frames may come again. */
  failed?(error: StreamError): void;
}

export interface OpenStream {
  /** The number in the frames' headers. */
  readonly stream: number;
  /** Asks for it anew: config, key frame and what followed. For a decoder that lost its way. */
  restart(): void;
  /** Other frames a second are wished from now on. */
  retune(fps: number): void;
  close(): void;
}

export interface StreamWish {
  readonly deviceId: DeviceId;
  readonly tier: Tier;
  /** The most frames a second that are of use; left out: all there are. */
  readonly fps?: number | undefined;
}

interface Watch {
  wish: StreamWish;
  readonly sink: StreamSink;
}

export class Streams {
  readonly #connection: Pick<LiveConnection, "send" | "listen">;
  readonly #open = new Map<number, Watch>();
  #next = 1;

  constructor(connection: Pick<LiveConnection, "send" | "listen">) {
    this.#connection = connection;
    connection.listen({
      opened: () => this.#askForAll(),
      frame: (bytes) => this.#deliver(bytes),
      message: (message) => this.#heard(message),
    });
  }

  get size(): number {
    return this.#open.size;
  }

  open(wish: StreamWish, sink: StreamSink): OpenStream {
    const stream = this.#next++;
    const opened: Watch = { wish, sink };
    this.#open.set(stream, opened);
    const watch = () => this.#connection.send({ type: "watch", stream, ...opened.wish });
    watch();
    return {
      stream,
      restart: () => {
        if (!this.#open.has(stream)) return;
        this.#connection.send({ type: "unwatch", stream });
        watch();
      },
      retune: (fps) => {
        if (!this.#open.has(stream) || opened.wish.fps === fps) return;
        opened.wish = { ...opened.wish, fps };
        watch();
      },
      close: () => {
        if (this.#open.delete(stream)) this.#connection.send({ type: "unwatch", stream });
      },
    };
  }

  #askForAll(): void {
    for (const [stream, { wish }] of this.#open) this.#connection.send({ type: "watch", stream, ...wish });
  }

  #deliver(bytes: ArrayBuffer): void {
    if (bytes.byteLength < FRAME_HEADER_BYTES) return;
    // Frames of a stream just closed are still on their way: nobody's, dropped.
    this.#open.get(new DataView(bytes).getUint32(4))?.sink.frame(bytes);
  }

  #heard(message: ToBrowser): void {
    if (message.type === "stream") this.#open.get(message.stream)?.sink.failed?.(message.error);
  }
}
