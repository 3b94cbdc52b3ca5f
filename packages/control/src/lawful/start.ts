/** Puts together what the lab can show of itself: each noun has its own folder, this only hands them what they need. */
import type { LogHealth, LogLag } from "@phonerack/contract/api";
import type { Bus } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Access } from "../access/access.js";
import type { JoinedAgents } from "../agents/joined-agents.js";
import type { DemoApp } from "../apps/demo-apps.js";
import type { AppDesk } from "../apps/start.js";
import type { Database, Db } from "../database/database.js";
import { readFact, writeFact } from "../database/lab-facts.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { LabFace } from "../face/face.js";
import { faceProcedures, faceRoutes } from "../face/routes.js";
import { FaceStore } from "../face/store.js";
import type { LeaseDesk } from "../leases/start.js";
import type { LabLog } from "../log/log.js";
import type { Setting } from "../log/log-key.js";
import { logProcedures, logRoutes } from "../log/routes.js";
import { createLabLog } from "../log/start.js";
import type { Places } from "../places/places.js";
import { Privacy } from "../privacy/privacy.js";
import { privacyProcedures } from "../privacy/routes.js";
import { PrivacyStore } from "../privacy/store.js";
import { applyIsolation } from "../register/isolation.js";
import { watchPutBack } from "../register/put-back.js";
import { registerProcedures } from "../register/routes.js";
import { createRegister, type RegisterDesk, registerRoutes } from "../register/start.js";
import type { ObjectStore } from "../storage/object-store.js";
import { flagProcedures } from "../watch/routes.js";
import { createWatch, type WatchDesk } from "../watch/start.js";

const BEHIND_MS = 5_000;

export interface LawfulParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly version: string;
  readonly dataDir: string;
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly database: Promise<Database>;
  readonly setting: Setting;
  /** All controls of the lab have the same object store. */
  readonly sharesObjects: boolean;
  /** Apps that are everybody's on virtual phones. */
  readonly demo: readonly DemoApp[];
  readonly objects: ObjectStore;
  readonly devices: Devices;
  readonly joined: JoinedAgents;
  readonly leases: LeaseDesk;
  readonly apps: AppDesk;
  readonly places: Places;
  readonly access: Access;
  readonly record: RecordEvent;
  readonly log: Logger;
  /** As the world reaches this lab; undefined: nobody has said. */
  readonly publicUrl: string | undefined;
  readonly hasTenant: (id: string) => Promise<boolean>;
}

export interface Lawful {
  readonly procedures: ReturnType<typeof proceduresOf>;
  logHealth(): Promise<LogHealth>;
  /** To be awaited before anything is answered. */
  start(): Promise<void>;
  /** Routes of the API that take or give bytes, by their names in the contract. */
  own(server: FastifyInstance): ReturnType<typeof registerRoutes>;
  /** Routes that are no procedures of the API: tiles, what stands below `/.well-known`. */
  routes(server: FastifyInstance): void;
  /** Whether a device gets no route out; undefined: nobody can tell yet. */
  isolated(deviceId: string): boolean | undefined;
  stop(): Promise<void>;
}

export function createLawful(parts: LawfulParts): Lawful {
  const { database, joined, devices, leases } = parts;
  const undo: (() => void)[] = [];
  const log = createLabLog({
    ...parts,
    alone: async () => (await database).alone("log"),
    hears: (id) => joined.hears(id),
    behind: () => behindOf(parts.devices),
    onLeaves: (leaves) => watch.heard(leaves),
  });
  const watch = createWatch({ ...parts, labLog: log });
  const desk = createRegister(parts);
  const face = new LabFace({ ...parts, store: new FaceStore(parts.db), key: log.key });
  const privacy = new Privacy({
    store: new PrivacyStore(parts.db),
    record: parts.record,
    log: parts.log,
    facts: {
      read: async () => (await readFact(await parts.db, "privacy"))?.value,
      write: async (days, by) => writeFact(await parts.db, "privacy", { value: days, by }),
    },
    endLeases: (tenant, actor) => leases.leases.endAllOf(tenant, actor, "the account was erased"),
    accessChanged: () => parts.access.changed(),
    forget: (subjects) => log.forget(subjects),
  });
  return {
    procedures: proceduresOf({ log, desk, face, watch, privacy }),
    logHealth: () => log.health(),
    start: async () => {
      await log.start();
      await watch.start();
      undo.push(watchPutBack({ devices, record: parts.record, leads: () => log.leads }));
      undo.push(applyIsolation({ devices, register: desk.register, tell: (id) => leases.tell([id]) }));
      await desk.register.start();
      privacy.start();
    },
    isolated: (id) => desk.register.isolates(id),
    own: (server) => registerRoutes(server, desk),
    routes: (server) => {
      logRoutes(server, log);
      faceRoutes(server, face);
    },
    stop: async () => {
      for (const step of undo.splice(0)) step();
      privacy.stop();
      await desk.register.stop();
      await log.stop();
      await watch.stop();
    },
  };
}

/** Whose decisions have waited for longer than a control needs to take over, or cannot be written down. */
function behindOf({ agents }: Devices): LogLag[] {
  return agents.flatMap(({ id, presence, journal }) =>
    presence === "here" && journal && (journal.waited > BEHIND_MS || !journal.writes) ? [{ agent: id, ...journal }] : [],
  );
}

interface Nouns {
  readonly log: LabLog;
  readonly desk: RegisterDesk;
  readonly face: LabFace;
  readonly watch: WatchDesk;
  readonly privacy: Privacy;
}

function proceduresOf({ log, desk, face, watch, privacy }: Nouns) {
  return {
    log: logProcedures(log),
    register: registerProcedures(desk),
    ...faceProcedures(face),
    flags: flagProcedures(watch.flags),
    privacy: privacyProcedures(privacy),
  };
}
