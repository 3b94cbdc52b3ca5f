/** What commands read from and write to: an input that remembers what was not taken, and sinks to nowhere, memory and files. */
import type { BytePipe } from "../adbd/byte-pipe.js";
import type { ByteSink } from "../adbd/services.js";
import type { Content } from "../files/content.js";

/** Resolves `undefined` when aborted first. Leaves no listener behind. */
export function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal | undefined): Promise<Result | undefined> {
  if (!signal) return promise;
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.resolve(undefined);
  }
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Bytes coming in. Several commands may read from one in turn (`while read`): what one leaves the next gets. */
export class ByteInput implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #left: Uint8Array | undefined;
  #pending: Promise<IteratorResult<Uint8Array>> | undefined;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  static of(...chunks: (Uint8Array | string)[]): ByteInput {
    return new ByteInput(
      (async function* () {
        for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      })(),
    );
  }

  /** @returns undefined at the end, and when aborted. */
  async next(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    if (this.#left) {
      const left = this.#left;
      this.#left = undefined;
      return left;
    }
    if (this.#ended) return undefined;
    this.#pending ??= this.#iterator.next();
    const result = await untilAborted(this.#pending, signal);
    if (!result) return undefined;
    this.#pending = undefined;
    if (!result.done) return result.value;
    this.#ended = true;
    return undefined;
  }

  /** Puts bytes back in front. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#left = this.#left ? Buffer.concat([bytes, this.#left]) : bytes;
  }

  /** Wants no more: the writer's side may stop. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#left = undefined;
    await this.#iterator.return?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let chunk = await this.next(); chunk; chunk = await this.next()) yield chunk;
  }

  /** One line without its end; undefined at the end of input. A line is cut at 1 MiB. */
  async line(signal?: AbortSignal): Promise<string | undefined> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const chunk = await this.next(signal);
      if (!chunk) return parts.length > 0 ? Buffer.concat(parts).toString() : undefined;
      const end = chunk.indexOf(10);
      if (end >= 0) {
        this.unread(chunk.subarray(end + 1));
        parts.push(chunk.subarray(0, end));
        return Buffer.concat(parts).toString();
      }
      parts.push(chunk);
      size += chunk.length;
      if (size > 1024 * 1024) return Buffer.concat(parts).toString();
    }
  }

  /** Everything, up to `limit` bytes; the rest is not read. */
  async all(limit = 16 * 1024 * 1024, signal?: AbortSignal): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (let chunk = await this.next(signal); chunk; chunk = await this.next(signal)) {
      parts.push(chunk.slice());
      size += chunk.length;
      if (size >= limit) break;
    }
    return Buffer.concat(parts).subarray(0, limit);
  }

  /** Lines, without their ends. */
  async *lines(signal?: AbortSignal): AsyncGenerator<string> {
    for (let line = await this.line(signal); line !== undefined; line = await this.line(signal)) yield line;
  }
}

export const NOTHING: ByteSink = { write: () => Promise.resolve() };

/** Keeps what is written, for `$(…)`. */
export class MemorySink implements ByteSink {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data.slice();
    if (this.#size + bytes.length <= 8 * 1024 * 1024) {
      this.#chunks.push(bytes);
      this.#size += bytes.length;
    }
    return Promise.resolve();
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
  text(): string {
    return this.bytes().toString();
  }
}

/** Writes to a file of the phone; errors come out of `write`, as write(2)'s do. */
export class FileSink implements ByteSink {
  readonly #content: Content;

  constructor(content: Content) {
    this.#content = content;
  }

  write(data: Uint8Array | string): Promise<void> {
    return this.#content.append(typeof data === "string" ? Buffer.from(data) : data);
  }

  close(): Promise<void> {
    return this.#content.settle();
  }
}

/** Pipes carry bytes; commands may write text. */
export function pipeSink(pipe: BytePipe): ByteSink {
  return { write: (data) => pipe.write(typeof data === "string" ? Buffer.from(data) : data) };
}
