/** What every engine opens to, and the migrations that each brings its database up to. */
import { fileURLToPath } from "node:url";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type { Logger } from "pino";
import type * as schema from "./schema.js";

/** The same queries run on PGlite and on PostgreSQL. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** Where and how to open: `signal` gives up what takes seconds. */
export interface Opening {
  readonly dataDir: string;
  readonly log: Logger;
  readonly signal?: AbortSignal | undefined;
}

export interface Database {
  readonly db: Db;
  /** Asks to be the only one of all controls that does this. undefined: another is. */
  alone(task: AloneTask): Promise<Alone | undefined>;
  stop(): Promise<void>;
}

/** What only one control may do at a time. */
export type AloneTask = "log";

export interface Alone {
  /** Whether it still is, as far as can be known without asking. */
  readonly holds: boolean;
  release(): Promise<void>;
}

/** Beside `src` and `dist` alike, so that the compiled code finds what people edit. */
export const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));
