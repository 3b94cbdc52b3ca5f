/**
 * The touch bench: from a browser's socket to the agent's ADB write, seen on the cable to the phone, with gate and journal on. Beside it, the same
 * two hops without us: a WebSocket message that a bare process writes to a socket. All times are of this one process's clock.
 */
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { Latencies, type Percentiles, round } from "./latencies.js";
import { type PhoneTap, startPhoneTap } from "./phone-tap.js";

const SAMPLES = 600;
const STREAMS = 100;
const PAUSE_MS = 5;
const WARM_UP = 30;
const TOUCH_WITHIN_MS = 3_000;
const BUDGET = { p50: 1, p99: 5, busyFactor: 5 };

/** Sends the nth touch and resolves when it was seen on the cable. */
type Touch = (n: number) => Promise<void>;

interface Finger {
  touch: Touch;
  stop(): void;
}

export async function touchBench(options: BenchOptions): Promise<BenchResult> {
  const streams = options.count ?? STREAMS;
  const phones = await BenchProcess.start("phones", { count: streams + 1 });
  const lab = await BenchProcess.start("agent", { control: true });
  const [touched = 0, ...watched] = phones.ready.ports;
  const tap = await startPhoneTap(touched);
  const bare = await measureBare();
  try {
    const up = await lab.ask("bringUp", [tap.port, ...watched]);
    if (up.ready !== streams + 1) throw new Error(`not all phones became ready: ${up.reasons.join("; ")}`);
    const { url = "", token = "" } = lab.ready;
    const device = await lab.ask("device", tap.port);
    await takeDevice({ url, token }, device.id);
    const finger = await openFinger({ url, token, tap, device });
    const idle = await sample(finger.touch);
    await phones.ask("play", streams + 1);
    const deviceIds = await Promise.all(watched.map(async (port) => (await lab.ask("device", port)).id));
    const clients = await BenchProcess.start("clients", { kind: "live", url, token, deviceIds, tier: "tile" });
    await sleep(5_000);
    await clients.ask("window");
    const busy = await sample(finger.touch);
    const seen = await clients.ask("window");
    finger.stop();
    await clients.stop();
    return result({ streams, bare, idle, busy, watching: seen.streams, frames: seen.frames });
  } finally {
    await tap.stop();
    await lab.stop();
    await phones.stop();
  }
}

/** Only who holds a phone touches it. */
async function takeDevice({ url, token }: { url: string; token: string }, id: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ devices: [id], idleMinutes: null });
  const response = await fetch(new URL("/api/v1/leases", url), { method: "POST", headers, body });
  if (response.status !== 201) throw new Error(`the phone cannot be taken: ${await response.text()}`);
}

async function sample(touch: Touch): Promise<Percentiles> {
  const times = new Latencies();
  for (let n = 0; n < WARM_UP + SAMPLES; n++) {
    const began = performance.now();
    await touch(n);
    if (n >= WARM_UP) times.add(performance.now() - began);
    await sleep(PAUSE_MS);
  }
  return times.percentiles();
}

interface FingerParts {
  readonly url: string;
  readonly token: string;
  readonly tap: PhoneTap;
  readonly device: { readonly id: string; readonly width: number; readonly height: number };
}

/** A hand on the live socket that moves by one pixel at a time: each place is on the cable once, in scrcpy's touch message. */
async function openFinger({ url, token, tap, device }: FingerParts): Promise<Finger> {
  const socket = new WebSocket(new URL("/api/v1/live", url.replace("http", "ws")), {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  let refusal = "";
  socket.on("message", (data: Buffer, isBinary) => {
    if (isBinary) return;
    const said = data.toString("utf8");
    if (/"failed"|"denied"|"late"|"error"/.test(said)) refusal = said;
  });
  const { id, width, height } = device;
  let seq = 0;
  const send = (phase: "down" | "move", x: number, y: number) => {
    const input = { type: "touch", phase, pointer: 0, x, y, width, height };
    socket.send(JSON.stringify({ type: "input", seq: seq++, deviceId: id, input }));
  };
  send("down", 40, 40);
  await sleep(2_000);
  let steps = 0;
  const touch: Touch = () => {
    steps++;
    const [x, y] = [50 + (steps % 500), 50 + Math.floor(steps / 500)];
    const seen = seenOnCable(tap, place(x, y), () => refusal);
    send("move", x, y);
    return seen;
  };
  return { touch, stop: () => socket.terminate() };
}

/** x and y as scrcpy writes them: two 32-bit numbers, big-endian (app/src/control_msg.c, write_position). */
function place(x: number, y: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(x, 0);
  bytes.writeUInt32BE(y, 4);
  return bytes;
}

function seenOnCable(tap: Pick<PhoneTap, "onChunk">, bytes: Buffer, why: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const slow = setTimeout(() => reject(new Error(`a touch did not reach the phone: ${why()}`)), TOUCH_WITHIN_MS);
    tap.onChunk = (chunk) => {
      if (!chunk.includes(bytes)) return;
      clearTimeout(slow);
      resolve();
    };
  });
}

/** The limit: WebSocket in, socket out, in one bare process. */
async function measureBare(): Promise<Percentiles> {
  const { createServer } = await import("node:net");
  const sink = { onChunk: (_chunk: Buffer) => {} };
  const server = createServer((socket) => socket.on("data", (chunk) => sink.onChunk(chunk)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const hop = await BenchProcess.start("hop", { port: typeof address === "object" ? (address?.port ?? 0) : 0 });
  const socket = new WebSocket(`ws://127.0.0.1:${hop.ready.port}`, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  const times = await sample((n) => {
    const seen = seenOnCable(sink, place(n, n), () => "the bare hop lost it");
    socket.send(place(n, n));
    return seen;
  });
  socket.terminate();
  await hop.stop();
  server.close();
  return times;
}

interface Times {
  readonly streams: number;
  readonly bare: Percentiles;
  readonly idle: Percentiles;
  readonly busy: Percentiles;
  readonly watching: number;
  readonly frames: number;
}

function result({ streams, bare, idle, busy, watching, frames }: Times): BenchResult {
  const added = (of: Percentiles) => ({ p50: round(of.p50 - bare.p50), p99: round(of.p99 - bare.p99) });
  const [idleAdded, busyAdded] = [added(idle), added(busy)];
  const busyFactor = { p50: round(busyAdded.p50 / idleAdded.p50), p99: round(busyAdded.p99 / idleAdded.p99) };
  const steady = busyFactor.p50 <= BUDGET.busyFactor && busyFactor.p99 <= BUDGET.busyFactor;
  return {
    name: "touch",
    n: SAMPLES,
    ours: idleAdded.p50,
    limit: BUDGET.p50,
    ratio: round(idleAdded.p50 / BUDGET.p50),
    budget: `idle: added p50 ≤ ${BUDGET.p50} ms, p99 ≤ ${BUDGET.p99} ms; with ${STREAMS} streams running: ≤ ${BUDGET.busyFactor} × idle`,
    met: idleAdded.p50 <= BUDGET.p50 && idleAdded.p99 <= BUDGET.p99 && steady && watching === streams,
    unit: "ms from the browser's socket to the bytes on the cable, above the same hops through a bare process",
    addedMs: { idle: idleAdded, busy: busyAdded },
    busyFactor,
    ms: { bare: rounded(bare), idle: rounded(idle), busy: rounded(busy) },
    streams,
    watching,
    framesSeen: frames,
    note: "the streams' phones encode on the same two cores; what they take from the agent is in the busy figures",
  };
}

function rounded({ count, p50, p99, max }: Percentiles): Percentiles {
  return { count, p50: round(p50), p99: round(p99), max: round(max) };
}
