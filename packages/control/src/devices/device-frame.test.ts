import { decodePng, encodePng } from "@phonerack/apk";
import { describe, expect, test } from "vitest";
import { framed } from "./device-frame.js";
import { Framer } from "./framer.js";

function picture(width: number, height: number) {
  const rgba = new Uint8Array(width * height * 4);
  for (let at = 0; at < rgba.length; at += 4) rgba.set([200, 30, 40, 255], at);
  return { width, height, rgba };
}

const pixel = ({ width, rgba }: { width: number; rgba: Uint8Array }, x: number, y: number) => [
  ...rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

describe("a device frame", () => {
  test("lies around the picture, whose middle stays as it was", () => {
    const out = framed(picture(180, 400));
    const [dx, dy] = [(out.width - 180) / 2, (out.height - 400) / 2];
    expect(dx).toBe(dy);
    expect(pixel(out, Math.floor(out.width / 2), Math.floor(out.height / 2))).toEqual([200, 30, 40, 255]);
    expect(pixel(out, dx, Math.floor(out.height / 2))).toEqual([200, 30, 40, 255]);
    expect(pixel(out, dx - 1, Math.floor(out.height / 2))).toEqual([24, 25, 28, 255]);
    expect(pixel(out, 0, Math.floor(out.height / 2))).toEqual([74, 77, 84, 255]);
  });

  test("has round corners, outside and inside, also lying", () => {
    const out = framed(picture(400, 180));
    for (const [x, y] of [
      [0, 0],
      [out.width - 1, 0],
      [0, out.height - 1],
      [out.width - 1, out.height - 1],
    ] as const)
      expect(pixel(out, x, y)[3]).toBe(0);
    const border = (out.width - 400) / 2;
    expect(pixel(out, border, border)).toEqual([24, 25, 28, 255]);
  });

  test("is drawn by a worker, from PNG to PNG; what is none is refused", async () => {
    const framer = new Framer();
    const shown = await Promise.all([1, 2, 3].map(() => framer.frame(encodePng(picture(108, 240)))));
    for (const png of shown) expect(decodePng(Buffer.from(png))?.width).toBeGreaterThan(108);
    await expect(framer.frame(Buffer.from("no picture"))).rejects.toMatchObject({ code: "phone_failed" });
  });
});
