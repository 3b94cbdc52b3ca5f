/**
 * An APK on its way in, in one request: streamed into a file of the data folder, read and verified from there, and deleted, whatever came of it. Whoever wants to keep its
 * bytes takes the file away before.
 */
import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Apk } from "@phonerack/apk";
import { APK_MAX_BYTES, PhonerackError } from "@phonerack/contract/bus";
import { iconOf, readNamed } from "../builds/reading.js";

/** On this control at once: each may take its largest size of the disk. */
const AT_ONCE = 4;
/** A sender that says nothing for so long has gone. */
const IDLE_MS = 30_000;

export interface Uploaded {
  readonly apk: Apk;
  /** PNG. */
  readonly icon: Buffer | null;
  /** Where its bytes lie now; whoever wants them moves it. */
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
}

export class Uploads {
  readonly #folder: string;
  readonly #largest: number;
  #running = 0;

  constructor({ dataDir, largest = APK_MAX_BYTES }: { dataDir: string; largest?: number }) {
    this.#folder = join(dataDir, "uploads");
    this.#largest = largest;
  }

  /** Throws away what a crash left behind. */
  async start(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /**
   * Fails with `too_large`, `too_many`, `bad_request` (cut off), `data_unwritable` (a full disk), `apk_invalid` or `apk_unsigned`. `length` is what the sender
   * announced; the file is there for as long as `use` takes.
   */
  async take<T>(body: Readable, length: number | undefined, use: (uploaded: Uploaded) => Promise<T>): Promise<T> {
    if (length !== undefined && length > this.#largest) throw this.#tooLarge();
    if (this.#running >= AT_ONCE) throw new PhonerackError("too_many", `${AT_ONCE} APKs are being uploaded already`);
    this.#running++;
    const path = join(this.#folder, `${randomBytes(12).toString("hex")}.apk`);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 }).catch(unwritable);
      const file = await open(path, "wx+", 0o600).catch(unwritable);
      try {
        const written = await this.#write(body, file);
        return await use({ ...(await readUpload(file, written.size)), path, ...written });
      } finally {
        await file.close();
      }
    } finally {
      this.#running--;
      await rm(path, { force: true });
    }
  }

  async #write(body: Readable, file: FileHandle): Promise<{ size: number; sha256: string }> {
    const hash = createHash("sha256");
    let size = 0;
    const idle = setTimeout(() => body.destroy(new PhonerackError("bad_request", "the upload stood still")), IDLE_MS);
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        idle.refresh();
        size += chunk.length;
        if (size > this.#largest) throw this.#tooLarge();
        await writeWhole(file, chunk);
        hash.update(chunk);
      }
    } catch (error) {
      if (error instanceof PhonerackError) throw error;
      throw new PhonerackError("bad_request", "the upload was cut off", { cause: error });
    } finally {
      clearTimeout(idle);
    }
    return { size, sha256: hash.digest("hex") };
  }

  #tooLarge(): PhonerackError {
    return new PhonerackError("too_large", `an APK has at most ${Math.floor(this.#largest / 1024 / 1024)} MiB`);
  }
}

async function writeWhole(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, at).catch(unwritable);
    at += bytesWritten;
  }
}

function unwritable(cause: NodeJS.ErrnoException): never {
  const why = cause.code === "ENOSPC" || cause.code === "EDQUOT" ? "the disk is full" : cause.message;
  throw new PhonerackError("data_unwritable", `uploads: ${why}`, { cause });
}

async function readUpload(file: FileHandle, size: number): Promise<Pick<Uploaded, "apk" | "icon">> {
  const slice = async (start: number, end: number): Promise<Buffer> => {
    const [from, to] = [Math.max(0, start), Math.min(size, end)];
    const bytes = Buffer.alloc(Math.max(0, to - from));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return bytes.subarray(0, bytesRead);
  };
  const { apk } = await readNamed("", { size, slice });
  return { apk, icon: iconOf(apk) };
}
