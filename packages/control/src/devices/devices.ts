/**
 * Every device that control knows: what its agent reported last, what control adds (name, watchers), and whether that agent is still
 * heard. Lives in memory; the store gets what changed, gathered. Nothing here runs per device unless something happens to it.
 */
import type { AgentBeat, Device, DeviceGone, DeviceReport, Hold } from "@phonerack/contract/bus";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { Agents, type SeenAgent } from "./agents.js";
import { defaultName } from "./naming.js";
import type { DeviceRow, DeviceStore } from "./store.js";

/** Reports are written at most this often: a battery or an app in front that changes is worth no write of its own. */
const SAVE_MS = 2_000;
const SWEEP_MS = 1_000;

/**
 * reported: its agent is here and spoke of it. awaited: the agent began anew or control did. silent: the agent is not heard.
 * missing: the agent is here but does not speak of it.
 */
type Presence = "reported" | "awaited" | "silent" | "missing";

interface Entry {
  report: DeviceReport;
  givenName: string | null;
  readonly firstSeen: Date;
  lastSeen: Date;
  presence: Presence;
  /** Since when that presence, in milliseconds since the epoch (Unix). */
  presentSince: number;
  watchers: number;
  device: Device;
}

/** What control adds to a device's report beside its name, by whoever knows: `leases/`, `places/`, `recordings/`, `crashes/`. */
export type Added = Pick<
  Device,
  | "lease"
  | "holder"
  | "quarantine"
  | "support"
  | "site"
  | "rack"
  | "labels"
  | "tenant"
  | "isolated"
  | "recording"
  | "keeping"
  | "crashes"
> & {
  /** The device's present epoch, by the lab's own record. */
  readonly epoch: number;
  /** Where it stands by the lab's own record, null: nowhere; undefined: where its agent says. */
  readonly place: { readonly chassis: string; readonly slot: number | null } | null | undefined;
};

const NOTHING_ADDED: Added = {
  lease: "free",
  holder: null,
  quarantine: null,
  support: null,
  site: null,
  rack: null,
  labels: [],
  tenant: null,
  isolated: false,
  epoch: 0,
  place: undefined,
};

export interface DevicesParts {
  readonly store: DeviceStore;
  readonly log: Logger;
  /** Asks all agents for all their reports. */
  readonly resend: () => void;
  /** Whether an agent's devices stay its own while it is away; those of one that anybody may be are another's who reports them then. */
  readonly keepsDevices?: (agentId: string) => boolean;
  readonly now?: () => number;
}

export class Devices {
  /** Resolves when who holds these is as the database says; set by `leases/`. */
  freshen: (ids: readonly string[]) => Promise<void> = () => Promise.resolve();
  readonly #entries = new Map<string, Entry>();
  /** Also of devices that nobody has reported yet. */
  readonly #added = new Map<string, Added>();
  readonly #agents = new Agents();
  readonly #listeners = new Set<(id: string) => void>();
  readonly #accessListeners = new Set<(id: string) => void>();
  readonly #unsaved = new Set<string>();
  readonly #store: DeviceStore;
  readonly #log: Logger;
  readonly #resend: () => void;
  readonly #keepsDevices: (agentId: string) => boolean;
  readonly #now: () => number;
  #timers: NodeJS.Timeout[] = [];
  #saving: Promise<void> = Promise.resolve();
  #saveFailed = false;

  constructor(parts: DevicesParts) {
    this.#store = parts.store;
    this.#log = parts.log;
    this.#resend = parts.resend;
    this.#keepsDevices = parts.keepsDevices ?? (() => false);
    this.#now = parts.now ?? Date.now;
  }

  /** Takes up what was known before, asks the agents, and begins to watch over them. */
  async start(): Promise<void> {
    for (const row of await this.#store.all()) {
      if (!this.#entries.has(row.id)) this.#restore(row);
    }
    this.#timers = [setInterval(() => this.sweep(), SWEEP_MS), setInterval(() => void this.save(), SAVE_MS)];
    this.#resend();
  }

  /** Writes what is unsaved. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.save();
  }

  /** Called with the id of a device that changed, appeared or is gone; returns how to stop that. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called when who may look at or touch a device changed. */
  onAccess(listener: (id: string) => void): () => void {
    this.#accessListeners.add(listener);
    return () => this.#accessListeners.delete(listener);
  }

  get(id: string): Device | undefined {
    return this.#entries.get(id)?.device;
  }

  /** Fails with `device_not_found`. */
  require(id: string): Device {
    const device = this.get(id);
    if (!device) throw new PhonerackError("device_not_found", id);
    return device;
  }

  /** What its agent said last, without what control knows better. */
  reportOf(id: string): DeviceReport | undefined {
    return this.#entries.get(id)?.report;
  }

  /** Whether this agent is heard. */
  hears(agentId: string): boolean {
    return this.#agents.isHere(agentId);
  }

  /** All, in no order. */
  all(): Device[] {
    return Array.from(this.#entries.values(), (entry) => entry.device);
  }

  /** The device's present epoch: what every order to its agent carries. */
  epochOf(id: string): number {
    return this.addedTo(id).epoch;
  }

  addedTo(id: string): Added {
    return this.#added.get(id) ?? NOTHING_ADDED;
  }

  /** Takes the fields that changed. */
  add(id: string, change: Partial<Added>): void {
    const before = this.addedTo(id);
    const after = { ...before, ...change };
    this.#added.set(id, after);
    if (!this.#entries.has(id)) return;
    // Which class its network has is its log's business too.
    if (after.isolated !== before.isolated) this.#unsaved.add(id);
    this.#changed(id);
    const { epoch, tenant, support } = before;
    if (after.epoch === epoch && after.tenant === tenant && after.support?.by === support?.by) return;
    for (const listener of this.#accessListeners) listener(id);
  }

  get counts(): { devices: number; agents: number } {
    return { devices: this.#entries.size, agents: this.#agents.count };
  }

  /** False while the database takes no writes. */
  get healthy(): boolean {
    return !this.#saveFailed;
  }

  /** Fails with `denied` for a device that is another agent's: whoever reports an id would be sent what its holder does. */
  hearReport(report: DeviceReport): void {
    const now = this.#now();
    const entry = this.#entries.get(report.id);
    const owner = entry?.report.agentId ?? report.agentId;
    if (owner !== report.agentId && (this.#agents.isHere(owner) || this.#keepsDevices(owner)))
      throw new PhonerackError("denied", `the device ${report.id} belongs to the agent ${owner}`);
    this.#agents.heardOf(report.agentId, now);
    if (entry) {
      entry.report = report;
      entry.lastSeen = new Date(now);
      this.#present(entry, "reported");
    } else {
      const seen = new Date(now);
      this.#add({ id: report.id, name: null, report, firstSeen: seen, lastSeen: seen }, "reported");
    }
    this.#unsaved.add(report.id);
    this.#changed(report.id);
  }

  /** What an agent answered about its side of a lease, ahead of its next report. */
  hearHold(id: string, agentId: string, hold: Hold): void {
    const entry = this.#entries.get(id);
    if (!entry || entry.report.agentId !== agentId || hold.epoch < entry.report.hold.epoch) return;
    entry.report = { ...entry.report, hold };
    this.#changed(id);
  }

  /** The agent let go of it for good. Another agent may have it by now: then this one has no say any more. */
  hearGone(id: string, { agentId }: DeviceGone): void {
    if (this.#entries.get(id)?.report.agentId !== agentId) return;
    this.#remove(id).catch((error: unknown) => this.#log.error({ err: error, device: id }, "a device could not be removed"));
  }

  hearBeat(beat: AgentBeat): void {
    const news = this.#agents.hear(beat, this.#now());
    if (!news) return;
    this.#log.info({ agent: beat.agentId, host: beat.host, version: beat.version }, "an agent came");
    if (news.news === "anew") this.#presentAll(news.agentId, () => "awaited");
    this.#resend();
  }

  /** Notices agents that fell silent; called every second by a started registry. */
  sweep(): void {
    for (const { agentId, news } of this.#agents.sweep(this.#now())) {
      if (news === "gone") {
        this.#log.warn({ agent: agentId }, "an agent is not heard any more");
        this.#presentAll(agentId, () => "silent");
      } else if (news === "overdue") {
        this.#presentAll(agentId, (presence) => (presence === "awaited" ? "missing" : presence));
      }
    }
  }

  /** Every agent that was heard, or has a device. */
  get agents(): readonly (SeenAgent & { readonly devices: number })[] {
    const counts = new Map<string, number>();
    for (const { report } of this.#entries.values()) counts.set(report.agentId, (counts.get(report.agentId) ?? 0) + 1);
    return this.#agents.all.map((agent) => ({ ...agent, devices: counts.get(agent.id) ?? 0 }));
  }

  /** Whether the agent is heard: only then is there anybody to ask, or to believe. */
  isHere(agentId: string): boolean {
    return this.#agents.isHere(agentId);
  }

  /** Its rights were taken away: its phones are lost at once, and those that nobody holds are forgotten. */
  dropAgent(agentId: string): void {
    this.#agents.drop(agentId);
    this.#presentAll(agentId, () => "silent");
    for (const { report, device } of this.#entries.values()) {
      if (report.agentId !== agentId || device.lease !== "free" || device.quarantine) continue;
      this.#remove(report.id).catch((error: unknown) =>
        this.#log.error({ err: error, device: report.id }, "a device could not be removed"),
      );
    }
  }

  setWatchers(id: string, watchers: number): void {
    const entry = this.#entries.get(id);
    if (!entry || entry.watchers === watchers) return;
    entry.watchers = watchers;
    this.#changed(id);
  }

  async rename(id: string, name: string): Promise<Device> {
    this.require(id);
    // A device that was never saved has no row to rename yet.
    await this.save();
    await this.#store.rename(id, name);
    const entry = this.#entries.get(id);
    if (!entry) throw new PhonerackError("device_not_found", id);
    entry.givenName = name;
    this.#changed(id);
    return entry.device;
  }

  /** Another control gave it this name; null: its default one. */
  named(id: string, name: string | null): void {
    const entry = this.#entries.get(id);
    if (!entry || entry.givenName === name) return;
    entry.givenName = name;
    this.#changed(id);
  }

  /** Fails with `device_in_use` for one that is not lost: its agent would only report it again. */
  async forget(id: string): Promise<Device> {
    const device = this.require(id);
    if (device.state !== "lost") throw new PhonerackError("device_in_use", `${device.name} is ${device.state}`);
    await this.#remove(id);
    return device;
  }

  /** Writes what has changed since the last time; what could not be written is tried again with the next. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveNow());
    return this.#saving;
  }

  async #saveNow(): Promise<void> {
    const ids = [...this.#unsaved];
    if (ids.length === 0) return;
    this.#unsaved.clear();
    const rows = ids.flatMap((id) => {
      const entry = this.#entries.get(id);
      if (!entry) return [];
      const { givenName: name, report, firstSeen, lastSeen } = entry;
      const { isolated } = this.addedTo(id);
      return [{ id, name, report, firstSeen, lastSeen, state: presentReport(entry).state, isolated }];
    });
    try {
      await this.#store.saveReports(rows);
      this.#saveFailed = false;
    } catch (error) {
      this.#saveFailed = true;
      for (const id of ids) if (this.#entries.has(id)) this.#unsaved.add(id);
      this.#log.error({ err: error, devices: ids.length }, "the devices could not be saved");
    }
  }

  async #remove(id: string): Promise<void> {
    this.#entries.delete(id);
    this.#unsaved.delete(id);
    this.#tell(id);
    // A write under way would bring its row back.
    await this.#saving;
    if (!this.#entries.has(id)) await this.#store.remove(id);
  }

  #restore(row: DeviceRow): void {
    this.#agents.expect(row.report.agentId, this.#now());
    this.#add(row, "awaited");
    this.#tell(row.id);
  }

  #add(row: DeviceRow, presence: Presence): void {
    const { report, name: givenName, firstSeen, lastSeen } = row;
    const entry = { report, givenName, firstSeen, lastSeen, presence, presentSince: this.#now(), watchers: 0 };
    this.#entries.set(row.id, { ...entry, device: deviceOf(entry, this.addedTo(row.id)) });
  }

  #present(entry: Entry, presence: Presence): boolean {
    if (entry.presence === presence) return false;
    entry.presence = presence;
    entry.presentSince = this.#now();
    return true;
  }

  #presentAll(agentId: string, next: (presence: Presence) => Presence): void {
    for (const [id, entry] of this.#entries) {
      if (entry.report.agentId !== agentId || !this.#present(entry, next(entry.presence))) continue;
      if (entry.presence === "silent" || entry.presence === "missing") this.#unsaved.add(id);
      this.#changed(id);
    }
  }

  #changed(id: string): void {
    const entry = this.#entries.get(id);
    if (entry) entry.device = deviceOf(entry, this.addedTo(id));
    this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

/** The device as others see it: what control knows laid over what its agent said. */
function deviceOf(entry: Omit<Entry, "device">, { epoch: _epoch, place, ...added }: Added): Device {
  const present = presentReport(entry);
  const stands = place === undefined ? present : { ...present, chassis: place?.chassis ?? null, slot: place?.slot ?? null };
  const device = { ...stands, ...added, name: entry.givenName ?? defaultName(stands), watchers: entry.watchers };
  if (!added.quarantine || device.state === "lost") return device;
  return { ...device, state: "quarantined", reason: added.quarantine.reason, since: added.quarantine.since };
}

/** An agent that is silent cannot vouch for what it said last. */
function presentReport({ report, presence, presentSince }: Omit<Entry, "device">): DeviceReport {
  if (presence === "reported") return report;
  const { agentId } = report;
  const unknown = { ...report, since: presentSince, steps: [], notices: [], foreground: null };
  switch (presence) {
    case "awaited":
      return { ...unknown, state: "connecting", reason: `Waiting for its agent ${agentId} to report it.` };
    case "silent":
      return {
        ...unknown,
        state: "lost",
        reason: `The agent ${agentId} does not answer; check that it runs and reaches control.`,
      };
    case "missing":
      return {
        ...unknown,
        state: "lost",
        reason: `The agent ${agentId} does not find it any more; check its cable, network and power.`,
      };
  }
}
