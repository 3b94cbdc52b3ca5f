/** A shell or a log of one phone, as a WebSocket: bytes both ways. */
import { API_PREFIX } from "../api/contract.js";
import { isErrorCode, PhonerackError } from "../errors.js";
import type { LogWish } from "../log-wish.js";
import { PipeEnd, PipeMessage, SocketKind, type TerminalSize } from "../pipes.js";

/** As much of a WebSocket as is used: the browser's own, or `ws`. */
interface Socket {
  binaryType: string;
  readonly readyState: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: "open" | "close" | "error" | "message", listener: (event: { data?: unknown }) => void): void;
}

export interface PipeTarget {
  /** Control's address. */
  readonly url: string;
  readonly deviceId: string;
  readonly service:
    | {
        readonly type: "shell";
        readonly command?: string;
        readonly terminal?: TerminalSize & { readonly term: string };
        readonly agreed?: boolean;
      }
    | { readonly type: "logs"; readonly wish?: Partial<LogWish> };
  /** Opens the socket; in Node e.g. `(url) => new WebSocket(url, { headers: { authorization: "Bearer …" } })` of `ws`. */
  readonly open: (url: string) => Socket;
  readonly onData: (bytes: Uint8Array, kind: "data" | "extra") => void;
  readonly onMessage?: (message: PipeMessage) => void;
}

export interface OpenPipe {
  write(bytes: Uint8Array): void;
  tell(message: PipeMessage): void;
  close(): void;
  /** How it ended; fails with what it was refused or broken for. */
  readonly ended: Promise<PipeEnd>;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function connectPipe(target: PipeTarget): OpenPipe {
  const socket = target.open(addressOf(target));
  socket.binaryType = "arraybuffer";
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  const send = (kind: number, payload: Uint8Array) => {
    const message = new Uint8Array(1 + payload.length);
    message[0] = kind;
    message.set(payload, 1);
    if (socket.readyState === 0) waiting.push(message);
    else if (socket.readyState === 1) socket.send(message);
  };
  const ended = new Promise<PipeEnd>((resolve, reject) => {
    socket.addEventListener("open", () => {
      for (const message of waiting.splice(0)) socket.send(message);
    });
    socket.addEventListener("message", ({ data }) => {
      const bytes = new Uint8Array(data as ArrayBuffer);
      const payload = bytes.subarray(1);
      if (bytes[0] === SocketKind.data || bytes[0] === SocketKind.extra)
        target.onData(payload, bytes[0] === SocketKind.data ? "data" : "extra");
      else if (bytes[0] === SocketKind.message) target.onMessage?.(PipeMessage.parse(JSON.parse(decoder.decode(payload))));
      else if (bytes[0] === SocketKind.end) settle(PipeEnd.parse(JSON.parse(decoder.decode(payload))));
    });
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", () => reject(new PhonerackError("pipe_broken")));
    const settle = (end: PipeEnd) => {
      const { error } = end;
      if (!error) resolve(end);
      else reject(new PhonerackError(isErrorCode(error.code) ? error.code : "internal", error.detail));
    };
  });
  return {
    write: (bytes) => send(SocketKind.data, bytes),
    tell: (message) => send(SocketKind.message, encoder.encode(JSON.stringify(message))),
    close: () => socket.close(),
    ended,
  };
}

function addressOf({ url, deviceId, service }: PipeTarget): string {
  const address = new URL(`${API_PREFIX}/devices/${encodeURIComponent(deviceId)}/${service.type}`, url);
  address.protocol = address.protocol.replace("http", "ws");
  const words = address.searchParams;
  if (service.type === "logs") words.set("wish", JSON.stringify(service.wish ?? {}));
  else {
    const { command, terminal, agreed = false } = service;
    if (command !== undefined) words.set("command", command);
    for (const [name, value] of Object.entries(terminal ?? {})) words.set(name, String(value));
    words.set("agreed", String(agreed));
  }
  return address.href;
}
