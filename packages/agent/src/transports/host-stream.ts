/**
 * One ADB stream as the host sees it. Without delayed_ack either side may have one unanswered WRTE per stream, so a stream holds at most
 * one chunk that nobody has read: its OKAY goes out when it is read, which is all the back-pressure there is and needs.
 * AOSP packages/modules/adb, protocol.txt.
 */
import { WireError } from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";

/** What a stream asks of its connection. */
export interface StreamLine {
  readonly maxPayload: number;
  okay(localId: number, remoteId: number): void;
  write(localId: number, remoteId: number, payload: Uint8Array): void;
  close(localId: number, remoteId: number): void;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

export class HostStream {
  readonly localId: number;
  readonly #remoteId: number;
  readonly #line: StreamLine;
  #chunk: Uint8Array | undefined;
  #reader: Waiter<Uint8Array | undefined> | undefined;
  #writer: Waiter<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The phone has closed, or the connection is over. */
  #ended = false;
  #closedByUs = false;

  constructor(line: StreamLine, localId: number, remoteId: number) {
    this.#line = line;
    this.localId = localId;
    this.#remoteId = remoteId;
  }

  /** The next bytes; undefined at the end. One reader at a time. */
  read(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunk;
    if (chunk) {
      this.#chunk = undefined;
      if (!this.#ended && !this.#closedByUs) this.#line.okay(this.localId, this.#remoteId);
      return Promise.resolve(chunk);
    }
    if (this.#ended || this.#closedByUs) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  /** Resolves when the phone's ADB has accepted all bytes; writes go one after the other. */
  write(bytes: Uint8Array): Promise<void> {
    const done = this.#writing.then(() => this.#writeNow(bytes));
    this.#writing = done.catch(() => undefined);
    return done;
  }

  /** Idempotent. What the phone still sends is dropped. */
  close(): void {
    if (this.#closedByUs) return;
    this.#closedByUs = true;
    if (!this.#ended) this.#line.close(this.localId, this.#remoteId);
    this.#settle();
  }

  /** The phone sent WRTE. Throws `no-credit` when it did not wait for our OKAY. @returns whether it was of any use. */
  received(payload: Uint8Array): boolean {
    if (this.#closedByUs) return false;
    if (this.#chunk) throw new WireError("no-credit", "It sent data without waiting for our OKAY.");
    const reader = this.#reader;
    if (payload.length === 0 || reader) {
      if (payload.length > 0) {
        this.#reader = undefined;
        reader?.resolve(payload);
      }
      this.#line.okay(this.localId, this.#remoteId);
    } else this.#chunk = payload;
    return payload.length > 0;
  }

  /** The phone sent OKAY. @returns whether it was awaited. */
  accepted(): boolean {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.resolve();
    return writer !== undefined;
  }

  /** The phone sent CLSE, or the connection is over. @returns whether we still owe it a CLSE. */
  end(): boolean {
    const owed = !this.#ended && !this.#closedByUs;
    this.#ended = true;
    this.#settle();
    return owed;
  }

  async #writeNow(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += this.#line.maxPayload) {
      if (this.#ended || this.#closedByUs) throw closed();
      await new Promise<void>((resolve, reject) => {
        this.#writer = { resolve, reject };
        this.#line.write(this.localId, this.#remoteId, bytes.subarray(at, at + this.#line.maxPayload));
      });
    }
  }

  #settle(): void {
    this.#reader?.resolve(undefined);
    this.#reader = undefined;
    this.#writer?.reject(closed());
    this.#writer = undefined;
  }
}

function closed(): PhonerackError {
  return new PhonerackError("phone_failed", "the phone closed the stream");
}
