/** The property service (`getprop`, `setprop`). The model's list is shared; a phone keeps only what differs. */
import { Listeners } from "./listeners.js";

export class Properties {
  readonly #shared: ReadonlyMap<string, string>;
  readonly #own = new Map<string, string>();
  readonly changes = new Listeners<{ readonly name: string; readonly value: string }>();

  constructor(shared: ReadonlyMap<string, string>) {
    this.#shared = shared;
  }

  /** Empty when not set, as the real getprop. */
  get(name: string): string {
    return this.#own.get(name) ?? this.#shared.get(name) ?? "";
  }

  /**
   * Sets as init's property service would for the shell user.
   * @returns false when refused: `ro.*` once set, a bad name, a value above 91 bytes (PROP_VALUE_MAX) or too many names.
   */
  set(name: string, value: string): boolean {
    if (!/^[a-zA-Z0-9._@:-]{1,200}$/.test(name) || new TextEncoder().encode(value).length > 91) return false;
    if (name.startsWith("ro.")) return false;
    if (!this.#own.has(name) && this.#own.size >= 500) return false;
    this.put(name, value);
    return true;
  }

  /** Sets without the shell's limits: for the phone itself. */
  put(name: string, value: string): void {
    if (this.get(name) === value) return;
    this.#own.set(name, value);
    this.changes.emit({ name, value });
  }

  /** Sorted by name, as `getprop` prints them. */
  list(): [name: string, value: string][] {
    return [...new Map([...this.#shared, ...this.#own])].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}
