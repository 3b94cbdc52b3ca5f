/** Fetches a file from control without holding it in memory; goes on where it was when the connection breaks, and is there whole or not at all. */
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { type ControlPlace, type Reply, whyNot } from "./request.js";

const SILENT_MS = 60_000;
/** Between tries that bring nothing more; a control that begins again takes some seconds. */
const RETRY_MS = [500, 2_000, 5_000, 10_000, 20_000] as const;
/** Whatever each of them brings. */
const MOST_TRIES = 100;
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
  const part = `${file.path}.${randomBytes(6).toString("hex")}.part`;
  const reception: Reception = { place, path, file, part, version: undefined, begun: false };
  try {
    for (let tries = 1, failures = 0; ; tries++) {
      const from = await sizeOf(part);
      const { whole, reply, broken } = await receive(reception, from);
      if (whole) break;
      if (reply) return reply;
      if ((await sizeOf(part)) > from) failures = 0;
      const wait = tries < MOST_TRIES ? RETRY_MS[failures++] : undefined;
      if (wait === undefined) throw broken ?? whyNot(new Error("it ended too early"), place.url);
      await sleep(wait);
    }
    await rename(part, file.path);
    return undefined;
  } finally {
    await rm(part, { force: true });
  }
}

interface Reception {
  readonly place: ControlPlace;
  readonly path: string;
  readonly file: FileToReceive;
  readonly part: string;
  /** What was begun with: another one is not gone on with. */
  version: string | undefined;
  /** Some of it came: a control that is away comes back. */
  begun: boolean;
}

interface Tried {
  readonly whole?: boolean;
  /** In place of the file. */
  readonly reply?: Reply;
  /** What may pass. */
  readonly broken?: Error | undefined;
}

async function receive(reception: Reception, from: number): Promise<Tried> {
  const { place, path, file, part, version } = reception;
  const answer = await open(place, path, { token: file.token, from, version }).catch((error: unknown) => {
    if (!reception.begun || !(error instanceof PhonerackError) || error.code !== "control_unreachable") throw error;
    return error;
  });
  if (answer instanceof Error) return { broken: answer };
  const { statusCode: status = 0, headers } = answer;
  if (status !== 200 && status !== 206) {
    const reply = { status, headers, bytes: await wordsOf(answer) };
    return reception.begun && status === 503 ? {} : { reply };
  }
  reception.begun = true;
  reception.version = headers.etag;
  const size = file.size ?? sizeIn(headers);
  const append = status === 206;
  const onBytes = (bytes: number) => file.onProgress?.((append ? from : 0) + bytes, size ?? 0);
  const broken = await write(answer, part, { append, onBytes });
  // A folder's length is not known before: it breaks where it is not whole.
  const whole = !broken && (size === undefined || (await sizeOf(part)) === size);
  return { whole, broken: broken && whyNot(broken, place.url) };
}

interface Part {
  readonly token: string;
  readonly from: number;
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
