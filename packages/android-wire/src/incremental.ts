/**
 * Turns a parser written as a generator ("give me 24 bytes, then `length` more") into one that takes bytes in any chunking. The generator
 * says how many bytes it needs next, so what is held is never more than one field, and the generator checks a length before it asks for it.
 */
import { WireError } from "./wire-error.js";

/** What a grammar asks for: exactly that many bytes, or any number from 1 up to `upTo` (bytes to pass on, never held). */
export type Need = number | { upTo: number };

/**
 * A parser. Fields of at most 64 bytes and `upTo` pieces may be views of the caller's chunk: read them before the next `yield`, copy
 * what is kept. Longer fields are the grammar's own.
 */
export type Grammar = Generator<Need, void, Uint8Array>;

const none = new Uint8Array(0);
const longestView = 64;

export interface IncrementalOptions {
  /** Allocates a field's buffer; Node's `Buffer.allocUnsafe` spares the zeroing. Default `new Uint8Array`. */
  allocate?: (length: number) => Uint8Array;
}

export class Incremental {
  #grammar: Grammar;
  #need: Need = 0;
  #field: Uint8Array | undefined;
  #filled = 0;
  #failure: unknown;
  #consumed = 0;
  #boundary = 0;
  readonly #allocate: (length: number) => Uint8Array;

  constructor(grammar: Grammar, options: IncrementalOptions = {}) {
    this.#grammar = grammar;
    this.#allocate = options.allocate ?? ((length) => new Uint8Array(length));
    this.#start();
  }

  /** Bytes of the stream seen so far in whole fields, with what is held of the next. */
  get held(): number {
    return this.#field?.length ?? 0;
  }

  /** Takes the next bytes. Throws what the grammar threw, now and at each later call. */
  push(chunk: Uint8Array): void {
    if (this.#failure) throw this.#failure;
    try {
      let offset = 0;
      while (offset < chunk.length) offset = this.#feed(chunk, offset);
    } catch (error) {
      this.#failure = error;
      this.#field = undefined;
      throw error;
    }
  }

  /** A grammar calls this where a message is complete, so that `finish` can tell a clean end from a cut message. */
  markBoundary(): void {
    this.#boundary = this.#consumed;
  }

  /** The stream ended. Throws `truncated` in the middle of a message. */
  finish(): void {
    if (this.#failure) throw this.#failure;
    if (this.#filled > 0 || this.#consumed !== this.#boundary) {
      this.#failure = new WireError("truncated", "The stream ended in the middle of a message.");
      throw this.#failure;
    }
  }

  #start(): void {
    const first = this.#grammar.next(none);
    if (!first.done) this.#need = first.value;
  }

  #feed(chunk: Uint8Array, offset: number): number {
    const need = this.#need;
    if (typeof need !== "number") {
      const end = Math.min(chunk.length, offset + need.upTo);
      this.#resume(chunk.subarray(offset, end));
      return end;
    }
    const missing = need - this.#filled;
    const end = Math.min(chunk.length, offset + missing);
    if (this.#filled === 0 && need <= longestView && end - offset === need) {
      this.#resume(chunk.subarray(offset, end));
      return end;
    }
    this.#field ??= this.#allocate(need);
    this.#field.set(chunk.subarray(offset, end), this.#filled);
    this.#filled += end - offset;
    if (this.#filled === need) {
      const field = this.#field;
      this.#field = undefined;
      this.#filled = 0;
      this.#resume(field);
    }
    return end;
  }

  #resume(bytes: Uint8Array): void {
    this.#consumed += bytes.length;
    let step = this.#grammar.next(bytes);
    // A field of no bytes is complete at once.
    while (!step.done && step.value === 0) step = this.#grammar.next(none);
    if (step.done) throw new WireError("truncated", "Bytes after the end of the stream.");
    this.#need = step.value;
  }
}
