/** Decodes a PNG of 8 bits per channel to RGBA (RFC 2083); other depths and interlaced ones are left to their fallback. */
import { inflateSync } from "node:zlib";
import type { Picture } from "./facts.js";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
/** Of an icon. */
const MAX_SIDE = 2048;

/** @returns undefined when it is none that this reads, or has a side above `maxSide` pixels. */
export function decodePng(bytes: Buffer, maxSide = MAX_SIDE): Picture | undefined {
  if (!bytes.subarray(0, 8).equals(SIGNATURE)) return undefined;
  const data: Buffer[] = [];
  let header: { width: number; height: number; color: number } | undefined;
  let palette = Buffer.alloc(0);
  let alphas = Buffer.alloc(0);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (body.length !== length) return undefined;
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IHDR" && length >= 13) {
      if (body[8] !== 8 || body[12] !== 0) return undefined;
      header = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), color: body[9] ?? 0 };
    } else if (type === "PLTE") palette = Buffer.from(body);
    else if (type === "tRNS") alphas = Buffer.from(body);
    else if (type === "IDAT") data.push(body);
    at += 12 + length;
  }
  const channels = header && CHANNELS[header.color];
  if (!header || !channels || header.width < 1 || header.height < 1 || Math.max(header.width, header.height) > maxSide)
    return undefined;
  const rows = unfiltered(Buffer.concat(data), { ...header, channels });
  return (
    rows && { width: header.width, height: header.height, rgba: toRgba(rows, { color: header.color, channels, palette, alphas }) }
  );
}

function unfiltered(
  data: Buffer,
  { width, height, channels }: { width: number; height: number; channels: number },
): Buffer | undefined {
  const stride = width * channels;
  let raw: Buffer;
  try {
    raw = inflateSync(data, { maxOutputLength: (stride + 1) * height });
  } catch {
    return undefined;
  }
  if (raw.length < (stride + 1) * height) return undefined;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= channels ? (rows[at - channels] ?? 0) : 0;
      const up = y > 0 ? (rows[at - stride] ?? 0) : 0;
      const corner = x >= channels && y > 0 ? (rows[at - stride - channels] ?? 0) : 0;
      rows[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, { left, up, corner });
    }
  }
  return rows;
}

function predicted(filter: number, { left, up, corner }: { left: number; up: number; corner: number }): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const estimate = left + up - corner;
      const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
      return a <= b && a <= c ? left : b <= c ? up : corner;
    }
    default:
      return 0;
  }
}

function toRgba(
  rows: Buffer,
  { color, channels, palette, alphas }: { color: number; channels: number; palette: Buffer; alphas: Buffer },
): Uint8Array {
  const count = rows.length / channels;
  const rgba = new Uint8Array(count * 4);
  for (let i = 0; i < count; i++) {
    const at = i * channels;
    const first = rows[at] ?? 0;
    const gray = color === 0 || color === 4;
    for (let channel = 0; channel < 3; channel++) {
      rgba[i * 4 + channel] = color === 3 ? (palette[first * 3 + channel] ?? 0) : gray ? first : (rows[at + channel] ?? 0);
    }
    rgba[i * 4 + 3] =
      color === 6 ? (rows[at + 3] ?? 255) : color === 4 ? (rows[at + 1] ?? 255) : color === 3 ? (alphas[first] ?? 255) : 255;
  }
  return rgba;
}
