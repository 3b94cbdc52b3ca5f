/** Encodes a picture as PNG (RFC 2083), and makes it small enough to be kept as an icon. */
import { crc32, deflateSync } from "node:zlib";
import type { Picture } from "./facts.js";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);

/** 8-bit RGBA, no filters. */
export function encodePng({ width, height, rgba }: Picture): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 6, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y++) rows.set(rgba.subarray(y * width * 4, (y + 1) * width * 4), y * (1 + width * 4) + 1);
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Its longest side at most `side` pixels, each the mean of those that it covers; smaller ones stay. */
export function shrunk(picture: Picture, side: number): Picture {
  const step = Math.ceil(Math.max(picture.width, picture.height) / side);
  if (step <= 1) return picture;
  const width = Math.max(1, Math.floor(picture.width / step));
  const height = Math.max(1, Math.floor(picture.height / step));
  const rgba = new Uint8Array(width * height * 4);
  for (let at = 0; at < rgba.length; at++) {
    const [x, y] = [(at >> 2) % width, Math.floor((at >> 2) / width)];
    let sum = 0;
    for (let n = 0; n < step * step; n++) {
      const [fromX, fromY] = [
        Math.min(x * step + (n % step), picture.width - 1),
        Math.min(y * step + Math.floor(n / step), picture.height - 1),
      ];
      sum += picture.rgba[(fromY * picture.width + fromX) * 4 + (at & 3)] ?? 0;
    }
    rgba[at] = Math.round(sum / (step * step));
  }
  return { width, height, rgba };
}
