/** The leases bench: two hundred actors ask a whole control for devices at random, over HTTP, on PostgreSQL and on PGlite. */
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";
import { type Asked, WARM_UP_S } from "./lease-roles.js";
import { startPostgresServer } from "./postgres-server.js";

const DEVICES = 1_000;
const ACTORS = 200;
const SECONDS = 60;
const MAX_P99_MS = 50;
const BARE_SECONDS = 10;

interface Run {
  readonly asked: Asked;
  readonly agent: { readonly granted: number; readonly regressions: number };
  readonly notFree: number;
}

export async function leasesBench(options: BenchOptions): Promise<BenchResult> {
  const devices = options.count ?? DEVICES;
  const seconds = options.seconds ?? SECONDS;
  const postgres = await startPostgresServer();
  try {
    const lab = await run({ devices, seconds, database: postgres.url });
    const bare = await BenchProcess.start("bareLeases", { database: postgres.url, devices });
    const perSecond = Math.max(1, Math.round(lab.asked.grants.count / seconds));
    const least = await bare.ask("run", { perSecond, seconds: Math.min(BARE_SECONDS, seconds) });
    await bare.stop();
    const pglite = await run({ devices, seconds, database: null });
    const { p99 } = lab.asked.grants;
    return {
      name: "leases",
      n: devices,
      ours: round(p99),
      limit: MAX_P99_MS,
      ratio: round(p99 / MAX_P99_MS),
      budget: `no double grant, no loss; p99 of successful grants ≤ ${MAX_P99_MS} ms on PostgreSQL`,
      met: p99 <= MAX_P99_MS && isSound(lab) && isSound(pglite),
      unit: "ms, HTTP request to answer, the agent told",
      seconds,
      warmUpSeconds: WARM_UP_S,
      actors: ACTORS,
      postgres: words(lab),
      barePostgresTransaction: { p50: round(least.p50), p99: round(least.p99), perSecond },
      pglite: words(pglite),
    };
  } finally {
    await postgres.stop();
  }
}

async function run({ devices, seconds, database }: { devices: number; seconds: number; database: string | null }): Promise<Run> {
  const lab = await BenchProcess.start("leaseLab", { devices, database });
  const { url, token } = lab.ready;
  try {
    const actors = await BenchProcess.start("leaseActors", { url, token, actors: ACTORS, devices });
    const asked = await actors.ask("run", seconds);
    await actors.stop();
    return { asked, agent: await lab.ask("agent"), notFree: await untilFree(lab.ready, devices) };
  } finally {
    await lab.stop();
  }
}

/** All was given back: what is not free a little later was lost. */
async function untilFree({ url, token }: { url: string; token: string }, devices: number): Promise<number> {
  let free = 0;
  for (let tries = 0; tries < 50 && free < devices; tries++) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/api/v1/devices?lease=free&limit=1000`, { headers });
    free = ((await response.json()) as { items: unknown[] }).items.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return devices - free;
}

function isSound({ asked, agent, notFree }: Run): boolean {
  return asked.doubles === 0 && agent.regressions === 0 && notFree === 0 && asked.errors.length === 0 && asked.grants.count > 0;
}

function words({ asked, agent, notFree }: Run) {
  const { grants, releases, refused, doubles, errors } = asked;
  return {
    grants: grants.count,
    p50: round(grants.p50),
    p99: round(grants.p99),
    releaseP99: round(releases.p99),
    refused,
    doubles,
    lost: notFree,
    epochRegressions: agent.regressions,
    ...(errors.length > 0 && { errors }),
  };
}
