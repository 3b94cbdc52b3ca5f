/** What the SQL of leases is written with, and how a transaction says why it changed nothing. */
import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";

/** A database or a transaction of it. */
export type Tx = Pick<Db, "execute">;

/** Why a grant was not made: nothing was changed. */
export type Refusal =
  /** Others have these at that time. */
  | { readonly refused: "taken"; readonly devices: readonly string[] }
  /** These are being cleaned, in quarantine, or held. */
  | { readonly refused: "not-free"; readonly devices: readonly string[] }
  | { readonly refused: "quota"; readonly detail: string }
  /** More phones than its organisation's tier allows. */
  | { readonly refused: "tier"; readonly detail: string }
  /** Its organisation was paused or ended by a person. */
  | { readonly refused: "suspended"; readonly detail: string }
  /** By a flag. */
  | { readonly refused: "paused"; readonly detail: string }
  /** It is not in the phase any more that it was thought to be in. */
  | { readonly refused: "over" };

/** Refused inside of a transaction: rolls it back. */
export class Rollback extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.refused);
    this.refusal = refusal;
  }
}

/** A time as milliseconds: drivers differ in what they make of timestamps, not of numbers. */
export function ms(column: string): SQL {
  return sql.raw(`(extract(epoch FROM ${column}) * 1000)::float8`);
}

export function time(at: number): SQL {
  return sql`to_timestamp(${at / 1_000}::float8)`;
}

export function idsOf(ids: readonly string[]): SQL {
  return sql`SELECT jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb)`;
}

/** The same rows of both drivers. */
export async function rows<T>(db: Tx, query: SQL): Promise<T[]> {
  const result = (await db.execute(query)) as unknown as { rows: T[] };
  return result.rows;
}
