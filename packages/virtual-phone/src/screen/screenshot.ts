// A screen as a PNG file, drawn anew at the asked scale. Written from the PNG specification; zlib does the packing, off the main thread.
import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import { Canvas } from "./canvas.js";
import { colors, rectOf } from "./geometry.js";
import { createRaster, type Raster } from "./raster.js";
import type { Screen } from "./screen.js";

const deflateAsync = promisify(deflate);
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The screen's present picture; black when it is dark or secure. `scale` 1 is device size. */
export async function screenshotPng(screen: Screen, scale = 1): Promise<Uint8Array> {
  return encodePng(drawScreen(screen, scale));
}

/** A part of the screen in device pixels; undefined when it is dark, secure, or the part is outside. */
export async function screenshotPart(
  screen: Screen,
  part?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Promise<Uint8Array | undefined> {
  if (!screen.on || screen.secure) return undefined;
  const whole = drawScreen(screen);
  if (!part) return encodePng(whole);
  const { x, y, width, height } = part;
  if (width < 1 || height < 1 || x < 0 || y < 0 || x + width > whole.width || y + height > whole.height) return undefined;
  const raster = createRaster(width, height);
  for (let row = 0; row < height; row++) {
    const from = (y + row) * whole.width + x;
    raster.pixels.set(whole.pixels.subarray(from, from + width), row * width);
  }
  return encodePng(raster);
}

/** The screen's present picture in memory; sizes are rounded to whole pixels, at least one. */
export function drawScreen(screen: Screen, scale = 1): Raster {
  const device = screen.size();
  const raster = createRaster(Math.max(1, Math.round(device.width * scale)), Math.max(1, Math.round(device.height * scale)));
  const canvas = new Canvas(raster, device);
  if (screen.on && !screen.secure) screen.draw(canvas, rectOf(device));
  else canvas.fillRect(rectOf(device), colors.black);
  return raster;
}

/** A raster as an RGB PNG. */
async function encodePng(raster: Raster): Promise<Uint8Array> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(raster.width, 0);
  header.writeUInt32BE(raster.height, 4);
  // 8 bits per channel, truecolour; compression, filter and interlace methods have one value each here.
  header.set([8, 2, 0, 0, 0], 8);
  const packed = await deflateAsync(filteredRows(raster), { level: 1 });
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", packed), chunk("IEND", new Uint8Array(0))]);
}

/** Rows as differences to the row above (PNG filter 2): screens repeat downwards, and zeros pack fastest. */
function filteredRows(raster: Raster): Uint8Array {
  const { width, height, pixels } = raster;
  const out = new Uint8Array((width * 3 + 1) * height);
  let at = 0;
  for (let y = 0; y < height; y++) {
    out[at++] = y === 0 ? 0 : 2;
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const here = pixels[row + x] as number;
      const above = y === 0 ? 0 : (pixels[row - width + x] as number);
      out[at++] = (here & 255) - (above & 255);
      out[at++] = ((here >>> 8) & 255) - ((above >>> 8) & 255);
      out[at++] = ((here >>> 16) & 255) - ((above >>> 16) & 255);
    }
  }
  return out;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, "latin1");
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}
