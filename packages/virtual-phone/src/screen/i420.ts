// Raster pixels to the encoder's planes: BT.601, limited range, chroma as the mean of four pixels, one macroblock at a time.
import type { Picture } from "../h264/picture.js";
import type { Raster } from "./raster.js";

/**
 * Convert the macroblock at (mbX, mbY); beyond the raster's edge its last pixels are repeated.
 * Answers whether any sample differs from what the picture had.
 */
export function convertMacroblock(raster: Raster, picture: Picture, place: { x: number; y: number }): boolean {
  const inside = place.x * 16 + 16 <= raster.width && place.y * 16 + 16 <= raster.height;
  const pixels = inside ? raster.pixels : edgePixels(raster, place);
  const width = inside ? raster.width : 16;
  let from = inside ? place.y * 16 * width + place.x * 16 : 0;
  const stride = picture.mbWidth * 16;
  let luma = place.y * 16 * stride + place.x * 16;
  let chroma = place.y * 8 * (stride >> 1) + place.x * 8;
  let difference = 0;
  const { y, u, v } = picture;
  for (let row = 0; row < 8; row++) {
    for (let column = 0; column < 8; column++) {
      const i = from + column * 2;
      const a = pixels[i] as number;
      const b = pixels[i + 1] as number;
      const c = pixels[i + width] as number;
      const d = pixels[i + width + 1] as number;
      const at = luma + column * 2;
      const ya = lumaOf(a);
      const yb = b === a ? ya : lumaOf(b);
      const yc = c === a ? ya : lumaOf(c);
      const yd = d === b ? yb : lumaOf(d);
      difference |= ((y[at] as number) ^ ya) | ((y[at + 1] as number) ^ yb);
      difference |= ((y[at + stride] as number) ^ yc) | ((y[at + stride + 1] as number) ^ yd);
      y[at] = ya;
      y[at + 1] = yb;
      y[at + stride] = yc;
      y[at + stride + 1] = yd;
      // Red and blue sums in one addition: 10 bits each, 16 apart.
      const rb = (a & 0xff00ff) + (b & 0xff00ff) + (c & 0xff00ff) + (d & 0xff00ff);
      const red = rb & 0xffff;
      const blue = rb >>> 16;
      const green = ((a >>> 8) & 255) + ((b >>> 8) & 255) + ((c >>> 8) & 255) + ((d >>> 8) & 255);
      const uu = ((-38 * red - 74 * green + 112 * blue + 512) >> 10) + 128;
      const vv = ((112 * red - 94 * green - 18 * blue + 512) >> 10) + 128;
      const k = chroma + column;
      difference |= ((u[k] as number) ^ uu) | ((v[k] as number) ^ vv);
      u[k] = uu;
      v[k] = vv;
    }
    from += 2 * width;
    luma += 2 * stride;
    chroma += stride >> 1;
  }
  return difference !== 0;
}

function lumaOf(pixel: number): number {
  return ((66 * (pixel & 255) + 129 * ((pixel >>> 8) & 255) + 25 * ((pixel >>> 16) & 255) + 128) >> 8) + 16;
}

const edge = new Uint32Array(256);

function edgePixels(raster: Raster, place: { x: number; y: number }): Uint32Array {
  for (let row = 0; row < 16; row++) {
    const y = Math.min(raster.height - 1, place.y * 16 + row);
    for (let column = 0; column < 16; column++) {
      const x = Math.min(raster.width - 1, place.x * 16 + column);
      edge[row * 16 + column] = raster.pixels[y * raster.width + x] as number;
    }
  }
  return edge;
}
