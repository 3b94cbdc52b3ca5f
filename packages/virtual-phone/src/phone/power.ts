/** Screen on and off, stay-on, and the keyguard. An idle phone has no screen timeout running: see `userActivity`. */
import { Listeners } from "./listeners.js";
import type { Settings } from "./settings.js";

export interface PowerState {
  readonly interactive: boolean;
  /** The keyguard covers the apps. */
  readonly locked: boolean;
}

export class Power {
  readonly #settings: Settings;
  #interactive = true;
  #locked = false;
  #pin: string | null = null;
  readonly changes = new Listeners<PowerState & { readonly reason: string }>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get state(): PowerState {
    return { interactive: this.#interactive, locked: this.#locked };
  }
  get interactive(): boolean {
    return this.#interactive;
  }
  get locked(): boolean {
    return this.#locked;
  }
  /** A PIN is set: swiping or `wm dismiss-keyguard` is not enough. */
  get secure(): boolean {
    return this.#pin !== null;
  }
  /** Bits of BatteryManager.BATTERY_PLUGGED_*: `svc power stayon true` is 7 (15 with docks). */
  get stayOn(): boolean {
    return this.#settings.getInt("global", "stay_on_while_plugged_in", 0) !== 0;
  }

  setStayOn(on: boolean): void {
    this.#settings.put("global", "stay_on_while_plugged_in", on ? "7" : "0");
  }

  wakeUp(reason = "WAKE_REASON_APPLICATION"): void {
    if (this.#interactive) return;
    this.#interactive = true;
    this.#emit(reason);
  }

  sleep(reason = "power_button"): void {
    if (!this.#interactive) return;
    this.#interactive = false;
    this.#locked = this.#keyguardEnabled();
    this.#emit(reason);
  }

  /** `locksettings set-pin` and `clear`. Four to sixteen digits. @returns false for anything else. */
  setPin(pin: string | null): boolean {
    if (pin !== null && !/^\d{4,16}$/.test(pin)) return false;
    this.#pin = pin;
    if (pin === null && !this.#interactive) return true;
    return true;
  }

  checkPin(pin: string): boolean {
    return this.#pin === null || this.#pin === pin;
  }

  /** Locks now, screen as it is. */
  lock(): void {
    if (this.#locked || !this.#keyguardEnabled()) return;
    this.#locked = true;
    this.#emit("lock");
  }

  /** `wm dismiss-keyguard`, or the swipe. @returns false when a PIN is needed (the PIN pad shows instead). */
  dismissKeyguard(pin?: string): boolean {
    if (!this.#locked) return true;
    if (this.#pin !== null && pin !== this.#pin) return false;
    this.#locked = false;
    this.#emit("keyguard_dismissed");
    return true;
  }

  #keyguardEnabled(): boolean {
    return this.#pin !== null || this.#settings.get("secure", "lockscreen.disabled") !== "1";
  }

  #emit(reason: string): void {
    this.changes.emit({ interactive: this.#interactive, locked: this.#locked, reason });
  }
}
