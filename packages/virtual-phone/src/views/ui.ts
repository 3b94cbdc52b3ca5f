/**
 * The phone's window system: which windows there are, in which order, where they stand, and what of them must be drawn again.
 * Made when somebody first looks at or touches the phone. Where touches and keys go is in ui-input.ts.
 */
import type { ActivityContext, AppActivity } from "../apps/activity.js";
import { activityFactory, stockTraits } from "../apps/registry.js";
import type { ActivityRecord } from "../phone/activity-record.js";
import type { Hierarchy } from "../phone/hierarchy.js";
import type { InputTarget, TouchPhase } from "../phone/input.js";
import { type Component, longComponent } from "../phone/intent.js";
import type { Phone } from "../phone/phone.js";
import type { Canvas } from "../screen/canvas.js";
import { intersect, intersects, isEmpty, type Rect, translate } from "../screen/geometry.js";
import type { Damage } from "../screen/screen.js";
import { EditText } from "./edit-text.js";
import { windowHierarchy } from "./hierarchy-of.js";
import { InsetFrame as Decor, type InsetFrame } from "./inset-frame.js";
import { Kit } from "./kit.js";
import { fullId } from "./resource-id.js";
import { SystemWindows } from "./system-windows.js";
import { type Theme, themeOf } from "./theme.js";
import { UiInput } from "./ui-input.js";
import { restoreViews, saveViews } from "./view-state.js";
import { Window, type WindowSink } from "./window.js";

/** An activity with its window. */
interface Host {
  readonly activity: AppActivity;
  window: Window;
  decor: InsetFrame;
  resumed: boolean;
}

export class Ui implements InputTarget, WindowSink {
  readonly phone: Phone;
  readonly system: SystemWindows;
  readonly #input: UiInput;
  readonly #hosts = new Map<number, Host>();
  readonly #undo: (() => void)[] = [];
  #layers: readonly Window[] = [];
  #kit: Kit;
  #flushing = false;

  constructor(phone: Phone) {
    this.phone = phone;
    this.#kit = this.#makeKit();
    this.system = new SystemWindows(this);
    this.#input = new UiInput(this);
    const { activities, display, power, shade, ime, dialogs, settings, properties, packages, battery, sound } = phone;
    this.#undo.push(
      activities.changes.add(() => this.refresh()),
      activities.destroyed.add(({ token }) => this.#destroy(token)),
      display.changes.add(() => this.rebuildAll()),
      power.changes.add(() => this.refresh()),
      shade.changes.add(() => this.#systemChanged("shade")),
      ime.changes.add(() => this.refresh()),
      dialogs.changes.add(() => this.#systemChanged("dialog")),
      battery.changes.add(() => this.system.statusChanged()),
      sound.changes.add(() => this.system.statusChanged()),
      settings.changes.add(({ key }) => this.#settingChanged(key)),
      properties.changes.add(({ name }) => name === "persist.sys.locale" && this.rebuildAll()),
      packages.changes.add(() => this.#packagesChanged()),
    );
  }

  /** Makes its windows. Apart from the constructor because apps ask the phone for it meanwhile. */
  start(): this {
    this.refresh();
    return this;
  }

  get kit(): Kit {
    return this.#kit;
  }
  get theme(): Theme {
    return this.#kit.theme;
  }
  /** Bottom first. */
  get layers(): readonly Window[] {
    return this.#layers;
  }
  /** A window in sight forbids capture. */
  get secure(): boolean {
    return this.#layers.some((window) => window.secure);
  }
  /** The window that has the keys. */
  get focusedWindow(): Window | undefined {
    return this.system.focused ?? this.#frontHost?.window;
  }
  /** The activity in front, unless a window of the system is. */
  get frontActivity(): AppActivity | undefined {
    return this.system.focused ? undefined : this.#frontHost?.activity;
  }
  /** Whether the bars' symbols are dark over what is under them. */
  get darkBars(): boolean {
    if (this.system.covers) return this.system.darkBars;
    return this.#frontHost?.activity.darkBars ?? false;
  }

  touch(event: { phase: TouchPhase; pointer: number; x: number; y: number }): boolean {
    return this.#input.touch(event);
  }
  hover(): boolean {
    return true;
  }
  scroll(event: { x: number; y: number; horizontal: number; vertical: number }): boolean {
    return this.#input.scroll(event);
  }
  key(event: { phase: "down" | "up"; code: number; meta: number }): boolean {
    return this.#input.key(event);
  }
  text(text: string): boolean {
    return this.#input.text(text);
  }

  hierarchy(): Hierarchy {
    this.layout();
    const window = this.focusedWindow;
    const name = window?.package ?? "android";
    return { rotation: this.phone.display.rotation, packageName: name, root: windowHierarchy(window, this.phone.display) };
  }

  /** Draws all windows that show in `dirty`, from the topmost opaque one that covers it up. */
  draw(canvas: Canvas, dirty: Rect): void {
    const layers = this.#layers;
    let from = 0;
    for (let i = layers.length - 1; i > 0; i--) {
      const window = layers[i];
      if (window?.opaque && containsRect(window.rect, dirty)) {
        from = i;
        break;
      }
    }
    if (!layers.length) canvas.fillRect(dirty, 0xff000000);
    for (const window of layers.slice(from)) if (intersects(window.rect, dirty)) window.draw(canvas);
  }

  /** The topmost window under a point. */
  windowAt(x: number, y: number): Window | undefined {
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const window = this.#layers[i];
      if (
        window &&
        x >= window.rect.x &&
        y >= window.rect.y &&
        x < window.rect.x + window.rect.width &&
        y < window.rect.y + window.rect.height
      )
        return window;
    }
    return undefined;
  }

  layout(): void {
    for (const window of this.#layers) window.layout();
  }

  /** Brings windows in line with the phone's state. */
  refresh(): void {
    const stack = this.phone.activities.visibleStack;
    const { interactive, locked } = this.phone.power;
    for (const record of stack) this.#host(record);
    for (const [token, host] of this.#hosts) {
      const resumed = this.phone.activities.resumed?.token === token;
      if (resumed === host.resumed) continue;
      host.resumed = resumed;
      if (resumed) host.activity.onResume();
      else host.activity.onPause();
    }
    const apps = interactive && !locked ? stack.flatMap((record) => this.#hosts.get(record.token)?.window ?? []) : [];
    this.system.update();
    this.#setLayers(interactive ? this.system.arrange(apps) : []);
    this.#place();
  }

  /** Makes every window anew: rotation, density, language, theme. */
  rebuildAll(): void {
    this.#input.cancel();
    this.#kit = this.#makeKit();
    for (const host of this.#hosts.values()) this.#rebuild(host);
    this.system.reset();
    this.#layers = [];
    this.refresh();
    this.phone.screen.resized();
  }

  /** Tokens that already have windows; for tests and for freeing memory. */
  get hostCount(): number {
    return this.#hosts.size;
  }

  dispose(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#input.cancel();
    for (const host of this.#hosts.values()) {
      if (host.resumed) host.activity.onPause();
      host.activity.onDestroy();
      host.window.dispose();
    }
    this.#hosts.clear();
    this.system.dispose();
    this.#layers = [];
  }

  /** The minute on the status bar. Only called while somebody watches. */
  minuteTick(): void {
    this.system.statusChanged();
    this.#frontHost?.activity.onMinute();
    if (!this.phone.power.locked) return;
    this.system.stale("keyguard");
    this.refresh();
  }

  damage(rect: Rect): void {
    if (!isEmpty(rect)) this.phone.screen.emit({ kind: "rects", rects: [rect] });
  }

  damageScroll(rect: Rect, move: { readonly dx: number; readonly dy: number }, window: Window): void {
    const { dx, dy } = move;
    if (Math.abs(dx) >= rect.width || Math.abs(dy) >= rect.height) return this.damage(rect);
    const exposed: Rect[] = [];
    if (dy !== 0) exposed.push({ ...rect, y: dy > 0 ? rect.y : rect.y + rect.height + dy, height: Math.abs(dy) });
    if (dx !== 0) exposed.push({ ...rect, x: dx > 0 ? rect.x : rect.x + rect.width + dx, width: Math.abs(dx) });
    exposed.push(...this.#coverOf(rect, window).flatMap((cover) => [cover, intersect(rect, translate(cover, dx, dy))]));
    const damage: Damage = { kind: "scroll", rect, dx, dy, exposed: exposed.filter((part) => !isEmpty(part)) };
    this.phone.screen.emit(damage);
  }

  /** Lays out soon, so that the damage of what moved is known; at once when somebody asks before. */
  layoutNeeded(): void {
    if (this.#flushing || !this.phone.screen.watched) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.layout();
    });
  }

  focusChanged(window: Window): void {
    if (window !== this.focusedWindow) return;
    const { focused } = window;
    if (focused instanceof EditText) this.phone.ime.show(focused.id ? fullId(focused.id, window.package) : null);
    else this.phone.ime.detach();
  }

  /** What does not move with a scrolling area: windows above it, and siblings drawn over it. */
  #coverOf(rect: Rect, window: Window): Rect[] {
    const above = this.#layers.slice(this.#layers.indexOf(window) + 1).map((other) => intersect(rect, other.rect));
    const own = window.floating
      .map((view) => translate(view.windowRect(), window.rect.x, window.rect.y))
      .map((at) => intersect(rect, at));
    return [...above, ...own].filter((part) => !isEmpty(part));
  }

  get #frontHost(): Host | undefined {
    const token = this.phone.activities.visible?.token;
    return token === undefined ? undefined : this.#hosts.get(token);
  }

  #host(record: ActivityRecord): Host {
    const known = this.#hosts.get(record.token);
    if (known) {
      if (known.activity.intent !== record.intent) known.activity.deliver(record.intent);
      return known;
    }
    const { token, intent } = record;
    const context: ActivityContext = {
      phone: this.phone,
      token,
      intent,
      component: record.component,
      rebuild: () => {
        const host = this.#hosts.get(token);
        if (!host) return;
        this.#rebuild(host);
        this.refresh();
      },
      toast: (text) => this.system.toast(text),
      focus: (view) => this.#hosts.get(token)?.window.setFocus(view),
    };
    const activity = new (activityFactory(record.component))(context);
    const host: Host = { activity, ...this.#makeWindow(activity, record.component), resumed: false };
    this.#hosts.set(token, host);
    return host;
  }

  #makeWindow(activity: AppActivity, component: Component): { window: Window; decor: InsetFrame } {
    const decor = new Decor(activity.build(this.#kit), activity.paintBackground ?? undefined);
    if (!activity.paintBackground) decor.background = activity.surface;
    const { translucent = false, secure = false } = stockTraits(component);
    const window = new Window(
      { package: component.package, name: longComponent(component), root: decor, opaque: !translucent, secure },
      this,
    );
    return { window, decor };
  }

  #rebuild(host: Host): void {
    const state = saveViews(host.window.root);
    const focus = host.window.focused?.id;
    host.window.dispose();
    Object.assign(host, this.#makeWindow(host.activity, host.activity.component));
    host.window.place({ x: 0, y: 0, width: this.phone.display.width, height: this.phone.display.height });
    this.#inset(host);
    restoreViews(host.window.root, state);
    host.window.layout();
    const focused = focus === undefined ? undefined : host.window.root.find(focus);
    if (focused) host.window.setFocus(focused);
  }

  #destroy(token: number): void {
    const host = this.#hosts.get(token);
    if (!host) return;
    this.#hosts.delete(token);
    if (host.resumed) host.activity.onPause();
    host.activity.onDestroy();
    host.window.dispose();
  }

  #setLayers(next: readonly Window[]): void {
    const old = this.#layers;
    if (old.length === next.length && old.every((window, index) => window === next[index])) return;
    const front = this.focusedWindow;
    const secure = this.secure;
    this.#layers = next;
    const gone = old.filter((window) => !next.includes(window));
    if (gone.length) this.#input.windowsGone(gone);
    const fresh = next.filter((window) => !old.includes(window));
    this.#place();
    for (const window of [...gone, ...fresh]) this.damage(window.rect);
    if (old.length === 0 || next.length === 0 || secure !== this.secure) this.phone.screen.resized();
    if (gone.length || fresh.length) this.system.statusChanged();
    const stillServed = front?.focused instanceof EditText;
    if (this.phone.ime.shown && !stillServed) this.phone.ime.detach();
  }

  #place(): void {
    const { width, height } = this.phone.display;
    for (const host of this.#hosts.values()) {
      if (!this.#layers.includes(host.window)) continue;
      host.window.place({ x: 0, y: 0, width, height });
      this.#inset(host);
    }
    this.system.place();
  }

  #inset(host: Host): void {
    const { top, bottom } = this.system.insets;
    host.decor.setInsets({ left: 0, right: 0, top, bottom: Math.max(bottom, this.system.imeHeight) });
  }

  #systemChanged(which: "shade" | "dialog"): void {
    this.system.stale(which);
    this.refresh();
  }

  #settingChanged(key: string): void {
    if (key === "ui_night_mode" || key === "time_12_24") this.rebuildAll();
    if (key === "accelerometer_rotation" && this.phone.shade.open) this.#systemChanged("shade");
  }

  #packagesChanged(): void {
    for (const host of this.#hosts.values()) host.activity.onPackagesChanged();
  }

  #makeKit(): Kit {
    const { model, settings, display, clipboard } = this.phone;
    return new Kit(themeOf(model.accent, settings.get("secure", "ui_night_mode") === "2"), display.density, clipboard);
  }
}

function containsRect(outer: Rect, inner: Rect): boolean {
  const right = inner.x + inner.width <= outer.x + outer.width;
  return right && inner.x >= outer.x && inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height;
}
