/**
 * The base of all views: a tree with measured bounds, hit testing and damage. It draws only through the canvas it is given and
 * knows neither the phone nor the window system: what hosts it is a ViewHost.
 */
import type { Canvas } from "../screen/canvas.js";
import { type Color, intersect, isEmpty, type Rect } from "../screen/geometry.js";
import { type Length, resolve, type Spec } from "./spec.js";

/** The window a tree hangs in. */
export interface ViewHost {
  /** This rectangle of the window must be drawn again. */
  damage(rect: Rect): void;
  /** What was in `rect` moved by (dx, dy). */
  damageScroll(rect: Rect, dx: number, dy: number): void;
  requestLayout(): void;
  /** The view with the keyboard's focus, or null. */
  focused: View | null;
  setFocus(view: View | null): void;
}

export interface TouchEvent {
  readonly phase: "down" | "move" | "up" | "cancel";
  readonly pointer: number;
  /** In the view's own coordinates. */
  readonly x: number;
  readonly y: number;
}

export type HorizontalGravity = "start" | "center" | "end";
export type VerticalGravity = "top" | "center" | "bottom";

export interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
const NO_EDGES: Edges = { left: 0, top: 0, right: 0, bottom: 0 };

/** What any view can be told when it is made. */
export interface ViewOptions {
  /** Without package: the hierarchy adds `package:id/`. */
  readonly id?: string;
  readonly width?: Length;
  readonly height?: Length;
  readonly weight?: number;
  readonly margin?: Partial<Edges> | number;
  readonly padding?: Partial<Edges> | number;
  readonly gravity?: HorizontalGravity;
  readonly verticalGravity?: VerticalGravity;
  readonly background?: Color;
  /** Corner radius of the background, in device pixels. */
  readonly radius?: number;
  readonly border?: { readonly width: number; readonly color: Color };
  readonly description?: string;
  readonly visible?: boolean;
  readonly enabled?: boolean;
  readonly selected?: boolean;
  readonly minHeight?: number;
  readonly minWidth?: number;
  readonly onClick?: () => void;
  readonly onLongClick?: () => void;
  readonly onSwipe?: (dx: number, dy: number) => boolean;
  /** The name in the hierarchy when it is not the class's own. */
  readonly className?: string;
  /** Stands over something that scrolls. */
  readonly floating?: boolean;
}

function edges(value: Partial<Edges> | number | undefined): Edges {
  if (value === undefined) return NO_EDGES;
  return typeof value === "number" ? { left: value, top: value, right: value, bottom: value } : { ...NO_EDGES, ...value };
}

export class View {
  readonly id: string | undefined;
  readonly className: string;
  readonly floating: boolean;
  width: Length;
  height: Length;
  weight: number;
  readonly margin: Edges;
  readonly padding: Edges;
  readonly gravity: HorizontalGravity | undefined;
  readonly verticalGravity: VerticalGravity | undefined;
  readonly minWidth: number;
  readonly minHeight: number;
  readonly radius: number;
  readonly border: { readonly width: number; readonly color: Color } | undefined;
  onClick: (() => void) | undefined;
  onLongClick: (() => void) | undefined;
  /** A finger was drawn across it and lifted, and nothing scrolled. @returns true when it meant something. */
  onSwipe: ((dx: number, dy: number) => boolean) | undefined;
  parent: View | undefined;
  /** In the parent's coordinates. */
  x = 0;
  y = 0;
  measuredWidth = 0;
  measuredHeight = 0;
  #background: Color | undefined;
  #description: string;
  #visible: boolean;
  #enabled: boolean;
  #selected: boolean;
  #pressed = false;
  #host: ViewHost | undefined;

  constructor(options: ViewOptions = {}) {
    this.id = options.id;
    this.className = options.className ?? "android.view.View";
    this.floating = options.floating ?? false;
    this.width = options.width ?? "wrap";
    this.height = options.height ?? "wrap";
    this.weight = options.weight ?? 0;
    this.margin = edges(options.margin);
    this.padding = edges(options.padding);
    this.gravity = options.gravity;
    this.verticalGravity = options.verticalGravity;
    this.minWidth = options.minWidth ?? 0;
    this.minHeight = options.minHeight ?? 0;
    this.radius = options.radius ?? 0;
    this.border = options.border;
    this.onClick = options.onClick;
    this.onLongClick = options.onLongClick;
    this.onSwipe = options.onSwipe;
    this.#background = options.background;
    this.#description = options.description ?? "";
    this.#visible = options.visible ?? true;
    this.#enabled = options.enabled ?? true;
    this.#selected = options.selected ?? false;
  }

  get children(): readonly View[] {
    return [];
  }
  get host(): ViewHost | undefined {
    return this.#host ?? this.parent?.host;
  }
  /** Hangs the tree into a window, or takes it out. Only on roots. */
  attach(host: ViewHost | undefined): void {
    this.#host = host;
  }

  get background(): Color | undefined {
    return this.#background;
  }
  set background(color: Color | undefined) {
    if (color === this.#background) return;
    this.#background = color;
    this.invalidate();
  }
  get description(): string {
    return this.#description;
  }
  set description(description: string) {
    this.#description = description;
  }
  get visible(): boolean {
    return this.#visible;
  }
  set visible(visible: boolean) {
    if (visible === this.#visible) return;
    this.invalidate();
    this.#visible = visible;
    this.invalidate();
    this.requestLayout();
  }
  get enabled(): boolean {
    return this.#enabled;
  }
  set enabled(enabled: boolean) {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.invalidate();
  }
  get selected(): boolean {
    return this.#selected;
  }
  set selected(selected: boolean) {
    if (selected === this.#selected) return;
    this.#selected = selected;
    this.invalidate();
  }
  get pressed(): boolean {
    return this.#pressed;
  }
  set pressed(pressed: boolean) {
    if (pressed === this.#pressed) return;
    this.#pressed = pressed;
    this.invalidate();
  }

  get clickable(): boolean {
    return this.onClick !== undefined;
  }
  get focusable(): boolean {
    return this.clickable;
  }
  get focused(): boolean {
    return this.host?.focused === this;
  }
  get checkable(): boolean {
    return false;
  }
  get checked(): boolean {
    return false;
  }
  set checked(_checked: boolean) {}
  get scrollable(): boolean {
    return false;
  }
  get password(): boolean {
    return false;
  }
  /** What the hierarchy shows as text. */
  get textValue(): string {
    return "";
  }
  get hintValue(): string {
    return "";
  }
  /** How far the content is moved: children are drawn and hit at their place minus this. */
  get scrollX(): number {
    return 0;
  }
  get scrollY(): number {
    return 0;
  }

  measure(width: Spec, height: Spec): void {
    const size = this.onMeasure(width, height);
    this.measuredWidth = resolve(width, Math.max(size.width, this.minWidth));
    this.measuredHeight = resolve(height, Math.max(size.height, this.minHeight));
  }

  /** The size its content wants, padding included. */
  protected onMeasure(_width: Spec, _height: Spec): { width: number; height: number } {
    return { width: this.padding.left + this.padding.right, height: this.padding.top + this.padding.bottom };
  }

  /** Places it in its parent and its children in it. */
  layout(x: number, y: number): void {
    if (x !== this.x || y !== this.y) {
      this.invalidate();
      this.x = x;
      this.y = y;
      this.invalidate();
    }
    this.onLayout();
  }

  protected onLayout(): void {}

  /** Draws itself and its children, the canvas standing at its top left corner. */
  draw(canvas: Canvas): void {
    const rect = this.localRect();
    if (this.#background !== undefined) {
      if (this.radius > 0) canvas.fillRoundRect(rect, this.radius, this.#background);
      else canvas.fillRect(rect, this.#background);
    }
    if (this.border) canvas.strokeRect(rect, { ...this.border, radius: this.radius });
    this.onDraw(canvas);
    if (this.#pressed) {
      if (this.radius > 0) canvas.fillRoundRect(rect, this.radius, 0x1a000000);
      else canvas.fillRect(rect, 0x14000000);
    }
  }

  protected onDraw(_canvas: Canvas): void {}

  localRect(): Rect {
    return { x: 0, y: 0, width: this.measuredWidth, height: this.measuredHeight };
  }

  /** Where it is in the window, not cut by its parents. */
  windowRect(): Rect {
    let x = this.x;
    let y = this.y;
    for (let up = this.parent; up; up = up.parent) {
      x += up.x - up.scrollX;
      y += up.y - up.scrollY;
    }
    return { x, y, width: this.measuredWidth, height: this.measuredHeight };
  }

  /** The part of it that its parents let through, in window coordinates; empty when none. */
  visibleRect(): Rect {
    let rect = this.windowRect();
    for (let up = this.parent; up && !isEmpty(rect); up = up.parent) rect = intersect(rect, up.windowRect());
    return rect;
  }

  /** Visible, and so are all its parents. */
  get shown(): boolean {
    return this.#visible && (this.parent?.shown ?? true);
  }

  invalidate(part?: Rect): void {
    const host = this.host;
    if (!host || !this.shown) return;
    const visible = this.visibleRect();
    if (!part) return host.damage(visible);
    const at = this.windowRect();
    const moved = { x: at.x + part.x, y: at.y + part.y, width: part.width, height: part.height };
    host.damage(intersect(visible, moved));
  }

  requestLayout(): void {
    this.host?.requestLayout();
  }

  /** The deepest visible view at a point of its own coordinates. */
  hit(x: number, y: number): View | undefined {
    if (!this.#visible || x < 0 || y < 0 || x >= this.measuredWidth || y >= this.measuredHeight) return undefined;
    const children = this.children;
    for (let i = children.length - 1; i >= 0; i--) {
      const child = children[i];
      const found = child?.hit(x + this.scrollX - child.x, y + this.scrollY - child.y);
      if (found) return found;
    }
    return this;
  }

  /** Takes raw touches instead of clicks when it returns true on down. */
  onTouch(_event: TouchEvent): boolean {
    return false;
  }

  /** A key for the focused view. @returns true when it was used. */
  onKey(_code: number, _meta: number): boolean {
    return false;
  }

  /** Text for the focused view. @returns true when it was used. */
  onText(_text: string): boolean {
    return false;
  }

  performClick(): void {
    if (this.#enabled) this.onClick?.();
  }

  /** What must survive a rebuilt tree (rotation, language), by id. */
  saveState(): unknown {
    return undefined;
  }
  restoreState(_state: unknown): void {}

  *walk(): Generator<View> {
    yield this;
    for (const child of this.children) yield* child.walk();
  }

  find(id: string): View | undefined {
    for (const view of this.walk()) if (view.id === id) return view;
    return undefined;
  }
}
