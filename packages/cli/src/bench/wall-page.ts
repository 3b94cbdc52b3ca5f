/** The wall bench's eyes: the console in Chromium, how many tiles it has in view, how fast they and the page are drawn, what its memory is. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"];
export const WINDOW = { width: 1920, height: 1080 };

export interface WallSeconds {
  /** Tiles in view. */
  readonly visible: number;
  /** Drawings of tiles per second, over all. */
  readonly drawn: number;
  /** The fewest different tiles that were drawn within one of the seconds. */
  readonly leastTiles: number;
  /** Frames per second of the page itself: mean, and of its worst second. */
  readonly pageFps: number;
  readonly worstPageFps: number;
}

export interface WallMemory {
  /** JavaScript heap of the page after a collection, in bytes. */
  readonly heap: number;
  /** Resident memory of the page's process, in bytes; undefined where it cannot be told. */
  readonly rss: number | undefined;
}

/** Fails with `usage` where there is no Chromium. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = PROGRAMS.find((path) => existsSync(path));
  if (!executablePath) throw new PhonerackError("usage", "this bench needs Chromium (Debian: apt-get install chromium)");
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Frames per second of a page that does nothing but draw. */
export async function emptyPageFps(browser: Browser, seconds: number): Promise<number> {
  const page = await browser.newPage({ viewport: WINDOW });
  await page.setContent("<p>nothing</p>");
  await countFrames(page);
  await sleep(1_000);
  const began = await framesOf(page);
  await sleep(seconds * 1_000);
  const ended = await framesOf(page);
  await page.close();
  return (ended.frames - began.frames) / ((ended.at - began.at) / 1_000);
}

export class WallPage {
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #browser: Browser;

  static async open(browser: Browser, link: string): Promise<WallPage> {
    const context = await browser.newContext({ viewport: WINDOW });
    const page = await context.newPage();
    await page.goto(link);
    // Not in chassis, or tiles would come and go by whole cards of twenty.
    await page.goto(new URL("/?group=none", link).href);
    await page.locator("[data-drawn] [data-device]").first().waitFor({ timeout: 60_000 });
    await countFrames(page);
    return new WallPage(browser, page, await context.newCDPSession(page));
  }

  private constructor(browser: Browser, page: Page, session: CDPSession) {
    this.#browser = browser;
    this.#page = page;
    this.#session = session;
  }

  /** Makes tiles smaller, from the largest, until at least so many are in view. @returns how many. */
  async show(least: number): Promise<number> {
    await this.#page.getByRole("slider").focus();
    await this.#page.keyboard.press("End");
    for (let tries = 0; tries < 60; tries++) {
      await sleep(300);
      const visible = await this.visible();
      if (visible >= least) return visible;
      await this.#page.keyboard.press("-");
    }
    throw new Error(`the wall does not show ${least} tiles at once, but ${await this.visible()}`);
  }

  visible(): Promise<number> {
    return this.#page.evaluate<number>(TILES_IN_VIEW);
  }

  /** What the wall says of its pace; "" when it says nothing. */
  pace(): Promise<string> {
    return this.#page.evaluate<string>('document.querySelector("[class*=pace]")?.textContent ?? ""');
  }

  async measure(seconds: number): Promise<WallSeconds> {
    const visible = await this.visible();
    const drawn: number[] = [];
    const tiles: number[] = [];
    const paces: number[] = [];
    let before = await framesOf(this.#page);
    for (let second = 0; second < seconds; second++) {
      await sleep(1_000);
      const now = await framesOf(this.#page);
      paces.push((now.frames - before.frames) / ((now.at - before.at) / 1_000));
      drawn.push(now.drawn);
      tiles.push(now.tiles);
      before = now;
    }
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    return {
      visible,
      drawn: mean(drawn),
      leastTiles: Math.min(...tiles),
      pageFps: mean(paces),
      worstPageFps: Math.min(...paces),
    };
  }

  async memory(): Promise<WallMemory> {
    await this.#session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await this.#session.send("Runtime.getHeapUsage");
    return { heap: usedSize, rss: await this.#rss() };
  }

  async #rss(): Promise<number | undefined> {
    const session = await this.#browser.newBrowserCDPSession();
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    await session.detach();
    const sizes = await Promise.all(processInfo.filter(({ type }) => type === "renderer").map(({ id }) => residentOf(id)));
    const known = sizes.flatMap((size) => size ?? []);
    return known.length > 0 ? Math.max(...known) : undefined;
  }
}

async function residentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

async function countFrames(page: Page): Promise<void> {
  await page.evaluate(COUNT_FRAMES);
}

function framesOf(page: Page): Promise<{ frames: number; at: number; drawn: number; tiles: number }> {
  return page.evaluate(FRAMES);
}

// What runs in the page is text here: this package knows no DOM.
const TILES_IN_VIEW = `(() => {
  const wall = document.querySelector("[data-drawn]").getBoundingClientRect();
  return [...document.querySelectorAll("[data-device]")].filter((tile) => {
    const { top, bottom } = tile.getBoundingClientRect();
    return bottom > wall.top && top < wall.bottom;
  }).length;
})()`;

const COUNT_FRAMES = `(() => {
  globalThis.benchFrames = 0;
  const frame = () => {
    globalThis.benchFrames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})()`;

const FRAMES = `(() => {
  const wall = document.querySelector("[data-drawn]")?.dataset;
  return {
    frames: globalThis.benchFrames,
    at: performance.now(),
    drawn: Number(wall?.drawn ?? 0),
    tiles: Number(wall?.drawnTiles ?? 0),
  };
})()`;
