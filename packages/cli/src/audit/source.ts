/** Where a log is read from: a lab's address, or a folder that `phonerack audit export` wrote. Nothing that it says is believed here. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LogBulk } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { fromBase64, readCheckpoint } from "@phonerack/policy";
import type { ControlPlace } from "../api/request.js";
import { send } from "../api/request.js";

export interface LogSource {
  /** A file below the log's prefix, e.g. `tile/0/000`; undefined: there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** What a leaf of hands commits to; undefined: it is not kept, or not for us. */
  bulk(commitment: string): Promise<LogBulk | undefined>;
}

const LINE_END = 10;
const AGAIN_MS = 5_000;
const MOST_TRIES = 30;
const LARGEST = 64 * 1024 * 1024;

export function folderSource(folder: string): LogSource {
  const read = async (path: string) => {
    try {
      return await readFile(join(folder, path));
    } catch (error) {
      // ENOTDIR: an export has all checkpoints in one file, where a lab has pages of them.
      if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw new PhonerackError("log_unusable", (error as Error).message, { cause: error });
    }
  };
  const bulk = async (commitment: string) => {
    const bytes = await read(`bulks/${commitment}.json`);
    return bytes && parseBulk(bytes);
  };
  return { read, bulk };
}

/** `token`: who may read bulks. */
export function labSource(place: ControlPlace, token: string | undefined): LogSource {
  const get = async (path: string, auth?: string) => {
    const reply = await patiently(() => send(place, path, auth === undefined ? {} : { token: auth }));
    if (reply.status === 404 || reply.status === 401 || reply.status === 403) return undefined;
    if (reply.status !== 200 || reply.bytes.length > LARGEST)
      throw new PhonerackError("log_unusable", `${path}: it answered ${reply.status}`);
    return reply.bytes;
  };
  return {
    read: (path) => get(`/log/${path}`),
    bulk: async (commitment) => {
      const bytes = token === undefined ? undefined : await get(`/api/v1/log/bulks/${commitment}`, token);
      return bytes && parseBulk(bytes);
    },
  };
}

/** Pages of old checkpoints are given a few at a time. */
async function patiently(ask: () => ReturnType<typeof send>): ReturnType<typeof send> {
  for (let tries = 0; ; tries++) {
    const reply = await ask();
    if (reply.status !== 429 || tries >= MOST_TRIES) return reply;
    await sleep(AGAIN_MS);
  }
}

/** Every checkpoint that the log keeps, page after page, the newest first: notes in base64, one a line. */
export async function* keptCheckpoints(source: LogSource): AsyncGenerator<Uint8Array> {
  let oldest = Number.POSITIVE_INFINITY;
  for (let path = "checkpoints"; ; path = `checkpoints/before/${oldest}`) {
    const page = await source.read(path);
    if (!page || page.length === 0) return;
    yield page;
    let last = "";
    for (const line of linesOf(page)) last = line;
    const size = readCheckpoint(fromBase64(last) ?? "")?.size;
    // What does not go down has no end.
    if (size === undefined || size >= oldest) return;
    oldest = size;
  }
}

/** One after the other: all of an old log's checkpoints together are longer than a string may be. */
export function* linesOf(page: Uint8Array): Generator<string> {
  for (let from = 0; from < page.length; ) {
    const end = page.indexOf(LINE_END, from);
    const to = end < 0 ? page.length : end;
    if (to > from) yield Buffer.from(page.subarray(from, to)).toString("latin1");
    from = to + 1;
  }
}

function parseBulk(bytes: Uint8Array): LogBulk | undefined {
  try {
    return LogBulk.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    return undefined;
  }
}

/** Writes a file of an export, its folders included. */
export async function writeExport(folder: string, path: string, bytes: Uint8Array | string): Promise<void> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, bytes);
}
