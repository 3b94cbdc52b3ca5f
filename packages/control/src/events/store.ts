/** The SQL of events: appended, never changed. */
import type { LabEvent } from "@phonerack/contract/api";
import { and, desc, eq, lt, type SQL } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { events } from "../database/schema.js";

export type NewEvent = Omit<LabEvent, "id">;

export interface EventQuery {
  /** Undefined: of all. */
  readonly tenant: string | undefined;
  readonly kind?: string | undefined;
  readonly subject?: string | undefined;
  /** Only those with a lower id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export class EventStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async append(found: readonly NewEvent[]): Promise<void> {
    const db = await this.#db;
    await db.insert(events).values(found.map((event) => ({ ...event, at: new Date(event.at) })));
  }

  async list({ tenant, kind, subject, before, limit }: EventQuery): Promise<LabEvent[]> {
    const db = await this.#db;
    const wanted: SQL[] = [];
    if (tenant !== undefined) wanted.push(eq(events.tenant, tenant));
    if (kind !== undefined) wanted.push(eq(events.kind, kind));
    if (subject !== undefined) wanted.push(eq(events.subject, subject));
    if (before !== undefined) wanted.push(lt(events.id, before));
    const rows = await db
      .select()
      .from(events)
      .where(and(...wanted))
      .orderBy(desc(events.id))
      .limit(limit);
    return rows.map((row) => ({ ...row, at: row.at.getTime() }));
  }
}
