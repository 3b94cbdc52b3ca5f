/** Views that hold views: FrameLayout, LinearLayout and their base. */
import type { Canvas } from "../screen/canvas.js";
import { atMost, childSpec, exactly, type Length, type Spec } from "./spec.js";
import { type HorizontalGravity, type VerticalGravity, View, type ViewOptions } from "./view.js";

export abstract class ViewGroup extends View {
  #children: View[] = [];

  constructor(options: ViewOptions, children: readonly View[] = []) {
    super(options);
    for (const child of children) {
      child.parent = this;
      this.#children.push(child);
    }
  }

  override get children(): readonly View[] {
    return this.#children;
  }

  add(child: View, index = this.#children.length): void {
    child.parent = this;
    this.#children.splice(index, 0, child);
    this.requestLayout();
    this.invalidate();
  }

  remove(child: View): void {
    const index = this.#children.indexOf(child);
    if (index < 0) return;
    this.invalidate();
    if (child.host?.focused && [...child.walk()].includes(child.host.focused)) child.host.setFocus(null);
    this.#children.splice(index, 1);
    child.parent = undefined;
    this.requestLayout();
  }

  setChildren(children: readonly View[]): void {
    for (const child of this.#children.slice()) this.remove(child);
    for (const child of children) this.add(child);
  }

  override draw(canvas: Canvas): void {
    super.draw(canvas);
    this.drawChildren(canvas);
  }

  protected drawChildren(canvas: Canvas): void {
    for (const child of this.#children) {
      if (!child.visible) continue;
      const rect = { x: child.x, y: child.y, width: child.measuredWidth, height: child.measuredHeight };
      if (canvas.visible(rect)) canvas.translated(child.x, child.y, () => child.draw(canvas));
    }
  }

  protected get horizontalPadding(): number {
    return this.padding.left + this.padding.right;
  }
  protected get verticalPadding(): number {
    return this.padding.top + this.padding.bottom;
  }
}

/** Children over each other, each at its gravity. */
export class FrameLayout extends ViewGroup {
  constructor(options: ViewOptions = {}, children: readonly View[] = []) {
    super({ className: "android.widget.FrameLayout", ...options }, children);
  }

  protected override onMeasure(width: Spec, height: Spec): { width: number; height: number } {
    let [wide, high] = [0, 0];
    for (const child of this.children) {
      if (!child.visible) continue;
      const { margin } = child;
      const across = margin.left + margin.right;
      const down = margin.top + margin.bottom;
      child.measure(
        childSpec(width, this.horizontalPadding + across, child.width),
        childSpec(height, this.verticalPadding + down, child.height),
      );
      wide = Math.max(wide, child.measuredWidth + across);
      high = Math.max(high, child.measuredHeight + down);
    }
    return { width: wide + this.horizontalPadding, height: high + this.verticalPadding };
  }

  protected override onLayout(): void {
    for (const child of this.children) {
      if (!child.visible) continue;
      const { margin } = child;
      const roomX = this.measuredWidth - this.horizontalPadding - margin.left - margin.right - child.measuredWidth;
      const roomY = this.measuredHeight - this.verticalPadding - margin.top - margin.bottom - child.measuredHeight;
      const x = this.padding.left + margin.left + Math.round(roomX * share(child.gravity));
      const y = this.padding.top + margin.top + Math.round(roomY * share(child.verticalGravity));
      child.layout(x, y);
    }
  }
}

export interface LinearOptions extends ViewOptions {
  readonly orientation?: "vertical" | "horizontal";
  /** Between children, in device pixels. */
  readonly gap?: number;
  /** Where the children stand when there is more room than they need. */
  readonly contentGravity?: HorizontalGravity;
  readonly contentVerticalGravity?: VerticalGravity;
}

/** Children in a row or a column; those with a weight share what is left. */
export class LinearLayout extends ViewGroup {
  readonly #vertical: boolean;
  readonly #gap: number;
  readonly #contentGravity: HorizontalGravity;
  readonly #contentVerticalGravity: VerticalGravity;

  constructor(options: LinearOptions = {}, children: readonly View[] = []) {
    super({ className: "android.widget.LinearLayout", ...options }, children);
    this.#vertical = (options.orientation ?? "vertical") === "vertical";
    this.#gap = options.gap ?? 0;
    this.#contentGravity = options.contentGravity ?? "start";
    this.#contentVerticalGravity = options.contentVerticalGravity ?? "top";
  }

  protected override onMeasure(width: Spec, height: Spec): { width: number; height: number } {
    const shown = this.children.filter((child) => child.visible);
    const along = this.#vertical ? height : width;
    const gaps = this.#gap * Math.max(0, shown.length - 1) + (this.#vertical ? this.verticalPadding : this.horizontalPadding);
    let used = gaps;
    for (const child of shown) {
      const margin = this.#marginAlong(child);
      if (child.weight > 0 && along.mode === "exact") used += margin;
      else {
        this.#measureChild(child, { width, height, used: used + margin });
        used += margin + this.#along(child);
      }
    }
    const weights = shown.reduce((sum, child) => sum + child.weight, 0);
    if (weights > 0 && along.mode === "exact") {
      const room = Math.max(0, along.size - used);
      for (const child of shown) {
        if (child.weight > 0)
          this.#measureChild(child, { width, height, used: 0, exact: Math.floor((room * child.weight) / weights) });
      }
      used = along.size;
    }
    const across = Math.max(0, ...shown.map((child) => this.#across(child)));
    const acrossPadding = this.#vertical ? this.horizontalPadding : this.verticalPadding;
    return this.#vertical ? { width: across + acrossPadding, height: used } : { width: used, height: across + acrossPadding };
  }

  protected override onLayout(): void {
    const shown = this.children.filter((child) => child.visible);
    const total = shown.reduce(
      (sum, child) => sum + this.#along(child) + this.#marginAlong(child),
      this.#gap * Math.max(0, shown.length - 1),
    );
    const inner = this.#vertical ? this.measuredHeight - this.verticalPadding : this.measuredWidth - this.horizontalPadding;
    const gravity = this.#vertical ? share(this.#contentVerticalGravity) : share(this.#contentGravity);
    let at = Math.round(Math.max(0, inner - total) * gravity);
    for (const child of shown) {
      at += this.#vertical ? child.margin.top : child.margin.left;
      const side = this.#side(child);
      if (this.#vertical) child.layout(side, this.padding.top + at);
      else child.layout(this.padding.left + at, side);
      at += this.#along(child) + this.#gap + (this.#vertical ? child.margin.bottom : child.margin.right);
    }
  }

  #measureChild(child: View, room: { width: Spec; height: Spec; used: number; exact?: number }): void {
    const { margin } = child;
    const across = margin.left + margin.right + this.horizontalPadding;
    const down = margin.top + margin.bottom + this.verticalPadding;
    const along = (parent: Spec, length: Length): Spec => {
      if (room.exact !== undefined) return exactly(room.exact);
      const spec = childSpec(parent, room.used, length);
      return length === "match" && parent.mode === "exact" ? atMost(spec.size) : spec;
    };
    if (this.#vertical) child.measure(childSpec(room.width, across, child.width), along(room.height, child.height));
    else child.measure(along(room.width, child.width), childSpec(room.height, down, child.height));
  }

  #along(child: View): number {
    return this.#vertical ? child.measuredHeight : child.measuredWidth;
  }
  #across(child: View): number {
    const { margin } = child;
    return this.#vertical ? child.measuredWidth + margin.left + margin.right : child.measuredHeight + margin.top + margin.bottom;
  }
  #marginAlong({ margin }: View): number {
    return this.#vertical ? margin.top + margin.bottom : margin.left + margin.right;
  }
  #side(child: View): number {
    const { margin, padding } = { margin: child.margin, padding: this.padding };
    if (this.#vertical) {
      const room = this.measuredWidth - this.horizontalPadding - margin.left - margin.right - child.measuredWidth;
      return padding.left + margin.left + Math.round(room * share(child.gravity ?? this.#contentGravity));
    }
    const room = this.measuredHeight - this.verticalPadding - margin.top - margin.bottom - child.measuredHeight;
    return padding.top + margin.top + Math.round(room * share(child.verticalGravity ?? this.#contentVerticalGravity));
  }
}

function share(gravity: HorizontalGravity | VerticalGravity | undefined): number {
  if (gravity === "center") return 0.5;
  return gravity === "end" || gravity === "bottom" ? 1 : 0;
}
