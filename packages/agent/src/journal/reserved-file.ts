/**
 * A file that has room on the disk before anything is accepted for it: a disk that fills up is found out while what was accepted still fits. Holds where a block
 * that was written can be written again (ext4, XFS, tmpfs); a copy-on-write file system promises less.
 */
import { type FileHandle, open } from "node:fs/promises";

/** Ahead of what is written: some 6,000 decisions, as many as a thousand phones make while a disk stands still for a moment. */
const RESERVE_BYTES = 4 * 1024 * 1024;
const ZEROS = Buffer.alloc(64 * 1024);

export class ReservedFile {
  readonly #handle: FileHandle;
  #bytes = 0;
  #end = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Empty, whatever was there. */
  static async create(path: string): Promise<ReservedFile> {
    return new ReservedFile(await open(path, "w+", 0o600));
  }

  /** As many as were appended. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What was appended, without the room behind it. */
  async read(): Promise<Buffer> {
    const bytes = Buffer.alloc(this.#bytes);
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes.subarray(0, done);
  }

  /** Bytes that can be appended and have their place. */
  get room(): number {
    return this.#end - this.#bytes;
  }

  /** Fails, as `ENOSPC` among others, where the disk does not take the zeros that keep the room. What it had before it keeps. */
  async reserve(): Promise<void> {
    const wanted = this.#bytes + RESERVE_BYTES;
    while (this.#end < wanted) {
      const { bytesWritten } = await this.#handle.write(ZEROS, 0, Math.min(ZEROS.length, wanted - this.#end), this.#end);
      this.#end += bytesWritten;
    }
  }

  /** On the disk when it is done. One that failed half-way is not to be gone on with. */
  async append(text: Buffer): Promise<void> {
    for (let done = 0; done < text.length; ) {
      const { bytesWritten } = await this.#handle.write(text, done, text.length - done, this.#bytes + done);
      done += bytesWritten;
    }
    await this.#handle.datasync();
    this.#bytes += text.length;
    this.#end = Math.max(this.#end, this.#bytes);
  }

  /** Without the room that was not used. */
  async close(): Promise<void> {
    try {
      await this.#handle.truncate(this.#bytes);
    } finally {
      await this.#handle.close();
    }
  }
}
