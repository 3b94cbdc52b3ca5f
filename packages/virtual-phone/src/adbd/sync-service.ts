/**
 * "sync:": what `adb push`, `pull` and `ls` speak. AOSP packages/modules/adb, daemon/file_sync_service.cpp; error texts are its own.
 */
import {
  encodeSyncEntry,
  encodeSyncEntry2,
  encodeSyncFail,
  encodeSyncListDone,
  encodeSyncStat,
  encodeSyncStat2,
  encodeSyncStatus,
  type SyncEvent,
  SyncRequestParser,
  type SyncStat,
  syncMaxData,
  WireError,
} from "@phonerack/android-wire/adb";
import { FileError, type FileStat, type FileSystem, type FileWriter } from "./services.js";
import type { StreamSocket } from "./stream-socket.js";

const fileType = { mask: 0o170000, link: 0o120000, regular: 0o100000 } as const;
const longestLink = 4096;

/** Serves one stream until QUIT, the host's end, or a request that breaks the protocol (answered with FAIL). */
export async function serveSync(files: FileSystem, stream: StreamSocket): Promise<void> {
  const service = new SyncService(files, stream);
  stream.writeBound = 1024 * 1024;
  let events: SyncEvent[] = [];
  const parser = new SyncRequestParser((event) => events.push(event));
  try {
    for await (const chunk of stream.input) {
      const failure = tryPush(parser, chunk);
      for (const event of events) if (await service.handle(event)) return;
      events = [];
      if (failure) return await service.fail(failure.message);
    }
  } finally {
    await service.stop();
    stream.end();
  }
}

/** What came before a broken request is still answered, so the error waits. */
function tryPush(parser: SyncRequestParser, chunk: Uint8Array): WireError | undefined {
  try {
    parser.push(chunk);
    return undefined;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

interface Receiving {
  write(data: Uint8Array): Promise<void>;
  commit(mtime: number): Promise<void>;
  abort(): Promise<void>;
}

class SyncService {
  #receiving: Receiving | undefined;
  #failure: string | undefined;
  readonly #files: FileSystem;
  readonly #stream: StreamSocket;

  constructor(files: FileSystem, stream: StreamSocket) {
    this.#files = files;
    this.#stream = stream;
  }

  /** Returns true at QUIT. */
  async handle(event: SyncEvent): Promise<boolean> {
    switch (event.type) {
      case "stat":
        await this.#stat(event.path);
        return false;
      case "stat2":
        await this.#stat2(event.path, event.follow);
        return false;
      case "list":
        await this.#list(event.path, event.v2);
        return false;
      case "receive":
        await this.#send(event.path);
        return false;
      case "send":
        await this.#beginReceiving(event.path, event.mode);
        return false;
      case "data":
        await this.#receive(event.data);
        return false;
      case "done":
        await this.#endReceiving(event.mtime);
        return false;
      case "quit":
        return true;
    }
  }

  async fail(message: string): Promise<void> {
    await this.#stream.write(encodeSyncFail(message));
  }

  /** The stream is over: what was half received is removed. */
  async stop(): Promise<void> {
    const receiving = this.#receiving;
    this.#receiving = undefined;
    await receiving?.abort();
  }

  async #stat(path: string): Promise<void> {
    const stat = await this.#files.lstat(path).catch(() => ({ mode: 0, size: 0, mtime: 0 }));
    await this.#stream.write(encodeSyncStat(stat));
  }

  async #stat2(path: string, follow: boolean): Promise<void> {
    let answer: SyncStat;
    try {
      answer = stat2(follow ? await this.#files.stat(path) : await this.#files.lstat(path));
    } catch (error) {
      answer = { ...noStat, error: error instanceof FileError ? error.errno : 5 };
    }
    await this.#stream.write(encodeSyncStat2(follow ? "STA2" : "LST2", answer));
  }

  async #list(path: string, v2: boolean): Promise<void> {
    // A folder that cannot be read lists as empty, as on Android.
    const entries = await this.#files.list(path).catch(() => []);
    for (const { name, stat } of entries) {
      await this.#stream.write(v2 ? encodeSyncEntry2(name, stat2(stat)) : encodeSyncEntry(name, stat));
    }
    await this.#stream.write(encodeSyncListDone(v2));
  }

  async #send(path: string): Promise<void> {
    let source: AsyncIterable<Uint8Array>;
    try {
      source = await this.#files.read(path);
    } catch (error) {
      return this.fail(`open failed: ${reason(error)}`);
    }
    try {
      for await (const chunk of source) {
        for (let at = 0; at < chunk.length; at += syncMaxData) {
          const block = chunk.subarray(at, at + syncMaxData);
          void this.#stream.write(encodeSyncStatus("DATA", block.length));
          await this.#stream.write(block);
        }
        if (this.#stream.signal.aborted) return;
      }
    } catch (error) {
      return this.fail(`read failed: ${reason(error)}`);
    }
    await this.#stream.write(encodeSyncStatus("DONE"));
  }

  async #beginReceiving(path: string, mode: number): Promise<void> {
    this.#failure = undefined;
    try {
      this.#receiving =
        (mode & fileType.mask) === fileType.link
          ? linkReceiver(this.#files, path)
          : await this.#files.write(path, spreadMode(mode));
    } catch (error) {
      this.#failure = `couldn't create file: ${reason(error)}`;
    }
  }

  async #receive(data: Uint8Array): Promise<void> {
    if (!this.#receiving) return;
    try {
      await this.#receiving.write(data);
    } catch (error) {
      this.#failure = `write failed: ${reason(error)}`;
      await this.stop();
    }
  }

  async #endReceiving(mtime: number): Promise<void> {
    const receiving = this.#receiving;
    this.#receiving = undefined;
    try {
      await receiving?.commit(mtime);
    } catch (error) {
      this.#failure = `write failed: ${reason(error)}`;
    }
    // Only now: a host sends the whole file before it looks for an answer.
    await (this.#failure === undefined ? this.#stream.write(encodeSyncStatus("OKAY")) : this.fail(this.#failure));
    this.#failure = undefined;
  }
}

/** Android gives group and others what the owner has. */
function spreadMode(mode: number): number {
  const owner = (mode >> 6) & 7;
  return (owner << 6) | (owner << 3) | owner;
}

function linkReceiver(files: FileSystem, path: string): FileWriter {
  let target = Buffer.alloc(0);
  return {
    write: async (data) => {
      if (target.length + data.length > longestLink) throw new FileError("EINVAL", path);
      target = Buffer.concat([target, data]);
    },
    commit: () => files.symlink(target.toString().replace(/\0+$/, ""), path),
    abort: async () => undefined,
  };
}

const noStat: SyncStat = { error: 0, dev: 0, ino: 0, mode: 0, nlink: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0, ctime: 0 };

function stat2(stat: FileStat): SyncStat {
  return {
    error: 0,
    dev: 0xfe00,
    ino: stat.ino,
    mode: stat.mode,
    nlink: stat.nlink ?? 1,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    atime: stat.atime ?? stat.mtime,
    mtime: stat.mtime,
    ctime: stat.ctime ?? stat.mtime,
  };
}

function reason(error: unknown): string {
  return error instanceof FileError ? error.message : "I/O error";
}
