/** The groups that one control knows: all that are open and some that ended lately. Tells whoever listens what changed. */
import type { Devices } from "../devices/devices.js";
import { type GroupDelta, LiveGroup } from "./live-group.js";
import type { GroupRow } from "./rows.js";

/** With their ledgers, so that what happened last can still be read; older ones are read from the database, without. */
const ENDED_KEPT = 20;

export type GroupListener = (group: LiveGroup, delta: GroupDelta) => void;

export class GroupBoard {
  readonly #devices: Devices;
  readonly #now: () => number;
  readonly #groups = new Map<string, LiveGroup>();
  readonly #byDevice = new Map<string, LiveGroup>();
  readonly #listeners = new Set<GroupListener>();
  readonly #stopListening: () => void;

  constructor(parts: { devices: Devices; now: () => number }) {
    this.#devices = parts.devices;
    this.#now = parts.now;
    this.#stopListening = parts.devices.onChange((id) => this.#look(id));
  }

  stop(): void {
    this.#stopListening();
    for (const group of this.#groups.values()) group.ledger.close();
  }

  onChange(listener: GroupListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get(id: string): LiveGroup | undefined {
    return this.#groups.get(id);
  }

  get open(): LiveGroup[] {
    return [...this.#groups.values()].filter(({ over }) => !over);
  }

  /** The open group in which a device is, dropped ones left out. */
  ofDevice(deviceId: string): LiveGroup | undefined {
    return this.#byDevice.get(deviceId);
  }

  /** Takes a row as it stands in the database. */
  put(row: GroupRow): LiveGroup {
    let group = this.#groups.get(row.id);
    if (group) {
      group.put(row);
    } else {
      group = new LiveGroup(row, {
        now: this.#now,
        missing: (id) => this.missing(id),
        changed: (changed, delta) => this.#tell(changed, delta),
      });
      this.#groups.set(row.id, group);
      this.#tell(group, { group: true });
    }
    for (const { id, out } of row.members) {
      if (!group.over && out !== "dropped") this.#byDevice.set(id, group);
      else if (this.#byDevice.get(id) === group) this.#byDevice.delete(id);
    }
    if (group.over) this.#forgetOld();
    return group;
  }

  /** Why a device cannot be driven at all; null when it can. */
  missing(deviceId: string): string | null {
    const device = this.#devices.get(deviceId);
    if (!device) return "The device is gone.";
    // While a phone is prepared anew its agent still knows it.
    if (device.state === "ready" || device.state === "preparing") return null;
    return device.reason ?? `The device is ${device.state}.`;
  }

  #look(deviceId: string): void {
    const group = this.#byDevice.get(deviceId);
    if (!group) return;
    const was = group.view(deviceId)?.state;
    group.look([deviceId]);
    // Back again: its agent may have forgotten that it takes part.
    if (was === "lost" && this.missing(deviceId) === null) group.toStart.add(deviceId);
  }

  #forgetOld(): void {
    const ended = [...this.#groups.values()].filter(({ over }) => over);
    ended.sort((a, b) => (a.row.endedAt ?? 0) - (b.row.endedAt ?? 0));
    for (const { id } of ended.slice(0, -ENDED_KEPT)) this.#groups.delete(id);
  }

  #tell(group: LiveGroup, delta: GroupDelta): void {
    for (const listener of this.#listeners) listener(group, delta);
  }
}
