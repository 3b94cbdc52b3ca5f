/** Builds one control of its parts, in the order in which they need each other, and takes it apart in reverse. */
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { PhonerackError } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import { Access } from "./access/access.js";
import { Accounts } from "./access/accounts.js";
import { adminTokenOf, MIN_TOKEN_LENGTH } from "./access/admin-token.js";
import { authRoutes } from "./access/auth-routes.js";
import { announceAccess, hearAccess } from "./access/bus.js";
import { guard } from "./access/guard.js";
import { Refusals } from "./access/refusals.js";
import { enterRoute, linkOf, sessionProcedures } from "./access/routes.js";
import { AccessStore } from "./access/store.js";
import type { JoinedAgents } from "./agents/joined-agents.js";
import { agentProcedures } from "./agents/routes.js";
import { appProcedures } from "./apps/routes.js";
import type { AppDesk } from "./apps/start.js";
import { uploadRoute } from "./apps/upload-route.js";
import { busLinkRoute } from "./bus-link/routes.js";
import { consoleRoutes } from "./console/routes.js";
import { takeDataFolder } from "./database/data-folder.js";
import { type Database, type Db, openDatabase } from "./database/database.js";
import { appsOf, driving, hostsOf, lawfulOf, leasing, placesOf, workOf } from "./desks.js";
import type { Devices } from "./devices/devices.js";
import { Hands } from "./devices/hands.js";
import { deviceProcedures, healthProcedure } from "./devices/routes.js";
import { Screenshots } from "./devices/screenshots.js";
import type { Events, RecordEvent } from "./events/events.js";
import { eventProcedures } from "./events/routes.js";
import type { Flows } from "./flows/flows.js";
import { flowProcedures } from "./flows/routes.js";
import { groupProcedures } from "./groups/routes.js";
import type { GroupDesk } from "./groups/start.js";
import { type ContractRoute, mountApi } from "./http/api.js";
import { buildServer } from "./http/server.js";
import type { Lawful } from "./lawful/start.js";
import { leaseProcedures, quotaProcedure, upkeepProcedures } from "./leases/routes.js";
import type { LeaseDesk } from "./leases/start.js";
import { DeviceFeed } from "./live/device-feed.js";
import { GroupFeed } from "./live/group-feed.js";
import { liveRoute } from "./live/routes.js";
import type { ControlOptions } from "./options.js";
import { peopleOf } from "./people/people.js";
import { keyProcedures, memberProcedures, type People, signOnProcedures, tenantProcedures } from "./people/routes.js";
import type { Places } from "./places/places.js";
import { labProcedures, placeProcedures } from "./places/routes.js";
import { Relay } from "./relay/relay.js";
import { openStorage } from "./storage/storage.js";
import { tenancyProcedures } from "./tenancies/routes.js";
import type { Tenancies } from "./tenancies/tenancies.js";
import type { Authority } from "./tls/certificate-source.js";
import { type Doorway, openDoorway } from "./tls/doorway.js";
import { trustRoutes } from "./tls/routes.js";
import { Undo } from "./undo.js";
import { type Workbench, workDoors, workProcedures, workRoutes } from "./workbench/start.js";

export type { ControlOptions } from "./options.js";

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
  const { token, objects, doorway, database, db } = await openGround(options, undo);
  const record: RecordEvent = (event) => events.record(event);
  const { joined, devices } = hostsOf(options, { db, record, onBeat: (beat) => appDesk.hearBeat(beat) }, undo);
  const store = new AccessStore(db);
  const appDesk = appsOf(options, { db, devices, record, store, tell: (id) => desk.tell([id]) }, undo);
  const accounts = new Accounts({ db, store, log: log.child({ part: "accounts" }) });
  const access = new Access({ token, store, accounts, announce: () => announceAccess(bus, replica) });
  undo.add(hearAccess(bus, access));
  const hasTenant = (id: string) => store.hasTenant(id);
  const { desk, events, tenants, tenancies } = leasing(
    options,
    { db, devices, appDesk, hasTenant, isolated: (id) => lawful.isolated(id) },
    undo,
  );
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
  // The register asks where devices stand.
  const ready = startAll(db, [joined, [devices, accounts], tenants, tenancies, appDesk, desk, groups, workbench, places, lawful]);
  // Awaited below; a failure must not count as unhandled while the port is being taken.
  ready.catch(() => undefined);
  undo.add(() => devices.stop());
  undo.add(() => places.stop());
  undo.add(() => desk.stop());
  const driven = { groups, flows, events, relay, screenshots };
  const own = { devices, joined, places, access, people, desk, tenancies, appDesk, workbench, lawful, ...driven };
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

/** What all else stands on: the folder, the files, the door and the database. */
async function openGround(options: ControlOptions, undo: Undo) {
  const { log, storage: choice = { kind: "folder" } } = options;
  const folder = takeDataFolder(options.dataDir);
  undo.add(() => folder.release());
  const token = tokenOf(options);
  if (options.database.kind === "postgres" && choice.kind === "folder")
    log.warn("files and artifacts lie in this control's own folder: other controls of the lab cannot read them; see --storage");
  const { objects, ...storage } = await openStorage(choice, folder.path);
  undo.add(() => storage.stop());
  const doorway = await openDoorway(options, log.child({ part: "tls" }));
  undo.add(() => doorway.stop());
  const database = databaseOf(options, undo);
  const db = database.then((opened) => opened.db);
  // Awaited by everybody; until the first does, a failure must not count as unhandled.
  db.catch(() => undefined);
  return { token, objects, doorway, database, db };
}

interface Startable {
  start(): Promise<unknown>;
}

/** One after the other, since each reads what those before it know; those of a list together. */
async function startAll(db: Promise<Db>, all: readonly (Startable | readonly Startable[])[]): Promise<void> {
  await db;
  for (const one of all) await ("start" in one ? one.start() : Promise.all(one.map((part) => part.start())));
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

export interface Served {
  readonly devices: Devices;
  readonly joined: JoinedAgents;
  readonly places: Places;
  readonly access: Access;
  readonly desk: LeaseDesk;
  readonly tenancies: Tenancies;
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
  const { devices, joined, places, access, people, desk, tenancies, appDesk, groups, flows, events, relay, ready } = parts;
  const { doorway, screenshots, workbench, lawful } = parts;
  const server = await buildServer(options.log.child({ part: "http" }), doorway);
  undo.add(() => server.close());
  if (doorway.https) doorway.attach(server.server as HttpsServer);
  server.addHook("preClose", async () => doorway.stop());
  server.addHook("onRequest", () => ready);
  guard(server, { access, answersTo: doorway.answersTo, refused: new Refusals(events.record).note });
  const hands = new Hands({ bus, devices, used: desk.used, trials: appDesk.trials });
  const work = workProcedures(workbench);
  const router = {
    health: healthProcedure(devices, version, () => lawful.logHealth()),
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
    tenancies: tenancyProcedures(tenancies),
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
    ...lawful.own(server),
  };
  await mountApi(server, router, { version, own });
  addOpenRoutes(server, parts);
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

/** Those that are no procedures of the API. */
function addOpenRoutes(server: FastifyInstance, { access, events, doorway, lawful }: Served): void {
  enterRoute(server, access, events.record);
  trustRoutes(server, doorway);
  lawful.routes(server);
  authRoutes(server, access.accounts);
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
