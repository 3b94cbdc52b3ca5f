import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readVideoConfig } from "./video-config.js";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** Made by x264 0.164 through ffmpeg 5.1 from pictures of these sizes. */
const samples = [
  {
    made: "a tile in baseline",
    hex: "00000001 6742c00bd903033e5f0110000003001000000300a0f142a480 00000001 68cb83cb20",
    codec: "avc1.42c00b",
    width: 184,
    height: 400,
  },
  {
    made: "a phone in high profile",
    hex: "00000001 67640032acd94044012de5f0110000030001000003000a0f183196 00000001 68ebe3cb22c0",
    codec: "avc1.640032",
    width: 1080,
    height: 2400,
  },
  {
    made: "a full stream in baseline",
    hex: "00000001 6742c016d9017065e5f0110000030001000003000a0f162e48 00000001 68cb83cb20",
    codec: "avc1.42c016",
    width: 360,
    height: 800,
  },
  {
    made: "a phone in main profile",
    hex: "00000001 674d401feca05a050d80880000030008000003005078c18cb0 00000001 68ebe3cb20",
    codec: "avc1.4d401f",
    width: 720,
    height: 1280,
  },
] as const;

describe("a video configuration", () => {
  test.each(samples)("of $made says its decoder and its size", ({ hex, codec, width, height }) => {
    expect(readVideoConfig(bytes(hex))).toMatchObject({ codec, width, height });
  });

  test("knows what of the coded macroblocks is to be seen", () => {
    expect(readVideoConfig(bytes(samples[0].hex))).toMatchObject({ codedWidth: 192, codedHeight: 400, left: 0, top: 0 });
  });

  test("of nonsense is none, whatever the bytes", () => {
    expect(readVideoConfig(new Uint8Array())).toBeUndefined();
    expect(readVideoConfig(bytes("00000001 68ce3880"))).toBeUndefined();
    expect(readVideoConfig(bytes("00000001 6742c01f"))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (rest) => {
        const config = readVideoConfig(Uint8Array.from([0, 0, 1, 0x67, ...rest]));
        if (config) expect(Math.max(config.width, config.height)).toBeLessThanOrEqual(16_384);
      }),
    );
  });
});
