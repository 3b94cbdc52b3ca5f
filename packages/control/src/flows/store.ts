/** The SQL of flows. */
import type { Flow } from "@phonerack/contract/bus";
import { and, count, desc, eq } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { flows } from "../database/schema.js";

export class FlowStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async add(flow: Flow): Promise<void> {
    const db = await this.#db;
    await db.insert(flows).values({ ...flow, createdAt: new Date(flow.createdAt) });
  }

  async count(tenant: string): Promise<number> {
    const db = await this.#db;
    const [found] = await db.select({ number: count() }).from(flows).where(eq(flows.tenant, tenant));
    return found?.number ?? 0;
  }

  async list(tenant: string): Promise<Omit<Flow, "yaml">[]> {
    const db = await this.#db;
    const { id, name, appId, createdAt, createdBy } = flows;
    const found = await db
      .select({ id, tenant: flows.tenant, name, appId, createdAt, createdBy })
      .from(flows)
      .where(eq(flows.tenant, tenant))
      .orderBy(desc(createdAt));
    return found.map((row) => ({ ...row, createdAt: row.createdAt.getTime() }));
  }

  async get(tenant: string, id: string): Promise<Flow | undefined> {
    const db = await this.#db;
    const [row] = await db
      .select()
      .from(flows)
      .where(and(eq(flows.tenant, tenant), eq(flows.id, id)));
    return row && { ...row, createdAt: row.createdAt.getTime() };
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    const db = await this.#db;
    const gone = await db
      .delete(flows)
      .where(and(eq(flows.tenant, tenant), eq(flows.id, id)))
      .returning({ id: flows.id });
    return gone.length > 0;
  }
}
