/** Somebody of whom things are kept, and by what ids their deeds stand in records. */
import { sql } from "drizzle-orm";
import { KEY_ACTOR } from "../access/key-grant.js";
import { rows, type Tx } from "../leases/transaction.js";
import { ADB_KEY } from "../log/bodies.js";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** The organisations that they belong to. */
  readonly tenants: readonly string[];
  /** Ids of their API keys, removed ones too. */
  readonly keys: readonly string[];
  /** Fingerprints of their adb's keys, removed ones too. */
  readonly adbKeys: readonly string[];
}

export async function personOf(db: Tx, id: string): Promise<Person | undefined> {
  const [found] = await rows<Person>(
    db,
    sql`SELECT u.id, u.name, u.email, coalesce((SELECT jsonb_agg(m.organization_id ORDER BY m.organization_id) FROM members m WHERE m.user_id = u.id), '[]'::jsonb) AS tenants,
      coalesce((SELECT jsonb_agg(own.id) FROM (
        SELECT k.id FROM api_keys k WHERE k.reference_id = u.id OR k.reference_id IN (SELECT m.id FROM members m WHERE m.user_id = u.id)
        UNION SELECT e.subject FROM events e WHERE e.kind = 'key.made' AND e.actor = u.id) own), '[]'::jsonb) AS keys,
      coalesce((SELECT jsonb_agg(own.fingerprint) FROM (
        SELECT a.fingerprint FROM adb_keys a WHERE a.actor = u.id
        UNION SELECT e.detail ->> 'fingerprint' FROM events e WHERE e.kind = 'adb-key.added' AND e.actor = u.id) own), '[]'::jsonb) AS "adbKeys"
      FROM users u WHERE u.id = ${id}`,
  );
  return found;
}

/** By whom records say that something was done: they themselves, and their keys in their name. */
export function actorsOf({ id, keys }: Pick<Person, "id" | "keys">): string[] {
  return [id, ...keys.map((key) => `${KEY_ACTOR}${key}`)];
}

/** By what the log keeps their pseudonyms: events speak of a key by its id alone. */
export function subjectsOf(person: Pick<Person, "id" | "keys" | "adbKeys">): string[] {
  return [...actorsOf(person), ...person.keys, ...person.adbKeys.map((fingerprint) => `${ADB_KEY}${fingerprint}`)];
}
