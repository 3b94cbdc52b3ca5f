/**
 * The group bench: one tap on 20, 100 and 1,000 phones, fence and gate on, journalled, and taken into the lab's sealed log, beside the same bytes written bare over the same connections;
 * and element steps on 20 phones that are as slow as phones.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import type { ElementRound, Round } from "./group-agent.js";
import { Latencies, round } from "./latencies.js";

const COUNT = 1_000;
const SIZES = [20, 100] as const;
const ROUNDS = 9;
/** Rounds that warm both sides up. */
const WARM_UP = 2;
const LOGGED_WITHIN_MS = 60_000;
const MAX_RATIO = 2;
const ELEMENT_PHONES = 20;
const ELEMENT_ROUNDS = 10;
const MAX_BEHIND_MS = 1_000;

export async function groupBench(options: BenchOptions): Promise<BenchResult> {
  const count = options.count ?? COUNT;
  const point = await pointRounds(count);
  // A machine too slow for the one still tells the other.
  const element = await elementRounds().catch((error: unknown) => String(error));
  const whole = point.sizes[count];
  if (!whole) throw new Error("no round was measured");
  return {
    name: "group",
    n: count,
    ours: whole.ours,
    limit: whole.limit,
    ratio: whole.ratio,
    budget: `last delivered ≤ ${MAX_RATIO} × the same writes over the same transports; element mode: p95 follower ≤ ${MAX_BEHIND_MS} ms after the leader`,
    met: whole.ratio <= MAX_RATIO && whole.delivered === count && keepsUp(element),
    unit: "ms from the order until the last phone has accepted it; medians",
    ...point,
    element,
  };
}

function keepsUp(element: Awaited<ReturnType<typeof elementRounds>> | string): boolean {
  return typeof element !== "string" && element.behindMs.p95 <= MAX_BEHIND_MS && element.applied === 1;
}

interface Size {
  readonly ours: number;
  readonly limit: number;
  readonly ratio: number;
  /** Until all answers were told on the bus. */
  readonly told: number;
  readonly delivered: number;
}

async function pointRounds(count: number) {
  const phones = await BenchProcess.start("phones", { count });
  const agent = await BenchProcess.start("groupAgent", { ports: phones.ready.ports, aim: "point" });
  try {
    const sizes: Record<number, Size> = {};
    const before = await agent.ask("logged");
    const all = [...SIZES.filter((one) => one < count), count];
    for (const size of all) sizes[size] = await measure(agent, size);
    const decisions = all.reduce((sum, size) => sum + size * (ROUNDS + WARM_UP), 0);
    return { ...agent.ready, sizes, log: { decisions, ...(await untilLogged(agent, before + decisions)) } };
  } finally {
    await agent.stop();
    await phones.stop();
  }
}

/** How long after the last tap all decisions stand in the log. */
async function untilLogged(agent: BenchProcess<"groupAgent">, size: number) {
  const began = performance.now();
  for (let leaves = 0; leaves < size; leaves = await agent.ask("logged")) {
    if (performance.now() - began > LOGGED_WITHIN_MS) throw new Error(`the log has ${leaves} leaves of ${size}`);
    await sleep(50);
  }
  return { behindMs: Math.round(performance.now() - began) };
}

async function measure(agent: BenchProcess<"groupAgent">, size: number): Promise<Size> {
  const rounds: Round[] = [];
  for (let at = 0; at < ROUNDS + WARM_UP; at++) rounds.push(await agent.ask("round", size));
  const kept = rounds.slice(WARM_UP);
  const [ours, limit] = [median(kept.map((one) => one.ours)), median(kept.map((one) => one.bare))];
  const told = round(median(kept.map((one) => one.told)));
  const delivered = Math.min(...kept.map(({ outcomes }) => outcomes.delivered ?? 0));
  return { ours: round(ours), limit: round(limit), ratio: round(ours / limit), told, delivered };
}

async function elementRounds() {
  const phones = await BenchProcess.start("phones", { count: ELEMENT_PHONES, latency: "real" });
  const agent = await BenchProcess.start("groupAgent", { ports: phones.ready.ports, aim: "element" });
  try {
    const rounds: ElementRound[] = [];
    for (let at = 0; at < ELEMENT_ROUNDS; at++) rounds.push(await agent.ask("element"));
    const behind = rounds.flatMap(({ leader, followers }) => followers.map((ms) => Math.max(0, ms - leader)));
    const latencies = new Latencies();
    for (const ms of behind) latencies.add(ms);
    const sorted = [...behind].sort((a, b) => a - b);
    const p95 = round(sorted[Math.floor(sorted.length * 0.95)] ?? 0);
    const outcomes: Record<string, number> = {};
    for (const one of rounds) for (const [name, n] of Object.entries(one.outcomes)) outcomes[name] = (outcomes[name] ?? 0) + n;
    const all = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
    const { p50, max } = latencies.percentiles();
    const leaderMs = round(median(rounds.map(({ leader }) => leader)));
    const behindMs = { p50: round(p50), p95, max: round(max) };
    return {
      ...agent.ready,
      phones: ELEMENT_PHONES,
      leaderMs,
      behindMs,
      applied: round((outcomes.applied ?? 0) / all, 3),
      outcomes,
    };
  } finally {
    await agent.stop();
    await phones.stop();
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
