import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { H264Encoder, type MotionHint } from "./encoder.js";
import type { Picture } from "./picture.js";

interface Clip {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly qp: (frame: number) => number;
  readonly keys?: readonly number[];
  readonly hints?: readonly MotionHint[];
  /** Luma of a sample; chroma is made from it. */
  readonly paint: (x: number, y: number, frame: number) => number;
}

/** Encode a clip, answer the stream and what our own reconstruction showed after each picture. */
function encode(clip: Clip): { stream: Buffer; shown: Buffer[]; sizes: number[]; psnr: number } {
  const encoder = new H264Encoder({ width: clip.width, height: clip.height, maxFps: 30 });
  const { source } = encoder;
  const nals: Uint8Array[] = [encoder.parameterSets()];
  const shown: Buffer[] = [];
  let squares = 0;
  for (let frame = 0; frame < clip.frames; frame++) {
    const changed = paint(source, (x, y) => clip.paint(x, y, frame));
    nals.push(encoder.encode({ key: clip.keys?.includes(frame) ?? false, changed, hints: clip.hints ?? [], qp: clip.qp(frame) }));
    shown.push(visible(encoder.reconstruction, clip));
    const wanted = visible(source, clip);
    for (let i = 0; i < wanted.length; i++) squares += ((wanted[i] as number) - (shown.at(-1)?.[i] as number)) ** 2;
  }
  const mse = squares / (clip.frames * (shown[0]?.length ?? 1));
  return {
    stream: Buffer.concat(nals),
    shown,
    sizes: nals.slice(1).map((nal) => nal.length),
    psnr: 10 * Math.log10(255 ** 2 / mse),
  };
}

function paint(picture: Picture, luma: (x: number, y: number) => number): Uint8Array {
  const width = picture.mbWidth * 16;
  const changed = new Uint8Array(picture.mbWidth * picture.mbHeight);
  for (let y = 0; y < picture.mbHeight * 16; y++) {
    for (let x = 0; x < width; x++) {
      const value = luma(x, y) & 255;
      if (picture.y[y * width + x] !== value) changed[(y >> 4) * picture.mbWidth + (x >> 4)] = 1;
      picture.y[y * width + x] = value;
      const chroma = (y >> 1) * (width >> 1) + (x >> 1);
      if (y % 2 === 0 && x % 2 === 0) {
        picture.u[chroma] = 255 - value;
        picture.v[chroma] = (value * 3) & 255;
      }
    }
  }
  return changed;
}

function visible(picture: Picture, size: { width: number; height: number }): Buffer {
  const rows: Uint8Array[] = [];
  for (const [plane, shift] of [
    [picture.y, 0],
    [picture.u, 1],
    [picture.v, 1],
  ] as const) {
    const stride = (picture.mbWidth * 16) >> shift;
    for (let y = 0; y < size.height >> shift; y++) rows.push(plane.slice(y * stride, y * stride + (size.width >> shift)));
  }
  return Buffer.concat(rows);
}

/** Every picture as ffmpeg sees it, and what it complained about. */
function decode(stream: Buffer): { pictures: Buffer; complaints: string } {
  const folder = mkdtempSync(join(tmpdir(), "h264-"));
  try {
    writeFileSync(join(folder, "clip.h264"), stream);
    const run = spawnSync(
      "ffmpeg",
      ["-v", "error", "-i", join(folder, "clip.h264"), "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
      {
        maxBuffer: 1 << 28,
      },
    );
    if (run.error !== undefined) throw new Error(`ffmpeg is needed for this test: ${run.error.message}`);
    return { pictures: run.stdout, complaints: run.stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Repeatable noise. */
function hash(x: number, y: number, z: number): number {
  let h = (x * 374761393 + y * 668265263 + z * 2147483647) | 0;
  h = Math.imul(h ^ (h >>> 13), 1274126177);
  return (h ^ (h >>> 16)) >>> 0;
}

const clips: [string, Clip][] = [
  ["noise at the finest quantiser", { width: 48, height: 32, frames: 4, qp: () => 12, paint: (x, y, f) => hash(x, y, f) }],
  [
    "black and white noise, large levels",
    { width: 32, height: 32, frames: 3, qp: () => 12, paint: (x, y, f) => (hash(x, y, f) & 1) * 255 },
  ],
  [
    "quantisers of every remainder",
    { width: 64, height: 48, frames: 40, qp: (f) => 12 + f, paint: (x, y, f) => (x * y + f * 7 + (hash(x, y, f) & 15)) >> 1 },
  ],
  [
    "a size that is no multiple of 16",
    { width: 182, height: 402, frames: 3, qp: () => 26, paint: (x, y, f) => x + (y >> 1) + f * 3 },
  ],
  [
    "slopes that suit plane prediction",
    { width: 96, height: 96, frames: 3, qp: () => 24, keys: [0, 1, 2], paint: (x, y, f) => (x * 2 + y + f) >> 1 },
  ],
  [
    "content scrolled up by odd and even steps",
    {
      width: 96,
      height: 160,
      frames: 8,
      qp: () => 26,
      hints: [3, 4].map((y) => ({ box: { x0: 0, y0: 0, x1: 96, y1: 160 }, x: 0, y: -y })),
      paint: (x, y, f) => hash(x >> 2, (y + f * 3 + (f > 4 ? f - 4 : 0)) >> 1, 5) & 127,
    },
  ],
  [
    "content moved sideways and diagonally beside still content",
    {
      width: 128,
      height: 64,
      frames: 8,
      qp: () => 28,
      hints: [
        { box: { x0: 0, y0: 0, x1: 64, y1: 64 }, x: -5, y: 2 },
        { box: { x0: 64, y0: 0, x1: 128, y1: 32 }, x: 7, y: 0 },
      ],
      paint: (x, y, f) =>
        (x < 64 ? hash((x + f * 5) >> 1, (y - f * 2 + 64) >> 1, 1) : y < 32 ? hash((x - f * 7 + 64) >> 1, y >> 1, 2) : x + y) &
        127,
    },
  ],
  [
    "more frames than a frame number counts, with keys between",
    { width: 32, height: 48, frames: 40, qp: () => 30, keys: [17, 18], paint: (x, y, f) => ((x + f) * 9 + y * 4) & 255 },
  ],
];

describe("H.264 encoder", () => {
  it.each(clips)("ffmpeg decodes %s to exactly what we reconstruct", (_name, clip) => {
    const { stream, shown } = encode(clip);
    const { pictures, complaints } = decode(stream);
    expect(complaints).toBe("");
    expect(pictures.equals(Buffer.concat(shown))).toBe(true);
  });

  // Worked out by hand: one macroblock of plain grey needs its mode and an empty DC block; then one skipped macroblock.
  it("writes a grey macroblock and its repetition as these bytes", () => {
    const encoder = new H264Encoder({ width: 16, height: 16, maxFps: 1 });
    for (const plane of [encoder.source.y, encoder.source.u, encoder.source.v]) plane.fill(128);
    const hex = (request: { key: boolean }): string =>
      Buffer.from(encoder.encode({ ...request, changed: Uint8Array.of(1), qp: 26 })).toString("hex");
    expect(hex({ key: true })).toBe("00000001658884a278");
    expect(hex({ key: false })).toBe("00000001419a2294");
  });

  it("codes a picture in which nothing changed as one skip run", () => {
    const { sizes } = encode({ width: 360, height: 800, frames: 2, qp: () => 26, paint: (x, y) => x ^ y });
    expect(sizes[1]).toBeLessThanOrEqual(11);
  });

  it("spends far less on a scrolled picture when it is told of the scroll", () => {
    const scroll = {
      width: 96,
      height: 160,
      frames: 4,
      qp: () => 26,
      paint: (x: number, y: number, f: number) => hash(x >> 2, (y + f * 6) >> 2, 5) & 127,
    };
    const told = encode({ ...scroll, hints: [{ box: { x0: 0, y0: 0, x1: 96, y1: 160 }, x: 0, y: -6 }] });
    const untold = encode(scroll);
    expect(told.sizes[3]).toBeLessThan((untold.sizes[3] as number) / 4);
  });

  it("stays above 40 dB at the quantiser that screens use", () => {
    expect(
      encode({ width: 64, height: 64, frames: 2, qp: () => 25, paint: (x, y, f) => hash(x >> 3, y >> 3, f) }).psnr,
    ).toBeGreaterThan(40);
  });

  it("never falls back to raw macroblocks: noise costs more than its samples rather than I_PCM's fixed 384 bytes", () => {
    const { stream } = encode({ width: 16, height: 16, frames: 1, qp: () => 12, paint: (x, y) => hash(x, y, 1) });
    const types = macroblockTypeOfFirst(stream);
    expect(types).toBeLessThan(25);
  });
});

/** mb_type of the first macroblock of an I slice: the third ue(v) group after the fixed header of ours. */
function macroblockTypeOfFirst(stream: Buffer): number {
  const slice = stream.subarray(stream.lastIndexOf(Buffer.from([0, 0, 0, 1, 0x65])) + 5);
  const bits = [...slice].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let at = 0;
  const ue = (): number => {
    const zeros = bits.indexOf("1", at) - at;
    const value = Number.parseInt(bits.slice(at + zeros, at + 2 * zeros + 1), 2) - 1;
    at += 2 * zeros + 1;
    return value;
  };
  ue(); // first_mb_in_slice
  ue(); // slice_type
  ue(); // pic_parameter_set_id
  at += 4; // frame_num
  ue(); // idr_pic_id
  at += 2; // dec_ref_pic_marking
  ue(); // slice_qp_delta
  ue(); // disable_deblocking_filter_idc
  return ue();
}
