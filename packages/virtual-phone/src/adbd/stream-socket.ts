/**
 * An ADB stream as services like to see it: bytes to iterate over, a `write` to await, an end. Small writes are gathered while the host
 * owes an OKAY, because each packet costs a round trip where delayed_ack is not spoken.
 */
import type { AdbOpenRequest, AdbStream, AdbStreamEvents } from "@phonerack/android-wire/adb";
import { type BytePipe, bytePipe } from "./byte-pipe.js";

/** The transport below: whether it takes more now, and a call when it does again. */
export interface Carrier {
  readonly congested: boolean;
  whenClear(resume: () => void): void;
}

/** Bytes queued in one stream above which its writers wait; `sync:` raises it, to fill ADB's longest packets. */
const defaultWriteBound = 128 * 1024;

export class StreamSocket implements AdbStreamEvents {
  #stream: AdbStream | undefined;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #writers: (() => void)[] = [];
  #ending = false;
  #waitingForCarrier = false;
  writeBound = defaultWriteBound;
  readonly #carrier: Carrier;
  readonly #incoming: BytePipe;
  readonly #over = new AbortController();

  private constructor(carrier: Carrier) {
    this.#carrier = carrier;
    // The window is ADB's own: a packet that came was asked for, so nothing waits to enter here.
    this.#incoming = bytePipe({ bound: Number.POSITIVE_INFINITY, onConsumed: (bytes) => this.#stream?.consumed(bytes) });
  }

  /** Answers a host's OPEN; `undefined` if the host gave it up. */
  static accept(request: AdbOpenRequest, carrier: Carrier): StreamSocket | undefined {
    const socket = new StreamSocket(carrier);
    socket.#stream = request.accept(socket);
    return socket.#stream ? socket : undefined;
  }

  /** Opens a stream to the host; `open` is given the events and returns the stream. */
  static open(carrier: Carrier, open: (events: AdbStreamEvents) => AdbStream): StreamSocket {
    const socket = new StreamSocket(carrier);
    socket.#stream = open(socket);
    return socket;
  }

  /** What the host sent. Taking a chunk acknowledges it. */
  get input(): AsyncIterable<Uint8Array> {
    return this.#incoming.source;
  }

  /** Resolves when the host ended the stream and everything it sent has been read. */
  get inputDrained(): Promise<void> {
    return this.#incoming.closed;
  }

  /** Aborted when the stream is over, whoever ended it. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get buffered(): number {
    return this.#queued;
  }

  /** Resolves when there is room for more; at once after the stream is over. The bytes are the stream's from now on. */
  write(data: Uint8Array): Promise<void> {
    if (this.#ending || this.signal.aborted || data.length === 0) return Promise.resolve();
    this.#queue.push(data);
    this.#queued += data.length;
    this.#pump();
    if (this.#queued <= this.writeBound) return Promise.resolve();
    return new Promise((resolve) => this.#writers.push(resolve));
  }

  /** Closes once everything written has been sent. */
  end(): void {
    this.#ending = true;
    this.#pump();
  }

  /** Closes at once. Idempotent. */
  destroy(): void {
    this.#stream?.close();
    this.#finish();
  }

  onData(data: Uint8Array): void {
    void this.#incoming.write(data);
  }

  onWritable(): void {
    this.#pump();
  }

  onClosed(reason: "closed" | "reset" | "refused"): void {
    if (reason === "closed") this.#incoming.end();
    this.#finish(reason !== "closed");
  }

  #finish(dropInput = true): void {
    if (dropInput) this.#incoming.close();
    this.#queue = [];
    this.#queued = 0;
    this.#over.abort();
    this.#releaseWriters();
  }

  #pump(): void {
    const stream = this.#stream;
    if (!stream || this.signal.aborted) return;
    while (this.#queued > 0 && stream.credit > 0) {
      if (this.#carrier.congested) return this.#waitForCarrier();
      const packet = this.#take(stream.credit);
      stream.write(packet);
    }
    if (this.#queued <= this.writeBound) this.#releaseWriters();
    if (this.#ending && this.#queued === 0) this.destroy();
  }

  #waitForCarrier(): void {
    if (this.#waitingForCarrier) return;
    this.#waitingForCarrier = true;
    this.#carrier.whenClear(() => {
      this.#waitingForCarrier = false;
      this.#pump();
    });
  }

  /** Up to `credit` bytes from the front of the queue, in one piece. */
  #take(credit: number): Uint8Array {
    const first = this.#queue[0] ?? new Uint8Array(0);
    if (first.length >= credit || this.#queue.length === 1) {
      const piece = first.subarray(0, credit);
      if (piece.length === first.length) this.#queue.shift();
      else this.#queue[0] = first.subarray(credit);
      this.#queued -= piece.length;
      return piece;
    }
    const whole = Buffer.allocUnsafe(Math.min(credit, this.#queued));
    let filled = 0;
    let used = 0;
    while (filled < whole.length) {
      const chunk = this.#queue[used] ?? new Uint8Array(0);
      const part = chunk.subarray(0, whole.length - filled);
      whole.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) used++;
      else this.#queue[used] = chunk.subarray(part.length);
    }
    this.#queue.splice(0, used);
    this.#queued -= filled;
    return whole;
  }

  #releaseWriters(): void {
    const waiting = this.#writers;
    this.#writers = [];
    for (const wake of waiting) wake();
  }
}
