/**
 * A phone's raw screenshot (`screencap` without -p) made small and turned into a PNG: what stands in for the tile of a phone
 * that has one encoder only. A PNG of the phone's own would be ten times larger and would have to be decoded here first.
 */
import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import { readToEnd } from "../transports/shell.js";

/** 4096 x 4096 pixels and the header. */
const MOST_BYTES = 64 * 1024 * 1024 + 16;
const MOST_SIDE = 4_096;

export interface RawScreen {
  readonly width: number;
  readonly height: number;
  /** 4 bytes a pixel. */
  readonly rgba: Uint8Array;
}

/** Fails with `phone_failed` when the phone gives no picture, `device_timeout` after 15 s. */
export async function takeRawScreen(link: PhoneLink): Promise<RawScreen> {
  const socket = await link.open("exec:screencap");
  const chunks: Uint8Array[] = [];
  try {
    await link.life.guard(
      readToEnd(socket, MOST_BYTES, (chunk) => chunks.push(chunk)),
      15_000,
      "a screenshot",
    );
  } finally {
    socket.close();
  }
  return readRawScreen(Buffer.concat(chunks));
}

/** u32le width, height, format (1 = RGBA_8888, 2 = RGBX_8888), since Android 9 the colour space, then pixels. */
export function readRawScreen(bytes: Uint8Array): RawScreen {
  const size = readRawHeader(bytes);
  const pixels = size ? size.width * size.height * 4 : 0;
  if (!size || (bytes.length !== 12 + pixels && bytes.length !== 16 + pixels)) {
    throw new PhonerackError("phone_failed", "screencap gave no picture");
  }
  return { ...size, rgba: bytes.subarray(bytes.length - pixels) };
}

/** The picture's size from the first 12 bytes, undefined when they are not the head of a raw screenshot. */
export function readRawHeader(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [width, height, format] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  const fits = width > 0 && height > 0 && width <= MOST_SIDE && height <= MOST_SIDE;
  return fits && (format === 1 || format === 2) ? { width, height } : undefined;
}

/** A PNG whose longest side is at most `longest` pixels; each pixel is the mean of those it stands for. */
export async function smallPng(screen: RawScreen, longest: number): Promise<Uint8Array> {
  const scale = Math.min(1, longest / Math.max(screen.width, screen.height));
  const width = Math.max(1, Math.round(screen.width * scale));
  const height = Math.max(1, Math.round(screen.height * scale));
  const rows = shrink(screen, width, height);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  const data = await promisify<Uint8Array, { level: number }, Buffer>(deflate)(rows, { level: 1 });
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** RGB rows, each after its filter byte 0. */
function shrink({ width: fromWidth, height: fromHeight, rgba }: RawScreen, width: number, height: number): Uint8Array {
  const rows = new Uint8Array(height * (1 + width * 3));
  let at = 0;
  for (let y = 0; y < height; y++) {
    at++;
    const top = Math.floor((y * fromHeight) / height);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * fromHeight) / height));
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * fromWidth) / width);
      const right = Math.max(left + 1, Math.floor(((x + 1) * fromWidth) / width));
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let v = top; v < bottom; v++) {
        for (let u = left, i = (v * fromWidth + left) * 4; u < right; u++, i += 4) {
          red += rgba[i] ?? 0;
          green += rgba[i + 1] ?? 0;
          blue += rgba[i + 2] ?? 0;
        }
      }
      const count = (bottom - top) * (right - left);
      rows[at++] = red / count;
      rows[at++] = green / count;
      rows[at++] = blue / count;
    }
  }
  return rows;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
