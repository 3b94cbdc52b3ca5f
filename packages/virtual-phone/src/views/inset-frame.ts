/** The decor of an app's window: its content stands between the bars and above the keyboard, its background runs under them. */
import type { Canvas } from "../screen/canvas.js";
import { FrameLayout } from "./groups.js";
import { atMost, exactly, type Spec } from "./spec.js";
import type { View } from "./view.js";

export interface Insets {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export class InsetFrame extends FrameLayout {
  readonly #content: FrameLayout;
  readonly #paint: ((canvas: Canvas, size: { readonly width: number; readonly height: number }) => void) | undefined;
  #insets: Insets = { left: 0, top: 0, right: 0, bottom: 0 };

  constructor(content: View, paint?: (canvas: Canvas, size: { readonly width: number; readonly height: number }) => void) {
    const frame = new FrameLayout({ id: "android:id/content", width: "match", height: "match" }, [content]);
    super({ width: "match", height: "match" }, [frame]);
    this.#content = frame;
    this.#paint = paint;
  }

  setInsets(insets: Insets): void {
    const old = this.#insets;
    if (old.left === insets.left && old.top === insets.top && old.right === insets.right && old.bottom === insets.bottom) return;
    this.#insets = insets;
    this.requestLayout();
  }

  protected override onMeasure(width: Spec, height: Spec): { width: number; height: number } {
    const { left, top, right, bottom } = this.#insets;
    const inside = (spec: Spec, by: number): Spec => (spec.mode === "exact" ? exactly(spec.size - by) : atMost(spec.size - by));
    this.#content.measure(inside(width, left + right), inside(height, top + bottom));
    return { width: width.size, height: height.size };
  }

  protected override onLayout(): void {
    this.#content.layout(this.#insets.left, this.#insets.top);
  }

  protected override onDraw(canvas: Canvas): void {
    this.#paint?.(canvas, { width: this.measuredWidth, height: this.measuredHeight });
  }
}
