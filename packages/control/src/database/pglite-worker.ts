/**
 * The worker thread in which PGlite runs: on the main thread its WebAssembly would freeze pictures and touches for as long as a
 * statement takes. It opens one folder and answers statements one after the other; who may ask what is up to `pglite.ts`.
 */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite, types } from "@electric-sql/pglite";
import { btree_gist } from "@electric-sql/pglite/contrib/btree_gist";

/** What the main thread gives this worker. */
export interface PgliteWorkerData {
  readonly dataDir: string;
}

export type ToWorker =
  | { readonly kind: "query"; readonly id: number; readonly sql: string; readonly params: unknown[]; readonly rowMode: RowMode }
  | { readonly kind: "close" };

export type RowMode = "array" | "object";

export type FromWorker =
  | { readonly kind: "open" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "rows"; readonly id: number; readonly rows: unknown[]; readonly affectedRows: number | undefined }
  | { readonly kind: "refused"; readonly id: number; readonly error: SqlError }
  | { readonly kind: "closed" };

/** PostgreSQL's error fields, as they are cloned between threads. `code` is the SQLSTATE. */
export interface SqlError {
  readonly message: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly detail?: string;
}

/** drizzle reads times, intervals and their arrays as text itself: PGlite must not turn them into other things before. */
const asText = (value: string) => value;
const PARSERS = Object.fromEntries(
  [types.TIMESTAMP, types.TIMESTAMPTZ, types.INTERVAL, types.DATE, 1231, 1115, 1185, 1187, 1182].map((oid) => [oid, asText]),
);

/** A lab's registry is small: the default of 128 MB of shared buffers would only be paid for in memory. */
const SMALL = ["-c", "shared_buffers=1MB", "-c", "wal_buffers=64kB"];

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function serve(data: PgliteWorkerData): Promise<void> {
  const pglite = await PGlite.create({
    dataDir: data.dataDir,
    startParams: [...PGlite.defaultStartParams, ...SMALL],
    extensions: { btree_gist },
  });
  await pglite.query("SELECT 1");
  parentPort?.on("message", (message: ToWorker) => void answer(pglite, message));
  tell({ kind: "open" });
}

async function answer(pglite: PGlite, message: ToWorker): Promise<void> {
  if (message.kind === "close") {
    await pglite.close().catch(() => undefined);
    tell({ kind: "closed" });
    parentPort?.close();
    return;
  }
  const { id, sql, params, rowMode } = message;
  try {
    const result = await pglite.query(sql, params, { rowMode, parsers: PARSERS });
    tell({ kind: "rows", id, rows: result.rows, affectedRows: result.affectedRows });
  } catch (error) {
    const { message: text, code, constraint, detail } = error as SqlError;
    tell({
      kind: "refused",
      id,
      error: { message: text, ...(code && { code }), ...(constraint && { constraint }), ...(detail && { detail }) },
    });
  }
}

serve(workerData as PgliteWorkerData).catch((error: unknown) => {
  tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
});
