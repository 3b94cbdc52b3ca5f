/** The processes of the relay bench: the source of frames, our chain in one process and over NATS, and the bare chains they are held against. */
import { mkdtemp } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectToNats } from "@nats-io/transport-node";
import { type Bus, createInProcessBus } from "@phonerack/contract/bus";
import { startControl } from "@phonerack/control";
import pino from "pino";
import { type WebSocket, WebSocketServer } from "ws";
import { connectNats } from "../bus/connect-nats.js";
import { frameReader, withLength } from "./framing.js";
import type { StartRole } from "./role.js";
import { deviceId, StandInAgent } from "./stand-in-agent.js";
import { type StreamRate, startStreams } from "./stream-source.js";

/** Sends each stream's frames over one TCP connection, as phones would. */
export interface SourceRole {
  readonly params: StreamRate;
  readonly ready: { readonly port: number };
  /** Frames are made once all connections stand. */
  readonly answers: { readonly waiting: number };
}

/** A socket pump: for each watcher one connection to the source. */
export interface PipeRole {
  readonly params: { readonly source: number };
  readonly ready: { readonly port: number };
  readonly answers: Record<string, never>;
}

export interface ControlAt {
  readonly url: string;
  readonly token: string;
}

interface AgentAnswers extends Record<string, unknown> {
  readonly streams: { readonly watched: number; readonly dropped: number };
}

/** Agent and control in one process. */
export interface LabRole {
  readonly params: { readonly source: number; readonly streams: number };
  readonly ready: ControlAt;
  readonly answers: AgentAnswers;
}

export interface NatsControlRole {
  readonly params: { readonly nats: string };
  readonly ready: ControlAt;
  readonly answers: Record<string, never>;
}

export interface NatsAgentRole {
  readonly params: { readonly nats: string; readonly source: number; readonly streams: number };
  readonly ready: Record<string, never>;
  readonly answers: AgentAnswers;
}

/** One half of the bare chain: socket → NATS, or NATS → WebSocket. */
export interface BareNatsRole {
  readonly params: { readonly nats: string; readonly streams: number } & (
    | { readonly half: "publisher"; readonly source: number }
    | { readonly half: "relay" }
  );
  readonly ready: { readonly port: number };
  readonly answers: Record<string, never>;
}

/** More would be a frame the source could not place; then the bench shows fewer bytes than asked for. */
const SOURCE_BUFFER = 4 * 1024 * 1024;

export const startSource: StartRole<SourceRole> = async (rate) => {
  const sockets: Socket[] = [];
  let stop: (() => void) | undefined;
  let stuck = 0;
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    sockets.push(socket);
    if (sockets.length === rate.streams) {
      stop = startStreams(rate, (stream, frame) => {
        const to = sockets[stream];
        if (to && to.writableLength < SOURCE_BUFFER) to.write(withLength(frame));
        else stuck++;
      });
    }
    socket.once("close", () => {
      stop?.();
      sockets.length = 0;
    });
  });
  return { ready: { port: await listen(server) }, answers: { waiting: () => stuck } };
};

export const startPipe: StartRole<PipeRole> = async ({ source }) => {
  const server = createServer((watcher) => {
    const phone = connect(source, "127.0.0.1");
    watcher.setNoDelay(true);
    watcher.on("error", () => {});
    phone.pipe(watcher);
  });
  return { ready: { port: await listen(server) } };
};

export const startLab: StartRole<LabRole> = async ({ source, streams }) => {
  const bus = createInProcessBus();
  const { url, token } = await control(bus);
  return { ready: { url, token }, answers: agentAnswers(feed(bus, source, streams)) };
};

export const startNatsControl: StartRole<NatsControlRole> = async ({ nats }) => {
  const { url, token } = await control(await connectNats({ url: nats, name: "bench control" }));
  return { ready: { url, token } };
};

export const startNatsAgent: StartRole<NatsAgentRole> = async ({ nats, source, streams }) => {
  const bus = await connectNats({ url: nats, name: "bench agent" });
  return { ready: {}, answers: agentAnswers(feed(bus, source, streams)) };
};

export const startBareNats: StartRole<BareNatsRole> = async (params) => {
  const connection = await connectToNats({ servers: new URL(params.nats).host });
  if (params.half === "publisher") {
    readSource(params.source, params.streams, (stream, frame) => connection.publish(`bare.${stream}`, frame));
    return { ready: { port: 0 } };
  }
  const sockets: WebSocket[] = [];
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (socket) => sockets.push(socket));
  for (let stream = 0; stream < params.streams; stream++) {
    connection.subscribe(`bare.${stream}`, { callback: (_error, message) => sockets[stream]?.send(message.data) });
  }
  await connection.flush();
  return { ready: { port: (server.address() as AddressInfo).port } };
};

/** A control as it is, with its database in a folder of its own. */
export async function control(bus: Bus, files: { webRoot?: string } = {}) {
  return startControl({
    ...files,
    bus,
    replica: "bench",
    dataDir: await mkdtemp(join(tmpdir(), "phonerack-bench-")),
    database: { kind: "pglite" },
    host: "127.0.0.1",
    port: 0,
    version: "0",
    log: pino({ level: "error" }, process.stderr),
  });
}

function feed(bus: Bus, source: number, streams: number): StandInAgent {
  const agent = new StandInAgent(bus, streams);
  // The source begins at the last connection; an agent connects to its phones' encoders when they are watched.
  const waiting = setInterval(() => {
    if (agent.watched < streams) return;
    clearInterval(waiting);
    readSource(source, streams, (stream, frame) => agent.publish(stream, frame));
  }, 50);
  return agent;
}

function agentAnswers(agent: StandInAgent) {
  return { streams: () => ({ watched: agent.watched, dropped: agent.dropped }) };
}

function readSource(port: number, streams: number, onFrame: (stream: number, frame: Uint8Array) => void): void {
  for (let stream = 0; stream < streams; stream++) {
    connect(port, "127.0.0.1").on(
      "data",
      frameReader((frame) => onFrame(stream, frame)),
    );
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

export { deviceId };
