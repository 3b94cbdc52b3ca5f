/** The SQL of crashes. */
import type { Crash } from "@phonerack/contract/api";
import { and, desc, eq, inArray, isNull, type SQL } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { crashes } from "../database/work-schema.js";

export type CrashRow = typeof crashes.$inferSelect;

export interface CrashQuery {
  /** Undefined: of all. */
  readonly tenant: string | undefined;
  readonly device?: string | undefined;
  readonly lease?: string | undefined;
  readonly package?: string | undefined;
  readonly limit: number;
}

export class CrashStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  /** False when another control was quicker: every one hears of it. */
  async insert(row: CrashRow): Promise<boolean> {
    const db = await this.#db;
    return (await db.insert(crashes).values(row).onConflictDoNothing().returning({ id: crashes.id })).length > 0;
  }

  /** What was kept beside it. The first recording counts. */
  async attach(id: string, kept: Partial<Pick<CrashRow, "stackArtifact" | "screenshot" | "recording">>): Promise<void> {
    const db = await this.#db;
    const unless = kept.recording === undefined ? undefined : isNull(crashes.recording);
    await db
      .update(crashes)
      .set(kept)
      .where(and(eq(crashes.id, id), unless));
  }

  async get(id: string): Promise<CrashRow | undefined> {
    const db = await this.#db;
    return (await db.select().from(crashes).where(eq(crashes.id, id)))[0];
  }

  /** Newest first. */
  async list({ tenant, device, lease, package: name, limit }: CrashQuery): Promise<CrashRow[]> {
    const wanted: SQL[] = [];
    if (tenant !== undefined) wanted.push(eq(crashes.tenant, tenant));
    if (device !== undefined) wanted.push(eq(crashes.deviceId, device));
    if (lease !== undefined) wanted.push(eq(crashes.leaseId, lease));
    if (name !== undefined) wanted.push(eq(crashes.package, name));
    const db = await this.#db;
    return db
      .select()
      .from(crashes)
      .where(and(...wanted))
      .orderBy(desc(crashes.at), desc(crashes.id))
      .limit(limit);
  }

  /** What the marks of devices are counted from, oldest first. */
  async ofLeases(
    leases: readonly string[],
  ): Promise<Pick<CrashRow, "id" | "leaseId" | "deviceId" | "at" | "package" | "exception">[]> {
    if (leases.length === 0) return [];
    const db = await this.#db;
    const { id, leaseId, deviceId, at, package: name, exception } = crashes;
    return db
      .select({ id, leaseId, deviceId, at, package: name, exception })
      .from(crashes)
      .where(inArray(crashes.leaseId, [...leases]))
      .orderBy(crashes.at);
  }
}

export function crashOf({ leaseId, at, ...row }: CrashRow): Crash {
  return { ...row, lease: leaseId, at: at.getTime() };
}
