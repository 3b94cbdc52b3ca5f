/** Puts the parts of artifacts together. */
import type { Logger } from "pino";
import type { Db } from "../database/database.js";
import type { RecordEvent } from "../events/events.js";
import type { ObjectStore } from "../storage/object-store.js";
import { Artifacts } from "./artifacts.js";
import { Retentions } from "./retention.js";
import { ArtifactStore } from "./store.js";

export interface ArtifactDeskParts {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly objects: ObjectStore;
  readonly dataDir: string;
  readonly replica: string;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly now?: () => number;
}

export interface ArtifactDesk {
  readonly artifacts: Artifacts;
  readonly retentions: Retentions;
  /** To be awaited before anything is answered. `keep`: unfinished artifacts that somebody finishes yet. */
  start(keep: ReadonlySet<string>): Promise<void>;
  stop(): Promise<void>;
}

export function createArtifactDesk(parts: ArtifactDeskParts): ArtifactDesk {
  const store = new ArtifactStore(parts.db);
  const retentions = new Retentions({ ...parts, store, drop: (id) => artifacts.drop(id) });
  const artifacts = new Artifacts({ ...parts, store, retentions });
  return {
    artifacts,
    retentions,
    start: async (keep) => {
      await artifacts.start();
      await retentions.start(keep);
    },
    stop: () => retentions.stop(),
  };
}
