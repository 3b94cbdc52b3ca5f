/**
 * A pipe as a WebSocket: to the CLI and browsers. Reads neither side faster than the other takes it, ends when either does, and notices within seconds when the
 * other side has gone without a word.
 */
import { PipeEnd, PipeMessage, SocketKind } from "@phonerack/contract/api";
import { overError, PhonerackError, type Pipe } from "@phonerack/contract/bus";
import type { RawData, WebSocket } from "ws";
import { toPhonerackError } from "../http/errors.js";

/** Bytes that may wait for the socket, or for the phone, before the other side is not read any more. */
const MOST_WAITING = 1024 * 1024;
const PROBE_MS = 1_500;
/** A cut cable: shorter than anybody would look at a program that hangs. */
const SILENT_MS = 4_500;
/** Of a closing frame, in bytes. */
const REASON = 120;
const REFUSED = 4_000;

export interface SocketOptions {
  /** Bytes alone, without kinds: what `adb` speaks. */
  readonly raw: boolean;
}

/** Who listens to what the agent says in the pipe, beside the other side of the socket. */
export type Hearing = (pipe: Pipe) => (message: PipeMessage) => void;

/** Opens the pipe and joins both until one ends. Never rejects. */
export async function servePipe(
  socket: WebSocket,
  open: () => Promise<Pipe>,
  { hearing, ...options }: SocketOptions & { readonly hearing?: Hearing | undefined },
): Promise<void> {
  const early = holdBack(socket);
  watchOver(socket);
  let pipe: Pipe;
  try {
    pipe = await open();
  } catch (error) {
    // Its closing frame must be read, too.
    early.release(() => undefined);
    return end(socket, { error: toPhonerackError(error, "pipe").toJSON() }, options);
  }
  if (socket.readyState !== socket.OPEN) return pipe.close();
  socket.once("close", () => pipe.close());
  const take = (data: RawData, isBinary: boolean) => toPipe(socket, pipe, { bytes: data as Buffer, isBinary, ...options });
  early.release(take);
  await toSocket(socket, pipe, { ...options, hear: hearing?.(pipe) });
  end(socket, await pipe.over, options);
}

/** What comes before the pipe stands. */
function holdBack(socket: WebSocket): { release(take: (data: RawData, isBinary: boolean) => void): void } {
  socket.on("error", () => undefined);
  const held: [RawData, boolean][] = [];
  const hold = (data: RawData, isBinary: boolean) => {
    held.push([data, isBinary]);
    socket.pause();
  };
  socket.on("message", hold);
  return {
    release: (take) => {
      socket.off("message", hold);
      socket.on("message", take);
      for (const [data, isBinary] of held) take(data, isBinary);
      socket.resume();
    },
  };
}

function toPipe(
  socket: WebSocket,
  pipe: Pipe,
  { bytes, isBinary, raw }: { bytes: Buffer; isBinary: boolean; raw: boolean },
): void {
  try {
    if (!isBinary) throw new PhonerackError("bad_request", "send binary messages");
    if (raw) return write(socket, pipe, bytes);
    if (bytes[0] === SocketKind.data) return write(socket, pipe, bytes.subarray(1));
    if (bytes[0] !== SocketKind.message) throw new PhonerackError("bad_request", "a message of an unknown kind");
    const message = PipeMessage.safeParse(JSON.parse(bytes.subarray(1).toString("utf8")));
    if (!message.success) throw new PhonerackError("bad_request", message.error.message.slice(0, 300));
    pipe.tell(message.data);
  } catch (error) {
    pipe.close(error instanceof PhonerackError ? error : new PhonerackError("bad_request", "not JSON"));
  }
}

function write(socket: WebSocket, pipe: Pipe, bytes: Buffer): void {
  const written = pipe.write(bytes);
  if (pipe.waiting > MOST_WAITING) socket.pause();
  written.then(
    () => pipe.waiting <= MOST_WAITING && socket.resume(),
    () => undefined,
  );
}

async function toSocket(
  socket: WebSocket,
  pipe: Pipe,
  { raw, hear }: SocketOptions & { readonly hear: ((message: PipeMessage) => void) | undefined },
): Promise<void> {
  for (let frame = await pipe.read(); frame; frame = await pipe.read()) {
    if (socket.readyState !== socket.OPEN) return;
    if (frame.kind === "message") hear?.(frame.message);
    if (frame.kind !== "message") await sendData(socket, raw ? frame.bytes : kinded(SocketKind[frame.kind], frame.bytes));
    else if (!raw) socket.send(kinded(SocketKind.message, Buffer.from(JSON.stringify(frame.message))));
  }
}

function sendData(socket: WebSocket, bytes: Uint8Array): Promise<void> | undefined {
  if (socket.bufferedAmount < MOST_WAITING) {
    socket.send(bytes, () => undefined);
    return undefined;
  }
  return new Promise((resolve) => socket.send(bytes, () => resolve()));
}

function kinded(kind: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + bytes.length);
  message[0] = kind;
  message.set(bytes, 1);
  return message;
}

function end(socket: WebSocket, how: PipeEnd, { raw }: SocketOptions): void {
  if (socket.readyState !== socket.OPEN) return;
  if (!raw) socket.send(kinded(SocketKind.end, Buffer.from(JSON.stringify(PipeEnd.parse(how)))));
  const { code, detail, message } = overError(how).toJSON();
  if (how.error && raw) socket.close(REFUSED, cut(`${code}: ${detail ?? message}`));
  else socket.close(1000);
}

function cut(words: string): string {
  return Buffer.from(words).subarray(0, REASON).toString("utf8").replace(/�+$/, "");
}

/** A side that is cut off answers no ping. */
function watchOver(socket: WebSocket): void {
  let heard = Date.now();
  socket.on("pong", () => {
    heard = Date.now();
  });
  const probe = setInterval(() => {
    // A socket that we do not read now cannot answer either.
    if (socket.isPaused) heard = Date.now();
    else if (Date.now() - heard > SILENT_MS) socket.terminate();
    else socket.ping();
  }, PROBE_MS);
  socket.once("close", () => clearInterval(probe));
}
