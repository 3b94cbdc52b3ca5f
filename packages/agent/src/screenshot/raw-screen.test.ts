import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { readRawHeader, readRawScreen, smallPng } from "./raw-screen.js";

function raw(width: number, height: number, options: { header?: 12 | 16; format?: number } = {}): Uint8Array {
  const header = options.header ?? 16;
  const bytes = Buffer.alloc(header + width * height * 4);
  bytes.writeUInt32LE(width, 0);
  bytes.writeUInt32LE(height, 4);
  bytes.writeUInt32LE(options.format ?? 1, 8);
  return bytes;
}

test("reads the raw screenshots of old and new phones", () => {
  expect(readRawScreen(raw(4, 6))).toMatchObject({ width: 4, height: 6 });
  expect(readRawScreen(raw(4, 6, { header: 12 })).rgba).toHaveLength(96);
});

test.each([
  ["cut short", raw(4, 6).subarray(0, 60)],
  ["of another format", raw(4, 6, { format: 4 })],
  ["of no size", raw(0, 6)],
  ["that are words", Buffer.from("Error: could not get display")],
  ["that are nothing", new Uint8Array(0)],
])("refuses bytes %s", (_what, bytes) => {
  expect(() => readRawScreen(bytes)).toThrow(expect.objectContaining({ code: "phone_failed" }));
});

test("refuses a screen of a million pixels across before it is read", () => {
  const header = raw(1, 1);
  new DataView(header.buffer, header.byteOffset).setUint32(0, 1_000_000, true);
  expect(readRawHeader(header)).toBeUndefined();
});

test("makes a small PNG whose pixels are means", async () => {
  const bytes = raw(4, 8);
  // The left half white, the right half black.
  for (let i = 0; i < 32; i++) if (i % 4 < 2) bytes.set([255, 255, 255, 255], 16 + i * 4);
  const png = Buffer.from(await smallPng(readRawScreen(bytes), 4));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2, 4]);
  const length = png.readUInt32BE(33);
  const rows = inflateSync(png.subarray(41, 41 + length));
  expect([...rows.subarray(0, 7)]).toEqual([0, 255, 255, 255, 0, 0, 0]);
});
