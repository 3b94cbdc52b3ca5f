/** A picture that two fingers enlarge and one moves. */
import type { Canvas } from "../screen/canvas.js";
import { type TouchEvent, View, type ViewOptions } from "./view.js";

type Paint = (canvas: Canvas, size: { readonly width: number; readonly height: number }) => void;

const MAX_ZOOM = 4;

export class PinchView extends View {
  readonly #paint: Paint;
  readonly #fingers = new Map<number, { readonly x: number; readonly y: number }>();
  #zoom = 1;
  /** Middle of what shows, as a share of the picture. */
  #centerX = 0.5;
  #centerY = 0.5;

  /** @param paint draws the whole picture at any size. */
  constructor(paint: Paint, options: ViewOptions) {
    super({ className: "android.widget.ImageView", ...options });
    this.#paint = paint;
  }

  /** 1 … 4. */
  get zoom(): number {
    return this.#zoom;
  }

  override onTouch(event: TouchEvent): boolean {
    const { pointer, phase } = event;
    if (phase === "up" || phase === "cancel") this.#fingers.delete(pointer);
    else {
      const before = this.#shape();
      this.#fingers.set(pointer, { x: event.x, y: event.y });
      if (phase === "move") this.#moved(before, this.#shape());
    }
    return true;
  }

  override saveState(): unknown {
    return this.#zoom;
  }
  override restoreState(state: unknown): void {
    if (typeof state === "number") this.#zoom = state;
  }

  protected override onDraw(canvas: Canvas): void {
    const width = this.measuredWidth * this.#zoom;
    const height = this.measuredHeight * this.#zoom;
    const x = this.measuredWidth / 2 - this.#centerX * width;
    const y = this.measuredHeight / 2 - this.#centerY * height;
    canvas.clip(this.localRect(), () => canvas.translated(x, y, () => this.#paint(canvas, { width, height })));
  }

  /** Middle of the fingers and how far apart they are. */
  #shape(): { x: number; y: number; spread: number } | undefined {
    const [a, b] = [...this.#fingers.values()];
    if (!a) return undefined;
    if (!b) return { x: a.x, y: a.y, spread: 0 };
    return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, spread: Math.hypot(a.x - b.x, a.y - b.y) };
  }

  #moved(
    before: { x: number; y: number; spread: number } | undefined,
    now: { x: number; y: number; spread: number } | undefined,
  ): void {
    if (!before || !now) return;
    if (before.spread > 0 && now.spread > 0)
      this.#zoom = Math.max(1, Math.min(MAX_ZOOM, this.#zoom * (now.spread / before.spread)));
    const edge = 0.5 / this.#zoom;
    const limit = (value: number): number => Math.max(edge, Math.min(1 - edge, value));
    this.#centerX = limit(this.#centerX - (now.x - before.x) / (this.measuredWidth * this.#zoom));
    this.#centerY = limit(this.#centerY - (now.y - before.y) / (this.measuredHeight * this.#zoom));
    this.invalidate();
  }
}
