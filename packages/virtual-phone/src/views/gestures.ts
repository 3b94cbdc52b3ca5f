/**
 * Turns one window's touches into clicks, long clicks, scrolls and flings, as ViewConfiguration and GestureDetector do. A view
 * that takes raw touches gets those instead. Timers run only while a finger is down or a fling lasts.
 */
import type { Cancel, Clock } from "../phone/clock.js";
import type { TouchPhase } from "../phone/input.js";
import { EditText } from "./edit-text.js";
import { ScrollView } from "./scroll-view.js";
import type { View } from "./view.js";
import type { Window } from "./window.js";

/** ViewConfiguration's values: TOUCH_SLOP in dp, LONG_PRESS_TIMEOUT in ms. */
const TOUCH_SLOP_DP = 8;
const LONG_PRESS_MS = 400;
const FRAME_MS = 16;
/** What is left of a fling's speed after a frame. */
const FRICTION = 0.955;
/** Below this many dp per second a lifted finger does not fling. */
const MIN_FLING_DP = 50;

export interface PointerEvent {
  readonly phase: TouchPhase;
  readonly pointer: number;
  /** On the screen, in device pixels. */
  readonly x: number;
  readonly y: number;
}

interface Press {
  readonly window: Window;
  readonly pointer: number;
  readonly startX: number;
  readonly startY: number;
  readonly hit: View;
  readonly clickable: View | undefined;
  readonly scrollers: readonly ScrollView[];
  scroller: ScrollView | undefined;
  lastX: number;
  lastY: number;
  moved: boolean;
  handled: boolean;
  cancelLongPress: Cancel | undefined;
  readonly trail: { readonly at: number; readonly x: number; readonly y: number }[];
}

export class Gestures {
  readonly #clock: Clock;
  readonly #density: () => number;
  #press: Press | undefined;
  /** Who takes raw touches, by pointer. */
  readonly #raw = new Map<number, { readonly view: View; readonly window: Window }>();
  #stopFling: Cancel | undefined;

  constructor(parts: { clock: Clock; density: () => number }) {
    this.#clock = parts.clock;
    this.#density = parts.density;
  }

  /** Whether a finger is down in a window. */
  get busy(): boolean {
    return this.#press !== undefined || this.#raw.size > 0;
  }

  handle(event: PointerEvent, window: Window | undefined): boolean {
    if (event.phase === "down") return window ? this.#down(event, window) : false;
    const raw = this.#raw.get(event.pointer);
    if (raw) {
      if (event.phase !== "move") this.#raw.delete(event.pointer);
      sendRaw(raw.view, raw.window, event);
      if (event.phase !== "move") raw.view.pressed = false;
      return true;
    }
    const press = this.#press;
    if (!press || press.pointer !== event.pointer) return false;
    if (event.phase === "move") this.#move(press, event);
    else this.#up(press, event);
    return true;
  }

  /** Ends what is under way: the window went, another took over. */
  cancel(): void {
    this.#stopFling?.();
    this.#stopFling = undefined;
    for (const [pointer, { view, window }] of this.#raw) sendRaw(view, window, { phase: "cancel", pointer, x: 0, y: 0 });
    this.#raw.clear();
    const press = this.#press;
    this.#press = undefined;
    press?.cancelLongPress?.();
    if (press?.clickable) press.clickable.pressed = false;
  }

  /** A mouse wheel over a window. Steps up and left are positive offsets back. */
  wheel(
    window: Window,
    at: { readonly x: number; readonly y: number; readonly horizontal: number; readonly vertical: number },
  ): boolean {
    const step = (64 * this.#density()) / 160;
    for (const scroller of scrollersOf(window.hit(at.x, at.y))) {
      const steps = scroller.horizontal ? at.horizontal || -at.vertical : -at.vertical;
      if (steps !== 0 && scroller.scrollBy(steps * (scroller.paged ? scroller.page : step))) return true;
    }
    return false;
  }

  #down(event: PointerEvent, window: Window): boolean {
    const hit = window.hit(event.x, event.y);
    if (!hit) return false;
    this.#stopFling?.();
    this.#stopFling = undefined;
    for (let view: View | undefined = hit; view; view = view.parent) {
      if (!view.enabled || !sendRaw(view, window, event)) continue;
      this.#raw.set(event.pointer, { view, window });
      view.pressed = view.clickable;
      return true;
    }
    // One finger presses and scrolls; others count only for views that take raw touches.
    if (this.#press) return true;
    this.#press = this.#begin(event, window, hit);
    return true;
  }

  #begin(event: PointerEvent, window: Window, hit: View): Press {
    let clickable: View | undefined = hit;
    while (clickable && !(clickable.clickable || clickable.onLongClick)) clickable = clickable.parent;
    if (clickable && !clickable.enabled) clickable = undefined;
    const press: Press = {
      window,
      pointer: event.pointer,
      startX: event.x,
      startY: event.y,
      hit,
      clickable,
      scrollers: scrollersOf(hit),
      scroller: undefined,
      lastX: event.x,
      lastY: event.y,
      moved: false,
      handled: false,
      cancelLongPress: undefined,
      trail: [{ at: this.#clock.now(), x: event.x, y: event.y }],
    };
    if (clickable && !(clickable instanceof EditText)) clickable.pressed = true;
    if (clickable?.onLongClick) press.cancelLongPress = this.#clock.after(LONG_PRESS_MS, () => longPress(press));
    return press;
  }

  #move(press: Press, event: PointerEvent): void {
    const slop = (TOUCH_SLOP_DP * this.#density()) / 160;
    const [dx, dy] = [event.x - press.startX, event.y - press.startY];
    if (!press.moved && Math.hypot(dx, dy) > slop) {
      press.moved = true;
      press.cancelLongPress?.();
      if (press.clickable) press.clickable.pressed = false;
      const across = Math.abs(dx) > Math.abs(dy);
      press.scroller = press.scrollers.find((scroller) => scroller.horizontal === across);
    }
    if (press.moved && press.scroller) {
      press.scroller.scrollBy(press.scroller.horizontal ? press.lastX - event.x : press.lastY - event.y);
    }
    press.lastX = event.x;
    press.lastY = event.y;
    press.trail.push({ at: this.#clock.now(), x: event.x, y: event.y });
    if (press.trail.length > 12) press.trail.shift();
  }

  #up(press: Press, event: PointerEvent): void {
    this.#press = undefined;
    press.cancelLongPress?.();
    if (press.clickable) press.clickable.pressed = false;
    if (event.phase === "cancel") return;
    if (press.moved) this.#release(press);
    else if (!press.handled) click(press, event);
  }

  #release(press: Press): void {
    const { scroller } = press;
    if (!scroller) return swipe(press);
    const now = this.#clock.now();
    const recent = press.trail.filter(({ at }) => now - at <= 100);
    const first = recent[0];
    const span = first ? Math.max(1, now - first.at) : 1;
    const moved = first ? (scroller.horizontal ? first.x - press.lastX : first.y - press.lastY) : 0;
    // A swipe written in one go (all events in one millisecond) has no speed that means anything.
    const velocity = recent.length > 1 && now > (first?.at ?? now) ? moved / span : 0;
    if (scroller.paged) return this.#settle(scroller, velocity);
    if (Math.abs(velocity) * 1000 > (MIN_FLING_DP * this.#density()) / 160) this.#fling(scroller, velocity * FRAME_MS);
  }

  #fling(scroller: ScrollView, perFrame: number): void {
    if (Math.abs(perFrame) < 0.5) return;
    this.#stopFling = this.#clock.after(FRAME_MS, () => {
      this.#stopFling = undefined;
      if (scroller.host && scroller.scrollBy(perFrame)) this.#fling(scroller, perFrame * FRICTION);
    });
  }

  /** Glides to the nearest page, or the next one in the direction of a quick swipe. */
  #settle(scroller: ScrollView, velocity: number): void {
    const at = scroller.offset / scroller.page;
    const page = Math.abs(velocity) > 0.3 ? (velocity > 0 ? Math.ceil(at) : Math.floor(at)) : Math.round(at);
    const glide = (): void => {
      const left = page * scroller.page - scroller.offset;
      const step = Math.abs(left) < 4 ? left : left * 0.3;
      if (!scroller.host || !scroller.scrollBy(step)) return;
      this.#stopFling = this.#clock.after(FRAME_MS, glide);
    };
    glide();
  }
}

function longPress(press: Press): void {
  press.handled = true;
  if (press.clickable) press.clickable.pressed = false;
  press.clickable?.onLongClick?.();
}

function click(press: Press, event: PointerEvent): void {
  const view = press.clickable;
  if (!view?.shown) return;
  if (view instanceof EditText) {
    const at = view.windowRect();
    view.placeCursor(event.x - press.window.rect.x - at.x, event.y - press.window.rect.y - at.y);
    press.window.setFocus(view);
  }
  view.performClick();
}

function swipe(press: Press): void {
  const [dx, dy] = [press.lastX - press.startX, press.lastY - press.startY];
  for (let view: View | undefined = press.hit; view; view = view.parent) if (view.onSwipe?.(dx, dy)) return;
}

function scrollersOf(hit: View | undefined): ScrollView[] {
  const scrollers: ScrollView[] = [];
  for (let view = hit; view; view = view.parent) if (view instanceof ScrollView && view.range > 0) scrollers.push(view);
  return scrollers;
}

function sendRaw(view: View, window: Window, event: PointerEvent): boolean {
  const at = view.windowRect();
  return view.onTouch({
    phase: event.phase,
    pointer: event.pointer,
    x: event.x - window.rect.x - at.x,
    y: event.y - window.rect.y - at.y,
  });
}
