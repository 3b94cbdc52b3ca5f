/**
 * The lab as it stands in the room: read from the database, kept in memory, laid over what agents say, and changed by operators. Feeds the
 * devices' registry with site, rack, place, labels and tenant; other replicas are told of each change.
 */
import { type Device, type Lab, type LabChanges, type LabProblem, labProblem } from "@phonerack/contract/api";
import { type Bus, ControlChanged, decodeMessage, encodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Added, Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { maySee, type Onlooker } from "../leases/visibility.js";
import { labChanges } from "./lab-changes.js";
import { type LabRows, NO_ROWS, rowsOf, type Slot, withChassis } from "./lab-rows.js";
import { LabView, type Standing } from "./lab-view.js";
import type { PlaceStore } from "./store.js";

/** Also without a word from others: one that was lost with the bus would otherwise be missed for good. */
const READ_AGAIN_MS = 60_000;

export interface PlacesParts {
  readonly devices: Devices;
  readonly store: PlaceStore;
  readonly bus: Bus;
  readonly replica: string;
  readonly log: Logger;
  readonly record: RecordEvent;
  /** Whether there is such an organisation. */
  readonly hasTenant: (id: string) => Promise<boolean>;
}

export interface Description {
  readonly name?: string | undefined;
  readonly labels?: string[] | undefined;
}

export class Places {
  readonly #parts: PlacesParts;
  readonly #labels = new Map<string, readonly string[]>();
  #view = new LabView(NO_ROWS);
  /** Readings and changes, one after the other: what was read before a change must not be taken after it. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();
  #undo: (() => void)[] = [];

  constructor(parts: PlacesParts) {
    this.#parts = parts;
  }

  /** Reads the tables and follows devices and other replicas from then on. */
  async start(): Promise<void> {
    const { devices, bus } = this.#parts;
    const changed = bus.subscribe(subjects.changed, ({ payload }) => this.#hear(payload));
    const forget = devices.onChange((id) => this.#stand(id));
    const timer = setInterval(() => this.#readAgain(), READ_AGAIN_MS);
    this.#undo = [() => changed.unsubscribe(), forget, () => clearInterval(timer)];
    await this.#inTurn(() => this.#read());
  }

  async stop(): Promise<void> {
    for (const step of this.#undo) step();
    this.#undo = [];
    await this.#turn;
  }

  /** Called when the lab was read or changed; returns how to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** ISO 3166-1 alpha-2; null: nobody has said. */
  countryOf(site: string | null): string | null {
    return (site === null ? undefined : this.#view.rows.countries.get(site)) ?? null;
  }

  /** Of all sites of which it is known, each once. */
  get countries(): readonly string[] {
    return [...new Set(this.#view.rows.countries.values())];
  }

  /** The lab with what somebody may see of it. */
  document(who: Onlooker): Lab {
    const lab = this.#view.document(this.#standings((device) => maySee(who, device)));
    return who.lab ? lab : partFor(who.tenant, lab);
  }

  /** Fails with `lab_invalid`, its detail begins with where; with unknown devices nothing is changed either, they are in the answer. */
  async put(who: Onlooker, lab: Lab, dryRun: boolean): Promise<LabChanges> {
    const problem = labProblem(lab) ?? (await this.#tenantProblem(lab));
    if (problem) throw new PhonerackError("lab_invalid", `${problem.path.join(".")}: ${problem.message}`);
    const { devices } = this.#parts;
    const rows = rowsOf(lab, this.#spoken());
    const unknown = [...rows.slots.keys()].filter((id) => devices.get(id) === undefined);
    const change = (before: LabRows): LabChanges => {
      const standings = this.#standings();
      const [from, to] = [before, rows].map((some) => new LabView(some).document(standings)) as [Lab, Lab];
      return { ...labChanges(from, to), unknown };
    };
    if (dryRun || unknown.length > 0) return change(await this.#parts.store.read());
    let made: LabChanges | undefined;
    await this.#change((before) => {
      made = change(before);
      return rows;
    });
    const changes = made ?? { added: [], removed: [], changed: [], moved: [], unknown };
    const { added, removed, changed, moved } = changes;
    this.#record(who, { kind: "lab.changed", subject: "lab", detail: { added, removed, changed, moved: moved.length } });
    return changes;
  }

  /** Fails with `device_not_found`, `place_not_found` (no such chassis or slot) or `place_taken`. */
  async place(who: Onlooker, id: string, slot: Slot | null): Promise<Device> {
    const { devices } = this.#parts;
    devices.require(id);
    await this.#change((rows) => {
      const view = new LabView(rows);
      const next = slot ? this.#withSlot(view, id, slot) : rows;
      return { ...next, slots: new Map([...next.slots, [id, slot]]) };
    });
    this.#record(who, { kind: "device.placed", subject: id, detail: { place: slot && `${slot.chassis}/${slot.slot}` } });
    return devices.require(id);
  }

  /** Another name, or labels beside those of its chassis. Fails with `device_not_found`. */
  async describe(who: Onlooker, id: string, change: Description): Promise<Device> {
    const { name, labels } = change;
    const { devices, store } = this.#parts;
    devices.require(id);
    if (name !== undefined) await devices.rename(id, name);
    if (labels !== undefined) {
      const shared = this.#view.standOf(devices.reportOf(id) ?? { id, chassis: null, slot: null }).labels;
      const own = [...new Set(labels)].filter((label) => !shared.includes(label));
      // A device that was never saved has no row to label yet.
      await devices.save();
      await store.label(id, own);
      this.#labels.set(id, own);
      this.#stand(id);
    }
    this.#tell();
    this.#record(who, { kind: "device.described", subject: id, detail: { ...change } });
    return devices.require(id);
  }

  #record({ actor }: Onlooker, event: Pick<Parameters<RecordEvent>[0], "kind" | "subject" | "detail">): void {
    this.#parts.record({ ...event, actor, tenant: null });
  }

  #withSlot(view: LabView, id: string, slot: Slot): LabRows {
    const lab = view.document(this.#standings());
    const there = lab.sites.flatMap(({ racks }) => racks).flatMap(({ chassis }) => chassis);
    const chassis = there.find(({ name }) => name === slot.chassis);
    if (!chassis) throw new PhonerackError("place_not_found", `chassis ${slot.chassis}`);
    if (slot.slot > chassis.slots) {
      throw new PhonerackError("place_not_found", `chassis ${slot.chassis} has ${chassis.slots} slots`);
    }
    const other = chassis.devices[String(slot.slot)];
    if (other !== undefined && other !== id) {
      throw new PhonerackError(
        "place_taken",
        `${this.#parts.devices.get(other)?.name ?? other} is in ${slot.chassis}/${slot.slot}`,
      );
    }
    const row = view.chassis(slot.chassis, chassis.slots);
    return row ? withChassis(view.rows, row) : view.rows;
  }

  async #tenantProblem(lab: Lab): Promise<LabProblem | undefined> {
    for (const [s, site] of lab.sites.entries())
      for (const [r, rack] of site.racks.entries())
        for (const [c, { name, tenant }] of rack.chassis.entries()) {
          if (tenant === null || (await this.#parts.hasTenant(tenant))) continue;
          const path = ["sites", s, "racks", r, "chassis", c, "tenant"];
          return { path, message: `chassis ${name} is for '${tenant}', an organisation that does not exist` };
        }
    return undefined;
  }

  async #change(change: (rows: LabRows) => LabRows): Promise<void> {
    await this.#inTurn(async () => this.#take(await this.#parts.store.change(change)));
    this.#tell();
  }

  #tell(): void {
    const { bus, replica } = this.#parts;
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, lab: true }));
  }

  #hear(payload: Uint8Array): undefined {
    const { replica, lab } = decodeMessage(ControlChanged, payload);
    if (lab && replica !== this.#parts.replica) this.#readAgain();
  }

  #readAgain(): void {
    this.#inTurn(() => this.#read()).catch((error: unknown) =>
      this.#parts.log.error({ err: error }, "the lab's places could not be read"),
    );
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #read(): Promise<void> {
    const { devices, store } = this.#parts;
    const rows = await store.read();
    const given = await store.given();
    this.#labels.clear();
    for (const [id, { name, labels }] of given) {
      if (labels.length > 0) this.#labels.set(id, labels);
      devices.named(id, name);
    }
    this.#take(rows);
  }

  #take(rows: LabRows): void {
    this.#view = new LabView(rows);
    for (const { id } of this.#parts.devices.all()) this.#stand(id);
    for (const listener of this.#listeners) listener();
  }

  /** Tells the registry where this device stands, when that is news. */
  #stand(id: string): void {
    const { devices, store, log } = this.#parts;
    const report = devices.reportOf(id);
    if (!report) {
      // It may not come back under this id; a place kept for it would only be in the way of the next one.
      this.#labels.delete(id);
      if (!this.#view.rows.slots.has(id)) return;
      this.#view = new LabView({ ...this.#view.rows, slots: new Map([...this.#view.rows.slots].filter(([key]) => key !== id)) });
      store.remove(id).catch((error: unknown) => log.error({ err: error, device: id }, "a place could not be cleared"));
      return;
    }
    const { labels, ...stand } = this.#view.standOf(report);
    const next = { ...stand, labels: [...new Set([...(this.#labels.get(id) ?? []), ...labels])] };
    if (differs(devices.addedTo(id), next)) devices.add(id, next);
  }

  #spoken() {
    return this.#parts.devices.all().map(({ id }) => this.#parts.devices.reportOf(id) ?? { id, chassis: null, slot: null });
  }

  #standings(which: (device: Device) => boolean = () => true): Standing[] {
    const { devices } = this.#parts;
    return devices.all().flatMap((device) => {
      const report = devices.reportOf(device.id);
      if (!report || !which(device)) return [];
      return [{ id: device.id, chassis: report.chassis, slot: report.slot, lost: device.state === "lost" }];
    });
  }
}

function differs(before: Added, next: Pick<Added, "site" | "rack" | "tenant" | "labels" | "place">): boolean {
  return JSON.stringify(picked(before)) !== JSON.stringify(picked(next));
}

function picked({ site, rack, tenant, labels, place }: Pick<Added, "site" | "rack" | "tenant" | "labels" | "place">) {
  // JSON drops `undefined`, which is another thing than null here.
  return [site, rack, tenant, labels, place === undefined ? "as its agent says" : place && [place.chassis, place.slot]];
}

/** Without what is dedicated to others, and what would be empty without it. */
function partFor(tenant: string | null, lab: Lab): Lab {
  const sites = lab.sites
    .map((site) => ({
      ...site,
      racks: site.racks
        .map((rack) => ({ ...rack, chassis: rack.chassis.filter((one) => one.tenant === null || one.tenant === tenant) }))
        .filter(({ chassis }) => chassis.length > 0),
    }))
    .filter(({ racks }) => racks.length > 0);
  return { ...lab, sites };
}
