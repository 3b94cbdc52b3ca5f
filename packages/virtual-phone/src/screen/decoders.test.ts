// Streams of real screens through decoders that are not ours: ffmpeg, a browser's WebCodecs, and the small decoder browsers fall back to.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createPicture } from "../h264/picture.js";
import { modelById } from "../models/models.js";
import { Phone } from "../phone/phone.js";
import { convertMacroblock } from "./i420.js";
import { type ScreenPacket, startScreenEncoder } from "./screen-encoder.js";
import { drawScreen } from "./screenshot.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
];

interface Recording {
  readonly packets: ScreenPacket[];
  /** What each picture ought to show: I420 of the screen drawn anew when the picture came. */
  readonly wanted: Buffer[];
  readonly width: number;
  readonly height: number;
}

const recordings = new Map<Scene, Recording>();

/** The recording of a scene, made once. */
function record(scene: Scene): Recording {
  let recording = recordings.get(scene);
  if (recording === undefined) {
    recording = play(scene);
    recordings.set(scene, recording);
  }
  return recording;
}

type Scene = (phone: Phone, pass: (ms: number) => void) => void;

/** Play a scene on a phone in fast motion and record its stream. */
function play(scene: Scene): Recording {
  vi.useFakeTimers();
  const model = modelById("v3");
  if (model === undefined) throw new Error("model v3 is gone");
  const phone = new Phone({ model, serial: "CLIP0001" });
  phone.power.wakeUp();
  const packets: ScreenPacket[] = [];
  const wanted: Buffer[] = [];
  const encoder = startScreenEncoder(
    phone.screen,
    { maxSize: 0, maxFps: 30, bitRate: 4_000_000, iFrameIntervalS: 0 },
    (packet) => {
      packets.push(packet);
      if (packet.kind !== "config") wanted.push(i420Of(phone, packet));
    },
  );
  scene(phone, (ms) => vi.advanceTimersByTime(ms));
  encoder.stop();
  vi.useRealTimers();
  const { width, height } = packets[0] as ScreenPacket;
  return { packets, wanted, width, height };
}

function i420Of(phone: Phone, { width, height }: { width: number; height: number }): Buffer {
  const raster = drawScreen(phone.screen, width / phone.screen.size().width);
  const picture = createPicture(width, height);
  for (let y = 0; y < picture.mbHeight; y++)
    for (let x = 0; x < picture.mbWidth; x++) convertMacroblock(raster, picture, { x, y });
  const rows: Uint8Array[] = [];
  for (const [plane, shift] of [
    [picture.y, 0],
    [picture.u, 1],
    [picture.v, 1],
  ] as const) {
    const stride = (picture.mbWidth * 16) >> shift;
    for (let y = 0; y < height >> shift; y++) rows.push(plane.subarray(y * stride, y * stride + (width >> shift)));
  }
  return Buffer.concat(rows);
}

function open(phone: Phone, name: string): void {
  phone.activities.start({
    action: "android.intent.action.MAIN",
    categories: ["android.intent.category.LAUNCHER"],
    package: name,
    flags: 0x10000000,
  });
}

function swipeUp(phone: Phone, pass: (ms: number) => void): void {
  const { width, height } = phone.screen.size();
  const at = (share: number): { pointer: number; x: number; y: number } => ({ pointer: 0, x: width / 2, y: height * share });
  phone.ui.touch({ phase: "down", ...at(0.7) });
  for (let i = 1; i <= 12; i++) {
    pass(16);
    phone.ui.touch({ phase: "move", ...at(0.7 - i * 0.03) });
  }
  phone.ui.touch({ phase: "up", ...at(0.34) });
  pass(1500);
}

/** Raw pictures of a stream, and what ffmpeg said. */
function ffmpeg(packets: readonly ScreenPacket[]): { pictures: Buffer; complaints: string } {
  const folder = mkdtempSync(join(tmpdir(), "clip-"));
  try {
    const file = join(folder, "clip.h264");
    writeFileSync(file, Buffer.concat(packets.map(({ data }) => data)));
    // Without this the raw stream's made-up 25 pictures a second may drop or repeat some.
    const run = spawnSync(
      "ffmpeg",
      ["-v", "error", "-i", file, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
      { maxBuffer: 1 << 29 },
    );
    if (run.error !== undefined) throw new Error(`ffmpeg is needed for this test: ${run.error.message}`);
    return { pictures: run.stdout, complaints: run.stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function psnr(a: Uint8Array, b: Uint8Array): number {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += ((a[i] as number) - (b[i] as number)) ** 2;
  return squares === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10((255 ** 2 * a.length) / squares);
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const deltas = ({ packets }: Recording): number[] =>
  packets.filter(({ kind }) => kind === "delta").map(({ data }) => data.length);

const scenes = {
  home: (_phone: Phone, pass: (ms: number) => void) => pass(500),
  settings: (phone: Phone, pass: (ms: number) => void) => {
    open(phone, "com.android.settings");
    pass(1000);
  },
  blocks: (phone: Phone, pass: (ms: number) => void) => {
    open(phone, "dev.phonerack.blocks");
    pass(5000);
  },
  bazaar: (phone: Phone, pass: (ms: number) => void) => {
    open(phone, "com.example.bazaar");
    pass(1000);
    swipeUp(phone, pass);
    swipeUp(phone, pass);
  },
} as const;

// Seconds of video are drawn twice, coded, decoded and compared here; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

afterEach(() => {
  vi.useRealTimers();
});

describe("streams of our screens", () => {
  it.each(Object.entries(scenes))(
    "ffmpeg decodes every picture of %s without a word, each at 40 dB or better",
    (_name, scene) => {
      const clip = record(scene);
      const { pictures, complaints } = ffmpeg(clip.packets);
      expect(complaints).toBe("");
      const size = (clip.width * clip.height * 3) / 2;
      expect(pictures.length).toBe(clip.wanted.length * size);
      for (const [i, wanted] of clip.wanted.entries())
        expect(psnr(wanted, pictures.subarray(i * size, (i + 1) * size))).toBeGreaterThan(40);
    },
  );

  it("spends at most 8 kB on the median moving picture of Blocks, at its full frame rate", () => {
    const sizes = deltas(record(scenes.blocks));
    expect(sizes.length).toBeGreaterThan(100);
    expect(median(sizes)).toBeLessThanOrEqual(8192);
  });

  it("spends little on a list that scrolls", () => {
    const clip = record(scenes.bazaar);
    const key = clip.packets.find(({ kind }) => kind === "key")?.data.length ?? 0;
    expect(deltas(clip).length).toBeGreaterThan(20);
    expect(median(deltas(clip))).toBeLessThan(key / 2);
  });

  it("sends nothing for a minute of a home screen but the clock's change", () => {
    const clip = record((_phone, pass) => {
      pass(1000);
      pass(59_000);
    });
    expect(deltas(clip).length).toBeLessThanOrEqual(1);
  });
});

describe("browsers' decoders", () => {
  let clip: Recording;
  beforeAll(() => {
    clip = record(scenes.blocks);
  });

  it.skipIf(!existsSync(CHROMIUM) && process.env.CI === undefined)(
    "WebCodecs shows every picture in the right colours",
    { timeout: 60_000 },
    async () => {
      const shown = await webCodecs(clip);
      expect(shown.errors).toEqual([]);
      expect(shown.pictures).toBe(clip.wanted.length);
      expect([shown.width, shown.height]).toEqual([clip.width, clip.height]);
      const size = clip.width * clip.height;
      expect(psnr(shown.luma, (clip.wanted.at(-1) as Buffer).subarray(0, size))).toBeGreaterThan(38);
    },
  );

  it("the baseline decoder that browsers without WebCodecs use shows every picture as ffmpeg does", async () => {
    const pictures = await tinyH264(clip);
    expect(pictures).toHaveLength(clip.wanted.length);
    // It does not crop: rows are whole macroblocks wide.
    const stride = (clip.width + 15) & ~15;
    const luma = (picture: Uint8Array, size: { stride: number }): Buffer =>
      Buffer.concat(
        Array.from({ length: clip.height }, (_, y) => picture.subarray(y * size.stride, y * size.stride + clip.width)),
      );
    const reference = ffmpeg(clip.packets).pictures;
    const last = reference.subarray(reference.length - (clip.width * clip.height * 3) / 2);
    expect(luma(pictures.at(-1) as Uint8Array, { stride }).equals(luma(last, { stride: clip.width }))).toBe(true);
  });
});

interface TinyH264 {
  default: (globals?: object) => Promise<unknown>;
}
interface TinyH264Decoder {
  default: new (
    module: unknown,
    onPicture: (picture: Uint8Array, width: number, height: number) => void,
  ) => { decode(nal: Uint8Array): void; release(): void };
}

/** Every picture as whole I420 planes. */
async function tinyH264(clip: Recording): Promise<Uint8Array[]> {
  // It is made for workers in pages and looks for their globals when loaded.
  vi.stubGlobal("self", globalThis);
  vi.stubGlobal("location", { href: "file:///" });
  const load = (name: string): Promise<unknown> => import(/* @vite-ignore */ `tinyh264/es/${name}.js`);
  const { default: start } = (await load("TinyH264")) as TinyH264;
  const { default: Decoder } = (await load("TinyH264Decoder")) as TinyH264Decoder;
  const pictures: Uint8Array[] = [];
  const decoder = new Decoder(await start(), (picture) => pictures.push(picture.slice()));
  for (const { data } of clip.packets) for (const nal of nalsOf(Buffer.from(data))) decoder.decode(nal);
  decoder.release();
  vi.unstubAllGlobals();
  return pictures;
}

function nalsOf(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = stream.indexOf("00000001", 0, "hex"); at >= 0; at = stream.indexOf("00000001", at + 4, "hex")) starts.push(at);
  return starts.map((from, i) => stream.subarray(from, starts[i + 1]));
}

/** Decode in Chromium; the last picture comes back as luma computed from the RGB that a page would paint. */
async function webCodecs(
  clip: Recording,
): Promise<{ pictures: number; errors: string[]; width: number; height: number; luma: Uint8Array }> {
  // WebCodecs exist in secure contexts only, which loopback is.
  const server = createServer((_request, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const units = clip.packets.map(({ kind, data }) => ({ kind, data: Buffer.from(data).toString("base64") }));
    const result = await page.evaluate(decodeInPage, units);
    return { ...result, luma: Buffer.from(result.luma, "base64") };
  } finally {
    await browser.close();
    server.close();
  }
}

/** Runs inside the page. */
async function decodeInPage(
  units: { kind: string; data: string }[],
): Promise<{ pictures: number; errors: string[]; width: number; height: number; luma: string }> {
  const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const result = { pictures: 0, errors: [] as string[], width: 0, height: 0, luma: "" };
  let last: VideoFrame | undefined;
  const decoder = new VideoDecoder({
    output(frame) {
      result.pictures++;
      last?.close();
      last = frame;
    },
    error: (error) => result.errors.push(String(error)),
  });
  decoder.configure({ codec: "avc1.42c01e", optimizeForLatency: true });
  let config = new Uint8Array(0);
  let timestamp = 0;
  for (const { kind, data } of units) {
    const unit = bytes(data);
    if (kind === "config") {
      config = new Uint8Array(unit);
      continue;
    }
    const whole = new Uint8Array(config.length + unit.length);
    whole.set(config);
    whole.set(unit, config.length);
    config = new Uint8Array(0);
    decoder.decode(new EncodedVideoChunk({ type: kind === "key" ? "key" : "delta", timestamp: timestamp++, data: whole }));
  }
  await decoder.flush();
  if (last === undefined) return result;
  const canvas = new OffscreenCanvas(last.displayWidth, last.displayHeight);
  const context = canvas.getContext("2d");
  context?.drawImage(last, 0, 0);
  const rgba = context?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray(0);
  let text = "";
  for (let i = 0; i < rgba.length; i += 4) {
    const luma = (66 * (rgba[i] ?? 0) + 129 * (rgba[i + 1] ?? 0) + 25 * (rgba[i + 2] ?? 0) + 128) >> 8;
    text += String.fromCharCode(luma + 16);
  }
  return { ...result, width: canvas.width, height: canvas.height, luma: btoa(text) };
}
