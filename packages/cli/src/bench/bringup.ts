/** The bring-up bench: a cold agent and a thousand phones, beside bare transports that make the same calls to phones just as cold. */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";
import type { BringUp } from "./phone-roles.js";
import { startPhoneTap } from "./phone-tap.js";
import type { Memory } from "./role.js";

const COUNT = 1_000;
const MAX_RATIO = 3;
const MAX_KIB = 200;
const SETTLE_MS = 2_000;

interface Run extends BringUp {
  /** Resident memory per device above the process without devices. */
  readonly kibPerDevice: number;
  readonly emptyMb: number;
}

export async function bringupBench(options: BenchOptions): Promise<BenchResult> {
  const count = options.count ?? COUNT;
  const services = await recordServices();
  const bare = await measure(count, async () => {
    const process = await BenchProcess.start("bare", { services });
    return { process, bringUp: (ports) => process.ask("bringUp", ports) };
  });
  const ours = await measure(count, async () => {
    const process = await BenchProcess.start("agent", { control: false });
    return { process, bringUp: (ports) => process.ask("bringUp", ports) };
  });
  const ratio = round(ours.ms / bare.ms);
  return {
    name: "bringup",
    n: count,
    ours: round(ours.ms),
    limit: round(bare.ms),
    ratio,
    budget: `≤ ${MAX_RATIO} × bare transports with the same shell calls; ≤ ${MAX_KIB} KiB RSS per device above an empty agent`,
    met: ours.ready === count && bare.ready === count && ratio <= MAX_RATIO && ours.kibPerDevice <= MAX_KIB,
    unit: "ms until all are ready",
    ready: { ours: ours.ready, bare: bare.ready },
    kibPerDevice: { ours: ours.kibPerDevice, bare: bare.kibPerDevice },
    emptyMb: { ours: ours.emptyMb, bare: bare.emptyMb },
    services: services.map((service) => (service.length > 60 ? `${service.slice(0, 57)}…` : service)),
    ...(ours.reasons.length > 0 || bare.reasons.length > 0 ? { reasons: { ours: ours.reasons, bare: bare.reasons } } : {}),
  };
}

/** What an agent opens on a phone until it is ready, seen on the cable. */
async function recordServices(): Promise<readonly string[]> {
  const phones = await BenchProcess.start("phones", { count: 1 });
  const agent = await BenchProcess.start("agent", { control: false });
  const tap = await startPhoneTap(phones.ready.ports[0] ?? 0);
  try {
    const { ready, reasons } = await agent.ask("bringUp", [tap.port]);
    if (ready !== 1) throw new Error(`the phone did not become ready: ${reasons.join("; ")}`);
    return [...tap.services];
  } finally {
    await tap.stop();
    await agent.stop();
    await phones.stop();
  }
}

interface Side {
  readonly process: { memory(): Promise<Memory>; stop(): Promise<void> };
  readonly bringUp: (ports: readonly number[]) => Promise<BringUp>;
}

/** Both sides meet phones that nobody has used yet. */
async function measure(count: number, start: () => Promise<Side>): Promise<Run> {
  const phones = await BenchProcess.start("phones", { count });
  const { process, bringUp } = await start();
  try {
    const empty = await process.memory();
    const result = await bringUp(phones.ready.ports);
    await sleep(SETTLE_MS);
    const full = await process.memory();
    return { ...result, kibPerDevice: round((full.rss - empty.rss) / 1_024 / count, 1), emptyMb: round(empty.rss / 1e6, 1) };
  } finally {
    await process.stop();
    await phones.stop();
  }
}
