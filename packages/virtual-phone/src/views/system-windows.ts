/** The system's own windows: bars, keyboard, shade, overview, keyguard, dialogs, volume and toasts. */
import type { Cancel } from "../phone/clock.js";
import { MAX_VOLUME } from "../phone/sound.js";
import type { Rect } from "../screen/geometry.js";
import { NAV_BUTTONS_DP, NAV_GESTURE_DP, navigationBar, STATUS_BAR_DP, statusBar } from "./system/bars.js";
import { dialogWindow } from "./system/dialog-window.js";
import { KEYBOARD_DP, Keyboard } from "./system/keyboard.js";
import { Keyguard } from "./system/keyguard.js";
import { recentsWindow } from "./system/recents-window.js";
import { shadeWindow } from "./system/shade-window.js";
import { toastView, volumePanel } from "./system/transient.js";
import type { Ui } from "./ui.js";
import type { View } from "./view.js";
import { Window } from "./window.js";

const SYSTEM_UI = "com.android.systemui";
const TRANSIENT_MS = 2000;
type Name = "status" | "navigation" | "ime" | "shade" | "recents" | "keyguard" | "dialog" | "volume" | "toast";

export class SystemWindows {
  readonly #ui: Ui;
  readonly #windows = new Map<Name, Window>();
  readonly #timers = new Map<Name, Cancel>();
  #recents = false;
  #bouncer = false;
  #toast = "";
  #keyguard: Keyguard | undefined;
  #keyboard: Keyboard | undefined;

  constructor(ui: Ui) {
    this.#ui = ui;
  }

  get recentsOpen(): boolean {
    return this.#recents;
  }
  get keyguard(): Keyguard | undefined {
    return this.#keyguard;
  }
  /** The system's window that has the keys, when one has. */
  get focused(): Window | undefined {
    for (const name of ["dialog", "shade", "keyguard", "recents"] as const) {
      const window = this.#windows.get(name);
      if (window) return window;
    }
    return undefined;
  }
  /** One of its windows fills the screen. */
  get covers(): boolean {
    return (
      this.#windows.has("dialog") || this.#windows.has("shade") || this.#windows.has("keyguard") || this.#windows.has("recents")
    );
  }
  get darkBars(): boolean {
    return Boolean(this.#ui.phone.dialogs.current?.full) && !this.#ui.theme.dark;
  }
  /** What the bars take of an app's window. */
  get insets(): { readonly top: number; readonly bottom: number } {
    const { dp } = { dp: (value: number) => this.#ui.kit.dp(value) };
    return {
      top: dp(STATUS_BAR_DP),
      bottom: dp(this.#ui.phone.model.navigation === "gesture" ? NAV_GESTURE_DP : NAV_BUTTONS_DP),
    };
  }
  /** From the screen's bottom, navigation bar included; 0 when hidden. */
  get imeHeight(): number {
    if (!this.#ui.phone.ime.shown) return 0;
    const wanted = this.#ui.kit.dp(KEYBOARD_DP);
    return Math.min(wanted, Math.round(this.#ui.phone.display.height * 0.46)) + this.insets.bottom;
  }

  setRecents(open: boolean): void {
    if (open === this.#recents) return;
    this.#recents = open;
    // The overview is the home screen's: whoever watches the foreground must not think the app is still in front.
    if (open) this.#ui.phone.activities.home();
    this.#ui.refresh();
  }

  /** Makes and drops windows by the phone's state. */
  update(): void {
    const { phone } = this.#ui;
    const { locked, interactive } = phone.power;
    if (!locked || !interactive) this.#bouncer = false;
    if (locked) this.#recents = false;
    this.#keep("status", true, () => statusBar(phone, this.#ui.kit, () => this.#ui.darkBars));
    this.#keep("navigation", true, () => this.#navigation());
    this.#keep("ime", phone.ime.shown && !locked, () => this.#makeKeyboard());
    this.#keep("shade", phone.shade.open && !locked, () => shadeWindow(phone, this.#ui.kit));
    this.#keep("keyguard", locked, () => this.#makeKeyguard());
    this.#updateRecents();
    const dialog = phone.dialogs.current;
    this.#keep("dialog", dialog !== null, () => {
      if (!dialog) throw new Error("a dialog window without a dialog");
      return dialogWindow(dialog, this.#ui.kit, (button) => phone.dialogs.press(button));
    });
  }

  /** All windows, bottom first, the apps' between. */
  arrange(apps: readonly Window[]): Window[] {
    const pick = (...names: Name[]): Window[] => names.flatMap((name) => this.#windows.get(name) ?? []);
    const under = this.#recents ? [] : apps;
    return [...under, ...pick("recents", "ime", "keyguard", "shade", "dialog", "status", "navigation", "toast", "volume")];
  }

  place(): void {
    const { width, height } = this.#ui.phone.display;
    const { top, bottom } = this.insets;
    const { dp } = { dp: (value: number) => this.#ui.kit.dp(value) };
    const full: Rect = { x: 0, y: 0, width, height };
    const ime = this.imeHeight;
    const rects: Record<Name, Rect> = {
      status: { ...full, height: top },
      navigation: { ...full, y: height - bottom, height: bottom },
      ime: { ...full, y: height - ime, height: ime },
      shade: full,
      recents: full,
      keyguard: full,
      dialog: full,
      volume: { x: width - dp(64), y: Math.round(height * 0.2), width: dp(52), height: dp(190) },
      toast: { x: dp(24), y: height - bottom - Math.max(ime, dp(40)) - dp(64), width: width - dp(48), height: dp(52) },
    };
    for (const [name, window] of this.#windows) window.place(rects[name]);
  }

  /** A window shows something that changed: made anew at the next update. */
  stale(name: Name): void {
    this.#drop(name);
  }

  /** All of them made anew. */
  reset(): void {
    for (const name of Array.from(this.#windows.keys())) if (name !== "volume" && name !== "toast") this.#drop(name);
    this.#drop("volume");
    this.#drop("toast");
  }

  statusChanged(): void {
    this.#windows.get("status")?.root.invalidate();
    this.#windows.get("navigation")?.root.invalidate();
  }

  /** The volume panel, for two seconds. */
  showVolume(): void {
    this.#drop("volume");
    const { sound } = this.#ui.phone;
    this.#keep("volume", true, () =>
      volumePanel(this.#ui.kit, sound.volume / MAX_VOLUME, (share) => sound.setVolume(share * MAX_VOLUME)),
    );
    this.#expire("volume");
  }

  toast(text: string): void {
    this.#drop("toast");
    this.#toast = text;
    this.#keep("toast", true, () => toastView(this.#ui.kit, this.#toast));
    this.#expire("toast");
  }

  dispose(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    for (const name of Array.from(this.#windows.keys())) this.#drop(name);
  }

  #updateRecents(): void {
    const { phone, kit } = this.#ui;
    const state = phone.activities
      .recents()
      .map(({ id }) => id)
      .join();
    if (this.#recents && state !== this.#recentsState) this.#drop("recents");
    this.#recentsState = state;
    this.#keep("recents", this.#recents, () => {
      const root = recentsWindow({ phone, kit, close: () => this.setRecents(false) });
      root.setInsets({ left: 0, right: 0, ...this.insets });
      return root;
    });
  }
  #recentsState = "";

  #keep(name: Name, wanted: boolean, make: () => View): void {
    if (!wanted) return this.#drop(name);
    if (this.#windows.has(name)) return;
    const opaque =
      name === "recents" ||
      name === "keyguard" ||
      name === "ime" ||
      (name === "dialog" && Boolean(this.#ui.phone.dialogs.current?.full));
    const owner =
      name === "ime"
        ? "com.android.inputmethod.latin"
        : name === "dialog"
          ? (this.#ui.phone.dialogs.current?.package ?? "android")
          : SYSTEM_UI;
    this.#windows.set(name, new Window({ package: owner, name, root: make(), opaque }, this.#ui));
  }

  #drop(name: Name): void {
    const window = this.#windows.get(name);
    if (!window) return;
    this.#windows.delete(name);
    this.#timers.get(name)?.();
    this.#timers.delete(name);
    window.dispose();
    if (name === "keyguard") this.#keyguard = undefined;
    if (name === "ime") this.#keyboard = undefined;
  }

  #expire(name: Name): void {
    const cancel = this.#ui.phone.clock.after(TRANSIENT_MS, () => {
      this.#drop(name);
      this.#ui.refresh();
    });
    this.#timers.set(name, cancel);
    this.#ui.refresh();
  }

  #navigation(): View {
    const { phone, kit } = this.#ui;
    const press = (code: number): void => {
      this.#ui.key({ phase: "down", code, meta: 0 });
      this.#ui.key({ phase: "up", code, meta: 0 });
    };
    const actions = { back: () => press(4), home: () => press(3), recents: () => press(187) };
    return navigationBar({ phone, kit, dark: () => this.#ui.darkBars && !phone.ime.shown, actions });
  }

  #makeKeyboard(): View {
    this.#keyboard = new Keyboard(this.#ui.kit, {
      text: (text) => void this.#ui.text(text),
      key: (code) => {
        this.#ui.key({ phase: "down", code, meta: 0 });
        this.#ui.key({ phase: "up", code, meta: 0 });
      },
    });
    return this.#ui.kit.frame(
      { width: "match", height: "match", padding: { bottom: this.insets.bottom }, background: this.#ui.theme.divider },
      [this.#keyboard.root],
    );
  }

  #makeKeyguard(): View {
    const showBouncer = (): void => {
      this.#bouncer = true;
      this.#drop("keyguard");
      this.#ui.refresh();
    };
    this.#keyguard = new Keyguard({ phone: this.#ui.phone, kit: this.#ui.kit, bouncer: this.#bouncer, showBouncer });
    this.#keyguard.root.setInsets({ left: 0, right: 0, ...this.insets });
    return this.#keyguard.root;
  }
}
