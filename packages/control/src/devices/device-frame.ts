/** Draws a phone around a picture of its screen, by the screen's own shape: a dark body, a lighter rim, round corners. What is outside of the body is transparent. */
import type { decodePng } from "@phonerack/apk";

type Picture = NonNullable<ReturnType<typeof decodePng>>;

const BODY = [24, 25, 28] as const;
const RIM = [74, 77, 84] as const;

interface Round {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly radius: number;
}

export function framed({ width, height, rgba }: Picture): Picture {
  const short = Math.min(width, height);
  const [bezel, rim] = [Math.max(6, Math.round(short * 0.035)), Math.max(2, Math.round(short * 0.006))];
  const border = bezel + rim;
  const size = { width: width + 2 * border, height: height + 2 * border };
  const round = (inset: number, radius: number): Round => ({
    left: inset,
    top: inset,
    right: size.width - inset,
    bottom: size.height - inset,
    radius,
  });
  const radius = Math.round(short * 0.065);
  const [outer, body, screen] = [round(0, radius + border), round(rim, radius + bezel), round(border, radius)];
  const out = new Uint8Array(size.width * size.height * 4);
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++) {
      const at = (y * size.width + x) * 4;
      const inBody = covers(body, x, y);
      const inScreen = covers(screen, x, y);
      const from = ((y - border) * width + (x - border)) * 4;
      for (let channel = 0; channel < 3; channel++) {
        const frame = mix(RIM[channel] ?? 0, BODY[channel] ?? 0, inBody);
        out[at + channel] = inScreen > 0 ? mix(frame, rgba[from + channel] ?? 0, inScreen) : frame;
      }
      out[at + 3] = Math.round(covers(outer, x, y) * 255);
    }
  }
  return { ...size, rgba: out };
}

/** How much of the pixel lies within, 0 to 1. */
function covers({ left, top, right, bottom, radius }: Round, x: number, y: number): number {
  if (x < left || x >= right || y < top || y >= bottom) return 0;
  const [px, py] = [x + 0.5, y + 0.5];
  const dx = Math.max(left + radius - px, px - (right - radius), 0);
  const dy = Math.max(top + radius - py, py - (bottom - radius), 0);
  if (dx === 0 || dy === 0) return 1;
  return Math.min(1, Math.max(0, radius - Math.hypot(dx, dy) + 0.5));
}

function mix(from: number, to: number, part: number): number {
  return Math.round(from + (to - from) * part);
}
