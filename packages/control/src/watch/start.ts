/** Puts the parts of watching together: it hears of leaves, sees accounts, reads marks now and then. */
import { randomBytes } from "node:crypto";
import type { Leaf } from "@phonerack/policy";
import type { Logger } from "pino";
import type { AppDesk } from "../apps/start.js";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { RecordEvent } from "../events/events.js";
import type { LeaseDesk } from "../leases/start.js";
import type { LabLog } from "../log/log.js";
import type { Setting } from "../log/log-key.js";
import { watchAccounts } from "./account-watch.js";
import { Flags } from "./flags.js";
import { readMarks } from "./marks.js";
import { WatchStore } from "./store.js";
import { Watch } from "./watch.js";

const MARKS_MS = 10 * 60_000;

export interface WatchDeskParts {
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly labLog: Pick<LabLog, "leads" | "leaves" | "known" | "hands">;
  readonly devices: Devices;
  readonly leases: LeaseDesk;
  readonly apps: AppDesk;
  readonly record: RecordEvent;
  readonly setting: Setting;
  readonly log: Logger;
}

export interface WatchDesk {
  readonly flags: Flags;
  /** Leaves were appended here. */
  heard(leaves: readonly Leaf[]): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createWatch(parts: WatchDeskParts): WatchDesk {
  const { db, labLog, devices, leases, apps, record, log } = parts;
  const store = new WatchStore(db);
  const paused = (tenant: string) => apps.grounds.changed(tenant);
  const leads = () => labLog.leads;
  const watch = new Watch({
    store,
    log,
    record,
    leads,
    paused,
    leaves: (from, limit) => labLog.leaves(from, limit),
    known: (leaves) => labLog.known(leaves),
    hands: (commitments) => labLog.hands(commitments),
  });
  const readAgain = async () => {
    if (!leads()) return;
    const salt = await parts.setting("marks-salt", randomBytes(32).toString("base64"));
    watch.marked(await readMarks(await db, salt));
  };
  let undo: (() => void)[] = [];
  let reading: Promise<void> = Promise.resolve();
  return {
    flags: new Flags({ store, leases, record, paused }),
    heard: (leaves) => watch.heard(leaves),
    start: async () => {
      const look = () => {
        reading = readAgain().catch((error: unknown) => log.warn({ err: error }, "what organisations share was not read"));
      };
      const timer = setInterval(look, MARKS_MS);
      undo = [watchAccounts({ devices, record, leads }), () => clearInterval(timer)];
    },
    stop: async () => {
      for (const step of undo.splice(0)) step();
      await reading;
      await watch.stop();
    },
  };
}
