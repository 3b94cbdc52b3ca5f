/** Which phones are selected on the wall, outside React: a change re-renders the tiles that it is about and nobody else. */
import type { DeviceId } from "@phonerack/contract/api";

export class Selection {
  #ids: ReadonlySet<DeviceId> = new Set();
  #anchor: DeviceId | undefined;
  readonly #perDevice = new Map<DeviceId, Set<() => void>>();
  readonly #everyone = new Set<() => void>();

  /** The same object until something changes. */
  get ids(): ReadonlySet<DeviceId> {
    return this.#ids;
  }

  /** Where a range begins: the phone that was pressed last. */
  get anchor(): DeviceId | undefined {
    return this.#anchor;
  }

  set anchor(id: DeviceId) {
    this.#anchor = id;
  }

  has(id: DeviceId): boolean {
    return this.#ids.has(id);
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#everyone.add(changed);
    return () => this.#everyone.delete(changed);
  };

  subscribeTo(id: DeviceId, changed: () => void): () => void {
    const listeners = this.#perDevice.get(id) ?? new Set();
    this.#perDevice.set(id, listeners.add(changed));
    return () => {
      listeners.delete(changed);
      if (listeners.size === 0) this.#perDevice.delete(id);
    };
  }

  /** These and no others. */
  put(ids: Iterable<DeviceId>): void {
    const before = this.#ids;
    const next = new Set(ids);
    const changed = [...before].filter((id) => !next.has(id)).concat([...next].filter((id) => !before.has(id)));
    if (changed.length === 0) return;
    this.#ids = next;
    for (const id of changed) notify(this.#perDevice.get(id));
    notify(this.#everyone);
  }

  /** Takes one in or out, and begins ranges there. */
  toggle(id: DeviceId): void {
    this.#anchor = id;
    this.put(this.#ids.has(id) ? [...this.#ids].filter((other) => other !== id) : [...this.#ids, id]);
  }

  /** All of them, or none of them when all are. */
  toggleAll(ids: readonly DeviceId[]): void {
    const all = ids.every((id) => this.#ids.has(id));
    const rest = [...this.#ids].filter((id) => !ids.includes(id));
    this.put(all ? rest : [...rest, ...ids]);
  }

  /** What lies between the anchor and this one in the order of the wall; the anchor stays. */
  extend(order: readonly DeviceId[], to: DeviceId): void {
    const end = order.indexOf(to);
    if (end === -1) return;
    const from = this.#anchor === undefined ? -1 : order.indexOf(this.#anchor);
    if (from === -1) this.#anchor = to;
    const begin = from === -1 ? end : from;
    this.put(order.slice(Math.min(begin, end), Math.max(begin, end) + 1));
  }

  clear(): void {
    this.#anchor = undefined;
    this.put([]);
  }
}

function notify(listeners: ReadonlySet<() => void> | undefined): void {
  for (const changed of listeners ?? []) changed();
}
