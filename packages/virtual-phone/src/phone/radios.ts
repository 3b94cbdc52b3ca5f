/** Wi-Fi as far as others see it: a virtual phone has no network, and says so; with the fault `on-wifi` it says that it has one which leads out. Nothing is ever sent. */
import type { Settings } from "./settings.js";

export class Radios {
  readonly #settings: Settings;
  /** There is a Wi-Fi that it joins when it may. */
  inReach = false;
  /** Its switch does nothing. */
  switchDead = false;
  /** It stays on whoever switches it off. */
  stuck = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** What its switch says. */
  get wifiOn(): boolean {
    return this.stuck || this.switchDead || this.#settings.get("global", "wifi_on") !== "0";
  }

  get connected(): boolean {
    if (!this.inReach) return false;
    return this.stuck || (this.wifiOn && this.#settings.get("global", "airplane_mode_on") !== "1");
  }

  setWifi(on: boolean): void {
    if (!this.stuck && !this.switchDead) this.#settings.put("global", "wifi_on", on ? "1" : "0");
  }
}
