/** The idle bench: what a thousand ready phones cost while nobody looks. */
import { setTimeout as sleep } from "node:timers/promises";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";

const COUNT = 1_000;
const SECONDS = 60;
const MAX_PERCENT = 5;
/** After the last one is ready there are still reports to be written. */
const SETTLE_MS = 5_000;

export async function idleBench(options: BenchOptions): Promise<BenchResult> {
  const count = options.count ?? COUNT;
  const seconds = options.seconds ?? SECONDS;
  const phones = await BenchProcess.start("phones", { count });
  const lab = await BenchProcess.start("agent", { control: true });
  try {
    const up = await lab.ask("bringUp", phones.ready.ports);
    await sleep(SETTLE_MS);
    const [before, phonesBefore, began] = [await lab.usage(), await phones.usage(), performance.now()];
    await sleep(seconds * 1_000);
    const [after, phonesAfter, elapsed] = [await lab.usage(), await phones.usage(), performance.now() - began];
    const percent = round(((after.cpuMs - before.cpuMs) / elapsed) * 100);
    return {
      name: "idle",
      n: count,
      ours: percent,
      limit: MAX_PERCENT,
      ratio: round(percent / MAX_PERCENT),
      budget: `≤ ${MAX_PERCENT} % of one core, agent and control in one process`,
      met: up.ready === count && percent <= MAX_PERCENT,
      unit: "% of one core",
      seconds,
      ready: up.ready,
      phonesPercent: round(((phonesAfter.cpuMs - phonesBefore.cpuMs) / elapsed) * 100),
      rssMb: round((await lab.memory()).rss / 1e6, 0),
    };
  } finally {
    await lab.stop();
    await phones.stop();
  }
}
