/**
 * The wall bench: the console in Chromium with a thousand devices whose tiles change, first with 120 in view for as long as is asked, then with
 * more than 200. What it is held against: the frames per second of an empty page in the same browser, before and after.
 */
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { BenchProcess } from "./bench-process.js";
import type { BenchOptions, BenchResult } from "./benches.js";
import { round } from "./latencies.js";
import { recordTileClips } from "./tile-clips.js";
import { emptyPageFps, startBrowser, type WallMemory, WallPage, type WallSeconds, WINDOW } from "./wall-page.js";

const DEVICES = 1_000;
const VISIBLE = 120;
const CROWDED = 201;
const SECONDS = 300;
/** Code is compiled and caches fill; what grows afterwards is a leak. */
const WARM_UP_MS = 20_000;
/** Encoders begin anew at another rate, one after the other. */
const SETTLE_MS = 12_000;
const EMPTY_SECONDS = 5;
const BUDGET = { tileFps: 2, pageFps: 50, growth: 0.1, crowdedFps: 0.9 };

interface Run {
  readonly devices: number;
  readonly seconds: number;
  readonly empty: number;
  readonly wall: WallSeconds;
  readonly pace: string;
  readonly sent: { readonly frames: number; readonly bytes: number; readonly dropped: number };
  readonly before: WallMemory;
  readonly after: WallMemory;
  readonly crowded: WallSeconds;
  readonly crowdedPace: string;
  readonly load: readonly number[];
}

export async function wallBench(options: BenchOptions): Promise<BenchResult> {
  const devices = options.count ?? DEVICES;
  const seconds = options.seconds ?? SECONDS;
  const clips = await recordTileClips();
  const browser = await startBrowser();
  const lab = await BenchProcess.start("wallLab", { devices, clips });
  try {
    const emptyBefore = await emptyPageFps(browser, EMPTY_SECONDS);
    const page = await WallPage.open(browser, lab.ready.link);
    await page.show(Math.min(VISIBLE, devices));
    await sleep(WARM_UP_MS);
    const before = await page.memory();
    await lab.ask("sent");
    const wall = await page.measure(seconds);
    const sent = await lab.ask("sent");
    const pace = await page.pace();
    const after = await page.memory();
    await page.show(Math.min(CROWDED, devices));
    await sleep(SETTLE_MS);
    const crowded = await page.measure(Math.min(30, seconds));
    const crowdedPace = await page.pace();
    const emptyAfter = await emptyPageFps(browser, EMPTY_SECONDS);
    const empty = Math.min(emptyBefore, emptyAfter);
    return result({ devices, seconds, empty, wall, pace, sent, before, after, crowded, crowdedPace, load: loadavg() });
  } finally {
    await browser.close();
    await lab.stop();
  }
}

function result(run: Run): BenchResult {
  const { wall, crowded, empty, before, after } = run;
  const tileFps = wall.drawn / wall.visible;
  const crowdedFps = crowded.drawn / crowded.visible;
  const grown = (now: number | undefined, then: number | undefined) => (now ?? 0) / (then ?? now ?? 1) - 1;
  const growth = { heap: grown(after.heap, before.heap), rss: grown(after.rss, before.rss) };
  const flat = growth.heap <= BUDGET.growth && growth.rss <= BUDGET.growth;
  return {
    name: "wall",
    n: run.devices,
    ours: round(wall.pageFps, 1),
    limit: round(empty, 1),
    ratio: round(wall.pageFps / empty),
    budget: `≥ ${BUDGET.tileFps} fps of each of ≥ ${VISIBLE} tiles in view, page ≥ ${BUDGET.pageFps} fps, memory flat (≤ ${BUDGET.growth * 100} %); above 200 in view about 1 fps each`,
    met:
      wall.visible >= VISIBLE &&
      tileFps >= BUDGET.tileFps &&
      wall.leastTiles >= wall.visible * 0.95 &&
      wall.pageFps >= BUDGET.pageFps &&
      flat &&
      crowdedFps >= BUDGET.crowdedFps,
    unit: "frames per second of the page; the limit is an empty page's in the same browser, the lower of before and after",
    seconds: run.seconds,
    window: WINDOW,
    tiles: { visible: wall.visible, fps: round(tileFps), leastDrawnInASecond: wall.leastTiles, says: run.pace },
    page: { fps: round(wall.pageFps, 1), worstSecond: round(wall.worstPageFps, 1) },
    mbitPerSecond: round((run.sent.bytes * 8) / 1e6 / run.seconds),
    dropped: run.sent.dropped,
    memory: { before, after, heapGrowth: round(growth.heap, 3), rssGrowth: round(growth.rss, 3) },
    crowded: {
      visible: crowded.visible,
      fps: round(crowdedFps),
      pageFps: round(crowded.pageFps, 1),
      says: run.crowdedPace,
    },
    load: run.load.map((value) => round(value)),
    source:
      "tiles recorded from virtual phones that play a game, shown over and over by a stand-in for the agent; Chromium without a GPU",
  };
}
