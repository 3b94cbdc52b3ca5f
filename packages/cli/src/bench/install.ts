/**
 * The install bench: one large APK on a chassis of phones by a job, from the job's creation until the phones list it. Beside it, the same file from the same disk
 * over bare ADB streams into the same package managers, with nothing of ours; the faster of a run before and a run after is the limit. The phones' own part, reading
 * and verifying the APK, is in both.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildApk } from "@phonerack/apk";
import { type Client, createClient, finishedJob, uploadFile } from "@phonerack/contract/client";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";
import { PlainAdb } from "./plain-adb.js";

const PHONES = 20;
const MIB = 1024 * 1024;
const PAYLOAD = 80 * MIB;
const NAME = "com.example.bench";
const PIECE = 256 * 1024;
const BUDGET = 0.7;

export async function installBench(options: BenchOptions): Promise<BenchResult> {
  const count = options.count ?? PHONES;
  const folder = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
  const phones = await BenchProcess.start("phones", { count });
  const lab = await BenchProcess.start("agent", { control: true });
  try {
    const apk = join(folder, "bench.apk");
    const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const bytes = buildApk({ package: NAME, files: { "assets/payload": randomBytes(PAYLOAD) } }, key);
    await writeFile(apk, bytes);
    const { ports } = phones.ready;
    const up = await lab.ask("bringUp", [...ports]);
    if (up.ready !== count) throw new Error(`not all phones became ready: ${up.reasons.join("; ")}`);
    const file = { path: apk, size: bytes.length };
    const before = await bareInstall(ports, file);
    const client = createClient({ url: lab.ready.url ?? "", token: lab.ready.token ?? "" });
    const ours = await byJob(client, file, count);
    const sent = await lab.ask("bulk");
    const after = await bareInstall(ports, file);
    return resultOf({ count, size: bytes.length, ours, limit: Math.min(before, after), sent });
  } finally {
    await lab.stop();
    await phones.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface File {
  readonly path: string;
  readonly size: number;
}

/** @returns milliseconds for all. The app is gone after. */
async function bareInstall(ports: readonly number[], { path, size }: File): Promise<number> {
  const all = await Promise.all(ports.map((port) => PlainAdb.open(port)));
  try {
    const began = performance.now();
    const said = await Promise.all(
      all.map((adb) => adb.feed(`cmd package install -r -S ${size}`, createReadStream(path, { highWaterMark: PIECE }))),
    );
    const ms = performance.now() - began;
    const bad = said.find((words) => !words.startsWith("Success"));
    if (bad !== undefined) throw new Error(`a bare installation failed: ${bad}`);
    await Promise.all(all.map((adb) => adb.run(`pm uninstall ${NAME}`)));
    return ms;
  } finally {
    await Promise.all(all.map((adb) => adb.close()));
  }
}

/** @returns milliseconds from the job's creation to its end, the fence and the file's way to the host included. */
async function byJob(client: Client, { path }: File, count: number): Promise<number> {
  const { sha256 } = await uploadFile(client, await openAsBlob(path), { name: "bench.apk" });
  const build = await client.builds.create({ files: [{ name: "bench.apk", sha256: sha256 ?? "" }], note: "" });
  await client.apps.approve({ id: build.app, reason: "made by the bench" });
  const devices = (await client.devices.list({ limit: count })).items.map(({ id }) => id);
  await client.leases.create({ devices, idleMinutes: null });
  const action = { type: "install", package: NAME, files: build.files } as const;
  const { id } = await client.jobs.create({ devices, action, agreed: true });
  const job = await finishedJob(client, id);
  if (job.counts.done !== count) {
    const { items } = await client.jobs.outcomes({ id: job.id });
    throw new Error(`not all phones have it: ${JSON.stringify(items.map(({ state, error }) => ({ state, error })))}`);
  }
  return (job.endedAt ?? Number.POSITIVE_INFINITY) - job.createdAt;
}

function resultOf(measured: { count: number; size: number; ours: number; limit: number; sent: number }): BenchResult {
  const { count, size, ours, limit, sent } = measured;
  const rate = (ms: number) => round((count * size) / MIB / (ms / 1_000), 1);
  const ratio = round(limit / ours);
  const times = Math.round(sent / size);
  return {
    name: "install",
    n: count,
    ours: rate(ours),
    limit: rate(limit),
    ratio,
    budget: `MiB/s on all phones together, at least ${BUDGET} of bare ADB streams; the file goes to the host once`,
    met: ratio >= BUDGET && times === 1,
    seconds: round(ours / 1_000),
    bareSeconds: round(limit / 1_000),
    mibPerPhone: round(size / MIB, 1),
    timesToHost: times,
  };
}
