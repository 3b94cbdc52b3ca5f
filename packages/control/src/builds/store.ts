/** The SQL of builds. */
import { and, desc, eq, type SQL } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { builds } from "../database/work-schema.js";

export type BuildRow = typeof builds.$inferSelect;

export class BuildStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async add(row: BuildRow): Promise<void> {
    const db = await this.#db;
    await db.insert(builds).values(row);
  }

  async get(id: string): Promise<BuildRow | undefined> {
    const db = await this.#db;
    return (await db.select().from(builds).where(eq(builds.id, id)))[0];
  }

  /** Newest first; undefined tenant: of all. */
  async list(query: {
    tenant: string | undefined;
    app?: string | undefined;
    package?: string | undefined;
    limit: number;
  }): Promise<BuildRow[]> {
    const wanted: SQL[] = [];
    if (query.tenant !== undefined) wanted.push(eq(builds.tenant, query.tenant));
    if (query.app !== undefined) wanted.push(eq(builds.appId, query.app));
    if (query.package !== undefined) wanted.push(eq(builds.package, query.package));
    const db = await this.#db;
    return db
      .select()
      .from(builds)
      .where(and(...wanted))
      .orderBy(desc(builds.uploadedAt), builds.id)
      .limit(query.limit);
  }

  async remove(id: string): Promise<void> {
    const db = await this.#db;
    await db.delete(builds).where(eq(builds.id, id));
  }
}
