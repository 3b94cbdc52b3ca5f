/** The SQL of artifacts and of how long they stay. */
import type { Artifact, ArtifactKind, Retention } from "@phonerack/contract/api";
import { and, asc, desc, eq, lte, ne, or, type SQL, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { artifacts, retentions } from "../database/work-schema.js";

export type ArtifactRow = typeof artifacts.$inferSelect;

export interface ArtifactQuery {
  /** Undefined: of all. */
  readonly tenant: string | undefined;
  readonly device?: string | undefined;
  readonly lease?: string | undefined;
  readonly kind?: ArtifactKind | undefined;
  readonly limit: number;
}

/** What is still being brought into the store is nobody's to see; recordings that run are. */
const SHOWN = or(ne(artifacts.state, "writing"), eq(artifacts.kind, "recording"));

export class ArtifactStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async insert(row: ArtifactRow): Promise<void> {
    const db = await this.#db;
    await db.insert(artifacts).values(row);
  }

  /** Undefined when it is gone meanwhile. */
  async update(
    id: string,
    change: Partial<Pick<ArtifactRow, "size" | "ms" | "state" | "replica" | "expiresAt">>,
  ): Promise<ArtifactRow | undefined> {
    const db = await this.#db;
    return (await db.update(artifacts).set(change).where(eq(artifacts.id, id)).returning())[0];
  }

  async get(id: string): Promise<ArtifactRow | undefined> {
    const db = await this.#db;
    return (await db.select().from(artifacts).where(eq(artifacts.id, id)))[0];
  }

  async remove(id: string): Promise<void> {
    const db = await this.#db;
    await db.delete(artifacts).where(eq(artifacts.id, id));
  }

  /** Newest first. */
  async list({ tenant, device, lease, kind, limit }: ArtifactQuery): Promise<ArtifactRow[]> {
    const wanted: (SQL | undefined)[] = [SHOWN];
    if (tenant !== undefined) wanted.push(eq(artifacts.tenant, tenant));
    if (device !== undefined) wanted.push(eq(artifacts.deviceId, device));
    if (lease !== undefined) wanted.push(eq(artifacts.leaseId, lease));
    if (kind !== undefined) wanted.push(eq(artifacts.kind, kind));
    const db = await this.#db;
    return db
      .select()
      .from(artifacts)
      .where(and(...wanted))
      .orderBy(desc(artifacts.createdAt), desc(artifacts.id))
      .limit(limit);
  }

  /** All of a tenant's artifacts together, in bytes; undefined tenant: of all. */
  async bytes(tenant: string | undefined): Promise<number> {
    const db = await this.#db;
    const [sum] = await db
      .select({ bytes: sql<string>`coalesce(sum(${artifacts.size}), 0)` })
      .from(artifacts)
      .where(tenant === undefined ? undefined : eq(artifacts.tenant, tenant));
    return Number(sum?.bytes ?? 0);
  }

  /** Files of its builds, each once, in bytes. */
  async buildBytes(tenant: string): Promise<number> {
    const db = await this.#db;
    const result = (await db.execute(
      sql`SELECT coalesce(sum(size), 0) AS bytes FROM (SELECT DISTINCT file->>'sha256' AS sha256, (file->>'size')::bigint AS size
        FROM builds, jsonb_array_elements(files) AS file WHERE tenant = ${tenant}) each`,
    )) as unknown as { rows: { bytes: string }[] };
    return Number(result.rows[0]?.bytes ?? 0);
  }

  /** That are whole, oldest first. */
  async oldest(tenant: string, limit: number): Promise<ArtifactRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(artifacts)
      .where(and(eq(artifacts.tenant, tenant), ne(artifacts.state, "writing")))
      .orderBy(asc(artifacts.createdAt), asc(artifacts.id))
      .limit(limit);
  }

  async expired(now: Date, limit: number): Promise<ArtifactRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(artifacts)
      .where(and(lte(artifacts.expiresAt, now), ne(artifacts.state, "writing")))
      .orderBy(asc(artifacts.expiresAt))
      .limit(limit);
  }

  /** That a control of this name left unfinished, or anybody so long ago that nobody writes them any more. */
  async unfinished(replica: string, before: Date): Promise<ArtifactRow[]> {
    const db = await this.#db;
    return db
      .select()
      .from(artifacts)
      .where(and(eq(artifacts.state, "writing"), or(eq(artifacts.replica, replica), lte(artifacts.createdAt, before))));
  }

  async retention(tenant: string): Promise<Retention | undefined> {
    const db = await this.#db;
    const [row] = await db.select().from(retentions).where(eq(retentions.tenant, tenant));
    return row && { days: row.days, bytes: row.bytes };
  }

  /** Organisations whose room is limited. */
  async limited(): Promise<{ tenant: string; bytes: number }[]> {
    const db = await this.#db;
    const rows = await db.select().from(retentions).where(sql`${retentions.bytes} IS NOT NULL`);
    return rows.flatMap(({ tenant, bytes }) => (bytes === null ? [] : [{ tenant, bytes }]));
  }

  /** What is there already lives by it too. */
  async retain(tenant: string, { days, bytes }: Retention): Promise<void> {
    const db = await this.#db;
    await db.transaction(async (tx) => {
      await tx
        .insert(retentions)
        .values({ tenant, days, bytes })
        .onConflictDoUpdate({ target: retentions.tenant, set: { days, bytes } });
      const expiresAt = days === null ? sql`NULL` : sql`${artifacts.createdAt} + make_interval(days => ${days}::int)`;
      await tx.update(artifacts).set({ expiresAt }).where(eq(artifacts.tenant, tenant));
    });
  }
}

export function artifactOf({ replica: _replica, leaseId, createdAt, expiresAt, ...row }: ArtifactRow): Artifact {
  return { ...row, lease: leaseId, createdAt: createdAt.getTime(), expiresAt: expiresAt?.getTime() ?? null };
}
