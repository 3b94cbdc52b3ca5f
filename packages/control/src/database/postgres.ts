/** A PostgreSQL server as the database: for labs, and for several controls at once. */
import { PhonerackError } from "@phonerack/contract/bus";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import type { Logger } from "pino";
import { type Alone, type AloneTask, type Database, MIGRATIONS } from "./opened.js";
import * as schema from "./schema.js";

/** Any number that no other program of the same database takes for its own locks; "phonerac" in ASCII, cut to 63 bits. */
const MIGRATION_LOCK = "8099005214410891619";

export async function openPostgres(url: string, log: Logger): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 10_000, application_name: "phonerack" });
  // An idle connection that breaks must not end the process; the next query takes a new one.
  pool.on("error", (error) => log.warn({ err: error }, "a database connection broke"));
  // Nor one that breaks between two statements of a transaction: the next of them fails, and who waits for it is told.
  pool.on("connect", (client) => client.on("error", (error) => log.warn({ err: error }, "a database connection broke in use")));
  try {
    await migrateAlone(pool);
  } catch (cause) {
    await pool.end();
    // The address may hold a password: only the driver's words go out.
    throw new PhonerackError("database_unreachable", (cause as Error).message, { cause });
  }
  return { db: drizzle(pool, { schema }), alone: (task) => alone(pool, task), stop: once(() => pool.end()) };
}

const TASK_LOCKS: Readonly<Record<AloneTask, string>> = { log: "8099005214410891620" };
/** A server that went away without a word is noticed by asking. */
const ASK_MS = 5_000;

/** An advisory lock on a connection of its own: it ends with the connection, whatever ends that. */
async function alone(pool: pg.Pool, task: AloneTask): Promise<Alone | undefined> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query("SELECT pg_try_advisory_lock($1) AS got", [TASK_LOCKS[task]]);
    if (rows[0]?.got === true) return held(client);
  } catch (error) {
    client.release(true);
    throw error;
  }
  // Asked for each second by every control that waits: others use this connection meanwhile.
  client.release();
  return undefined;
}

/** Ends when the connection does. */
function held(client: pg.PoolClient): Alone {
  let holds = true;
  const lose = () => {
    holds = false;
    clearInterval(asking);
  };
  const asking = setInterval(() => void client.query("SELECT 1").catch(lose), ASK_MS);
  client.once("error", lose);
  client.once("end", lose);
  const release = once(async () => {
    lose();
    // Closed, not given back: the lock goes with it.
    client.release(true);
  });
  return {
    get holds() {
      return holds;
    },
    release,
  };
}

/** Of several controls that start together one migrates and the rest wait: concurrent migrations fail on PostgreSQL's own catalogue. */
async function migrateAlone(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    try {
      await migrate(drizzle(client), { migrationsFolder: MIGRATIONS });
    } finally {
      await client.query("SELECT pg_advisory_unlock($1)", [MIGRATION_LOCK]);
    }
  } finally {
    client.release();
  }
}

/** Runs once, however often it is called. */
function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
