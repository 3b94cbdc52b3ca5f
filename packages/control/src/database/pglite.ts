/**
 * PGlite as the database: one folder, one worker thread, statements one at a time. A new folder is made by a worker of its own and
 * put in place whole: making it takes several hundred megabytes that only the end of a thread gives back, and a start that is
 * interrupted leaves no half-made database.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { PGlite } from "@electric-sql/pglite";
import { PhonerackError } from "@phonerack/contract/bus";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import type { Logger } from "pino";
import { type Database, MIGRATIONS, type Opening } from "./opened.js";
import type { FromWorker, PgliteWorkerData, RowMode, SqlError, ToWorker } from "./pglite-worker.js";
import * as schema from "./schema.js";

/** Opening takes half a second, making a new one five; a minute means that it will never come. */
const OPEN_MS = 60_000;
const CLOSE_MS = 5_000;

/** By its name in package.json, since a worker is always compiled code, also when this file is run from its source. */
const WORKER = createRequire(import.meta.url).resolve("#pglite-worker");

export async function openPglite(opening: Opening): Promise<Database> {
  const folder = join(opening.dataDir, "database");
  const client = await openFolder(folder, opening);
  try {
    const db = drizzle(client as unknown as PGlite, { schema });
    await migrate(db, { migrationsFolder: MIGRATIONS });
    return { db, alone: async () => ({ holds: true, release: async () => undefined }), stop: () => client.stop() };
  } catch (cause) {
    await client.stop();
    throw new PhonerackError("database_corrupt", `${folder}: ${reasonOf(cause)}`, { cause });
  }
}

async function openFolder(folder: string, opening: Opening): Promise<PgliteClient> {
  try {
    if (!existsSync(folder)) await makeFolder(folder, opening);
    return await PgliteClient.open(folder, opening);
  } catch (cause) {
    opening.signal?.throwIfAborted();
    throw new PhonerackError("database_corrupt", `${folder}: ${reasonOf(cause)}`, { cause });
  }
}

async function makeFolder(folder: string, opening: Opening): Promise<void> {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const maker = await PgliteClient.open(unfinished, opening);
  await maker.stop();
  renameSync(unfinished, folder);
}

/** drizzle wraps the driver's error in one that repeats the statement; the driver's own says what is wrong. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

interface Waiting {
  readonly resolve: (result: { rows: unknown[]; affectedRows: number | undefined }) => void;
  readonly reject: (error: Error) => void;
}

/** What drizzle's PGlite driver asks of a client (`query`, `transaction`), answered by the worker. */
class PgliteClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #broken: Error | undefined;
  #stopping: Promise<void> | undefined;
  /** PGlite is one connection: while a transaction holds it, other statements wait their turn. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(worker: Worker, log: Logger) {
    this.#worker = worker;
    worker.on("message", (message: FromWorker) => this.#hear(message));
    worker.on("error", (error) => this.#break(error));
    worker.on("exit", () => {
      if (!this.#stopping) log.error({ err: this.#broken }, "the database's thread ended");
      this.#break(new Error("the database is closed"));
    });
  }

  static async open(folder: string, { log, signal }: Opening): Promise<PgliteClient> {
    // PGlite's WebAssembly prints; standard output belongs to whoever started us (`phonerack up --json` prints one line).
    const worker = new Worker(WORKER, { workerData: { dataDir: folder } satisfies PgliteWorkerData, stdout: true, stderr: true });
    for (const stream of [worker.stdout, worker.stderr]) stream.on("data", (text) => log.debug({ said: String(text) }, "PGlite"));
    try {
      await opened(worker, signal);
    } catch (error) {
      await worker.terminate();
      throw error;
    }
    return new PgliteClient(worker, log);
  }

  query(sql: string, params: unknown[] = [], options: { rowMode?: RowMode } = {}) {
    return this.#alone(() => this.#ask(sql, params, options.rowMode ?? "object"));
  }

  transaction<T>(run: (client: Pick<PgliteClient, "query">) => Promise<T>): Promise<T> {
    return this.#alone(async () => {
      await this.#ask("BEGIN", [], "object");
      try {
        const result = await run({
          query: (sql, params, options) => this.#ask(sql, params ?? [], options?.rowMode ?? "object"),
        });
        await this.#ask("COMMIT", [], "object");
        return result;
      } catch (error) {
        await this.#ask("ROLLBACK", [], "object").catch(() => undefined);
        throw error;
      }
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    await settled(this.#turn, CLOSE_MS);
    if (!this.#broken) {
      const closed = new Promise<void>((resolve) => this.#worker.once("exit", () => resolve()));
      this.#worker.postMessage({ kind: "close" } satisfies ToWorker);
      await settled(closed, CLOSE_MS);
    }
    await this.#worker.terminate();
  }

  #alone<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  #ask(sql: string, params: unknown[], rowMode: RowMode): Promise<{ rows: unknown[]; affectedRows: number | undefined }> {
    if (this.#broken) return Promise.reject(this.#broken);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ kind: "query", id, sql, params, rowMode } satisfies ToWorker);
    });
  }

  #hear(message: FromWorker): void {
    if (message.kind !== "rows" && message.kind !== "refused") return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === "rows") waiting?.resolve({ rows: message.rows, affectedRows: message.affectedRows });
    else waiting?.reject(sqlError(message.error));
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(this.#broken);
    this.#waiting.clear();
  }
}

function opened(worker: Worker, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error) => {
      clearTimeout(tooLong);
      signal?.removeEventListener("abort", givenUp);
      // One by one: removing all listeners would take the worker's own along, and its messages with them.
      worker.off("message", hear).off("error", done).off("exit", ended);
      if (error) reject(error);
      else resolve();
    };
    const hear = (message: FromWorker) => {
      if (message.kind === "open") done();
      else done(new Error(message.kind === "failed" ? message.message : "the database's thread said something else"));
    };
    const ended = () => done(new Error("the database's thread ended while opening"));
    const givenUp = () => done(new Error("the start was given up"));
    signal?.addEventListener("abort", givenUp, { once: true });
    const tooLong = setTimeout(() => done(new Error(`the database did not open in ${OPEN_MS / 1000} s`)), OPEN_MS);
    worker.once("message", hear).once("error", done).once("exit", ended);
  });
}

function sqlError(error: SqlError): Error {
  return Object.assign(new Error(error.message), error);
}

/** Waits for it to end, well or badly, but no longer than that. */
function settled(promise: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    promise.then(end, end);
  });
}
