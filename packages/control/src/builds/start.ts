/** Puts the parts of builds, uploads and the lab's files together. */
import type { Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Apps } from "../apps/apps.js";
import { Blobs } from "../blobs/blobs.js";
import { BlobStore } from "../blobs/store.js";
import { Uploads } from "../blobs/uploads.js";
import type { Db } from "../database/database.js";
import type { RecordEvent } from "../events/events.js";
import type { ObjectStore } from "../storage/object-store.js";
import { Builds } from "./builds.js";
import { BuildStore } from "./store.js";

export interface BuildDeskParts {
  readonly bus: Bus;
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly dataDir: string;
  readonly objects: ObjectStore;
  readonly apps: Pick<Apps, "add">;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly requireRoom: (tenant: string, bytes: number) => Promise<void>;
}

export interface BuildDesk {
  readonly builds: Builds;
  readonly blobs: Blobs;
  readonly uploads: Uploads;
  /** To be awaited before anything is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createBuildDesk(parts: BuildDeskParts): BuildDesk {
  const store = new BlobStore(parts.db);
  const blobs = new Blobs({ ...parts, store });
  const uploads = new Uploads({ ...parts, store, blobs });
  return {
    builds: new Builds({ ...parts, store: new BuildStore(parts.db), blobs }),
    blobs,
    uploads,
    start: async () => {
      await uploads.start();
      blobs.start();
    },
    stop: async () => {
      await uploads.stop();
      await blobs.stop();
    },
  };
}
