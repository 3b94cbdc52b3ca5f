/** Puts the parts of apps together: reads what there is, listens to other replicas and to beats. */
import type { AgentBeat, Bus } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import { readPaused } from "../leases/pauses.js";
import { Apps } from "./apps.js";
import { type DemoApp, demoGrounds } from "./demo-apps.js";
import { Fences } from "./fences.js";
import { GroundsTeller } from "./grounds.js";
import { Permits } from "./permits.js";
import { AppStore } from "./store.js";
import { Trials } from "./trials.js";
import { Uploads } from "./uploads.js";
import { WELL_KNOWN, type WellKnownApps, wellKnownApps } from "./well-known.js";

export interface AppDeskOptions {
  readonly bus: Bus;
  readonly replica: string;
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly dataDir: string;
  readonly devices: Devices;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly demo: readonly DemoApp[];
  readonly hasTenant: (id: string) => Promise<boolean>;
  /** Tells a device's agent how things stand with it. */
  readonly tell: (deviceId: string) => Promise<void>;
}

export interface AppDesk {
  readonly apps: Apps;
  readonly uploads: Uploads;
  readonly permits: Permits;
  readonly trials: Trials;
  readonly fences: Fences;
  readonly grounds: GroundsTeller;
  hearBeat(beat: AgentBeat): void;
  /** To be awaited before anything is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createAppDesk(options: AppDeskOptions): AppDesk {
  const { demo, dataDir, hasTenant, record } = options;
  const store = new AppStore(options.db);
  const read = async (tenant: string) => {
    const grounds = await store.grounds(tenant);
    const paused = await readPaused(await options.db, tenant);
    return { ...grounds, owned: [...demoGrounds(demo, tenant), ...grounds.owned], ...(paused && { paused }) };
  };
  const grounds = new GroundsTeller({ ...options, read });
  const lists: { wellKnown: WellKnownApps } = { wellKnown: WELL_KNOWN };
  const apps = new Apps({ store, grounds, record, demo, lists });
  const uploads = new Uploads({ dataDir });
  const fences = new Fences(options);
  return {
    apps,
    uploads,
    permits: new Permits({ ...options, store, grounds, hasTenant }),
    trials: new Trials(options),
    fences,
    grounds,
    hearBeat: (beat) => grounds.hearBeat(beat),
    start: async () => {
      lists.wellKnown = await wellKnownApps(dataDir);
      grounds.start();
      await uploads.start();
      await fences.start();
    },
    stop: async () => {
      fences.stop();
      await grounds.stop();
    },
  };
}
