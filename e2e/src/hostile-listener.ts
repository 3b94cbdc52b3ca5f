/**
 * TCP ports behind which no honest phone is: each connection is handed to a behaviour. Nothing is done before `release`, so that a test can
 * look at the lab first; until then a connection is held in silence.
 */
import { connect, createServer, type Socket } from "node:net";
import { type AdbBytes, AdbReader, adbPacket } from "./adb-bytes.js";

/** What one hostile phone does with a connection; `closed` is aborted when that is over. */
export type Behaviour = (socket: Socket, closed: AbortSignal) => void;

export interface HostileListener {
  readonly address: string;
  /** Connections since `release`. */
  readonly connections: () => number;
  release(): void;
  stop(): Promise<void>;
}

export async function listenHostile(behave: Behaviour): Promise<HostileListener> {
  let open: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (open = resolve));
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const closed = new AbortController();
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => {
      sockets.delete(socket);
      closed.abort();
    });
    void released.then(() => {
      connections++;
      if (!socket.destroyed) behave(socket, closed.signal);
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  return {
    address: `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    connections: () => connections,
    release: () => open(),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Writes what `next` gives for as long as the other side takes it. */
export function pour(socket: Socket, next: () => Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.write(next()));
  };
  socket.on("drain", more);
  more();
}

export interface Tampering {
  /** A packet of the phone on its way to the host; what is returned goes on instead. */
  fromPhone?(packet: AdbBytes): AdbBytes;
  /** Answers a service itself instead of the phone: each piece is one WRTE, sent when the one before was accepted. */
  answers?(service: string): Iterator<Buffer> | undefined;
  /** The phone has greeted: more bytes may be sent to the host. */
  greeted?(host: Socket, closed: AbortSignal): void;
}

/** Ids of streams that the man in the middle answers; phones count from 1. */
const OWN = 0x4000_0000;

/** A man in the middle before a real virtual phone at `address`, who lies for it. */
export function tamperWith(address: string, tampering: Tampering): Behaviour {
  const [name = "", port = ""] = address.split(":");
  return (host, closed) => {
    const phone = connect(Number(port), name);
    const answering = new Map<number, Iterator<Buffer>>();
    phone.on("error", () => undefined);
    phone.once("close", () => host.destroy());
    host.once("close", () => phone.destroy());
    const toHost = (command: string, ids: { arg0: number; arg1: number }, payload?: Buffer) =>
      host.write(adbPacket({ command, ...ids }, payload));
    const goOn = (ids: { arg0: number; arg1: number }) => {
      const piece = answering.get(ids.arg0)?.next();
      if (piece && !piece.done) toHost("WRTE", ids, piece.value);
      else if (piece && answering.delete(ids.arg0)) toHost("CLSE", ids);
    };
    /** @returns whether the packet was for us. */
    const takes = ({ command, arg0, arg1, payload }: AdbBytes): boolean => {
      if (command === "OPEN") {
        const answer = tampering.answers?.(payload.toString().replace(/\0$/, ""));
        if (!answer) return false;
        const ids = { arg0: OWN + arg0, arg1: arg0 };
        answering.set(ids.arg0, answer);
        toHost("OKAY", ids);
        goOn(ids);
        return true;
      }
      if (arg1 < OWN || command === "CNXN" || command === "AUTH") return false;
      const ids = { arg0: arg1, arg1: arg0 };
      if (command === "OKAY") goOn(ids);
      else if (command === "WRTE") toHost("OKAY", ids);
      else answering.delete(arg1);
      return true;
    };
    const hostReader = new AdbReader();
    host.on("data", (chunk: Buffer) => {
      for (const packet of hostReader.push(chunk)) if (!takes(packet)) phone.write(adbPacket(packet, packet.payload));
    });
    const phoneReader = new AdbReader();
    phone.on("data", (chunk: Buffer) => {
      for (const packet of phoneReader.push(chunk)) {
        const sent = tampering.fromPhone?.(packet) ?? packet;
        host.write(adbPacket(sent, sent.payload));
        if (packet.command === "CNXN") tampering.greeted?.(host, closed);
      }
    });
  };
}
