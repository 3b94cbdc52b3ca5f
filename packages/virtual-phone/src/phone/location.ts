/** Where the phone says it is when a test provider makes it up, as `cmd location` (Android 12 and later) has it. */

export interface MadeUp {
  readonly enabled: boolean;
  readonly at: { readonly latitude: number; readonly longitude: number } | null;
}

export class Location {
  /** By provider: gps, network. */
  readonly #providers = new Map<string, MadeUp>();
  /** The shell's app op MOCK_LOCATION. */
  mayMock = false;

  get providers(): ReadonlyMap<string, MadeUp> {
    return this.#providers;
  }

  add(name: string): void {
    this.#providers.set(name, { enabled: false, at: null });
  }

  /** False when there is no such test provider. */
  change(name: string, change: Partial<MadeUp>): boolean {
    const known = this.#providers.get(name);
    if (!known) return false;
    this.#providers.set(name, { ...known, ...change });
    return true;
  }

  remove(name: string): boolean {
    return this.#providers.delete(name);
  }
}
