/** Debian's Chromium for the console's tests: pages, and pictures compared by their pixels. */
import { existsSync } from "node:fs";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Fails in words when the machine has no Chromium. */
export function chromiumProgram(): string {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (!program) throw new Error("Chromium was not found; these tests need it (Debian: apt-get install chromium)");
  return program;
}

/** `program`: what starts it, e.g. elsewhere. `home`: where it looks for the user's certificates. */
export async function startChromium({
  program = chromiumProgram(),
  home,
}: {
  program?: string;
  home?: string;
} = {}): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: FLAGS, ...(home ? { env: { ...process.env, HOME: home } } : {}) });
}

/** A page of a browser profile of its own; what goes wrong in it is gathered. */
export async function newPage(browser: Browser, link: string): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(link);
  return { page, problems };
}

/** A picture as 40 × 80 grey values from 0 to 255. */
export type Pixels = readonly number[];

const WIDTH = 40;
const HEIGHT = 80;

/** The middle of a PNG without its rounded corners, scaled down; decoded by the browser, whose decoder is not ours. */
export async function readPixels(page: Page, png: Buffer): Promise<Pixels> {
  return page.evaluate(
    async ({ base64, width, height }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(width, height).getContext("2d");
      if (!context) throw new Error("no canvas");
      context.imageSmoothingQuality = "high";
      const [left, top] = [bitmap.width * 0.04, bitmap.height * 0.04];
      context.drawImage(bitmap, left, top, bitmap.width - 2 * left, bitmap.height - 2 * top, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => {
        const [red = 0, green = 0, blue = 0] = data.subarray(at * 4, at * 4 + 3);
        return (red + green + blue) / 3;
      });
    },
    { base64: png.toString("base64"), width: WIDTH, height: HEIGHT },
  );
}

/** What a person sees of an element now. */
export async function seen(element: Locator): Promise<Pixels> {
  return readPixels(element.page(), await element.screenshot());
}

/** The mean difference of two pictures, from 0 (the same) to 255. */
export function difference(a: Pixels, b: Pixels): number {
  return a.reduce((sum, value, at) => sum + Math.abs(value - (b[at] ?? 0)), 0) / Math.max(1, a.length);
}

/** How much happens in a picture: the mean distance from its own mean. A blank one has none. */
export function liveliness(pixels: Pixels): number {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  return pixels.reduce((sum, value) => sum + Math.abs(value - mean), 0) / pixels.length;
}
