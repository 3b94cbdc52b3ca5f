/** The SQL of what the lab says of itself, by its key: read whole, written whole; a change is a leaf of the log. */
import { sql } from "drizzle-orm";
import { rows, type Tx } from "../leases/transaction.js";

export interface LabFact {
  readonly value: unknown;
  readonly by: string;
}

export async function readFact(db: Tx, key: string): Promise<LabFact | undefined> {
  const [found] = await rows<LabFact>(db, sql`SELECT value, by FROM lab_facts WHERE key = ${key}`);
  return found;
}

export async function writeFact(db: Tx, key: string, { value, by }: LabFact): Promise<void> {
  await db.execute(
    sql`INSERT INTO lab_facts (key, value, at, by) VALUES (${key}, ${JSON.stringify(value)}::jsonb, now(), ${by})
      ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at, by = excluded.by`,
  );
}
