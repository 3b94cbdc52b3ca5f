/**
 * The relay bench. The same source and the same watchers on both sides; in between once our agent's end of the bus and a whole control, once
 * nothing but sockets. Bytes that reached the watchers per second of CPU of what is in between.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchProcess, cpuMsOf } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import type { ClientsRole } from "./clients.js";
import { round } from "./latencies.js";
import { startNatsServer } from "./nats-server.js";
import { deviceId } from "./stand-in-agent.js";
import type { StreamRate } from "./stream-source.js";

const RATE = { streams: 200, bitsPerSecond: 2_000_000 };
const WARM_UP_MS = 4_000;

interface Chain {
  /** Megabytes that arrived per second of CPU of the processes in between. */
  readonly mbPerCpuSecond: number;
  /** Megabits per second that arrived, of what was asked for. */
  readonly mbitPerSecond: number;
  readonly cpuPercent: number;
  readonly streams: number;
  /** From made to arrived. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Measured {
  readonly clients: BenchProcess<"clients">;
  readonly between: readonly { usage(): Promise<{ cpuMs: number }> }[];
}

export async function relayBench(options: BenchOptions): Promise<BenchResult> {
  const rate: StreamRate = { ...RATE, streams: options.count ?? RATE.streams };
  const seconds = options.seconds ?? 10;
  const processes: { stop(): Promise<void> }[] = [];
  const start: Start = async (name, params) => {
    const started = await BenchProcess.start(name, params);
    processes.push(started);
    return started;
  };
  const stopAll = async () => {
    for (const each of processes.splice(0).reverse()) await each.stop();
  };
  const chain = async (build: () => Promise<Measured>): Promise<Chain> => {
    try {
      return await measure(await build(), seconds);
    } finally {
      await stopAll();
    }
  };
  const nats = await startNatsServer();
  try {
    const pipe = await chain(() => buildPipe(start, rate));
    const ours = await chain(() => buildLab(start, rate));
    const bareNats = await chain(() => buildBareNats(start, rate, nats.url));
    const natsBefore = await cpuMsOf(nats.pid);
    const oursNats = await chain(() => buildNats(start, rate, nats.url));
    const natsCpuMs = (await cpuMsOf(nats.pid)) - natsBefore;
    return result({ rate, seconds, pipe, ours, bareNats, oursNats, natsCpuMs });
  } finally {
    await nats.stop();
  }
}

type Start = <Name extends Parameters<typeof BenchProcess.start>[0]>(
  name: Name,
  params: Parameters<typeof BenchProcess.start<Name>>[1],
) => Promise<BenchProcess<Name>>;

async function buildPipe(start: Start, rate: StreamRate): Promise<Measured> {
  const source = await start("source", rate);
  const pipe = await start("pipe", { source: source.ready.port });
  return { clients: await start("clients", { kind: "tcp", port: pipe.ready.port, count: rate.streams }), between: [pipe] };
}

async function buildLab(start: Start, rate: StreamRate): Promise<Measured> {
  const source = await start("source", rate);
  const lab = await start("lab", { source: source.ready.port, streams: rate.streams });
  return { clients: await start("clients", live(lab.ready, rate)), between: [lab] };
}

async function buildBareNats(start: Start, rate: StreamRate, nats: string): Promise<Measured> {
  const source = await start("source", rate);
  const relay = await start("bareNats", { nats, streams: rate.streams, half: "relay" });
  const clients = await start("clients", { kind: "ws", port: relay.ready.port, count: rate.streams });
  const publisher = await start("bareNats", { nats, streams: rate.streams, half: "publisher", source: source.ready.port });
  return { clients, between: [publisher, relay] };
}

async function buildNats(start: Start, rate: StreamRate, nats: string): Promise<Measured> {
  const source = await start("source", rate);
  const control = await start("natsControl", { nats });
  const agent = await start("natsAgent", { nats, source: source.ready.port, streams: rate.streams });
  return { clients: await start("clients", live(control.ready, rate)), between: [agent, control] };
}

function live(control: { url: string; token: string }, rate: StreamRate): ClientsRole["params"] {
  return { kind: "live", ...control, tier: "full", deviceIds: Array.from({ length: rate.streams }, (_, n) => deviceId(n)) };
}

async function measure({ clients, between }: Measured, seconds: number): Promise<Chain> {
  const cpu = async () => (await Promise.all(between.map((each) => each.usage()))).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  await sleep(WARM_UP_MS);
  await clients.ask("window");
  const [before, began] = [await cpu(), performance.now()];
  await sleep(seconds * 1_000);
  const [cpuMs, elapsed, seen] = [(await cpu()) - before, performance.now() - began, await clients.ask("window")];
  return {
    mbPerCpuSecond: round(seen.bytes / 1e6 / (cpuMs / 1_000)),
    mbitPerSecond: round((seen.bytes * 8) / 1e3 / elapsed),
    cpuPercent: round((cpuMs / elapsed) * 100, 1),
    streams: seen.streams,
    p50Ms: round(seen.ms.p50),
    p99Ms: round(seen.ms.p99),
  };
}

interface Chains {
  readonly rate: StreamRate;
  readonly seconds: number;
  readonly pipe: Chain;
  readonly ours: Chain;
  readonly bareNats: Chain;
  readonly oursNats: Chain;
  readonly natsCpuMs: number;
}

function result({ rate, seconds, pipe, ours, bareNats, oursNats, natsCpuMs }: Chains): BenchResult {
  const ratio = round(ours.mbPerCpuSecond / pipe.mbPerCpuSecond);
  const natsRatio = round(oursNats.mbPerCpuSecond / bareNats.mbPerCpuSecond);
  const addedMs = round(ours.p50Ms - pipe.p50Ms);
  const natsAddedMs = round(oursNats.p50Ms - bareNats.p50Ms);
  const whole = [ours, oursNats].every((chain) => chain.streams === rate.streams);
  return {
    name: "relay",
    n: rate.streams,
    ours: ours.mbPerCpuSecond,
    limit: pipe.mbPerCpuSecond,
    ratio,
    budget: "in-process ≥ 0.5 of a bare socket pipe per CPU second; over NATS ≥ 0.8 of publisher → NATS → ws; added p50 ≤ 2 ms",
    met: whole && ratio >= 0.5 && natsRatio >= 0.8 && addedMs <= 2 && natsAddedMs <= 2,
    unit: "MB that arrived per CPU second of the processes between source and watchers",
    nats: { ours: oursNats.mbPerCpuSecond, limit: bareNats.mbPerCpuSecond, ratio: natsRatio, natsServerCpuMs: natsCpuMs },
    addedP50Ms: { inProcess: addedMs, nats: natsAddedMs },
    askedMbitPerSecond: round((rate.streams * rate.bitsPerSecond) / 1e6),
    seconds,
    chains: { pipe, ours, bareNats, oursNats },
    source: "frames from one TCP connection per stream, handed to the bus as an agent does; reading ADB and scrcpy is not in it",
  };
}
