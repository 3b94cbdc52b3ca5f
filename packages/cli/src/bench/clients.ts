/** The watchers of the relay bench: browsers' sockets without browsers, or plain sockets for the bare chains. Their CPU is not counted. */
import { connect } from "node:net";
import type { Tier } from "@phonerack/contract/api";
import WebSocket from "ws";
import { frameReader } from "./framing.js";
import { Latencies, type Percentiles } from "./latencies.js";
import type { StartRole } from "./role.js";
import { nowMicros } from "./stream-source.js";

export interface ClientsRole {
  readonly params: /** Live sockets, each watching one device. */
    | {
        readonly kind: "live";
        readonly url: string;
        readonly token: string;
        readonly deviceIds: readonly string[];
        readonly tier: Tier;
      }
    /** Bare WebSockets, bare TCP sockets. */
    | { readonly kind: "ws" | "tcp"; readonly port: number; readonly count: number };
  readonly ready: { readonly connected: number };
  readonly answers: {
    /** Since the last asking; milliseconds from when the source made a frame to when it was here. */
    readonly window: { readonly bytes: number; readonly frames: number; readonly streams: number; readonly ms: Percentiles };
  };
}

const PTS_AT = 8;

class Meter {
  readonly #latencies = new Latencies();
  readonly #streams = new Set<number>();
  #bytes = 0;
  #frames = 0;

  frame(stream: number, frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    this.#latencies.add(Number(nowMicros() - view.getBigUint64(PTS_AT)) / 1_000);
    this.#streams.add(stream);
    this.#bytes += frame.length;
    this.#frames++;
  }

  window(): ClientsRole["answers"]["window"] {
    const result = { bytes: this.#bytes, frames: this.#frames, streams: this.#streams.size, ms: this.#latencies.percentiles() };
    this.#latencies.clear();
    this.#streams.clear();
    this.#bytes = 0;
    this.#frames = 0;
    return result;
  }
}

export const startClients: StartRole<ClientsRole> = async (params) => {
  const meter = new Meter();
  if (params.kind === "live") await watchLive(params, meter);
  else if (params.kind === "ws")
    await eachOf(params.count, (n) => openSocket(new WebSocket(`ws://127.0.0.1:${params.port}`), n, meter));
  else await eachOf(params.count, (n) => openTcp(params.port, n, meter));
  const connected = params.kind === "live" ? params.deviceIds.length : params.count;
  return { ready: { connected }, answers: { window: () => meter.window() } };
};

async function watchLive(params: Extract<ClientsRole["params"], { kind: "live" }>, meter: Meter): Promise<void> {
  const address = new URL("/api/v1/live", params.url.replace("http", "ws"));
  await eachOf(params.deviceIds.length, async (n) => {
    const socket = new WebSocket(address, { headers: { authorization: `Bearer ${params.token}` }, perMessageDeflate: false });
    await openSocket(socket, n, meter);
    socket.send(JSON.stringify({ type: "watch", stream: 1, deviceId: params.deviceIds[n], tier: params.tier }));
  });
}

async function eachOf(count: number, open: (n: number) => Promise<void>): Promise<void> {
  for (let n = 0; n < count; n++) await open(n);
}

function openSocket(socket: WebSocket, n: number, meter: Meter): Promise<void> {
  socket.on("message", (data, isBinary) => {
    if (isBinary && data instanceof Buffer) meter.frame(n, data);
  });
  return new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
}

function openTcp(port: number, n: number, meter: Meter): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on(
    "data",
    frameReader((frame) => meter.frame(n, frame)),
  );
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
}
