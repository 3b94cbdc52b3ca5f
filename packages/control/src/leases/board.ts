/**
 * What one control knows of leases, in memory: all that have not ended, the hold of each device, open support sessions. Fed with rows that
 * were written to the database, here or by another replica; lays what they mean over the devices. Decides nothing.
 */
import { CONFIRM_WITHIN_MS } from "@phonerack/contract/api";
import { type Holder, LEASE_DEFAULT_MS, type Lease } from "@phonerack/contract/bus";
import type { Devices } from "../devices/devices.js";
import { compareNames } from "../devices/naming.js";
import type { HoldRow, LeaseRow, SupportRow } from "./rows.js";

const NO_HOLD: Omit<HoldRow, "deviceId"> = {
  epoch: 0,
  state: "free",
  leaseId: null,
  endedAt: null,
  cleanedAt: null,
  quarantine: null,
  quarantinedAt: null,
};

export interface BoardParts {
  readonly devices: Devices;
  tenantName(id: string): string;
  /** Whether tiers count for it: then a group or script goes on for so long only as a person says. */
  capped(tenant: string): boolean;
}

export class Board {
  readonly #parts: BoardParts;
  readonly #leases = new Map<string, LeaseRow>();
  readonly #holds = new Map<string, HoldRow>();
  readonly #supports = new Map<string, SupportRow>();
  /** Device → open leases that have it, active or booked. */
  readonly #byDevice = new Map<string, Set<string>>();
  readonly #listeners = new Set<(leases: readonly LeaseRow[]) => void>();

  constructor(parts: BoardParts) {
    this.#parts = parts;
  }

  /** Told of leases that were made, changed or ended; returns how to stop that. */
  onChange(listener: (leases: readonly LeaseRow[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  lease(id: string): LeaseRow | undefined {
    return this.#leases.get(id);
  }

  /** All that have not ended, oldest first. */
  get open(): LeaseRow[] {
    return [...this.#leases.values()].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }

  get active(): LeaseRow[] {
    return [...this.#leases.values()].filter(({ phase }) => phase === "active");
  }

  hold(deviceId: string): HoldRow {
    return this.#holds.get(deviceId) ?? { deviceId, ...NO_HOLD };
  }

  support(deviceId: string): SupportRow | undefined {
    return this.#supports.get(deviceId);
  }

  get supports(): SupportRow[] {
    return [...this.#supports.values()];
  }

  /** The open leases that have this device, now or later. */
  leasesOf(deviceId: string): LeaseRow[] {
    return [...(this.#byDevice.get(deviceId) ?? [])].flatMap((id) => this.#leases.get(id) ?? []);
  }

  /** Forgets everything and takes this instead: at the start, and when messages of other replicas may have been lost. */
  replace(all: { leases: readonly LeaseRow[]; holds: readonly HoldRow[]; supports: readonly SupportRow[] }): void {
    const devices = new Set([...this.#holds.keys(), ...this.#supports.keys()]);
    const leases = [...this.#leases.values(), ...all.leases];
    for (const map of [this.#leases, this.#holds, this.#supports, this.#byDevice]) map.clear();
    for (const lease of all.leases) this.#put(lease);
    for (const hold of all.holds) this.#holds.set(hold.deviceId, hold);
    for (const support of all.supports) this.#supports.set(support.deviceId, support);
    for (const id of [...this.#holds.keys(), ...this.#supports.keys()]) devices.add(id);
    this.#tell(devices, leases);
  }

  /** Takes rows that changed. `noSupport`: devices whose support session is over. */
  apply(change: {
    leases?: readonly LeaseRow[];
    holds?: readonly HoldRow[];
    supports?: readonly SupportRow[];
    noSupport?: readonly string[];
  }): void {
    const devices = new Set<string>(change.noSupport ?? []);
    for (const id of devices) this.#supports.delete(id);
    for (const hold of change.holds ?? []) {
      // Two changes may be heard in another order than they were made.
      if ((this.#holds.get(hold.deviceId)?.epoch ?? 0) > hold.epoch) continue;
      this.#holds.set(hold.deviceId, hold);
      devices.add(hold.deviceId);
      if (this.#supports.get(hold.deviceId)?.leaseId !== hold.leaseId) this.#supports.delete(hold.deviceId);
    }
    for (const lease of change.leases ?? []) {
      for (const { id } of [...(this.#leases.get(lease.id)?.devices ?? []), ...lease.devices]) devices.add(id);
      this.#put(lease);
    }
    for (const support of change.supports ?? []) {
      this.#supports.set(support.deviceId, support);
      devices.add(support.deviceId);
    }
    this.#tell(devices, change.leases ?? []);
  }

  /** The lease was used: what that means for idleness is shown when it is worth showing; that a program begins to be at work on it, at once. */
  touched(lease: LeaseRow, activeAt: number, automated: boolean): void {
    const begins = automated && lease.automatedSince === null;
    this.#leases.set(lease.id, { ...lease, activeAt, ...(begins && { automatedSince: activeAt }) });
    if (begins) this.show(lease.devices.map(({ id }) => id));
  }

  /** Lays what is known over a device again, e.g. because its idleness moved. */
  show(deviceIds: Iterable<string>): void {
    for (const id of deviceIds) this.#project(id);
  }

  /** By when a person has to say that the group or script on it may go on; null: nothing ends by that. */
  confirmBy({ tenant, phase, automatedSince }: LeaseRow): number | null {
    if (phase !== "active" || automatedSince === null || !this.#parts.capped(tenant)) return null;
    return automatedSince + CONFIRM_WITHIN_MS;
  }

  /** As the API shows it. `queue`: only of a queued one. */
  view(row: LeaseRow, queue: Lease["queue"] = null): Lease {
    const { devices, tenantName } = { ...this.#parts, tenantName: this.#parts.tenantName(row.tenant) };
    const { createdAt, from, until, endedAt, endReason, endNote } = row;
    return {
      id: row.id,
      tenant: row.tenant,
      tenantName,
      actor: row.actor,
      actorName: row.actorName,
      purpose: row.purpose,
      phase: row.phase,
      createdAt,
      from,
      until,
      endedAt,
      endReason,
      endNote,
      devices: row.devices.map(({ id, epoch }) => ({ id, epoch, name: devices.get(id)?.name ?? id })).sort(compareNames),
      wanted: row.wanted,
      idleMinutes: row.idleMinutes,
      idleAt: idleAt(row),
      confirmBy: this.confirmBy(row),
      queue,
    };
  }

  #put(lease: LeaseRow): void {
    for (const { id } of this.#leases.get(lease.id)?.devices ?? []) this.#byDevice.get(id)?.delete(lease.id);
    if (lease.phase === "ended") {
      this.#leases.delete(lease.id);
      return;
    }
    this.#leases.set(lease.id, lease);
    for (const { id } of lease.devices) this.#byDevice.set(id, (this.#byDevice.get(id) ?? new Set()).add(lease.id));
  }

  #tell(devices: ReadonlySet<string>, leases: readonly LeaseRow[]): void {
    this.show(devices);
    if (leases.length > 0) for (const listener of this.#listeners) listener(leases);
  }

  #project(deviceId: string): void {
    const { state, epoch, leaseId, quarantine, quarantinedAt } = this.hold(deviceId);
    const lease = leaseId === null ? undefined : this.#leases.get(leaseId);
    const support = this.#supports.get(deviceId);
    this.#parts.devices.add(deviceId, {
      lease: state,
      epoch,
      holder: lease ? this.#holder(lease) : null,
      quarantine: quarantine === null ? null : { reason: quarantine, since: quarantinedAt ?? 0 },
      support: support
        ? { by: support.by, byName: support.byName, reason: support.reason, since: support.since, until: support.until }
        : null,
    });
  }

  #holder(lease: LeaseRow): Holder {
    const { id, tenant, actor, actorName, purpose, from, until } = lease;
    return {
      lease: id,
      tenant,
      tenantName: this.#parts.tenantName(tenant),
      actor,
      actorName,
      purpose,
      from,
      until,
      idleAt: idleAt(lease),
      confirmBy: this.confirmBy(lease),
    };
  }
}

/** When idleness ends it; null when it never does. */
export function idleAt({ phase, idleMinutes, activeAt }: LeaseRow): number | null {
  return phase !== "active" || idleMinutes === null ? null : activeAt + idleMinutes * 60_000;
}

/** How long it is to last. */
export function durationOf({ from, until }: LeaseRow): number {
  return until > from ? until - from : LEASE_DEFAULT_MS;
}
