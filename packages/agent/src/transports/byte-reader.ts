/** Reads fields of known length from a phone's stream; what has no fixed frame is left to the caller. Holds one chunk of at most 1 MiB. */
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneSocket } from "./link.js";

const EMPTY = new Uint8Array(0);

export class ByteReader {
  readonly #socket: PhoneSocket;
  #chunk: Uint8Array = EMPTY;

  constructor(socket: PhoneSocket) {
    this.#socket = socket;
  }

  /** Exactly `length` bytes, which may be a view of what came: copy what is kept. Fails with `phone_failed` if the stream ends before. */
  async exactly(length: number): Promise<Uint8Array> {
    if (this.#chunk.length === 0 && length > 0) await this.#more();
    if (this.#chunk.length >= length) {
      const bytes = this.#chunk.subarray(0, length);
      this.#chunk = this.#chunk.subarray(length);
      return bytes;
    }
    const bytes = new Uint8Array(length);
    await this.fill(bytes, 0);
    return bytes;
  }

  /** Fills `target` from `offset` to its end. */
  async fill(target: Uint8Array, offset: number): Promise<void> {
    let at = offset;
    while (at < target.length) {
      if (this.#chunk.length === 0) await this.#more();
      const piece = this.#chunk.subarray(0, target.length - at);
      target.set(piece, at);
      this.#chunk = this.#chunk.subarray(piece.length);
      at += piece.length;
    }
  }

  async #more(): Promise<void> {
    const chunk = await this.#socket.read();
    if (!chunk) throw new PhonerackError("phone_failed", "the stream ended");
    this.#chunk = chunk;
  }
}
