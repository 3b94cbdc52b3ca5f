/** The bytes of one upload as they come: appended to a file and hashed in one go; after a restart what is on disk is hashed anew. Knows nothing of whose they are. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { PhonerackError } from "@phonerack/contract/bus";

/** A sender that says nothing for so long has gone. */
const IDLE_MS = 30_000;

export interface ReceiptParts {
  readonly path: string;
  /** As announced. */
  readonly size: number;
  /** Bytes of the file that are known to be on disk as they came. */
  readonly trusted: number;
}

export class Receipt {
  readonly #parts: ReceiptParts;
  #hash: Hash | undefined;
  #offset: number;
  #taking: Promise<unknown> = Promise.resolve();
  #body: Readable | undefined;
  #busy = 0;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
    this.#offset = parts.trusted;
  }

  /** An empty file, should there be none. */
  static async touch(path: string): Promise<void> {
    await (await open(path, "a", 0o600)).close();
  }

  /** Where it is gone on from. */
  get offset(): number {
    return this.#offset;
  }

  /** Somebody is sending. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  /** @returns the digest when the file is whole. Fails with `upload_offset`, `storage_full`, `too_large` or `bad_request`. */
  take(body: Readable, offset: number): Promise<string | undefined> {
    // Its reader hears of an error; before and after there is none.
    body.on("error", () => undefined);
    // The one before was cut off without our noticing.
    const before = this.interrupt();
    this.#body = body;
    this.#busy++;
    const taking = before.then(() => this.#take(body, offset)).finally(() => this.#busy--);
    this.#taking = taking.catch(() => undefined);
    return taking;
  }

  /** Ends what is being taken. Resolves when nothing is written any more. */
  async interrupt(): Promise<void> {
    this.#body?.destroy(new PhonerackError("bad_request", "another connection goes on with it"));
    await this.#taking;
  }

  async #take(body: Readable, offset: number): Promise<string | undefined> {
    const { path, size } = this.#parts;
    const file = await open(path, this.#offset === 0 ? "w+" : "r+", 0o600).catch(unwritable);
    try {
      await this.#catchUp(file);
      if (offset !== this.#offset) throw new PhonerackError("upload_offset", `it stands at ${this.#offset}`);
      await this.#append(body, file);
      await file.sync();
    } finally {
      await file.close();
    }
    return this.#offset === size ? this.#hash?.copy().digest("hex") : undefined;
  }

  /** What was written before this process began. */
  async #catchUp(file: FileHandle): Promise<void> {
    if (this.#hash) return;
    const hash = createHash("sha256");
    const { size } = await file.stat();
    // More may have come, but nobody knows whether it is on disk as it came.
    this.#offset = Math.min(this.#offset, size);
    await file.truncate(this.#offset);
    if (this.#offset > 0)
      for await (const chunk of createReadStream(this.#parts.path, { end: this.#offset - 1 })) hash.update(chunk as Buffer);
    this.#hash = hash;
  }

  async #append(body: Readable, file: FileHandle): Promise<void> {
    const idle = setTimeout(() => body.destroy(new PhonerackError("bad_request", "the upload stood still")), IDLE_MS);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        idle.refresh();
        if (this.#offset + chunk.length > this.#parts.size)
          throw new PhonerackError("too_large", `${this.#parts.size} bytes were announced`);
        await writeWhole(file, chunk, this.#offset);
        this.#hash?.update(chunk);
        this.#offset += chunk.length;
      }
    } catch (error) {
      if (error instanceof PhonerackError) throw error;
      throw new PhonerackError("bad_request", "the upload was cut off", { cause: error });
    } finally {
      clearTimeout(idle);
    }
  }
}

async function writeWhole(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at, chunk.length - at, position + at).catch(unwritable);
    at += bytesWritten;
  }
}

function unwritable(cause: NodeJS.ErrnoException): never {
  if (cause.code === "ENOSPC" || cause.code === "EDQUOT")
    throw new PhonerackError("storage_full", "the lab's disk is full", { cause });
  throw new PhonerackError("data_unwritable", `incoming: ${cause.message}`, { cause });
}
