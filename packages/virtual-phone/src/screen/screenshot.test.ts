import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { rgb } from "./geometry.js";
import type { Screen } from "./screen.js";
import { drawScreen, screenshotPng } from "./screenshot.js";

const screen: Screen & { secure: boolean } = {
  secure: false,
  on: true,
  size: () => ({ width: 90, height: 160 }),
  onDamage: () => () => {},
  draw(canvas) {
    canvas.gradient({ x: 0, y: 0, width: 90, height: 160 }, { from: rgb(0x123456), to: rgb(0xfedcba), direction: "diagonal" });
    canvas.text("PNG", { x: 5, y: 50, size: 40, color: rgb(0xffffff) });
  },
};

function decodePng(png: Uint8Array): Buffer {
  const run = spawnSync("ffmpeg", ["-v", "error", "-f", "png_pipe", "-i", "-", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], {
    input: png,
  });
  if (run.error !== undefined) throw new Error(`ffmpeg is needed for this test: ${run.error.message}`);
  expect(run.stderr.toString()).toBe("");
  return run.stdout;
}

it("writes a PNG that another decoder reads as the same pixels", async () => {
  const { pixels } = drawScreen(screen);
  const rgbBytes = Buffer.from([...pixels].flatMap((word) => [word & 255, (word >> 8) & 255, (word >> 16) & 255]));
  expect(decodePng(await screenshotPng(screen)).equals(rgbBytes)).toBe(true);
});

it("draws at the asked scale", async () => {
  const png = Buffer.from(await screenshotPng(screen, 0.5));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([45, 80]);
});

it("is black for a window that forbids capture", () => {
  screen.secure = true;
  expect(new Set(drawScreen(screen).pixels)).toEqual(new Set([0xff000000]));
  screen.secure = false;
});
