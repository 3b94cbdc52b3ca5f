/** Puts together what the lab can show of itself: each noun has its own folder, this only hands them what they need. */
import type { Bus } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Access } from "../access/access.js";
import type { JoinedAgents } from "../agents/joined-agents.js";
import type { AppDesk } from "../apps/start.js";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { LeaseDesk } from "../leases/start.js";
import type { Places } from "../places/places.js";
import type { ObjectStore } from "../storage/object-store.js";

export interface LawfulParts {
  readonly bus: Bus;
  readonly replica: string;
  readonly version: string;
  readonly dataDir: string;
  /** May still be opening. */
  readonly db: Promise<Db>;
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
  /** To be awaited before anything is answered. */
  start(): Promise<void>;
  /** Routes that are no procedures of the API: tiles, what stands below `/.well-known`. */
  routes(server: FastifyInstance): void;
  stop(): Promise<void>;
}

export function createLawful(_parts: LawfulParts): Lawful {
  return {
    start: async () => undefined,
    routes: () => undefined,
    stop: async () => undefined,
  };
}
