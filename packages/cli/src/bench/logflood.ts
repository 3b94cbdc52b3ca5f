/**
 * The log flood bench: a phone that logs 50,000 lines a second, and touches on the phone beside it. Once with its log open in a terminal, and held against the same touches
 * without the flood; once with its log open in the console in Chromium, whose frames per second are held against an empty page's. `up` is started as people start it.
 * The browser paints on the machine that is measured, so how touches fare beside it is told too, but not held against anything: at people's desks it paints on theirs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Device } from "@phonerack/contract/api";
import { connectPipe, createClient } from "@phonerack/contract/client";
import WebSocket from "ws";
import type { BenchOptions, BenchResult } from "./benches.js";
import { Latencies, type Percentiles, round } from "./latencies.js";
import { emptyPageFps, startBrowser } from "./wall-page.js";

const PROGRAM = fileURLToPath(new URL("../../bin/phonerack.js", import.meta.url));
const SECONDS = 20;
const EMPTY_SECONDS = 4;
const WARM_UP_MS = 3_000;
const TOUCH_EVERY_MS = 25;
const READY_MS = 120_000;
const BUDGET = { fps: 50, touchMs: 5 };

interface Flooded {
  /** Nobody reads a log. */
  readonly quiet: Percentiles;
  /** A terminal reads the loud one. */
  readonly flooded: Percentiles;
  readonly page: Page;
}

interface Page {
  readonly fps: number;
  readonly empty: number;
  readonly quiet: Percentiles;
  readonly flooded: Percentiles;
  readonly says: string;
}

type Touches = (ms: number) => Promise<Percentiles>;

export async function logFloodBench(options: BenchOptions): Promise<BenchResult> {
  const seconds = options.seconds ?? SECONDS;
  const data = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
  const words = ["up", "--port", "0", "--data", data, "--virtual", "2", "--no-adb", "--json", "--fault", "1:log-flood"];
  const up = spawn(process.execPath, [PROGRAM, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    return resultOf(await measure(await started(up), seconds), seconds);
  } finally {
    up.kill("SIGTERM");
    await new Promise((resolve) => (up.exitCode === null ? up.once("exit", resolve) : resolve(undefined)));
    await rm(data, { recursive: true, force: true });
  }
}

interface Started {
  readonly url: string;
  readonly token: string;
  readonly console: string;
}

async function started(up: ChildProcess): Promise<Started> {
  let said = "";
  up.stdout?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  for (const end = Date.now() + READY_MS; !said.includes("\n"); await sleep(50))
    if (up.exitCode !== null || Date.now() > end) throw new Error("phonerack up did not start");
  return JSON.parse(said) as Started;
}

async function measure(up: Started, seconds: number): Promise<Flooded> {
  const client = createClient(up);
  const [loud, neighbour] = await twoReady(client);
  await client.leases.create({ devices: [loud.id, neighbour.id] });
  const touch = async () => {
    const began = performance.now();
    await client.devices.input({ id: neighbour.id, actions: [{ type: "tap", x: 1, y: 700 }] });
    return performance.now() - began;
  };
  const touches: Touches = async (ms) => {
    const latencies = new Latencies();
    for (const end = performance.now() + ms; performance.now() < end; await sleep(TOUCH_EVERY_MS)) latencies.add(await touch());
    return latencies.percentiles();
  };
  await touches(WARM_UP_MS);
  const quiet = await touches(seconds * 1_000);
  const close = await readLog(up, loud.id);
  await touches(WARM_UP_MS);
  const flooded = await touches(seconds * 1_000);
  close();
  return { quiet, flooded, page: await inConsole(up, { loud: loud.id, neighbour: neighbour.id, touches, seconds }) };
}

/** As a terminal does, but looks at nothing of it. @returns what ends it, once it has brought something */
async function readLog({ url, token }: Started, deviceId: string): Promise<() => void> {
  const headers = { authorization: `Bearer ${token}` };
  const pipe = await new Promise<ReturnType<typeof connectPipe>>((resolve, reject) => {
    const opened = connectPipe({
      url,
      deviceId,
      service: { type: "logs" },
      open: (address) => new WebSocket(address, { headers }) as unknown as ReturnType<Parameters<typeof connectPipe>[0]["open"]>,
      onData: () => resolve(opened),
    });
    opened.ended.catch(reject);
  });
  return () => pipe.close();
}

interface InConsole {
  readonly loud: string;
  readonly neighbour: string;
  readonly touches: Touches;
  readonly seconds: number;
}

async function inConsole({ url, console: link }: Started, { loud, neighbour, touches, seconds }: InConsole): Promise<Page> {
  const browser = await startBrowser();
  try {
    const empty = await emptyPageFps(browser, EMPTY_SECONDS);
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(link);
    // Beside a log that is as good as still, in the same browser and page.
    await page.goto(`${url}/devices/${neighbour}?side=logs`);
    await touches(WARM_UP_MS);
    const quiet = await touches(seconds * 500);
    await page.goto(`${url}/devices/${loud}?side=logs`);
    const dropped = page.getByText(/lines came faster/).first();
    await dropped.waitFor();
    await sleep(WARM_UP_MS);
    await page.evaluate(COUNT_FRAMES);
    const began = performance.now();
    const flooded = await touches(seconds * 1_000);
    const fps = (await page.evaluate<number>("globalThis.benchFrames")) / ((performance.now() - began) / 1_000);
    const says = (await dropped.textContent()) ?? "";
    return { fps, empty: Math.min(empty, await emptyPageFps(browser, EMPTY_SECONDS)), quiet, flooded, says };
  } finally {
    await browser.close();
  }
}

async function twoReady(client: ReturnType<typeof createClient>): Promise<[Device, Device]> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(300)) {
    const { items } = await client.devices.list({});
    const [first, second] = [...items].sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0));
    if (first?.state === "ready" && second?.state === "ready") return [first, second];
  }
  throw new Error("the phones did not get ready");
}

function resultOf({ quiet, flooded, page }: Flooded, seconds: number): BenchResult {
  const slower = flooded.p99 - quiet.p99;
  return {
    name: "logflood",
    n: 50_000,
    ours: round(page.fps, 1),
    limit: round(page.empty, 1),
    ratio: round(page.fps / page.empty),
    budget: `page ≥ ${BUDGET.fps} fps; p99 of a touch on the next phone no more than ${BUDGET.touchMs} ms above the same without the flood, read in a terminal`,
    met: page.fps >= BUDGET.fps && slower <= BUDGET.touchMs,
    unit: "frames per second of the page; the limit is an empty page's in the same browser, the lower of before and after",
    seconds,
    touchMs: { quiet: rounded(quiet), flooded: rounded(flooded), slowerAtP99: round(slower) },
    touchMsBesideBrowser: { quiet: rounded(page.quiet), flooded: rounded(page.flooded) },
    console: page.says,
    load: loadavg().map((value) => round(value)),
    source:
      "one virtual phone that logs 50,000 lines a second, `phonerack up` and Chromium on this machine; touches over HTTP, a request each",
  };
}

function rounded({ count, p50, p99, max }: Percentiles): Percentiles {
  return { count, p50: round(p50), p99: round(p99), max: round(max) };
}

const COUNT_FRAMES = `(() => {
  globalThis.benchFrames = 0;
  const frame = () => {
    globalThis.benchFrames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()`;
