/** Android's three settings tables (`settings get|put|delete|list`). Changes tell their listeners. */
import { Listeners } from "./listeners.js";

export const SETTINGS_TABLES = ["system", "secure", "global"] as const;
export type SettingsTable = (typeof SETTINGS_TABLES)[number];
export interface SettingChange {
  readonly table: SettingsTable;
  readonly key: string;
  /** null: deleted. */
  readonly value: string | null;
}

/** Larger than anything Android stores; bounds what a hostile shell can make a phone hold. */
const MAX_ENTRIES = 2000;

export class Settings {
  readonly #defaults: Readonly<Record<SettingsTable, ReadonlyMap<string, string>>>;
  readonly #changed: Record<SettingsTable, Map<string, string | null>> = {
    system: new Map(),
    secure: new Map(),
    global: new Map(),
  };
  readonly changes = new Listeners<SettingChange>();

  /** @param defaults shared between phones of one model, never written to. */
  constructor(defaults: Readonly<Record<SettingsTable, ReadonlyMap<string, string>>>) {
    this.#defaults = defaults;
  }

  get(table: SettingsTable, key: string): string | null {
    const own = this.#changed[table].get(key);
    return own !== undefined ? own : (this.#defaults[table].get(key) ?? null);
  }

  /** As a whole number; `otherwise` when absent or not a number. */
  getInt(table: SettingsTable, key: string, otherwise: number): number {
    const value = Number.parseInt(this.get(table, key) ?? "", 10);
    return Number.isNaN(value) ? otherwise : value;
  }

  /** @returns false when the table is full. */
  put(table: SettingsTable, key: string, value: string): boolean {
    const own = this.#changed[table];
    if (!own.has(key) && own.size >= MAX_ENTRIES) return false;
    if (this.get(table, key) === value) return true;
    own.set(key, value);
    this.changes.emit({ table, key, value });
    return true;
  }

  /** @returns whether it was there. */
  delete(table: SettingsTable, key: string): boolean {
    if (this.get(table, key) === null) return false;
    if (this.#defaults[table].has(key)) this.#changed[table].set(key, null);
    else this.#changed[table].delete(key);
    this.changes.emit({ table, key, value: null });
    return true;
  }

  /** Sorted by key, as `settings list` prints it. */
  list(table: SettingsTable): [key: string, value: string][] {
    const all = new Map<string, string | null>([...this.#defaults[table], ...this.#changed[table]]);
    return [...all]
      .filter((entry): entry is [string, string] => entry[1] !== null)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  }
}
