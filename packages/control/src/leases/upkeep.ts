/** What the lab's operators do with devices beside leases: quarantine, wiping, looking at a leased screen; and what cleaning found. */
import {
  BaselineOrder,
  BaselineReply,
  type CleanRecord,
  ControlChanged,
  type Device,
  decodeMessage,
  encodeMessage,
  PhonerackError,
  type Support,
  subjects,
} from "@phonerack/contract/bus";
import type { Asker } from "./leases.js";
import type { LeaseParts } from "./parts.js";
import type { HoldRow } from "./rows.js";
import { maySee, type Onlooker } from "./visibility.js";

const BASELINE_WITHIN_MS = 30_000;
const FRESH_MS = 2_000;

/** As the agent's cleaning says it; accounts that are gone are none of somebody's. */
const LEFT = /^\d+ accounts? left\b/;

export class Upkeep {
  readonly #parts: LeaseParts;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  async quarantine(who: Asker, id: string, reason: string): Promise<Device> {
    const { devices, store } = this.#parts;
    devices.require(id);
    this.#apply(await store.quarantine(id, `${who.name}: ${reason}`));
    this.#record(who, { kind: "device.quarantined", subject: id, detail: { reason } });
    return devices.require(id);
  }

  /** Lent again as it stands; with `baseline` what is on it now is what should be. Fails with `device_busy` while somebody holds it. */
  async clear(who: Asker, id: string, baseline: boolean): Promise<Device> {
    const { devices } = this.#parts;
    const device = this.#requireUnheld(id);
    if (baseline) await this.#takeBaseline(device);
    await this.#renew(id, "free");
    this.#record(who, { kind: "device.cleared", subject: id, detail: { baseline } });
    return devices.require(id);
  }

  /** Cleaned and verified again. Fails with `device_busy` while somebody holds it. */
  async wipe(who: Asker, id: string): Promise<Device> {
    this.#requireUnheld(id);
    await this.#renew(id, "cleaning");
    this.#record(who, { kind: "device.wiped", subject: id, detail: {} });
    return this.#parts.devices.require(id);
  }

  /** What an agent found after cleaning. */
  async cleaned(record: CleanRecord, epoch: number): Promise<void> {
    const hold = await this.#parts.store.cleaned(record, epoch);
    if (!hold) return this.#parts.refresh({ devices: [record.deviceId] });
    this.#apply(hold);
    const { clean, reason } = record;
    const kind = clean ? "device.cleaned" : "device.quarantined";
    this.#record(undefined, { kind, subject: record.deviceId, detail: { epoch, ...(reason !== null && { reason }) } });
    if (record.items.some(({ name, result, detail }) => name === "accounts" && result === "failed" && LEFT.test(detail)))
      await this.#accountLeft(record.deviceId, epoch);
  }

  /** Somebody's account is on it: of whose lease, is told. */
  async #accountLeft(deviceId: string, epoch: number): Promise<void> {
    const tenant = await this.#parts.store.lastTenant(deviceId, epoch);
    if (tenant === undefined) return;
    this.#parts.record({ actor: "phonerack", tenant, kind: "account.left", subject: deviceId, detail: {} });
  }

  /** Its agent's side is ahead of the lab's record, or has none of the cleaning: cleaned under a new epoch. */
  async cleanAnew(id: string, least: number): Promise<void> {
    const hold = await this.#parts.store.renew(id, "cleaning", least);
    // Somebody holds it by the lab's record, while its agent is ahead: the database is older than the lab.
    if (!hold) throw new PhonerackError("device_busy", id);
    await this.#told(hold);
  }

  async records(who: Onlooker, id: string, limit: number): Promise<{ items: CleanRecord[] }> {
    const device = this.#parts.devices.get(id);
    if (!device || !maySee(who, device)) throw new PhonerackError("device_not_found", id);
    const items = await this.#parts.store.records(id, limit);
    // What was found after others' leases is theirs and the lab's.
    return { items: who.lab ? items : items.map((record) => ({ ...record, reason: null, items: [] })) };
  }

  /** Opens a leased screen for the lab's operator; its holder sees who looks and why. */
  async support(who: Asker, id: string, session: { reason: string; minutes: number }): Promise<Support> {
    const { devices, store, board, now } = this.#parts;
    const { holder, name } = devices.require(id);
    if (!holder) throw new PhonerackError("lease_over", `nobody holds ${name}; its screen is open to you`);
    const since = now();
    const support = { by: who.actor, byName: who.name, reason: session.reason, since, until: since + session.minutes * 60_000 };
    const row = { ...support, deviceId: id, leaseId: holder.lease };
    await store.support(row);
    board.apply({ supports: [row] });
    this.#publish([id]);
    this.#record(who, {
      kind: "support.opened",
      subject: id,
      detail: { reason: session.reason, lease: holder.lease, minutes: session.minutes },
    });
    return support;
  }

  async endSupport(who: Onlooker, id: string): Promise<void> {
    const { devices, store, board, now } = this.#parts;
    devices.require(id);
    if (!board.support(id)) return;
    await store.endSupport(id, now());
    board.apply({ noSupport: [id] });
    this.#publish([id]);
    this.#record(who, { kind: "support.closed", subject: id, detail: {} });
  }

  #requireUnheld(id: string): Device {
    const device = this.#parts.devices.require(id);
    if (this.#parts.board.hold(id).state === "leased") throw new PhonerackError("device_busy", device.name);
    return device;
  }

  async #takeBaseline(device: Device): Promise<void> {
    const { bus, devices, now } = this.#parts;
    const order = encodeMessage(BaselineOrder, { epoch: devices.epochOf(device.id), notAfter: now() + FRESH_MS });
    const reply = await bus.request(subjects.baseline(device), order, { timeoutMs: BASELINE_WITHIN_MS });
    decodeMessage(BaselineReply, reply);
  }

  async #renew(id: string, state: "cleaning" | "free"): Promise<void> {
    const { store, devices } = this.#parts;
    const hold = await store.renew(id, state, devices.get(id)?.hold.epoch ?? 0);
    if (!hold) throw new PhonerackError("device_busy", id);
    await this.#told(hold);
  }

  async #told(hold: HoldRow): Promise<void> {
    this.#apply(hold);
    await this.#parts.terms.tell([hold.deviceId]);
  }

  #apply(hold: HoldRow | undefined): void {
    if (!hold) return;
    this.#parts.board.apply({ holds: [hold] });
    this.#publish([hold.deviceId]);
  }

  #publish(devices: string[]): void {
    const { bus, replica } = this.#parts;
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, devices }));
  }

  #record(who: Onlooker | undefined, what: { kind: string; subject: string; detail: Record<string, unknown> }): void {
    this.#parts.record({ actor: who?.actor ?? "phonerack", tenant: null, ...what });
  }
}
