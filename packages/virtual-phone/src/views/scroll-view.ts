/** A viewport over one taller (or wider) child. Moving it tells the host how its picture moved, which the encoder uses. */
import type { Canvas } from "../screen/canvas.js";
import { ViewGroup } from "./groups.js";
import { childSpec, FREE, type Spec } from "./spec.js";
import type { View, ViewOptions } from "./view.js";

export interface ScrollOptions extends ViewOptions {
  readonly horizontal?: boolean;
  /** Stops only at multiples of its own width: pages. */
  readonly paged?: boolean;
  /** After each move. */
  readonly onScroll?: (offset: number) => void;
}

export class ScrollView extends ViewGroup {
  readonly horizontal: boolean;
  readonly paged: boolean;
  readonly #onScroll: ((offset: number) => void) | undefined;
  #offset = 0;

  constructor(options: ScrollOptions, child: View) {
    const name = options.horizontal ? "android.widget.HorizontalScrollView" : "android.widget.ScrollView";
    super({ className: name, ...options }, [child]);
    this.horizontal = options.horizontal ?? false;
    this.paged = options.paged ?? false;
    this.#onScroll = options.onScroll;
  }

  override get scrollX(): number {
    return this.horizontal ? this.#offset : 0;
  }
  override get scrollY(): number {
    return this.horizontal ? 0 : this.#offset;
  }
  override get scrollable(): boolean {
    return this.range > 0;
  }
  get offset(): number {
    return this.#offset;
  }
  /** How far it can be moved, in device pixels. */
  get range(): number {
    const child = this.children[0];
    const content = this.horizontal
      ? (child?.measuredWidth ?? 0) + this.horizontalPadding
      : (child?.measuredHeight ?? 0) + this.verticalPadding;
    return Math.max(0, Math.round(content - (this.horizontal ? this.measuredWidth : this.measuredHeight)));
  }
  /** Length of a page. */
  get page(): number {
    return this.horizontal ? this.measuredWidth : this.measuredHeight;
  }

  /** Moves to an offset. @returns false when it was there already. */
  scrollTo(offset: number): boolean {
    const next = Math.max(0, Math.min(this.range, Math.round(offset)));
    const moved = next - this.#offset;
    if (moved === 0) return false;
    this.#offset = next;
    if (this.host && this.shown)
      this.host.damageScroll(this.visibleRect(), this.horizontal ? -moved : 0, this.horizontal ? 0 : -moved);
    this.#onScroll?.(next);
    return true;
  }

  scrollBy(delta: number): boolean {
    return this.scrollTo(this.#offset + delta);
  }

  /** Moves as little as needed for a child to be seen. */
  reveal(view: View): void {
    const own = this.windowRect();
    const rect = view.windowRect();
    const [start, end] = this.horizontal
      ? [rect.x - own.x, rect.x + rect.width - own.x]
      : [rect.y - own.y, rect.y + rect.height - own.y];
    const room = this.horizontal ? this.measuredWidth : this.measuredHeight;
    if (start < 0) this.scrollBy(start);
    else if (end > room) this.scrollBy(Math.min(start, end - room));
  }

  override saveState(): unknown {
    return this.#offset;
  }
  override restoreState(state: unknown): void {
    if (typeof state === "number") this.#offset = state;
  }

  protected override onMeasure(width: Spec, height: Spec): { width: number; height: number } {
    const [child] = this.children;
    if (!child) return { width: 0, height: 0 };
    const across = this.horizontalPadding + child.margin.left + child.margin.right;
    const down = this.verticalPadding + child.margin.top + child.margin.bottom;
    if (this.horizontal) child.measure(FREE, childSpec(height, down, child.height));
    else child.measure(childSpec(width, across, child.width), FREE);
    return { width: child.measuredWidth + across, height: child.measuredHeight + down };
  }

  protected override onLayout(): void {
    const [child] = this.children;
    child?.layout(this.padding.left + child.margin.left, this.padding.top + child.margin.top);
    this.#offset = Math.max(0, Math.min(this.range, this.#offset));
  }

  protected override drawChildren(canvas: Canvas): void {
    canvas.clip(this.localRect(), () => {
      canvas.translated(-this.scrollX, -this.scrollY, () => super.drawChildren(canvas));
    });
  }
}
