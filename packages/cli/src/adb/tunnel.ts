/**
 * The laptop's end of an adb tunnel: a port of this machine alone, and for each connection of adb's to it one WebSocket to control. Bytes go through as they are;
 * neither side is read faster than the other takes. A cut is noticed within seconds, and adb then sees its connection end instead of hanging.
 */
import { createServer, type Server, type Socket } from "node:net";
import { API_PREFIX, ERRORS, isErrorCode } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import WebSocket from "ws";
import type { ControlAddress } from "../api/find-control.js";

/** One message; control takes up to 128 KiB. */
const PIECE = 64 * 1024;
const MOST_WAITING = 1024 * 1024;
const PROBE_MS = 1_000;
const SILENT_MS = 4_000;
/** A fence that closes first takes its time. */
const OPEN_MS = 70_000;
/** Why control closed it, in the closing frame. */
const REFUSED = 4_000;

export interface TunnelOptions {
  readonly control: ControlAddress;
  readonly deviceId: string;
  /** The fence may close on a phone that nobody enrolled. */
  readonly agreed: boolean;
  /** 0 takes a free one. */
  readonly port: number;
  /** A connection ended; with why, where it was not adb that ended it. */
  readonly onEnd: (error: PhonerackError | undefined) => void;
}

export interface Tunnel {
  readonly port: number;
  /** Connections of adb's now. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** Fails with `port_taken`. */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    carry(socket, options);
  });
  const port = await listen(server, options.port);
  return {
    port,
    get connections() {
      return open.size;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => reject(new PhonerackError("port_taken", `127.0.0.1:${port}`, { cause })));
    server.listen({ host: "127.0.0.1", port }, () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

function carry(adb: Socket, { control, deviceId, agreed, onEnd }: TunnelOptions): void {
  const address = new URL(`${API_PREFIX}/devices/${deviceId}/adb?agreed=${agreed}`, control.url);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address, {
    headers: { authorization: `Bearer ${control.token}` },
    ...(control.ca === undefined ? {} : { ca: control.ca }),
    handshakeTimeout: OPEN_MS,
    perMessageDeflate: false,
  });
  let adbEnded = false;
  let why: PhonerackError | undefined;
  adb.on("error", () => undefined);
  adb.once("close", () => {
    adbEnded = true;
    socket.close();
  });
  adb.on("data", (chunk: Buffer) => upward(adb, socket, chunk));
  adb.on("drain", () => socket.resume());
  socket.on("open", () => {
    watchOver(socket, () => {
      why = new PhonerackError("control_unreachable", `${control.url} is silent`);
    });
    adb.resume();
  });
  socket.on("message", (data: Buffer) => {
    if (!adb.destroyed && !adb.write(data)) socket.pause();
  });
  socket.on("unexpected-response", (_request, response) => {
    why = new PhonerackError(
      response.statusCode === 401 ? "unauthorised" : "control_unreachable",
      `it answered ${response.statusCode}`,
    );
    socket.terminate();
  });
  socket.on("error", (cause) => {
    why ??= new PhonerackError("control_unreachable", cause.message, { cause });
  });
  socket.once("close", (code, reason) => {
    adb.destroy();
    onEnd(adbEnded ? undefined : code === REFUSED ? errorIn(reason.toString()) : (why ?? new PhonerackError("pipe_broken")));
  });
}

function upward(adb: Socket, socket: WebSocket, chunk: Buffer): void {
  for (let at = 0; at < chunk.length; at += PIECE) {
    socket.send(chunk.subarray(at, at + PIECE), () => {
      if (socket.bufferedAmount <= MOST_WAITING) adb.resume();
    });
  }
  if (socket.bufferedAmount > MOST_WAITING) adb.pause();
}

/** "code: detail", as control puts it into the closing frame. */
function errorIn(reason: string): PhonerackError {
  const [, code = "", detail = ""] = /^(\w+): (.*)$/s.exec(reason) ?? [];
  if (!isErrorCode(code)) return new PhonerackError("pipe_broken", reason || undefined);
  return new PhonerackError(code, ERRORS[code].message.startsWith(detail) ? undefined : detail);
}

function watchOver(socket: WebSocket, onSilent: () => void): void {
  let heard = Date.now();
  for (const sign of ["pong", "ping", "message"] as const)
    socket.on(sign, () => {
      heard = Date.now();
    });
  const probe = setInterval(() => {
    // A socket that we do not read now cannot be heard either.
    if (socket.isPaused) heard = Date.now();
    else if (Date.now() - heard > SILENT_MS) {
      onSilent();
      socket.terminate();
    } else socket.ping();
  }, PROBE_MS);
  socket.once("close", () => clearInterval(probe));
}
