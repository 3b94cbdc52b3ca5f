/** Lease desks for tests, one per control replica, on a real database: devices from an agent by script, a clock that can be moved. */
import type { Lease, Role } from "@phonerack/contract/bus";
import { type Bus, createInProcessBus, LeaseRequest as RequestSchema } from "@phonerack/contract/bus";
import type { Db } from "../src/database/database.js";
import { hearAgents } from "../src/devices/bus.js";
import { Devices } from "../src/devices/devices.js";
import { DeviceStore } from "../src/devices/store.js";
import type { Asker } from "../src/leases/leases.js";
import { createLeaseDesk, type LeaseDesk } from "../src/leases/start.js";
import { FakeAgent, reportOf } from "./fake-agent.js";
import { silent, until } from "./running-control.js";

export const ADA: Asker = { actor: "ada", name: "Ada", tenant: "acme", role: "member", lab: null };
export const BOB: Asker = { actor: "bob", name: "Bob", tenant: "acme", role: "member", lab: null };
export const EVE: Asker = { actor: "eve", name: "Eve", tenant: "other", role: "owner", lab: null };
export const OPERATOR: Asker = { actor: "olga", name: "Olga", tenant: "lab", role: "operator", lab: "operator" };

const MEMBERS: Record<string, { actor: string; name: string; role: Role }> = {
  bob: { actor: "bob", name: "Bob", role: "member" },
  vera: { actor: "vera", name: "Vera", role: "viewer" },
};

/** One control's leases, as far as they go without HTTP. */
export class Replica {
  readonly devices: Devices;
  readonly desk: LeaseDesk;
  readonly events: { kind: string; subject: string; detail: Record<string, unknown> }[] = [];
  readonly #deaf: () => void;

  constructor(bus: Bus, db: Db, options: { name: string; now: () => number; capped: readonly string[] }) {
    const opened = Promise.resolve(db);
    const log = silent;
    this.devices = new Devices({ store: new DeviceStore(opened), log, resend: () => undefined });
    this.#deaf = hearAgents({ bus, devices: this.devices, log, hears: () => true });
    this.desk = createLeaseDesk({
      bus,
      replica: options.name,
      db: opened,
      devices: this.devices,
      log,
      record: (event) => this.events.push(event),
      memberOf: async (tenant, id) => (tenant === "acme" ? MEMBERS[id] : undefined),
      tenantName: (id) => id.toUpperCase(),
      manyTenants: () => true,
      capped: (tenant) => options.capped.includes(tenant),
      now: options.now,
    });
  }

  take(who: Asker, request: object): Promise<Lease> {
    return this.desk.leases.create(who, RequestSchema.parse(request));
  }

  /** Gone without a word, as after a crash. */
  async vanish(): Promise<void> {
    this.#deaf();
    await this.desk.stop();
  }
}

export class Lab {
  readonly bus = createInProcessBus();
  readonly agent = new FakeAgent(this.bus);
  /** Added to the time, in milliseconds. */
  ahead = 0;
  readonly replicas: Replica[] = [];
  /** Organisations for which tiers count. */
  readonly capped: string[] = [];
  readonly #db: Db;
  #named = 0;

  constructor(db: Db) {
    this.#db = db;
  }

  readonly now = () => Date.now() + this.ahead;

  /** Another control of this lab, which knows what the database knows and hears what agents say. */
  async replica(): Promise<Replica> {
    const replica = new Replica(this.bus, this.#db, { name: `control-${++this.#named}`, now: this.now, capped: this.capped });
    this.replicas.push(replica);
    await replica.desk.start();
    return replica;
  }

  /** So many ready phones named `d-0001` …, 20 in a chassis. Resolves when every replica knows them. */
  async phones(count: number, change: (n: number) => Partial<ReturnType<typeof reportOf>> = () => ({})): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, n) => `d-${String(n + 1).padStart(4, "0")}`);
    ids.forEach((id, n) => {
      const place = { chassis: `C${String(Math.floor(n / 20) + 1).padStart(2, "0")}`, slot: (n % 20) + 1 };
      this.agent.report(reportOf(id, { ...place, ...change(n) }));
    });
    await until(() => this.replicas.every(({ devices }) => devices.counts.devices >= count), "the phones' reports");
    return ids;
  }

  /** Time passes; whatever was due has happened at every replica. */
  async pass(ms: number): Promise<void> {
    this.ahead += ms;
    for (const replica of this.replicas) await replica.desk.tick();
  }

  async settled(): Promise<void> {
    await until(
      () =>
        this.replicas.every(({ devices }) =>
          devices.all().every(({ lease, hold }) => lease !== "cleaning" && hold.phase !== "cleaning"),
        ),
      "cleaning",
    );
  }

  async stop(): Promise<void> {
    for (const replica of this.replicas) await replica.vanish();
    this.agent.stop();
    await this.bus.stop();
  }
}
