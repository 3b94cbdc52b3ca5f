/**
 * A window: a view tree at a place of the screen, its focus, and the damage it makes. Layout is done when something is asked of
 * it (a picture, a touch, the hierarchy), never before.
 */
import type { Canvas } from "../screen/canvas.js";
import { intersect, isEmpty, type Rect, translate } from "../screen/geometry.js";
import { exactly } from "./spec.js";
import type { View, ViewHost } from "./view.js";

/** What windows tell the screen. Rectangles in screen coordinates. */
export interface WindowSink {
  damage(rect: Rect): void;
  damageScroll(rect: Rect, move: { readonly dx: number; readonly dy: number }, window: Window): void;
  layoutNeeded(): void;
  focusChanged(window: Window): void;
}

export interface WindowOptions {
  /** Whose window it is. */
  readonly package: string;
  readonly name: string;
  readonly root: View;
  /** Nothing behind it shows. */
  readonly opaque: boolean;
  /** Capture is forbidden. */
  readonly secure?: boolean;
}

export class Window implements ViewHost {
  readonly package: string;
  readonly name: string;
  readonly opaque: boolean;
  readonly secure: boolean;
  readonly root: View;
  readonly #sink: WindowSink;
  #rect: Rect = { x: 0, y: 0, width: 0, height: 0 };
  #needsLayout = true;
  #focused: View | null = null;

  constructor(options: WindowOptions, sink: WindowSink) {
    this.package = options.package;
    this.name = options.name;
    this.opaque = options.opaque;
    this.secure = options.secure ?? false;
    this.root = options.root;
    this.#sink = sink;
    this.root.attach(this);
  }

  get rect(): Rect {
    return this.#rect;
  }
  get focused(): View | null {
    return this.#focused;
  }
  /** Views drawn over scrolling ones: what scrolls under them does not move with them. */
  get floating(): View[] {
    return [...this.root.walk()].filter((view) => view.floating && view.shown);
  }

  place(rect: Rect): void {
    const old = this.#rect;
    if (rect.x === old.x && rect.y === old.y && rect.width === old.width && rect.height === old.height) return;
    this.#rect = rect;
    this.#needsLayout = true;
    this.#sink.damage(old);
    this.#sink.damage(rect);
    this.#sink.layoutNeeded();
  }

  setFocus(view: View | null): void {
    if (view === this.#focused) return;
    const old = this.#focused;
    this.#focused = view;
    old?.invalidate();
    view?.invalidate();
    this.#sink.focusChanged(this);
  }

  damage(rect: Rect): void {
    if (!isEmpty(rect)) this.#sink.damage(intersect(this.#rect, translate(rect, this.#rect.x, this.#rect.y)));
  }

  damageScroll(rect: Rect, dx: number, dy: number): void {
    const at = intersect(this.#rect, translate(rect, this.#rect.x, this.#rect.y));
    if (!isEmpty(at)) this.#sink.damageScroll(at, { dx, dy }, this);
  }

  requestLayout(): void {
    if (this.#needsLayout) return;
    this.#needsLayout = true;
    this.#sink.layoutNeeded();
  }

  /** Places all views, telling the damage of those that moved or changed size. */
  layout(): void {
    if (!this.#needsLayout) return;
    const before = new Map<View, Rect>();
    for (const view of this.root.walk()) before.set(view, view.windowRect());
    this.#needsLayout = false;
    this.root.measure(exactly(this.#rect.width), exactly(this.#rect.height));
    this.root.layout(0, 0);
    for (const view of this.root.walk()) {
      const old = before.get(view);
      const now = view.windowRect();
      if (old && old.width === now.width && old.height === now.height && old.x === now.x && old.y === now.y) continue;
      if (old) this.damage(old);
      view.invalidate();
    }
  }

  draw(canvas: Canvas): void {
    this.layout();
    canvas.clip(this.#rect, () => canvas.translated(this.#rect.x, this.#rect.y, () => this.root.draw(canvas)));
  }

  /** The deepest view at a point of the screen. */
  hit(x: number, y: number): View | undefined {
    this.layout();
    return this.root.hit(x - this.#rect.x, y - this.#rect.y);
  }

  dispose(): void {
    this.root.attach(undefined);
    this.#focused = null;
  }
}
