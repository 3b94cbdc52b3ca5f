/** Builds one control of its parts, in the order in which they need each other, and takes it apart in reverse. */
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type AgentBeat, type Bus, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { Access } from "./access/access.js";
import { Accounts } from "./access/accounts.js";
import { adminTokenOf, MIN_TOKEN_LENGTH } from "./access/admin-token.js";
import { authRoutes } from "./access/auth-routes.js";
import { announceAccess, hearAccess } from "./access/bus.js";
import { guard } from "./access/guard.js";
import { enterRoute, linkOf, sessionProcedures } from "./access/routes.js";
import { AccessStore } from "./access/store.js";
import { type AgentBus, JoinedAgents } from "./agents/joined-agents.js";
import { agentProcedures } from "./agents/routes.js";
import { AgentStore } from "./agents/store.js";
import type { DemoApp } from "./apps/demo-apps.js";
import { appProcedures } from "./apps/routes.js";
import { type AppDesk, type AppDeskOptions, createAppDesk } from "./apps/start.js";
import { uploadRoute } from "./apps/upload-route.js";
import { busLinkRoute } from "./bus-link/routes.js";
import { consoleRoutes } from "./console/routes.js";
import { takeDataFolder } from "./database/data-folder.js";
import { type Database, type DatabaseChoice, type Db, openDatabase } from "./database/database.js";
import { hearAgents } from "./devices/bus.js";
import { Devices } from "./devices/devices.js";
import { Hands } from "./devices/hands.js";
import { deviceProcedures, healthProcedure } from "./devices/routes.js";
import { Screenshots } from "./devices/screenshots.js";
import { DeviceStore } from "./devices/store.js";
import { Events, type RecordEvent } from "./events/events.js";
import { eventProcedures } from "./events/routes.js";
import { EventStore } from "./events/store.js";
import { Flows } from "./flows/flows.js";
import { flowProcedures } from "./flows/routes.js";
import { FlowStore } from "./flows/store.js";
import { groupProcedures } from "./groups/routes.js";
import { createGroupDesk, type GroupDesk } from "./groups/start.js";
import { type ContractRoute, mountApi } from "./http/api.js";
import { buildServer } from "./http/server.js";
import { createLawful, type Lawful, type LawfulParts } from "./lawful/start.js";
import { leaseProcedures, quotaProcedure, upkeepProcedures } from "./leases/routes.js";
import { createLeaseDesk, type LeaseDesk } from "./leases/start.js";
import { Tenants } from "./leases/tenants.js";
import { DeviceFeed } from "./live/device-feed.js";
import { GroupFeed } from "./live/group-feed.js";
import { liveRoute } from "./live/routes.js";
import { peopleOf } from "./people/people.js";
import { keyProcedures, memberProcedures, type People, signOnProcedures, tenantProcedures } from "./people/routes.js";
import { Places } from "./places/places.js";
import { labProcedures, placeProcedures } from "./places/routes.js";
import { PlaceStore } from "./places/store.js";
import { Relay } from "./relay/relay.js";
import type { ObjectStore } from "./storage/object-store.js";
import { openStorage, type StorageChoice } from "./storage/storage.js";
import type { CertificatePaths } from "./tls/certificate-files.js";
import type { Authority } from "./tls/certificate-source.js";
import { type Doorway, openDoorway } from "./tls/doorway.js";
import { trustRoutes } from "./tls/routes.js";
import { createWorkbench, type Workbench, workDoors, workProcedures, workRoutes } from "./workbench/start.js";

/** What `startControl` is built of. */
export interface ControlOptions {
  readonly bus: Bus;
  /** This control's name on the bus; letters, digits and `-`, unique among the controls of a site. */
  readonly replica: string;
  /** Made when it is missing; holds the admin token and, for PGlite, the database. */
  readonly dataDir: string;
  readonly database: DatabaseChoice;
  /** Where files of the lab and artifacts lie; default: in the data folder. */
  readonly storage?: StorageChoice;
  /** Where others reach it, too, it is https. */
  readonly host: string;
  /** For https, instead of a certificate that is made in the data folder. */
  readonly tlsFiles?: CertificatePaths;
  /** As people reach it, when that is not `host` and `port`, e.g. `https://lab.example`. */
  readonly publicUrl?: string;
  /** Plain HTTP for a proxy in front that speaks https to people; needs `publicUrl`. */
  readonly insecureHttp?: boolean;
  /** 0 takes a free one. */
  readonly port: number;
  /** The folder of the built console; without it only the API is served. */
  readonly webRoot?: string;
  readonly version: string;
  readonly log: Logger;
  /** With it, agents that join get credentials of their own for NATS, and no others are heard. */
  readonly agentBus?: AgentBus;
  /** Instead of the one in the data folder, e.g. one that all replicas share; at least 16 characters. */
  readonly adminToken?: string;
  /** Apps that every organisation owns, on virtual phones only. */
  readonly demoApps?: readonly DemoApp[];
}

export interface Control {
  /** `http://host:port` or `https://…`, as a browser on this machine reaches it. */
  readonly url: string;
  /** Who signed its certificate, when that is an authority that no browser knows. */
  readonly authority: Authority | null;
  readonly token: string;
  /** A new link that opens the console logged in: works once, for ten minutes. */
  consoleLink(): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts the control plane: HTTP, the live socket, the relay of pictures, the database.
 * Fails with `port_taken`, `data_unwritable`, `data_in_use`, `database_corrupt`, `database_unreachable` or `certificate_invalid`; then nothing
 * is left running.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const undo = new Undo(options.log);
  try {
    return await build(options, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function build(options: ControlOptions, undo: Undo): Promise<Control> {
  const { bus, replica, log } = options;
  const folder = takeDataFolder(options.dataDir);
  undo.add(() => folder.release());
  const token = tokenOf(options);
  if (options.database.kind === "postgres" && (options.storage ?? { kind: "folder" }).kind === "folder")
    log.warn("files and artifacts lie in this control's own folder: other controls of the lab cannot read them; see --storage");
  const { objects, ...storage } = await openStorage(options.storage ?? { kind: "folder" }, folder.path);
  undo.add(() => storage.stop());
  const doorway = await openDoorway(options, log.child({ part: "tls" }));
  undo.add(() => doorway.stop());
  const database = databaseOf(options, undo);
  const db = database.then((opened) => opened.db);
  db.catch(() => undefined);
  const record: RecordEvent = (event) => events.record(event);
  const { joined, devices } = hostsOf(options, { db, record, onBeat: (beat) => appDesk.hearBeat(beat) }, undo);
  const store = new AccessStore(db);
  const appDesk = appsOf(options, { db, devices, record, store, tell: (id) => desk.tell([id]) }, undo);
  const accounts = new Accounts({ db, store, log: log.child({ part: "accounts" }) });
  const access = new Access({ token, store, accounts, announce: () => announceAccess(bus, replica) });
  undo.add(hearAccess(bus, access));
  const { desk, events, tenants } = leasing(options, { db, devices, appDesk }, undo);
  const hasTenant = (id: string) => store.hasTenant(id);
  const places = placesOf(options, { db, devices, record: events.record, hasTenant });
  const { groups, flows } = driving(options, { db, devices, joined, desk, appDesk, events }, undo);
  const relay = new Relay({ bus, replica, devices });
  undo.add(() => relay.stop());
  const screenshots = new Screenshots({ bus, replica, devices });
  const working = { db, devices, joined, desk, appDesk, events, relay, screenshots, objects, hasTenant };
  const workbench = workOf(options, working, undo);
  const setting = (key: string, first: string) => store.setting(key, first);
  const lawful = lawfulOf(options, { ...working, access, places, database, setting }, undo);
  const people = peopleOf({
    db,
    access,
    record: events.record,
    use: async () => new Map((await desk.store.uses()).map((used) => [used.tenant, used])),
    onRemoved: (tenant, actor) => desk.leases.endAllOf(tenant, actor, "not a member any more"),
  });
  const ready = db
    .then(() => joined.start())
    .then(() => Promise.all([devices.start(), accounts.start()]))
    .then(() => tenants.start())
    .then(() => appDesk.start())
    .then(() => desk.start())
    .then(() => groups.start())
    .then(() => workbench.start())
    .then(() => lawful.start())
    .then(() => places.start());
  // Awaited below; a failure must not count as unhandled while the port is being taken.
  ready.catch(() => undefined);
  undo.add(() => devices.stop());
  undo.add(() => places.stop());
  undo.add(() => desk.stop());
  const own = {
    devices,
    joined,
    places,
    access,
    people,
    desk,
    appDesk,
    groups,
    flows,
    events,
    relay,
    screenshots,
    workbench,
    lawful,
  };
  const parts = { ...own, ready, doorway };
  const url = await serve(options, parts, undo);
  await ready;
  return {
    url,
    token,
    authority: doorway.authority,
    consoleLink: async () => linkOf(doorway.publicUrl ?? url, (await access.newCode()).code),
    stop: () => undo.run(),
  };
}

/** Which hosts belong to the lab, and the phones that they speak of. */
function hostsOf(
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
function appsOf(
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
function leasing(
  { bus, replica, log }: ControlOptions,
  { db, devices, appDesk }: { db: Promise<Db>; devices: Devices; appDesk: AppDesk },
  undo: Undo,
) {
  const events = new Events({ store: new EventStore(db), log: log.child({ part: "events" }) });
  undo.add(() => events.stop());
  const tenants = new Tenants({ db, bus, log });
  undo.add(() => tenants.stop());
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
    prepare: (agentId, ids) => appDesk.grounds.prepare(agentId, ids),
    enrolled: (id) => appDesk.fences.isEnrolled(id),
  });
  return { desk, events, tenants };
}

/** What is done on many devices at once. */
function driving(
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
    used: (leaseId) => desk.used(leaseId),
    isEnrolled: (id) => appDesk.fences.isEnrolled(id),
  });
  undo.add(() => groups.stop());
  return { groups, flows: new Flows({ store: new FlowStore(db), record: events.record }) };
}

/** Where devices stand. */
function placesOf(
  { bus, replica, log }: ControlOptions,
  { db, ...parts }: Pick<ConstructorParameters<typeof Places>[0], "devices" | "record" | "hasTenant"> & { db: Promise<Db> },
): Places {
  return new Places({ ...parts, store: new PlaceStore(db), bus, replica, log: log.child({ part: "places" }) });
}

/** What people do on the devices that they hold. */
function workOf(
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
    used: (leaseId) => desk.used(leaseId),
    hears: (id) => joined.hears(id),
  });
  undo.add(() => workbench.stop());
  return workbench;
}

/** What the lab can show of itself. */
function lawfulOf(
  { bus, replica, log, dataDir, version, publicUrl, demoApps: demo = [] }: ControlOptions,
  parts: Pick<LawfulParts, "db" | "database" | "setting" | "devices" | "joined" | "objects" | "hasTenant" | "access" | "places"> &
    Pick<Served, "desk" | "appDesk" | "events">,
  undo: Undo,
): Lawful {
  const { desk: leases, appDesk: apps, events, ...rest } = parts;
  const own = { bus, replica, dataDir, version, publicUrl, demo, record: events.record };
  const lawful = createLawful({ ...rest, ...own, leases, apps, log: log.child({ part: "lawful" }) });
  undo.add(() => lawful.stop());
  return lawful;
}

/** A new database takes seconds to make: meanwhile the port is taken and the rest is built. Nothing is answered before it is there. */
function databaseOf({ database: choice, dataDir, log }: ControlOptions, undo: Undo): Promise<Database> {
  const givenUp = new AbortController();
  const { signal } = givenUp;
  const database = openDatabase(choice, { dataDir, log: log.child({ part: "database" }), signal });
  undo.add(() => {
    givenUp.abort();
    return closeDatabase(database);
  });
  return database;
}

function tokenOf({ adminToken, dataDir }: ControlOptions): string {
  if (adminToken === undefined) return adminTokenOf(dataDir);
  if (adminToken.length < MIN_TOKEN_LENGTH)
    throw new PhonerackError("usage", `an admin token has at least ${MIN_TOKEN_LENGTH} characters`);
  return adminToken;
}

async function closeDatabase(database: Promise<Database>): Promise<void> {
  const opened = await database.catch(() => undefined);
  await opened?.stop();
}

interface Served {
  readonly devices: Devices;
  readonly joined: JoinedAgents;
  readonly places: Places;
  readonly access: Access;
  readonly desk: LeaseDesk;
  readonly appDesk: AppDesk;
  readonly groups: GroupDesk;
  readonly flows: Flows;
  readonly events: Events;
  readonly people: People;
  readonly relay: Relay;
  readonly screenshots: Screenshots;
  readonly workbench: Workbench;
  readonly lawful: Lawful;
  /** Requests wait for it. */
  readonly ready: Promise<void>;
  readonly doorway: Doorway;
}

/** Builds the server, listens, and gives its address. */
async function serve(options: ControlOptions, parts: Served, undo: Undo): Promise<string> {
  const { bus, version } = options;
  const { devices, joined, places, access, people, desk, appDesk, groups, flows, events, relay, ready, doorway } = parts;
  const { screenshots, workbench, lawful } = parts;
  const server = await buildServer(options.log.child({ part: "http" }), doorway);
  undo.add(() => server.close());
  if (doorway.https) doorway.attach(server.server as HttpsServer);
  server.addHook("preClose", async () => doorway.stop());
  server.addHook("onRequest", () => ready);
  guard(server, { access, answersTo: doorway.answersTo });
  const hands = new Hands({ bus, devices, used: (leaseId) => desk.used(leaseId), trials: appDesk.trials });
  const work = workProcedures(workbench);
  const router = {
    health: healthProcedure(devices, version),
    devices: {
      ...deviceProcedures({ bus, devices, hands, screenshots }),
      ...placeProcedures(places, { bus, devices, record: events.record }),
      ...upkeepProcedures(desk),
      ...work.devices,
    },
    ...work.nouns,
    leases: leaseProcedures(desk),
    events: eventProcedures(events),
    ...lawful.procedures,
    agents: agentProcedures({ joined, devices, fingerprint: doorway.authority?.fingerprint }),
    lab: labProcedures(places, devices),
    session: sessionProcedures(access, people.account),
    members: memberProcedures(people),
    tenants: { ...tenantProcedures(people), quota: quotaProcedure(desk, (id) => people.tenants.has(id)) },
    keys: keyProcedures(people),
    signOn: signOnProcedures(people),
    ...appProcedures(appDesk),
    groups: groupProcedures({ desk: groups, flows, devices }),
    flows: flowProcedures(flows),
  };
  const own = {
    "apps.upload": (route: ContractRoute) => {
      const { builds } = workbench.buildDesk;
      return uploadRoute(server, route, { ...appDesk, add: (caller, uploaded) => builds.addApp(caller, uploaded) });
    },
    ...workRoutes(server, workbench),
  };
  await mountApi(server, router, { version, own });
  enterRoute(server, access, events.record);
  trustRoutes(server, doorway);
  lawful.routes(server);
  authRoutes(server, access.accounts);
  await consoleRoutes(server, options.webRoot);
  const feed = new DeviceFeed({ devices, board: desk.board, jobs: workbench.jobs });
  undo.add(() => feed.stop());
  const groupFeed = new GroupFeed(groups.board);
  undo.add(() => groupFeed.stop());
  const live = liveRoute(server, access, { devices, hands, relay, feed, groups: groups.groups, groupFeed });
  undo.add(() => live.stop());
  const doors = workDoors(server, access, workbench);
  undo.add(() => doors.stop());
  const busLink = busLinkRoute(server, { bus, joined, log: options.log.child({ part: "bus-link" }) });
  undo.add(() => busLink.stop());
  await listen(server, options);
  return `${doorway.https ? "https" : "http"}://${doorway.localName()}:${portOf(server)}`;
}

async function listen(server: FastifyInstance, { host, port }: ControlOptions): Promise<void> {
  try {
    await server.listen({ host, port, listenTextResolver: () => "listening" });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new PhonerackError("port_taken", `${host}:${port}`, { cause });
    // No right to a port below 1024, an address that is not this machine's, a name that does not resolve.
    if (code !== undefined) throw new PhonerackError("port_taken", `${host}:${port} cannot be opened: ${message}`, { cause });
    throw cause;
  }
}

function portOf(server: FastifyInstance): number {
  return (server.server.address() as AddressInfo | null)?.port ?? 0;
}

/** What has been done, to be undone once, in reverse order; a step that fails does not keep the rest. */
class Undo {
  readonly #log: Logger;
  readonly #steps: (() => unknown)[] = [];
  #running: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(step: () => unknown): void {
    this.#steps.push(step);
  }

  run(): Promise<void> {
    this.#running ??= this.#all();
    return this.#running;
  }

  async #all(): Promise<void> {
    for (const step of this.#steps.reverse()) {
      try {
        await step();
      } catch (error) {
        this.#log.error({ err: error }, "stopping failed in part");
      }
    }
  }
}
