/** Battery as `dumpsys battery` shows and overrides it. */
import { Listeners } from "./listeners.js";

export interface BatteryState {
  readonly ac: boolean;
  readonly usb: boolean;
  readonly wireless: boolean;
  /** BatteryManager: 2 charging, 3 discharging, 4 not charging, 5 full. */
  readonly status: number;
  /** 2 good, 3 overheat. */
  readonly health: number;
  readonly present: boolean;
  /** Percent. */
  readonly level: number;
  readonly scale: number;
  /** Millivolts. */
  readonly voltage: number;
  /** Tenths of a degree Celsius. */
  readonly temperature: number;
  readonly technology: string;
}

export class Battery {
  readonly #real: { -readonly [Key in keyof BatteryState]: BatteryState[Key] };
  #override: Partial<BatteryState> | undefined;
  readonly changes = new Listeners<BatteryState>();

  constructor(level: number) {
    this.#real = {
      ac: false,
      usb: true,
      wireless: false,
      status: level >= 100 ? 5 : 2,
      health: 2,
      present: true,
      level,
      scale: 100,
      voltage: 3600 + level * 7,
      temperature: 268,
      technology: "Li-ion",
    };
  }

  get state(): BatteryState {
    return this.#override ? { ...this.#real, ...this.#override } : this.#real;
  }

  /** `dumpsys battery set` holds: "UPDATES STOPPED" is printed. */
  get overridden(): boolean {
    return this.#override !== undefined;
  }

  get charging(): boolean {
    const { ac, usb, wireless } = this.state;
    return ac || usb || wireless;
  }

  /** `dumpsys battery set …`: until reset, updates of the real battery are not shown. */
  override(values: Partial<BatteryState>): void {
    this.#override = { ...this.#override, ...values };
    this.changes.emit(this.state);
  }

  /** `dumpsys battery unplug`. */
  unplug(): void {
    this.override({ ac: false, usb: false, wireless: false, status: 3 });
  }

  /** `dumpsys battery reset`. */
  reset(): void {
    this.#override = undefined;
    this.changes.emit(this.state);
  }

  /** What the battery truly does: charge, heat (the overheat fault). Level in percent, temperature in tenths of °C. */
  update(values: Partial<BatteryState>): void {
    Object.assign(this.#real, values);
    this.changes.emit(this.state);
  }
}
