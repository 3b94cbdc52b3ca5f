/** A lab's sealed log for benches, as control runs it in `phonerack up`: PGlite in its thread, tiles in a folder. */
import type { Bus } from "@phonerack/contract/bus";
import { createLabLog, openDatabase, openStorage } from "@phonerack/control";
import type { Logger } from "pino";

export interface BenchLog {
  /** Leaves so far. */
  size(): Promise<number>;
}

/** Takes the journal of every agent on this bus. It ends with the process. */
export async function startBenchLog(bus: Bus, parts: { readonly dataDir: string; readonly log: Logger }): Promise<BenchLog> {
  const { dataDir } = parts;
  const database = await openDatabase({ kind: "pglite" }, { dataDir, log: parts.log });
  const { objects } = await openStorage({ kind: "folder" }, dataDir);
  const settings = new Map<string, string>();
  const log = createLabLog({
    bus,
    db: Promise.resolve(database.db),
    alone: () => database.alone("log"),
    objects,
    sharesObjects: true,
    version: "0",
    publicUrl: undefined,
    demo: [],
    log: parts.log,
    hears: () => true,
    behind: () => [],
    setting: async (key, first) => {
      const kept = settings.get(key) ?? first;
      settings.set(key, kept);
      return kept;
    },
  });
  await log.start();
  return { size: async () => (await log.status(true)).size };
}
