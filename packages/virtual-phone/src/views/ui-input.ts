/** Where touches and keys go: system gestures first, then the window under the finger or the one that has the focus. */
import type { TouchPhase } from "../phone/input.js";
import type { InputRecord } from "../phone/input-record.js";
import { characterOf, KEYCODE, META } from "../phone/key-characters.js";
import { EditText } from "./edit-text.js";
import { Gestures } from "./gestures.js";
import { inputView } from "./input-view.js";
import type { Ui } from "./ui.js";
import type { View } from "./view.js";
import type { Window } from "./window.js";

/** How far from an edge a system gesture begins, and how long it must be. In dp. */
const EDGE_DP = 20;
const LONG_DP = 48;
/** A finger resting this long after a swipe from the bottom asks for the overview. */
const HOLD_MS = 250;

type EdgeKind = "bottom" | "left" | "right" | "top";
interface EdgeGesture {
  readonly kind: EdgeKind;
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  lastMove: number;
  lastY: number;
}

export class UiInput {
  readonly #ui: Ui;
  readonly #gestures: Gestures;
  /** The window each finger went down in: it keeps the finger until it is lifted. */
  readonly #owners = new Map<number, Window>();
  #edge: EdgeGesture | undefined;

  constructor(ui: Ui) {
    this.#ui = ui;
    this.#gestures = new Gestures({ clock: ui.phone.clock, density: () => ui.phone.display.density });
  }

  touch(event: { phase: TouchPhase; pointer: number; x: number; y: number }): boolean {
    if (!this.#ui.phone.power.interactive) return false;
    this.#ui.layout();
    if (event.phase === "down") {
      const { width, height } = this.#ui.phone.display;
      if (event.x < 0 || event.y < 0 || event.x >= width || event.y >= height) return false;
      if (!this.#gestures.busy && !this.#edge && this.#beginEdge(event)) return true;
      const window = this.#ui.windowAt(event.x, event.y);
      if (window) this.#owners.set(event.pointer, window);
      this.#recordPress(event, window);
      return this.#gestures.handle(event, window);
    }
    if (this.#edge?.pointer === event.pointer) return this.#moveEdge(this.#edge, event);
    if (event.phase !== "move") this.#recordLift(event, event.phase);
    const taken = this.#gestures.handle(event, this.#owners.get(event.pointer));
    if (event.phase !== "move") this.#owners.delete(event.pointer);
    return taken;
  }

  scroll(event: { x: number; y: number; horizontal: number; vertical: number }): boolean {
    if (!this.#ui.phone.power.interactive) return false;
    const window = this.#ui.windowAt(event.x, event.y);
    if (!window) return false;
    const view = inputView(window.hit(event.x, event.y), window.package);
    this.#record.scroll(window, { x: event.x, y: event.y, view });
    this.#gestures.wheel(window, event);
    return true;
  }

  key(event: { phase: "down" | "up"; code: number; meta: number }): boolean {
    const { power } = this.#ui.phone;
    const { phase, code } = event;
    if (!power.interactive) return true;
    if (phase === "up") return this.#systemKey(code) || true;
    if (this.#volumeKey(code)) return true;
    this.#recordKey(code, event.meta);
    if (power.locked) return this.#keyguardKey(code);
    this.#appKey(code, event.meta);
    return true;
  }

  text(text: string): boolean {
    const { power } = this.#ui.phone;
    if (!power.interactive) return true;
    const { keyguard } = this.#ui.system;
    const window = this.#ui.focusedWindow;
    if (window) this.#record.text(window, text, inputView(window.focused, window.package));
    if (power.locked) {
      for (const character of text) if (/\d/.test(character)) keyguard?.typed(character);
      return true;
    }
    window?.focused?.onText(text);
    return true;
  }

  cancel(): void {
    this.#edge = undefined;
    this.#owners.clear();
    this.#gestures.cancel();
  }

  windowsGone(gone: readonly Window[]): void {
    if ([...this.#owners.values()].some((window) => gone.includes(window))) this.cancel();
  }

  get #record(): InputRecord {
    return this.#ui.phone.inputRecord;
  }

  #recordPress(at: { pointer: number; x: number; y: number }, window: Window | undefined): void {
    if (!window) return;
    const { pointer, x, y } = at;
    this.#record.press(window, { pointer, x, y, view: inputView(window.hit(x, y), window.package) });
  }

  #recordLift(at: { pointer: number; x: number; y: number }, ended: "up" | "cancel"): void {
    this.#record.lift(at.pointer, { x: at.x, y: at.y, ended });
  }

  /** Home and the overview are the system's own: they reach no window. */
  #recordKey(code: number, meta: number): void {
    if (code === KEYCODE.home || code === KEYCODE.appSwitch || code === KEYCODE.notification) return;
    const window = this.#ui.focusedWindow;
    if (window) this.#record.key(window, { code, meta, view: inputView(window.focused, window.package) });
  }

  #dp(value: number): number {
    return this.#ui.kit.dp(value);
  }

  #beginEdge(event: { pointer: number; x: number; y: number }): boolean {
    const { phone } = this.#ui;
    const { width, height } = phone.display;
    if (phone.power.locked || phone.dialogs.current) return false;
    const kind = this.#edgeAt(event.x, event.y, { width, height });
    if (!kind) return false;
    this.#edge = { kind, pointer: event.pointer, x: event.x, y: event.y, lastMove: phone.clock.now(), lastY: event.y };
    return true;
  }

  #edgeAt(x: number, y: number, size: { width: number; height: number }): EdgeKind | undefined {
    if (y < this.#ui.system.insets.top && !this.#ui.phone.shade.open) return "top";
    if (this.#ui.phone.model.navigation !== "gesture") return undefined;
    if (y >= size.height - this.#dp(EDGE_DP)) return "bottom";
    if (y < size.height * 0.15) return undefined;
    if (x < this.#dp(EDGE_DP) * 0.8) return "left";
    return x >= size.width - this.#dp(EDGE_DP) * 0.8 ? "right" : undefined;
  }

  #moveEdge(edge: EdgeGesture, event: { phase: TouchPhase; x: number; y: number; pointer: number }): boolean {
    const now = this.#ui.phone.clock.now();
    if (event.phase === "move") {
      if (Math.abs(event.y - edge.lastY) > this.#dp(3)) edge.lastMove = now;
      edge.lastY = event.y;
      if (edge.kind === "top" && event.y - edge.y > this.#dp(LONG_DP)) {
        this.#edge = undefined;
        this.#ui.phone.shade.set("notifications");
      }
      return true;
    }
    this.#edge = undefined;
    if (event.phase === "cancel") return true;
    const far = this.#dp(LONG_DP);
    const [dx, dy] = [event.x - edge.x, event.y - edge.y];
    if (edge.kind === "bottom" && dy < -far) this.#pressKey(now - edge.lastMove >= HOLD_MS ? KEYCODE.appSwitch : KEYCODE.home);
    else if ((edge.kind === "left" && dx > far) || (edge.kind === "right" && -dx > far)) this.#pressKey(KEYCODE.back);
    else if (Math.hypot(dx, dy) < this.#dp(8)) this.#tapThrough(edge);
    return true;
  }

  /** A tap at an edge was no gesture: the window there gets it. */
  #tapThrough(edge: EdgeGesture): void {
    const window = this.#ui.windowAt(edge.x, edge.y);
    this.#recordPress(edge, window);
    this.#recordLift(edge, "up");
    this.#gestures.handle({ phase: "down", pointer: edge.pointer, x: edge.x, y: edge.y }, window);
    this.#gestures.handle({ phase: "up", pointer: edge.pointer, x: edge.x, y: edge.y }, window);
  }

  #pressKey(code: number): void {
    this.key({ phase: "down", code, meta: 0 });
    this.key({ phase: "up", code, meta: 0 });
  }

  #volumeKey(code: number): boolean {
    const { sound } = this.#ui.phone;
    if (code === KEYCODE.volumeUp) sound.setVolume(sound.volume + 1);
    else if (code === KEYCODE.volumeDown) sound.setVolume(sound.volume - 1);
    else if (code === KEYCODE.mute) sound.setVolume(0);
    else return false;
    this.#ui.system.showVolume();
    return true;
  }

  #keyguardKey(code: number): boolean {
    const { power } = this.#ui.phone;
    const { keyguard } = this.#ui.system;
    const digit = characterOf(code, 0);
    if (digit !== undefined && /\d/.test(digit)) keyguard?.typed(digit);
    else if (code === KEYCODE.del) keyguard?.typed("del");
    else if (code === KEYCODE.enter) keyguard?.typed("enter");
    // As on phones: Menu dismisses a keyguard without a PIN.
    else if (code === KEYCODE.menu && !power.secure) power.dismissKeyguard();
    return true;
  }

  /** Home, Back and the overview act when the key is lifted. */
  #systemKey(code: number): boolean {
    const { phone, system } = this.#ui;
    if (code === KEYCODE.back) {
      this.#back();
      return true;
    }
    if (phone.power.locked || phone.dialogs.current?.full) return false;
    if (code === KEYCODE.home) {
      phone.shade.set("closed");
      system.setRecents(false);
      phone.activities.home();
    } else if (code === KEYCODE.appSwitch) {
      phone.shade.set("closed");
      system.setRecents(!system.recentsOpen);
    } else if (code === KEYCODE.notification) phone.shade.set(phone.shade.open ? "closed" : "notifications");
    else return false;
    return true;
  }

  #back(): void {
    const { phone, system } = this.#ui;
    const dialog = phone.dialogs.current;
    if (dialog) {
      if (dialog.onBack) phone.dialogs.press(dialog.onBack);
    } else if (phone.power.locked) return;
    else if (phone.shade.open) phone.shade.set("closed");
    else if (system.recentsOpen) system.setRecents(false);
    else if (phone.ime.shown) phone.ime.hide();
    else if (!this.#ui.frontActivity?.onBack()) phone.activities.finishTop();
  }

  #appKey(code: number, meta: number): void {
    const window = this.#ui.focusedWindow;
    if (!window) return;
    const focused = window.focused;
    if (focused?.onKey(code, meta)) return;
    if (this.#ui.frontActivity?.onKey(code, meta)) return;
    if (code === KEYCODE.tab || code === KEYCODE.dpadDown || code === KEYCODE.dpadUp) {
      moveFocus(window, code === KEYCODE.dpadUp || meta & META.shift ? -1 : 1);
    } else if ((code === KEYCODE.enter || code === KEYCODE.dpadCenter || code === KEYCODE.space) && focused)
      focused.performClick();
    else if (code === KEYCODE.escape) this.#pressKey(KEYCODE.back);
  }
}

function moveFocus(window: Window, step: number): void {
  const all: View[] = [];
  for (const view of window.root.walk()) if (view.focusable && view.enabled && view.shown) all.push(view);
  if (!all.length) return;
  const at = window.focused ? all.indexOf(window.focused) : step > 0 ? -1 : 0;
  const next = all[(at + step + all.length) % all.length];
  window.setFocus(next ?? null);
  if (next instanceof EditText) next.invalidate();
}
