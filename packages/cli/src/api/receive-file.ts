/** Fetches a file from control without holding it in memory; goes on where it was when the connection breaks, and is there whole or not at all. */
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { type ControlPlace, type Reply, whyNot } from "./request.js";

const SILENT_MS = 60_000;
const ATTEMPTS = 5;
/** Of an error in words. */
const MOST_ERROR = 64 * 1024;

export interface FileToReceive {
  readonly path: string;
  /** As control says beforehand; else as its answer does. */
  readonly size?: number;
  /** Bytes that are there by now, and of how many. */
  readonly onProgress?: (bytes: number, size: number) => void;
  readonly token: string;
}

/** Undefined when it is there; else what control answered instead. Fails with `usage` (cannot be written), `control_unreachable` or `certificate_untrusted`. */
export async function receiveFile(place: ControlPlace, path: string, file: FileToReceive): Promise<Reply | undefined> {
  const part = `${file.path}.part`;
  await rm(part, { force: true });
  try {
    let version: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const from = await sizeOf(part);
      const response = await open(place, path, { token: file.token, from, version });
      version = response.headers.etag;
      const status = response.statusCode ?? 0;
      if (status !== 200 && status !== 206) return { status, headers: response.headers, bytes: await wordsOf(response) };
      const whole = file.size ?? sizeIn(response.headers);
      const begun = status === 206 ? from : 0;
      const broken = await write(response, part, {
        append: status === 206,
        onBytes: (bytes) => file.onProgress?.(begun + bytes, whole ?? 0),
      });
      const size = await sizeOf(part);
      // A folder's length is not known before: it breaks where it is not whole.
      if (!broken && (whole === undefined || size === whole)) break;
      if (attempt === ATTEMPTS || size <= from) throw whyNot(broken ?? new Error("it ended too early"), place.url);
    }
    await rename(part, file.path);
    return undefined;
  } finally {
    await rm(part, { force: true });
  }
}

interface Part {
  readonly token: string;
  readonly from: number;
  /** What was begun with: another one is not gone on with. */
  readonly version: string | undefined;
}

function open(place: ControlPlace, path: string, { token, from, version }: Part): Promise<IncomingMessage> {
  const url = new URL(path, place.url);
  const options = {
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      ...(from > 0 ? { range: `bytes=${from}-`, ...(version === undefined ? {} : { "if-range": version }) } : {}),
    },
    ...(place.ca === undefined ? {} : { ca: place.ca }),
    timeout: SILENT_MS,
  } as const;
  return new Promise((resolve, reject) => {
    const request = url.protocol === "https:" ? secureRequest(url, options) : plainRequest(url, options);
    request.once("timeout", () => request.destroy(new Error("no answer")));
    request.once("response", resolve).once("error", (error) => reject(whyNot(error, place.url)));
    request.end();
  });
}

/** @returns what broke the connection; fails with `usage` when it is our own disk. */
async function write(
  response: IncomingMessage,
  part: string,
  { append, onBytes }: { append: boolean; onBytes: (bytes: number) => void },
): Promise<Error | undefined> {
  const file = createWriteStream(part, { flags: append ? "a" : "w" });
  let bytes = 0;
  response.on("data", (chunk: Buffer) => onBytes((bytes += chunk.length)));
  let ours: Error | undefined;
  file.once("error", (error) => {
    if ("syscall" in error) ours = error;
  });
  try {
    await pipeline(response, file);
    return undefined;
  } catch (error) {
    if (ours) throw new PhonerackError("usage", `the file cannot be written: ${ours.message}`, { cause: ours });
    return error as Error;
  }
}

function sizeIn(headers: IncomingMessage["headers"]): number | undefined {
  const total = /\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1] ?? headers["content-length"];
  return total === undefined ? undefined : Number(total);
}

async function wordsOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = MOST_ERROR;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if ((left -= chunk.length) < 0) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
