/** Text, buttons and icons. */
import type { Canvas } from "../screen/canvas.js";
import type { Color } from "../screen/geometry.js";
import type { IconName } from "../screen/icons.js";
import type { Bitmap } from "../screen/raster.js";
import { LINE_HEIGHT, measureText, type Weight, wrapText } from "../screen/text.js";
import type { Spec } from "./spec.js";
import { type HorizontalGravity, type TouchEvent, View, type ViewOptions } from "./view.js";

export interface TextOptions extends ViewOptions {
  /** Device pixels. */
  readonly size: number;
  readonly color: Color;
  readonly bold?: boolean;
  readonly align?: HorizontalGravity;
  readonly maxLines?: number;
}

const ALIGN = { start: "left", center: "center", end: "right" } as const;

export class TextView extends View {
  readonly #size: number;
  readonly #weight: Weight;
  readonly #align: HorizontalGravity;
  readonly #maxLines: number;
  #color: Color;
  #text: string;
  #lines: readonly string[] = [];

  constructor(text: string, options: TextOptions) {
    super({ className: "android.widget.TextView", ...options });
    this.#text = text;
    this.#size = options.size;
    this.#color = options.color;
    this.#weight = options.bold ? "bold" : "regular";
    this.#align = options.align ?? "start";
    this.#maxLines = options.maxLines ?? 100;
  }

  get text(): string {
    return this.#text;
  }
  set text(text: string) {
    if (text === this.#text) return;
    this.#text = text;
    // A box of fixed size keeps its place; anything else may move its neighbours.
    if (typeof this.width === "number" && typeof this.height === "number")
      this.#wrap(this.measuredWidth - this.padding.left - this.padding.right);
    else this.requestLayout();
    this.invalidate();
  }
  get color(): Color {
    return this.#color;
  }
  set color(color: Color) {
    if (color === this.#color) return;
    this.#color = color;
    this.invalidate();
  }
  override get textValue(): string {
    return this.#text;
  }

  protected override onMeasure(width: Spec): { width: number; height: number } {
    const { left, right, top, bottom } = this.padding;
    this.#wrap(width.mode === "free" ? Number.POSITIVE_INFINITY : width.size - left - right);
    const style = { size: this.#size, weight: this.#weight };
    const wide = this.#lines.reduce((most, line) => Math.max(most, measureText(line, style)), 0);
    return {
      width: Math.ceil(wide) + left + right,
      height: Math.ceil(this.#lines.length * this.#size * LINE_HEIGHT) + top + bottom,
    };
  }

  #wrap(maxWidth: number): void {
    const limits = { maxWidth: Number.isFinite(maxWidth) ? Math.max(1, maxWidth + 0.5) : 1e6, maxLines: this.#maxLines };
    this.#lines = wrapText(this.#text, { size: this.#size, weight: this.#weight }, limits);
  }

  protected override onDraw(canvas: Canvas): void {
    const { left, right, top, bottom } = this.padding;
    const height = this.#lines.length * this.#size * LINE_HEIGHT;
    const spare = this.measuredHeight - top - bottom - height;
    const y = top + (this.verticalGravityOfText === "center" ? spare / 2 : 0);
    const inner = this.measuredWidth - left - right;
    const x = left + (this.#align === "center" ? inner / 2 : this.#align === "end" ? inner : 0);
    const color = this.enabled ? this.#color : fade(this.#color);
    for (const [index, line] of this.#lines.entries()) {
      const place = {
        x,
        y: y + index * this.#size * LINE_HEIGHT,
        size: this.#size,
        color,
        weight: this.#weight,
        align: ALIGN[this.#align],
      };
      canvas.text(line, place);
    }
  }

  protected get verticalGravityOfText(): "top" | "center" {
    return "center";
  }
}

function fade(color: Color): Color {
  return (((Math.round((color >>> 24) * 0.38) << 24) >>> 0) | (color & 0xffffff)) >>> 0;
}

export class Button extends TextView {
  constructor(text: string, options: TextOptions) {
    super(text, { className: "android.widget.Button", align: "center", ...options });
  }
}

export interface IconOptions extends ViewOptions {
  /** Side of the icon, in device pixels. */
  readonly size: number;
  readonly color: Color;
}

/** One of the drawn icons, in the middle of its box. */
export class IconView extends View {
  readonly #size: number;
  #icon: IconName;
  #color: Color;

  constructor(icon: IconName, options: IconOptions) {
    super({ className: options.onClick ? "android.widget.ImageButton" : "android.widget.ImageView", ...options });
    this.#icon = icon;
    this.#size = options.size;
    this.#color = options.color;
  }

  set icon(icon: IconName) {
    if (icon === this.#icon) return;
    this.#icon = icon;
    this.invalidate();
  }
  set color(color: Color) {
    if (color === this.#color) return;
    this.#color = color;
    this.invalidate();
  }

  protected override onMeasure(): { width: number; height: number } {
    const { left, right, top, bottom } = this.padding;
    return { width: this.#size + left + right, height: this.#size + top + bottom };
  }

  protected override onDraw(canvas: Canvas): void {
    const { left, right, top, bottom } = this.padding;
    const x = left + (this.measuredWidth - left - right - this.#size) / 2;
    const y = top + (this.measuredHeight - top - bottom - this.#size) / 2;
    canvas.icon(this.#icon, { x, y, size: this.#size, color: this.enabled ? this.#color : fade(this.#color) });
  }
}

/** A picture that fills its box. */
export class BitmapView extends View {
  readonly #bitmap: Bitmap;

  constructor(bitmap: Bitmap, options: ViewOptions) {
    super({ className: "android.widget.ImageView", ...options });
    this.#bitmap = bitmap;
  }

  protected override onDraw(canvas: Canvas): void {
    canvas.image(this.#bitmap, this.localRect(), { radius: this.radius });
  }
}

/** Draws by a function: pictures, charts, games. */
export class CanvasView extends View {
  readonly #paint: (canvas: Canvas, size: { readonly width: number; readonly height: number }) => void;
  readonly #touch: ((event: TouchEvent) => boolean) | undefined;

  constructor(
    paint: (canvas: Canvas, size: { readonly width: number; readonly height: number }) => void,
    options: ViewOptions & { readonly onTouch?: (event: TouchEvent) => boolean } = {},
  ) {
    super(options);
    this.#paint = paint;
    this.#touch = options.onTouch;
  }

  protected override onDraw(canvas: Canvas): void {
    this.#paint(canvas, { width: this.measuredWidth, height: this.measuredHeight });
  }

  override onTouch(event: TouchEvent): boolean {
    return this.#touch?.(event) ?? false;
  }
}
