/** The SQL of files that lie in the lab, of who has brought which, and of those on their way in. */
import { and, count, desc, eq, inArray, lt, sql, sum } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { blobs, blobTenants, builds, uploads } from "../database/work-schema.js";

export type UploadRow = typeof uploads.$inferSelect;

export class BlobStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  /** What the organisation has brought of these, with their sizes. */
  async sizes(tenant: string, digests: readonly string[]): Promise<Map<string, number>> {
    const db = await this.#db;
    const rows = await db
      .select({ sha256: blobs.sha256, size: blobs.size })
      .from(blobs)
      .innerJoin(blobTenants, eq(blobTenants.sha256, blobs.sha256))
      .where(and(eq(blobTenants.tenant, tenant), inArray(blobs.sha256, [...digests])));
    return new Map(rows.map(({ sha256, size }) => [sha256, size]));
  }

  /** Its size; undefined: it does not lie in the lab. */
  async size(sha256: string): Promise<number | undefined> {
    const db = await this.#db;
    return (await db.select({ size: blobs.size }).from(blobs).where(eq(blobs.sha256, sha256)))[0]?.size;
  }

  /** @returns whether it lies in the lab; then it counts as used now. */
  async touch(digests: readonly string[], now: Date): Promise<boolean> {
    const db = await this.#db;
    const touched = await db
      .update(blobs)
      .set({ usedAt: now })
      .where(inArray(blobs.sha256, [...digests]))
      .returning({ sha256: blobs.sha256 });
    return touched.length === digests.length;
  }

  async add(blob: { sha256: string; size: number }, now: Date): Promise<void> {
    const db = await this.#db;
    await db
      .insert(blobs)
      .values({ ...blob, storedAt: now, usedAt: now })
      .onConflictDoUpdate({ target: blobs.sha256, set: { usedAt: now } });
  }

  async brought(tenant: string, sha256: string, now: Date): Promise<void> {
    const db = await this.#db;
    await db.insert(blobTenants).values({ tenant, sha256, at: now }).onConflictDoNothing();
  }

  /** Those that no build names and nobody used since. */
  async unused(before: Date, limit: number): Promise<string[]> {
    const db = await this.#db;
    const rows = await db
      .select({ sha256: blobs.sha256 })
      .from(blobs)
      .where(and(lt(blobs.usedAt, before), isUnnamed()))
      .limit(limit);
    return rows.map(({ sha256 }) => sha256);
  }

  /** @returns whether it was still unused, and is forgotten now. */
  async forget(sha256: string, before: Date): Promise<boolean> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      const gone = await tx
        .delete(blobs)
        .where(and(eq(blobs.sha256, sha256), lt(blobs.usedAt, before), isUnnamed()))
        .returning({ sha256: blobs.sha256 });
      if (gone.length > 0) await tx.delete(blobTenants).where(eq(blobTenants.sha256, sha256));
      return gone.length > 0;
    });
  }

  async addUpload(row: UploadRow): Promise<void> {
    const db = await this.#db;
    await db.insert(uploads).values(row);
  }

  async upload(id: string): Promise<UploadRow | undefined> {
    const db = await this.#db;
    return (await db.select().from(uploads).where(eq(uploads.id, id)))[0];
  }

  async changeUpload(
    id: string,
    change: Partial<Pick<UploadRow, "offset" | "sha256" | "whole" | "touchedAt">>,
  ): Promise<UploadRow | undefined> {
    const db = await this.#db;
    return (await db.update(uploads).set(change).where(eq(uploads.id, id)).returning())[0];
  }

  async removeUpload(id: string): Promise<void> {
    const db = await this.#db;
    await db.delete(uploads).where(eq(uploads.id, id));
  }

  /** Those of an organisation that are not whole: how many, and how many bytes they will have. */
  async open(tenant: string): Promise<{ count: number; bytes: number }> {
    const db = await this.#db;
    const [row] = await db
      .select({ count: count(), bytes: sum(uploads.size).mapWith(Number) })
      .from(uploads)
      .where(and(eq(uploads.tenant, tenant), eq(uploads.whole, false)));
    return { count: row?.count ?? 0, bytes: row?.bytes ?? 0 };
  }

  /** Somebody's that are not whole, of this very file; the last touched first. */
  async leftOff(file: Pick<UploadRow, "tenant" | "actor" | "name" | "size"> & { sha256: string }): Promise<UploadRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(uploads)
      .where(
        and(
          eq(uploads.tenant, file.tenant),
          eq(uploads.actor, file.actor),
          eq(uploads.sha256, file.sha256),
          eq(uploads.size, file.size),
          eq(uploads.name, file.name),
          eq(uploads.whole, false),
        ),
      )
      .orderBy(desc(uploads.touchedAt));
  }

  /** Those of an organisation that are not whole and that nobody touched since; the longest untouched first. */
  async untouched(tenant: string, before: Date): Promise<UploadRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(uploads)
      .where(and(eq(uploads.tenant, tenant), eq(uploads.whole, false), lt(uploads.touchedAt, before)))
      .orderBy(uploads.touchedAt);
  }

  /** @returns the ids of those that nobody touched since, which are forgotten. */
  async removeUploads(before: Date): Promise<string[]> {
    const db = await this.#db;
    const gone = await db.delete(uploads).where(lt(uploads.touchedAt, before)).returning({ id: uploads.id });
    return gone.map(({ id }) => id);
  }
}

function isUnnamed() {
  const named = sql`select 1 from ${builds}, jsonb_array_elements(${builds.files}) as file where file->>'sha256' = ${blobs.sha256}`;
  return sql`not exists (${named})`;
}
