/** That owned apps crashed in a device's present lease, as its tile shows it: how often, the last one, and when. Gone with the lease. */
import type { Devices } from "../devices/devices.js";

export interface Marked {
  readonly id: string;
  readonly deviceId: string;
  readonly leaseId: string;
  readonly at: Date;
  readonly package: string;
  readonly exception: string;
}

interface Mark {
  readonly lease: string;
  /** Each is counted once, however often it is heard of. */
  readonly ids: Set<string>;
}

const MOST_COUNTED = 10_000;

export class CrashMarks {
  readonly #devices: Devices;
  readonly #marks = new Map<string, Mark>();
  readonly #forget: () => void;

  constructor(devices: Devices) {
    this.#devices = devices;
    this.#forget = devices.onChange((id) => this.#recheck(id));
  }

  add({ id, deviceId, leaseId, at, package: name, exception }: Marked): void {
    if (this.#devices.get(deviceId)?.holder?.lease !== leaseId) return;
    const known = this.#marks.get(deviceId);
    const mark = known?.lease === leaseId ? known : { lease: leaseId, ids: new Set<string>() };
    if (mark.ids.has(id) || mark.ids.size >= MOST_COUNTED) return;
    mark.ids.add(id);
    this.#marks.set(deviceId, mark);
    const last = `${name}: ${exception}`.slice(0, 300);
    this.#devices.add(deviceId, { crashes: { count: mark.ids.size, last, at: at.getTime() } });
  }

  stop(): void {
    this.#forget();
  }

  #recheck(deviceId: string): void {
    const mark = this.#marks.get(deviceId);
    if (!mark || this.#devices.get(deviceId)?.holder?.lease === mark.lease) return;
    this.#marks.delete(deviceId);
    this.#devices.add(deviceId, { crashes: undefined });
  }
}
