/**
 * The push bench: 100 MiB by the real adb through `phonerack adb` (laptop, control with agent, phone: a process each), beside the same adb, phone and file through as many
 * bare socket pumps. Both in turn, so that a busy moment hits both.
 */
import { bothWays } from "./bench-adb.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";

const MIB = 1024 * 1024;
const SIZE_MIB = 100;
const ROUNDS = 5;
const LEAST_RATIO = 0.7;
const LEAST_MB = 40;

export async function pushBench(options: BenchOptions): Promise<BenchResult> {
  const size = (options.count ?? SIZE_MIB) * MIB;
  return bothWays(async ({ adb, through }) => {
    const file = await adb.file(size);
    const runs = { push: { ours: [] as number[], bare: [] as number[] }, pull: { ours: [] as number[], bare: [] as number[] } };
    // The first warms what is compiled on demand.
    for (let at = -1; at < ROUNDS; at++) {
      for (const way of ["ours", "bare"] as const) {
        const pushed = await adb.timed("-s", through[way], "push", file, "/sdcard/Download/bench");
        const pulled = await adb.timed("-s", through[way], "pull", "/sdcard/Download/bench", `${file}.back`);
        if (at < 0) continue;
        runs.push[way].push(size / 1_000 / pushed);
        runs.pull[way].push(size / 1_000 / pulled);
      }
    }
    const [ours, limit] = [middle(runs.push.ours), middle(runs.push.bare)];
    const ratio = round(ours / limit);
    return {
      name: "push",
      n: size / MIB,
      ours: round(ours),
      limit: round(limit),
      ratio,
      budget: `≥ ${LEAST_RATIO} of real adb through as many bare pumps, and ≥ ${LEAST_MB} MB/s`,
      met: ratio >= LEAST_RATIO && ours >= LEAST_MB,
      unit: "MB/s of the whole command, medians",
      pull: { ours: round(middle(runs.pull.ours)), bare: round(middle(runs.pull.bare)) },
      rounds: ROUNDS,
    };
  });
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
