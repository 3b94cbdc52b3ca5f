/**
 * The bytes of one file that a phone wrote. Small ones stay in memory; large ones go to a file of the machine's disk, written a
 * mebibyte at a time while the next one fills, so that a pushed APK of 100 MiB never sits in RAM. Sums and limits are `Storage`'s.
 */
import { type FileHandle, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import { FileError } from "../adbd/services.js";

/** Above this a file is moved to disk. */
const SPILL_BYTES = 128 * 1024;
/** What all small files of one phone may hold in memory before further ones go to disk too. */
const MEMORY_BYTES = 4 * 1024 * 1024;
const BLOCK = 1024 * 1024;

/** How much one phone stores, and where what does not fit in memory goes. */
export class Storage {
  readonly capacity: number;
  #used = 0;
  #inMemory = 0;
  #nextName = 0;
  readonly #folder: () => string;
  readonly #prefix: string;

  /** @param parts.capacity bytes; `folder` gives an existing folder of the machine for spilled files, asked for when first needed. */
  constructor(parts: { capacity: number; folder: () => string; prefix: string }) {
    this.capacity = parts.capacity;
    this.#folder = parts.folder;
    this.#prefix = parts.prefix;
  }

  get used(): number {
    return this.#used;
  }

  /** @returns false when the phone is full. Negative amounts give back. */
  take(bytes: number): boolean {
    if (bytes > 0 && this.#used + bytes > this.capacity) return false;
    this.#used += bytes;
    return true;
  }

  /** @returns false when it must go to disk instead. */
  keepInMemory(bytes: number): boolean {
    if (bytes > 0 && this.#inMemory + bytes > MEMORY_BYTES) return false;
    this.#inMemory += bytes;
    return true;
  }

  newSpillPath(): string {
    return join(this.#folder(), `${this.#prefix}-${this.#nextName++}`);
  }
}

interface Spill {
  readonly path: string;
  handle: FileHandle | undefined;
  block: Buffer;
  filled: number;
  spare: Buffer | undefined;
  /** Bytes handed to the disk so far. */
  flushed: number;
  writing: Promise<void>;
  failed: boolean;
}

export class Content {
  readonly #storage: Storage;
  #chunks: Uint8Array[] = [];
  #size = 0;
  #spill: Spill | undefined;
  #dropped = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get size(): number {
    return this.#size;
  }
  /** Whether its bytes are on the machine's disk. */
  get spilled(): boolean {
    return this.#spill !== undefined;
  }

  /**
   * Adds at the end; the chunk is copied. Resolves when there is room for more.
   * @throws FileError ENOSPC when the phone, or the machine's disk, is full.
   */
  append(chunk: Uint8Array): Promise<void> {
    const done = this.#queue.then(() => this.#append(chunk));
    this.#queue = done.catch(() => undefined);
    return done;
  }

  /** Everything is on disk that belongs there, and no handle is open. Appending later opens it again. */
  settle(): Promise<void> {
    const done = this.#queue.then(() => this.#settle());
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #settle(): Promise<void> {
    const spill = this.#spill;
    if (!spill || (!spill.handle && spill.filled === 0)) return;
    await this.#flush(spill);
    await spill.writing;
    await spill.handle?.close();
    spill.handle = undefined;
    spill.block = EMPTY;
    spill.spare = undefined;
    this.#check(spill);
  }

  /** All bytes as they are now, in chunks. */
  async *read(): AsyncGenerator<Uint8Array> {
    const spill = this.#spill;
    if (!spill) {
      yield* this.#chunks.slice();
      return;
    }
    await this.settle();
    const handle = await open(spill.path, "r");
    try {
      for (let at = 0; ; ) {
        const block = Buffer.allocUnsafeSlow(BLOCK);
        const { bytesRead } = await handle.read(block, 0, BLOCK, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield bytesRead === BLOCK ? block : block.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  /** A part of it, for readers that jump about (a zip's directory stands at its end). */
  async slice(start: number, end: number): Promise<Buffer> {
    const from = Math.max(0, start);
    const length = Math.max(0, Math.min(end, this.#size) - from);
    const spill = this.#spill;
    if (!spill) return Buffer.concat(this.#chunks).subarray(from, from + length);
    await this.settle();
    const handle = await open(spill.path, "r");
    try {
      const part = Buffer.alloc(length);
      const { bytesRead } = await handle.read(part, 0, length, from);
      return part.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** Gives the space back and removes the file on disk. Readers that have begun go on. */
  async drop(): Promise<void> {
    if (this.#dropped) return;
    this.#dropped = true;
    await this.#queue;
    this.#storage.take(-this.#size);
    if (!this.#spill) this.#storage.keepInMemory(-this.#size);
    this.#chunks = [];
    this.#size = 0;
    const spill = this.#spill;
    if (!spill) return;
    await spill.writing;
    await spill.handle?.close();
    spill.handle = undefined;
    await unlink(spill.path).catch(() => undefined);
  }

  async #append(chunk: Uint8Array): Promise<void> {
    // Someone removed the file while it was being written: bytes go nowhere, as to an unlinked inode.
    if (this.#dropped || chunk.length === 0) return;
    if (!this.#storage.take(chunk.length)) throw new FileError("ENOSPC", "");
    if (!this.#spill) {
      if (this.#size + chunk.length <= SPILL_BYTES && this.#storage.keepInMemory(chunk.length)) {
        this.#chunks.push(chunk.slice());
        this.#size += chunk.length;
        if (this.#chunks.length > 64) this.#chunks = [Buffer.concat(this.#chunks)];
        return;
      }
      await this.#moveToDisk();
    }
    if (this.#spill) await this.#fill(this.#spill, chunk);
    this.#size += chunk.length;
  }

  async #moveToDisk(): Promise<void> {
    const spill: Spill = {
      path: this.#storage.newSpillPath(),
      handle: undefined,
      block: EMPTY,
      filled: 0,
      spare: undefined,
      flushed: 0,
      writing: Promise.resolve(),
      failed: false,
    };
    for (const chunk of this.#chunks) await this.#fill(spill, chunk);
    this.#storage.keepInMemory(-this.#size);
    this.#chunks = [];
    this.#spill = spill;
  }

  async #fill(spill: Spill, chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      if (spill.block.length === 0) spill.block = Buffer.allocUnsafeSlow(BLOCK);
      const part = Math.min(chunk.length - at, BLOCK - spill.filled);
      spill.block.set(at === 0 && part === chunk.length ? chunk : chunk.subarray(at, at + part), spill.filled);
      spill.filled += part;
      at += part;
      if (spill.filled === BLOCK) await this.#flush(spill);
    }
    this.#check(spill);
  }

  /** Hands the filled block to the disk and goes on with the other one; waits only if the disk is a whole block behind. */
  async #flush(spill: Spill): Promise<void> {
    await spill.writing;
    if (spill.filled === 0) return;
    const { block, filled, flushed } = spill;
    const handle = (spill.handle ??= await open(spill.path, "a", 0o600));
    spill.block = spill.spare ?? EMPTY;
    spill.spare = undefined;
    spill.filled = 0;
    spill.flushed = flushed + filled;
    spill.writing = handle.write(block, 0, filled).then(
      ({ bytesWritten }) => {
        spill.spare = block;
        if (bytesWritten !== filled) spill.failed = true;
      },
      () => {
        spill.failed = true;
      },
    );
  }

  #check(spill: Spill): void {
    // The machine's own disk is full or gone: to the phone's user that is a full phone.
    if (spill.failed) throw new FileError("ENOSPC", "");
  }
}

const EMPTY = Buffer.alloc(0);
