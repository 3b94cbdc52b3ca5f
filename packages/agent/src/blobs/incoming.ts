/** One file on its way to this host: appended to by one sender at a time, gone on with after a lost connection, verified, and put in its place by one rename. */
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { PhonerackError, type Pipe } from "@phonerack/contract/bus";

export interface IncomingParts {
  readonly sha256: string;
  readonly size: number;
  /** Where it is written. */
  readonly part: string;
  /** Where it is when it is whole. */
  readonly path: string;
  /** How long it is kept while nobody sends. */
  readonly halfMs: number;
  /** It is whole and in its place. */
  readonly onWhole: () => void;
  /** It was given up. */
  readonly onGone: () => void;
}

export class Incoming {
  readonly #parts: IncomingParts;
  readonly #hash: Hash = createHash("sha256");
  #offset = 0;
  #taking: Promise<void> | undefined;
  #forgetting: NodeJS.Timeout | undefined;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.size;
  }

  /** Somebody sends it now. */
  get busy(): boolean {
    return this.#taking !== undefined;
  }

  /** Resolves, never rejects, when nobody sends it any more. */
  async idle(): Promise<void> {
    await this.#taking?.catch(() => undefined);
  }

  /** Resolves when the file is whole and in its place. Fails with `host_full`, `digest_wrong` (nothing is left then) or `pipe_broken`. */
  take(pipe: Pipe): Promise<void> {
    clearTimeout(this.#forgetting);
    const taking = this.#take(pipe).finally(() => {
      this.#taking = undefined;
    });
    this.#taking = taking;
    return taking;
  }

  /** Removes what is there of it. */
  async discard(): Promise<void> {
    clearTimeout(this.#forgetting);
    this.#parts.onGone();
    await rm(this.#parts.part, { force: true });
  }

  async #take(pipe: Pipe): Promise<void> {
    try {
      const file = await open(this.#parts.part, this.#offset === 0 ? "w" : "r+", 0o600);
      try {
        pipe.tell({ type: "have", bytes: this.#offset, whole: false });
        await this.#append(pipe, file);
        await file.sync();
      } finally {
        await file.close();
      }
      if (this.#hash.digest("hex") !== this.#parts.sha256) throw new PhonerackError("digest_wrong");
      await rename(this.#parts.part, this.#parts.path);
      this.#parts.onWhole();
    } catch (cause) {
      const error = inOurWords(cause);
      if (error.code === "pipe_broken") this.#keepHalf();
      else await this.discard();
      throw error;
    }
  }

  async #append(pipe: Pipe, file: FileHandle): Promise<void> {
    const { size } = this.#parts;
    while (this.#offset < size) {
      const frame = await pipe.read();
      if (!frame) throw new PhonerackError("pipe_broken");
      if (frame.kind !== "data") continue;
      if (this.#offset + frame.bytes.length > size) throw new PhonerackError("digest_wrong", "more bytes than were announced");
      await writeWhole(file, frame.bytes, this.#offset);
      this.#hash.update(frame.bytes);
      this.#offset += frame.bytes.length;
    }
  }

  #keepHalf(): void {
    this.#forgetting = setTimeout(() => void this.discard(), this.#parts.halfMs);
    this.#forgetting.unref();
  }
}

async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

function inOurWords(cause: unknown): PhonerackError {
  if (cause instanceof PhonerackError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return new PhonerackError("host_full", "its disk is full", { cause });
  return new PhonerackError("internal", message, { cause });
}
