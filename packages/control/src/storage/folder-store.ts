/** Objects as files of a folder on this machine. A file is there whole and on disk, or not at all; what a crash left half written is thrown away at the start. */
import { randomBytes } from "node:crypto";
import { constants, type ReadStream } from "node:fs";
import { copyFile, type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";
import type { ObjectStore, SmallObject } from "./object-store.js";

export class FolderStore implements ObjectStore {
  readonly #folder: string;
  readonly #incoming: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#incoming = join(folder, ".incoming");
  }

  /** Fails with `data_unwritable`. */
  static async open(folder: string): Promise<FolderStore> {
    const store = new FolderStore(folder);
    await rm(store.#incoming, { recursive: true, force: true });
    await mkdir(store.#incoming, { recursive: true, mode: 0o700 }).catch(refuse);
    return store;
  }

  async put(key: string, path: string): Promise<void> {
    const target = this.#pathOf(key);
    try {
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await sync(path);
      await rename(path, target).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== "EXDEV") throw cause;
        return this.#copy(path, target);
      });
      await sync(dirname(target));
    } catch (cause) {
      refuse(cause);
    }
  }

  /** Their folders are synced once for all of them. */
  async putAll(objects: readonly SmallObject[]): Promise<void> {
    const drafts = objects.map(({ key, bytes }) => ({
      bytes,
      target: this.#pathOf(key),
      staged: join(this.#incoming, randomBytes(12).toString("hex")),
    }));
    const folders = [...new Set(drafts.map(({ target }) => dirname(target)))];
    try {
      for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
      await Promise.all(drafts.map(({ staged, bytes }) => writeSynced(staged, bytes)));
      for (const { staged, target } of drafts) await rename(staged, target);
      await Promise.all(folders.map(sync));
    } catch (cause) {
      await Promise.all(drafts.map(({ staged }) => rm(staged, { force: true })));
      refuse(cause);
    }
  }

  /** From another file system. */
  async #copy(path: string, target: string): Promise<void> {
    const staged = join(this.#incoming, randomBytes(12).toString("hex"));
    try {
      await copyFile(path, staged, constants.COPYFILE_EXCL);
      await sync(staged);
      await rename(staged, target);
    } catch (cause) {
      await rm(staged, { force: true });
      throw cause;
    }
    await rm(path, { force: true });
  }

  async get(key: string, range?: { readonly start: number; readonly end: number }): Promise<ReadStream> {
    let file: FileHandle;
    try {
      file = await open(this.#pathOf(key), "r");
    } catch (cause) {
      if (isMissing(cause)) throw new PhonerackError("not_found", key, { cause });
      throw cause;
    }
    // Its `end` is the last byte's place, ours the first that is not wanted.
    return file.createReadStream(range ? { start: range.start, end: range.end - 1 } : {});
  }

  async size(key: string): Promise<number | undefined> {
    try {
      return (await stat(this.#pathOf(key))).size;
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  /** Keys come from our own code; one that could leave the folder is a fault of it. */
  #pathOf(key: string): string {
    if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(key)) throw new Error(`no key of an object: ${key}`);
    return join(this.#folder, key);
  }
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR";
}

function refuse(cause: unknown): never {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") throw new PhonerackError("storage_full", "the lab's disk is full", { cause });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    throw new PhonerackError("data_unwritable", `objects: ${message}`, { cause });
  throw cause;
}
