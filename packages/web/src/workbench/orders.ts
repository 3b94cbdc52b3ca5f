/** Which dialog of the workbench is asked for, and for which phones: opened from the wall, a group, the palette or a phone's page, shown by the frame. */
import type { DeviceId } from "@phonerack/contract/api";

export type OrderKind = "install" | "app" | "run" | "files" | "settings" | "link" | "clipboard";

export interface Order {
  readonly kind: OrderKind;
  /** Only those that one holds. */
  readonly devices: readonly DeviceId[];
  /** Of `install`: what was chosen already. */
  readonly build?: string;
}

export class Orders {
  readonly #watchers = new Set<() => void>();
  #asked: Order | undefined;

  get asked(): Order | undefined {
    return this.#asked;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  ask(order: Order | undefined): void {
    this.#asked = order;
    for (const changed of this.#watchers) changed();
  }

  readonly close = (): void => this.ask(undefined);
}
