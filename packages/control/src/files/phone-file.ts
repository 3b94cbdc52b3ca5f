/** A file on a device, opened for who holds it: what it is, and its bytes, the last of which come only when it is known that it stayed the same. */
import { Readable } from "node:stream";
import { overError, PhonerackError, type Pipe } from "@phonerack/contract/bus";
import type { PipeOpener, Pipes } from "../workbench/pipes.js";

export interface FileSpot {
  readonly who: PipeOpener;
  readonly deviceId: string;
  readonly path: string;
}

export interface Opening {
  readonly offset?: number;
  /** `file_changed` when it is another one now. */
  readonly version?: string | undefined;
}

export interface PhoneFile {
  readonly folder: boolean;
  readonly size: number;
  /** Milliseconds since the Unix epoch. */
  readonly modifiedAt: number;
  readonly version: string;
  /** So many of its bytes from the offset on; undefined: all. Breaks with the reason when the device, the holder or the file changes. */
  bytes(length?: number): Readable;
  close(): void;
}

/** Fails with `lease_required`, `device_not_ready`, `file_not_found`, `file_refused`, `file_changed`, `bad_request` (beyond its end) and those of a pipe. */
export async function openPhoneFile(pipes: Pick<Pipes, "open">, spot: FileSpot, opening: Opening = {}): Promise<PhoneFile> {
  const { offset = 0, version } = opening;
  const service = { type: "get", path: spot.path, offset, ...(version !== undefined && { version }) } as const;
  const pipe = await pipes.open(spot.who, spot.deviceId, service);
  const first = await pipe.read();
  if (first?.kind !== "message" || first.message.type !== "stat") {
    pipe.close();
    throw first ? new PhonerackError("pipe_broken", "it does not begin with what the file is") : overError(await pipe.over);
  }
  const { folder, size, modifiedAt, version: found } = first.message;
  return {
    folder,
    size,
    modifiedAt,
    version: found,
    bytes: (length = size - offset) => readable(pipe, length, size - offset),
    close: () => pipe.close(),
  };
}

function readable(pipe: Pipe, length: number, rest: number): Readable {
  const stream = Readable.from(length < rest ? some(pipe, length) : all(pipe, rest), { objectMode: false });
  // It may break before anybody reads it; whoever does is told all the same.
  stream.once("close", () => pipe.close()).on("error", () => undefined);
  return stream;
}

async function* some(pipe: Pipe, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const bytes of dataOf(pipe)) {
    const piece = bytes.subarray(0, left);
    left -= piece.length;
    yield piece;
    if (left === 0) return;
  }
  throw overError(await pipe.over);
}

/** Whoever reads counts the bytes and is content when all are there: so the last piece waits for the device's word. */
async function* all(pipe: Pipe, rest: number): AsyncGenerator<Uint8Array> {
  let count = 0;
  let held: Uint8Array | undefined;
  for await (const bytes of dataOf(pipe)) {
    if (held) yield held;
    held = bytes;
    count += bytes.length;
  }
  const end = await pipe.over;
  if (end.error) throw overError(end);
  if (count !== rest) throw new PhonerackError("pipe_broken", "some of its bytes are missing");
  if (held) yield held;
}

async function* dataOf(pipe: Pipe): AsyncGenerator<Uint8Array> {
  for (let frame = await pipe.read(); frame; frame = await pipe.read()) if (frame.kind === "data") yield frame.bytes;
}
