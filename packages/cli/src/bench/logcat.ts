/**
 * The logcat bench: the real adb's `logcat` through `phonerack adb` for ten minutes (laptop, control with agent, phone: a process each), beside the same adb's through as
 * many bare socket pumps. A shell on the phone numbers the lines that it writes, so that each that is missing, double or out of order is seen.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchAdb, bothWays } from "./bench-adb.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";

const SECONDS = 600;
/** Between lines, in seconds: some 400 a second. */
const EVERY = "0.0025";
const TAG = "Numbered";
const SETTLE_MS = 2_000;

/** Lines as they came: how many, and how many were not the next. */
interface Reading {
  lines: number;
  breaks: number;
  last: number;
  stop(): Promise<void>;
}

export async function logcatBench(options: BenchOptions): Promise<BenchResult> {
  const seconds = options.seconds ?? SECONDS;
  return bothWays(async ({ adb, through, memory }) => {
    const readings = { ours: read(adb, through.ours), bare: read(adb, through.bare) };
    await sleep(SETTLE_MS);
    const before = inMb(await memory());
    const count = `i=0; while true; do i=$((i+1)); log -t ${TAG} "$i"; sleep ${EVERY}; done`;
    const writer = adb.start("-s", through.bare, "shell", count);
    await sleep(seconds * 1_000);
    writer.kill();
    await sleep(SETTLE_MS);
    const after = inMb(await memory());
    for (const reading of Object.values(readings)) await reading.stop();
    const { ours, bare } = readings;
    return {
      name: "logcat",
      n: ours.lines,
      ours: ours.lines,
      limit: bare.lines,
      ratio: round(ours.lines / bare.lines),
      budget: "every line once and in order, as through bare pumps",
      met: ours.lines > 0 && ours.lines === bare.lines && ours.breaks === 0 && ours.last === bare.last,
      unit: `lines in ${seconds} s`,
      breaks: { ours: ours.breaks, bare: bare.breaks },
      rssMb: { before, after },
    };
  });
}

function read(adb: BenchAdb, serial: string): Reading {
  const child = adb.start("-s", serial, "logcat", "-v", "raw", "-T", "1", "-s", TAG);
  const reading: Reading = {
    lines: 0,
    breaks: 0,
    last: 0,
    stop: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
  if (child.stdout)
    createInterface(child.stdout).on("line", (line) => {
      const number = Number(line);
      // logcat's own dividers.
      if (!/^\d+$/.test(line)) return;
      reading.lines++;
      if (number !== reading.last + 1) reading.breaks++;
      reading.last = number;
    });
  return reading;
}

function inMb({ lab, tunnel }: { lab: number; tunnel: number }): object {
  return { lab: round(lab / 1e6, 0), tunnel: round(tunnel / 1e6, 0) };
}
