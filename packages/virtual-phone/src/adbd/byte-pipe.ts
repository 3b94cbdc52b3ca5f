/**
 * A one-way pipe of bytes with a bound: writers wait while more than the bound is unread. One reader.
 */

export interface BytePipe {
  readonly source: AsyncIterable<Uint8Array>;
  /** Resolves when there is room again. Ignored once ended or closed. */
  write(data: Uint8Array): Promise<void>;
  /** No more will be written; the reader still gets what is there. */
  end(): void;
  /** Drops what is there and ends the reader. Idempotent. */
  close(): void;
  /** Resolves when it is closed, or ended and read to its end. */
  readonly closed: Promise<void>;
  readonly buffered: number;
}

export interface BytePipeOptions {
  /** Bytes unread above which writers wait; default 256 KiB. */
  bound?: number;
  /** Told each time the reader took `bytes`. */
  onConsumed?: (bytes: number) => void;
}

export function bytePipe(options: BytePipeOptions = {}): BytePipe {
  return new QueuePipe(options);
}

/** Below this many bytes a chunk is copied to the end of the one before, so that a flood of single bytes does not cost an object each. */
const small = 512;
const blockLength = 4096;

class QueuePipe implements BytePipe {
  #chunks: Uint8Array[] = [];
  /** The block behind the last chunk, where small writes are gathered. */
  #block: { bytes: Uint8Array; used: number } | undefined;
  #buffered = 0;
  #state: "open" | "ended" | "closed" = "open";
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];
  #resolveClosed!: () => void;
  readonly closed = new Promise<void>((resolve) => {
    this.#resolveClosed = resolve;
  });
  readonly #bound: number;
  readonly #onConsumed: ((bytes: number) => void) | undefined;

  constructor(options: BytePipeOptions) {
    this.#bound = options.bound ?? 256 * 1024;
    this.#onConsumed = options.onConsumed;
  }

  get buffered(): number {
    return this.#buffered;
  }

  readonly source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => this.#next(),
      // A reader that stops early (break, throw) wants no more: let the writers go.
      return: async () => {
        this.close();
        return { done: true as const, value: undefined };
      },
    }),
  };

  write(data: Uint8Array): Promise<void> {
    if (this.#state !== "open" || data.length === 0) return Promise.resolve();
    this.#append(data);
    this.#buffered += data.length;
    this.#wakeReader?.();
    if (this.#buffered <= this.#bound) return Promise.resolve();
    return new Promise((resolve) => this.#wakeWriters.push(resolve));
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#wakeReader?.();
    if (this.#chunks.length === 0) this.close();
  }

  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#chunks = [];
    this.#buffered = 0;
    this.#wakeReader?.();
    this.#releaseWriters();
    this.#resolveClosed();
  }

  #append(data: Uint8Array): void {
    if (data.length >= small || this.#chunks.length === 0) {
      this.#block = undefined;
      this.#chunks.push(data);
      return;
    }
    if (!this.#block || this.#block.used + data.length > blockLength) {
      this.#block = { bytes: new Uint8Array(blockLength), used: 0 };
      this.#chunks.push(data);
    }
    const { bytes, used } = this.#block;
    bytes.set(data, used);
    this.#block.used += data.length;
    this.#chunks[this.#chunks.length - 1] = bytes.subarray(0, this.#block.used);
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        if (this.#chunks.length === 0) this.#block = undefined;
        this.#took(chunk.length);
        return { done: false, value: chunk };
      }
      if (this.#state !== "open") {
        this.close();
        return { done: true, value: undefined };
      }
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = undefined;
    }
  }

  #took(bytes: number): void {
    this.#buffered -= bytes;
    this.#onConsumed?.(bytes);
    if (this.#buffered <= this.#bound) this.#releaseWriters();
  }

  #releaseWriters(): void {
    const waiting = this.#wakeWriters;
    this.#wakeWriters = [];
    for (const wake of waiting) wake();
  }
}
