/**
 * What each tenant owns and was permitted, kept in memory and told to the agents that have phones of theirs: before they are told of a lease, when
 * it changes, and when a beat shows that an agent knows less. Nothing here fails a lease: what an agent does not know it denies.
 */
import {
  type AgentBeat,
  type Bus,
  ControlChanged,
  decodeMessage,
  encodeMessage,
  type Grounds,
  GroundsOrder,
  GroundsReply,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";

/** An agent that is there answers in milliseconds. */
const TOLD_WITHIN_MS = 2_000;
/** After it did not take them, it is asked to by its beats, and no lease waits for it. */
const AGAIN_MS = 5_000;
/** Another replica's news may be lost. */
const FORGET_MS = 60_000;
const TENANTS_AT_ONCE = 20;

export interface GroundsParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly devices: Devices;
  readonly log: Logger;
  /** As the database has them now, the demo's apps included. */
  read(tenant: string): Promise<Grounds>;
}

/** What an agent is known to have of each tenant, and when it last did not take them. */
interface Told {
  readonly versions: Map<string, number>;
  /** One telling after the other: what the first one told, the next one need not. */
  turn: Promise<void>;
  startedAt: number | undefined;
  failedAt: number;
}

export class GroundsTeller {
  readonly #parts: GroundsParts;
  readonly #current = new Map<string, Promise<Grounds>>();
  readonly #told = new Map<string, Told>();
  readonly #sending = new Set<Promise<void>>();
  #undo: (() => void)[] = [];
  #stopped = false;

  constructor(parts: GroundsParts) {
    this.#parts = parts;
  }

  start(): void {
    const { bus, replica } = this.#parts;
    const changed = bus.subscribe(subjects.changed, ({ payload }) => {
      const { replica: by, grounds = [] } = decodeMessage(ControlChanged, payload);
      if (by !== replica) for (const tenant of grounds) this.#current.delete(tenant);
      return undefined;
    });
    const restored = bus.onRestored(() => this.#current.clear());
    const timer = setInterval(() => this.#current.clear(), FORGET_MS);
    this.#undo = [() => changed.unsubscribe(), () => restored.unsubscribe(), () => clearInterval(timer)];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const step of this.#undo) step();
    await Promise.all(this.#sending);
  }

  of(tenant: string): Promise<Grounds> {
    const known = this.#current.get(tenant);
    if (known) return known;
    const reading = this.#parts.read(tenant);
    this.#current.set(tenant, reading);
    reading.catch(() => this.#current.delete(tenant));
    return reading;
  }

  /** This replica changed them: the others are told, and every agent with phones of theirs. Resolves when those have answered. */
  async changed(tenant: string): Promise<void> {
    const { bus, replica } = this.#parts;
    this.#current.delete(tenant);
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, grounds: [tenant] }));
    await Promise.all([...this.#agentsOf(tenant)].map((agentId) => this.#bring(agentId, [tenant])));
  }

  /** Before an agent is told of these tenants' leases; never fails. */
  async prepare(agentId: string, tenants: readonly string[]): Promise<void> {
    const { failedAt } = this.#toldTo(agentId);
    if (tenants.length > 0 && Date.now() - failedAt >= AGAIN_MS) await this.#bring(agentId, tenants);
  }

  /** An agent says what it has. */
  hearBeat({ agentId, startedAt, grounds }: AgentBeat): void {
    // One of another age, that knows no grounds.
    if (grounds === undefined || this.#stopped) return;
    const told = this.#toldTo(agentId);
    // One that began anew may have another set of the demo's apps under the same version.
    if (told.startedAt !== startedAt) told.versions.clear();
    else for (const [tenant, version] of told.versions) if ((grounds[tenant] ?? 0) < version) told.versions.delete(tenant);
    told.startedAt = startedAt;
    const tenants = this.#tenantsOn(agentId);
    if (tenants.length === 0 || Date.now() - told.failedAt < AGAIN_MS) return;
    const bringing = this.#bring(agentId, tenants).finally(() => this.#sending.delete(bringing));
    this.#sending.add(bringing);
  }

  #bring(agentId: string, tenants: readonly string[]): Promise<void> {
    const told = this.#toldTo(agentId);
    told.turn = told.turn.then(() => this.#bringNow(agentId, tenants));
    return told.turn;
  }

  async #bringNow(agentId: string, tenants: readonly string[]): Promise<void> {
    const told = this.#toldTo(agentId);
    try {
      const all = await Promise.all(tenants.map((tenant) => this.of(tenant)));
      const missing = all.filter(({ tenant, version }) => (told.versions.get(tenant) ?? 0) < version);
      for (let at = 0; at < missing.length; at += TENANTS_AT_ONCE)
        await this.#send(agentId, missing.slice(at, at + TENANTS_AT_ONCE));
    } catch (error) {
      told.failedAt = Date.now();
      const code = error instanceof PhonerackError ? error.code : "internal";
      this.#parts.log.info({ agent: agentId, code }, "an agent was not told what its tenants own; it is at its next beat");
    }
  }

  async #send(agentId: string, grounds: Grounds[]): Promise<void> {
    const order = encodeMessage(GroundsOrder, { grounds });
    const reply = await this.#parts.bus.request(subjects.grounds(agentId), order, { timeoutMs: TOLD_WITHIN_MS });
    const { versions } = decodeMessage(GroundsReply, reply);
    for (const [tenant, version] of Object.entries(versions)) this.#toldTo(agentId).versions.set(tenant, version);
  }

  #toldTo(agentId: string): Told {
    const known = this.#told.get(agentId) ?? { versions: new Map(), turn: Promise.resolve(), startedAt: undefined, failedAt: 0 };
    this.#told.set(agentId, known);
    return known;
  }

  #tenantsOn(agentId: string): string[] {
    const tenants = new Set<string>();
    for (const device of this.#parts.devices.all())
      if (device.agentId === agentId && device.holder) tenants.add(device.holder.tenant);
    return [...tenants];
  }

  #agentsOf(tenant: string): Set<string> {
    const agents = new Set<string>();
    for (const device of this.#parts.devices.all()) if (device.holder?.tenant === tenant) agents.add(device.agentId);
    return agents;
  }
}
