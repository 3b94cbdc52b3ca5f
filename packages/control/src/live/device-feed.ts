/** What changes among the devices, gathered and written once for all live sockets. */
import type { Device, ToBrowser } from "@phonerack/contract/api";
import type { Devices } from "../devices/devices.js";

const GATHER_MS = 100;
/** A thousand devices at once are half a megabyte or more: the more change, the longer is gathered. */
const GATHER_MS_PER_DEVICE = 0.5;

export interface Follower {
  /** `json` is the message for these ids. */
  changes(json: string, ids: ReadonlySet<string>): void;
}

export class DeviceFeed {
  readonly #devices: Devices;
  readonly #followers = new Set<Follower>();
  readonly #stopListening: () => void;
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #gatherMs = GATHER_MS;

  constructor(devices: Devices) {
    this.#devices = devices;
    this.#stopListening = devices.onChange((id) => this.#note(id));
  }

  /** The whole list now, and every change from now on; returns how to stop that. */
  follow(follower: Follower): { list: string; stop: () => void } {
    this.#followers.add(follower);
    const list = JSON.stringify({ type: "devices", devices: this.#devices.all() } satisfies ToBrowser);
    return { list, stop: () => this.#followers.delete(follower) };
  }

  /** The message that brings somebody up to date on these devices. */
  changesOf(ids: Iterable<string>): string {
    const devices: Device[] = [];
    const gone: string[] = [];
    for (const id of ids) {
      const device = this.#devices.get(id);
      if (device) devices.push(device);
      else gone.push(id);
    }
    return JSON.stringify({ type: "changes", devices, gone } satisfies ToBrowser);
  }

  stop(): void {
    this.#stopListening();
    clearTimeout(this.#timer);
    this.#followers.clear();
  }

  #note(id: string): void {
    if (this.#followers.size === 0) return;
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#flush(), this.#gatherMs);
  }

  #flush(): void {
    this.#timer = undefined;
    const ids = this.#changed;
    this.#changed = new Set();
    this.#gatherMs = GATHER_MS + ids.size * GATHER_MS_PER_DEVICE;
    const json = this.changesOf(ids);
    for (const follower of this.#followers) follower.changes(json, ids);
  }
}
