/**
 * The jobs bench: one shell command on a thousand phones as a job through the API, fence and gate on, journalled, a row for each; beside the same command over
 * bare connections, each awaited to its end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";

const COUNT = 1_000;
const ROUNDS = 3;
const MAX_RATIO = 15;
const WITHIN_MS = 180_000;
const COMMAND = "echo done";
/** A control takes at most so many devices into one lease or one job. */
const MOST = 1_000;

interface Job {
  readonly id: string;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}

export async function jobsBench(options: BenchOptions): Promise<BenchResult> {
  const count = Math.min(options.count ?? COUNT, MOST);
  const phones = await BenchProcess.start("phones", { count });
  const lab = await BenchProcess.start("agent", { control: true });
  const bare = await BenchProcess.start("bare", { services: [] });
  try {
    const up = await lab.ask("bringUp", phones.ready.ports);
    await bare.ask("bringUp", phones.ready.ports);
    const api = apiAt(lab.ready.url ?? "", lab.ready.token ?? "");
    const { items } = (await api("/devices?limit=1000")) as { items: { id: string }[] };
    const devices = items.map(({ id }) => id);
    await api("/leases", { devices });
    // The first has baselines taken and every phone's fence made known.
    await runJob(api, devices);
    const runs: { ms: number; job: Job }[] = [];
    const limits: number[] = [];
    const before = await lab.usage();
    for (let at = 0; at < ROUNDS; at++) {
      runs.push(await runJob(api, devices));
      limits.push(await bare.ask("again", [`shell,v2,raw:${COMMAND}`]));
    }
    const cpuMs = ((await lab.usage()).cpuMs - before.cpuMs) / ROUNDS;
    const [ours, limit] = [middle(runs.map(({ ms }) => ms)), middle(limits)];
    const done = Math.min(...runs.map(({ job }) => job.counts.done ?? 0));
    const ratio = round(ours / limit);
    return {
      name: "jobs",
      n: count,
      ours: round(ours),
      limit: round(limit),
      ratio,
      budget: `≤ ${MAX_RATIO} × the same command over bare connections; a job closes and opens each phone's fence around it`,
      met: up.ready === count && done === count && ratio <= MAX_RATIO,
      unit: "ms from the request until the job has ended; medians",
      done,
      cpuMs: round(cpuMs),
      rssMb: round((await lab.memory()).rss / 1e6, 0),
    };
  } finally {
    await bare.stop();
    await lab.stop();
    await phones.stop();
  }
}

type Api = (path: string, body?: object) => Promise<unknown>;

function apiAt(url: string, token: string): Api {
  return async (path, body) => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
    const init = body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers };
    const response = await fetch(`${url}/api/v1${path}`, init);
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

async function runJob(api: Api, devices: readonly string[]): Promise<{ ms: number; job: Job }> {
  const began = performance.now();
  const action = { type: "shell", command: COMMAND };
  const pace = { concurrency: devices.length };
  let job = (await api("/jobs", { devices, action, pace, agreed: true, wait: 60_000 })) as Job;
  while (job.state !== "ended" && performance.now() - began < WITHIN_MS) {
    await sleep(50);
    job = (await api(`/jobs/${job.id}`)) as Job;
  }
  return { ms: performance.now() - began, job };
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
