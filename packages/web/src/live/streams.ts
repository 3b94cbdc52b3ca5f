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
  close(): void;
}

interface Watch {
  readonly deviceId: DeviceId;
  readonly tier: Tier;
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

  open(deviceId: DeviceId, tier: Tier, sink: StreamSink): OpenStream {
    const stream = this.#next++;
    this.#open.set(stream, { deviceId, tier, sink });
    const watch = () => this.#connection.send({ type: "watch", stream, deviceId, tier });
    watch();
    return {
      stream,
      restart: () => {
        if (!this.#open.has(stream)) return;
        this.#connection.send({ type: "unwatch", stream });
        watch();
      },
      close: () => {
        if (this.#open.delete(stream)) this.#connection.send({ type: "unwatch", stream });
      },
    };
  }

  #askForAll(): void {
    for (const [stream, { deviceId, tier }] of this.#open) this.#connection.send({ type: "watch", stream, deviceId, tier });
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
