/** Launcher icons: drawn for the stock apps, the APK's own picture for others, else a tile with the first letter. */

import type { Phone } from "../phone/phone.js";
import { hash32 } from "../phone/random.js";
import type { Canvas } from "../screen/canvas.js";
import { type Color, rgb } from "../screen/geometry.js";
import type { IconName } from "../screen/icons.js";
import type { Kit } from "../views/kit.js";
import { BitmapView, CanvasView } from "../views/text-view.js";
import type { View } from "../views/view.js";
import { labelOf } from "./labels.js";
import { BAZAAR, BLOCKS, NOTES, SETTINGS, VAULT } from "./manifests.js";

interface Look {
  readonly icon: IconName;
  readonly from: Color;
  readonly to: Color;
}

const LOOKS: ReadonlyMap<string, Look> = new Map([
  [NOTES, { icon: "note", from: rgb(0xffc94d), to: rgb(0xf09a1a) }],
  [BLOCKS, { icon: "blocks", from: rgb(0x7a6cf0), to: rgb(0x4b39c8) }],
  [VAULT, { icon: "lock", from: rgb(0x51616f), to: rgb(0x2b3742) }],
  [BAZAAR, { icon: "bag", from: rgb(0xff7a63), to: rgb(0xdb3a4b) }],
  [SETTINGS, { icon: "gear", from: rgb(0x8fa0b3), to: rgb(0x5c6b7d) }],
] as const);

const LETTER_COLORS = [0x2f7d6b, 0x8a4fbf, 0xb3543a, 0x3a6fb3, 0x6b7a2f, 0xa33f6f] as const;

/** @param wanted.size in dp. */
export function appIcon(phone: Phone, kit: Kit, wanted: { readonly package: string; readonly size: number }): View {
  const side = kit.dp(wanted.size);
  const options = { width: side, height: side, radius: side * 0.28 };
  const picture = phone.packages.get(wanted.package)?.icon;
  if (picture) return new BitmapView({ width: picture.width, height: picture.height, data: picture.rgba }, options);
  return new CanvasView((canvas) => paintIcon(canvas, side, { package: wanted.package, label: labelOf(phone, wanted.package) }), {
    ...options,
    className: "android.widget.ImageView",
  });
}

function paintIcon(canvas: Canvas, side: number, app: { package: string; label: string }): void {
  const rect = { x: 0, y: 0, width: side, height: side };
  const look = LOOKS.get(app.package);
  if (look) {
    canvas.gradient(rect, { from: look.from, to: look.to, radius: side * 0.28 });
    return canvas.icon(look.icon, { x: side * 0.22, y: side * 0.22, size: side * 0.56, color: 0xffffffff });
  }
  const color = rgb(LETTER_COLORS[hash32(app.package) % LETTER_COLORS.length] ?? 0x3a6fb3);
  canvas.fillRoundRect(rect, side * 0.28, color);
  const size = side * 0.5;
  const letter = Array.from(app.label)[0]?.toUpperCase() ?? "?";
  canvas.text(letter, { x: side / 2, y: (side - size * 1.25) / 2, size, color: 0xffffffff, weight: "bold", align: "center" });
}
