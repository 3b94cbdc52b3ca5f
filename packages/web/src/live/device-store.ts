/**
 * What the console knows of all devices, outside React: a change to one of a thousand re-renders that one's tile only.
 * Fed by the live socket; keeps the last known picture of the world while the connection is lost.
 */
import type { Device, DeviceId, ToBrowser } from "@phonerack/contract/api";

export class DeviceStore {
  readonly #devices = new Map<DeviceId, Device>();
  readonly #perDevice = new Map<DeviceId, Set<() => void>>();
  readonly #everyone = new Set<() => void>();
  #list: readonly Device[] | undefined;

  /** The list, by name in human order (2 before 10); the same array until something changes. Undefined before the first answer. */
  get list(): readonly Device[] | undefined {
    return this.#list;
  }

  get(id: DeviceId): Device | undefined {
    return this.#devices.get(id);
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

  apply(message: ToBrowser): void {
    if (message.type === "devices") this.#replace(message.devices);
    else if (message.type === "changes") this.#change(message.devices, message.gone);
  }

  #replace(devices: readonly Device[]): void {
    const before = new Set(this.#devices.keys());
    for (const device of devices) before.delete(device.id);
    this.#change(devices, [...before]);
  }

  #change(devices: readonly Device[], gone: readonly DeviceId[]): void {
    for (const device of devices) this.#devices.set(device.id, device);
    for (const id of gone) this.#devices.delete(id);
    this.#list = [...this.#devices.values()].sort(byName);
    for (const { id } of devices) notify(this.#perDevice.get(id));
    for (const id of gone) notify(this.#perDevice.get(id));
    notify(this.#everyone);
  }
}

function notify(listeners: ReadonlySet<() => void> | undefined): void {
  for (const changed of listeners ?? []) changed();
}

const order = new Intl.Collator("en", { numeric: true });

function byName(a: Device, b: Device): number {
  return order.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);
}
