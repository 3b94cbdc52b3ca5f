/** The SQL of adb keys. */
import { and, desc, eq } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { adbKeys } from "../database/work-schema.js";

export type AdbKeyRow = typeof adbKeys.$inferSelect;

export class AdbKeyStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  /** Newest first. */
  async of(actor: string): Promise<AdbKeyRow[]> {
    const db = await this.#db;
    return db.select().from(adbKeys).where(eq(adbKeys.actor, actor)).orderBy(desc(adbKeys.createdAt), adbKeys.id);
  }

  /** The same key of the same actor is one row: the one that was there, under its new name. */
  async put(row: AdbKeyRow): Promise<AdbKeyRow> {
    const db = await this.#db;
    const [kept] = await db
      .insert(adbKeys)
      .values(row)
      .onConflictDoUpdate({ target: [adbKeys.actor, adbKeys.fingerprint], set: { name: row.name } })
      .returning();
    return kept ?? row;
  }

  async remove(actor: string, id: string): Promise<AdbKeyRow | undefined> {
    const db = await this.#db;
    const own = and(eq(adbKeys.actor, actor), eq(adbKeys.id, id));
    return (await db.delete(adbKeys).where(own).returning())[0];
  }

  async used(actor: string, fingerprint: string, at: Date): Promise<void> {
    const db = await this.#db;
    const own = and(eq(adbKeys.actor, actor), eq(adbKeys.fingerprint, fingerprint));
    await db.update(adbKeys).set({ usedAt: at }).where(own);
  }
}
