/** Puts the parts of the log together. */
import { type LogLag, WitnessChoice } from "@phonerack/contract/api";
import type { Bus } from "@phonerack/contract/bus";
import type { Leaf } from "@phonerack/policy";
import { sql } from "drizzle-orm";
import type { Logger } from "pino";
import { z } from "zod";
import type { DemoApp } from "../apps/demo-apps.js";
import { readFact, writeFact } from "../database/lab-facts.js";
import type { Alone, Db } from "../database/opened.js";
import { rows } from "../leases/transaction.js";
import type { ObjectStore } from "../storage/object-store.js";
import { LabLog } from "./log.js";
import { type LogKey, loadLogKey, type Setting } from "./log-key.js";
import { Sequencer } from "./sequencer.js";
import { LogStore } from "./store.js";
import { databaseTiles, objectTiles } from "./tile-store.js";

export interface LogOptions {
  readonly bus: Bus;
  readonly db: Promise<Db>;
  readonly alone: () => Promise<Alone | undefined>;
  readonly objects: ObjectStore;
  /** All controls of the lab have the same object store. */
  readonly sharesObjects: boolean;
  readonly version: string;
  readonly publicUrl: string | undefined;
  readonly demo: readonly DemoApp[];
  readonly log: Logger;
  readonly hears: (agentId: string) => boolean;
  readonly setting: Setting;
  readonly behind: () => readonly LogLag[];
  readonly onLeaves?: (leaves: readonly Leaf[]) => void;
}

export function createLabLog(options: LogOptions): LabLog {
  const { bus, db, objects, log, hears } = options;
  const store = new LogStore(db);
  const tiles = options.sharesObjects ? objectTiles(objects) : databaseTiles(db);
  const host = options.publicUrl ? new URL(options.publicUrl).host : "phonerack.local";
  let key: Promise<LogKey> | undefined;
  const logKey = () => (key ??= loadLogKey(options.setting, host));
  const demo = options.demo.map(({ package: name, signer }) => ({ package: name, signer }));
  const sequencer = new Sequencer({
    store,
    log,
    tiles,
    alone: options.alone,
    start: async () => ({ version: options.version, origin: (await logKey()).key.name, demo }),
    onLeaves: (leaves) => {
      lab.heard(leaves);
      options.onLeaves?.(leaves);
    },
  });
  const lab = new LabLog({
    bus,
    log,
    store,
    sequencer,
    tiles,
    hears,
    key: logKey,
    behind: options.behind,
    witnesses: witnessesIn(db),
    tenantOf: async (id) =>
      (await rows<{ tenant: string }>(await db, sql`SELECT tenant FROM leases WHERE id = ${id}`))[0]?.tenant,
  });
  return lab;
}

const LogFacts = z.object({ witnesses: z.array(WitnessChoice) });

function witnessesIn(db: Promise<Db>) {
  return {
    read: async () => {
      const found = await readFact(await db, "log");
      return LogFacts.catch({ witnesses: [] }).parse(found?.value ?? {}).witnesses;
    },
    write: async (witnesses: readonly WitnessChoice[], by: string) => writeFact(await db, "log", { value: { witnesses }, by }),
  };
}
