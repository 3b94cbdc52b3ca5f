import { type AgentBeat, subjects } from "@phonerack/contract/bus";
import type { AccessStore } from "./access/store.js";
import { JoinedAgents } from "./agents/joined-agents.js";
import { AgentStore } from "./agents/store.js";
import { type AppDesk, type AppDeskOptions, createAppDesk } from "./apps/start.js";
import type { Served } from "./control.js";
import type { Db } from "./database/database.js";
import { hearAgents } from "./devices/bus.js";
import { Devices } from "./devices/devices.js";
import { DeviceStore } from "./devices/store.js";
import { Events, type RecordEvent } from "./events/events.js";
import { EventStore } from "./events/store.js";
import { Flows } from "./flows/flows.js";
import { FlowStore } from "./flows/store.js";
import { createGroupDesk, type GroupDesk } from "./groups/start.js";
import { createLawful, type Lawful, type LawfulParts } from "./lawful/start.js";
import { createLeaseDesk, type LeaseDesk } from "./leases/start.js";
import { Tenants } from "./leases/tenants.js";
import type { ControlOptions } from "./options.js";
import { Places } from "./places/places.js";
import { PlaceStore } from "./places/store.js";
import type { ObjectStore } from "./storage/object-store.js";
import { TenancyStore } from "./tenancies/store.js";
import { Tenancies } from "./tenancies/tenancies.js";
import type { Undo } from "./undo.js";
import { createWorkbench, type Workbench } from "./workbench/start.js";

/** Which hosts belong to the lab, and the phones that they speak of. */
export function hostsOf(
  { bus, replica, log, agentBus }: ControlOptions,
  { db, record, onBeat }: { db: Promise<Db>; record: RecordEvent; onBeat: (beat: AgentBeat) => void },
  undo: Undo,
) {
  const joined = new JoinedAgents({
    store: new AgentStore(db),
    bus,
    replica,
    log: log.child({ part: "agents" }),
    agentBus,
    record,
  });
  undo.add(() => joined.stop());
  const devices = new Devices({
    store: new DeviceStore(db),
    log,
    keepsDevices: (agentId) => joined.isJoined(agentId),
    resend: () => bus.publish(subjects.resend, new Uint8Array()),
  });
  undo.add(joined.onRemoved((id) => devices.dropAgent(id)));
  undo.add(hearAgents({ bus, devices, log, hears: (id) => joined.hears(id), onBeat }));
  return { joined, devices };
}

/** Whose apps are whose; stops after the leases, which ask it. */
export function appsOf(
  options: ControlOptions,
  { store, ...parts }: Pick<AppDeskOptions, "db" | "devices" | "record" | "tell"> & { store: AccessStore },
  undo: Undo,
): AppDesk {
  const log = options.log.child({ part: "apps" });
  const hasTenant = (id: string) => store.hasTenant(id);
  const desk = createAppDesk({ ...options, ...parts, log, demo: options.demoApps ?? [], hasTenant });
  undo.add(() => desk.stop());
  return desk;
}

/** Who may use what, until when, and the log of it. */
export function leasing(
  { bus, replica, log }: ControlOptions,
  parts: {
    db: Promise<Db>;
    devices: Devices;
    appDesk: AppDesk;
    hasTenant: (id: string) => Promise<boolean>;
    isolated: (id: string) => boolean | undefined;
  },
  undo: Undo,
) {
  const { db, devices, appDesk, hasTenant, isolated } = parts;
  const events = new Events({ store: new EventStore(db), log: log.child({ part: "events" }) });
  undo.add(() => events.stop());
  const tenants = new Tenants({ db, bus, log });
  undo.add(() => tenants.stop());
  const isVirtual = (id: string) => devices.get(id)?.reach === "virtual";
  const tenancies = new Tenancies({
    store: new TenancyStore(db, isVirtual),
    bus,
    replica,
    record: events.record,
    log: log.child({ part: "tenancies" }),
    hasTenant,
    endLeases: (who, tenant, reason) => desk.leases.endTenant(who, tenant, reason),
  });
  undo.add(() => tenancies.stop());
  const desk = createLeaseDesk({
    bus,
    replica,
    db,
    devices,
    record: events.record,
    log: log.child({ part: "leases" }),
    memberOf: tenants.memberOf,
    tenantName: tenants.name,
    manyTenants: () => tenants.many,
    capped: tenancies.applies,
    prepare: (agentId, ids) => appDesk.grounds.prepare(agentId, ids),
    enrolled: (id) => appDesk.fences.isEnrolled(id),
    isolated,
  });
  return { desk, events, tenants, tenancies };
}

/** What is done on many devices at once. */
export function driving(
  { bus, replica, log }: ControlOptions,
  parts: { db: Promise<Db>; devices: Devices; joined: JoinedAgents; desk: LeaseDesk; appDesk: AppDesk; events: Events },
  undo: Undo,
): { groups: GroupDesk; flows: Flows } {
  const { db, devices, joined, desk, appDesk, events } = parts;
  const groups = createGroupDesk({
    bus,
    replica,
    db,
    devices,
    leases: desk.board,
    record: events.record,
    log: log.child({ part: "groups" }),
    hears: (id) => joined.hears(id),
    used: desk.used,
    isEnrolled: (id) => appDesk.fences.isEnrolled(id),
  });
  undo.add(() => groups.stop());
  return { groups, flows: new Flows({ store: new FlowStore(db), record: events.record }) };
}

/** Where devices stand. */
export function placesOf(
  { bus, replica, log }: ControlOptions,
  { db, ...parts }: Pick<ConstructorParameters<typeof Places>[0], "devices" | "record" | "hasTenant"> & { db: Promise<Db> },
): Places {
  return new Places({ ...parts, store: new PlaceStore(db), bus, replica, log: log.child({ part: "places" }) });
}

/** What people do on the devices that they hold. */
export function workOf(
  { bus, replica, log, dataDir }: ControlOptions,
  parts: Pick<Served, "devices" | "joined" | "desk" | "appDesk" | "events" | "relay" | "screenshots"> & {
    db: Promise<Db>;
    objects: ObjectStore;
    hasTenant: (id: string) => Promise<boolean>;
  },
  undo: Undo,
): Workbench {
  const { desk, joined, events, appDesk: apps, ...rest } = parts;
  const workbench = createWorkbench({
    ...rest,
    bus,
    replica,
    dataDir,
    apps,
    record: events.record,
    log: log.child({ part: "workbench" }),
    used: desk.used,
    hears: (id) => joined.hears(id),
  });
  undo.add(() => workbench.stop());
  return workbench;
}

/** What the lab can show of itself. */
export function lawfulOf(
  { bus, replica, log, dataDir, version, publicUrl, database, storage, demoApps: demo = [] }: ControlOptions,
  parts: Pick<LawfulParts, "db" | "database" | "setting" | "devices" | "joined" | "objects" | "hasTenant" | "access" | "places"> &
    Pick<Served, "desk" | "appDesk" | "events">,
  undo: Undo,
): Lawful {
  const { desk: leases, appDesk: apps, events, ...rest } = parts;
  const sharesObjects = database.kind === "pglite" || (storage ?? { kind: "folder" }).kind !== "folder";
  const own = { bus, replica, dataDir, version, publicUrl, demo, sharesObjects, record: events.record };
  const lawful = createLawful({ ...rest, ...own, leases, apps, log: log.child({ part: "lawful" }) });
  undo.add(() => lawful.stop());
  return lawful;
}
