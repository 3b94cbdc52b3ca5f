/** Opens the database of this control, brought to the newest migration. The SQL of each noun stands in its own `store.ts`. */
import type { Database, Opening } from "./opened.js";
import { openPglite } from "./pglite.js";
import { openPostgres } from "./postgres.js";

export type { Database, Db } from "./opened.js";

export type DatabaseChoice =
  /** PostgreSQL made of WebAssembly, in the data folder; for one control. */
  | { readonly kind: "pglite" }
  /** A PostgreSQL server, for any number of controls. */
  | { readonly kind: "postgres"; readonly url: string };

/** Fails with `database_corrupt` (PGlite) or `database_unreachable` (PostgreSQL), and with the signal's reason. */
export function openDatabase(choice: DatabaseChoice, opening: Opening): Promise<Database> {
  return choice.kind === "pglite" ? openPglite(opening) : openPostgres(choice.url, opening.log);
}
