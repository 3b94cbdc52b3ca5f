/** The SQL of devices. */
import type { DeviceReport, Health } from "@phonerack/contract/bus";
import { eq, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { devices } from "../database/schema.js";

export interface DeviceRow {
  readonly id: string;
  /** Given by a person; null for the default name. */
  readonly name: string | null;
  readonly report: DeviceReport;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

export interface SavedDevice extends DeviceRow {
  /** As control sees it: a device whose agent is silent is lost, whatever was reported last. */
  readonly state: Health;
  readonly isolated: boolean;
}

/** Rows in one statement: a few milliseconds of work for this process, which meanwhile serves nobody. */
const ROWS_AT_ONCE = 50;

export class DeviceStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async all(): Promise<DeviceRow[]> {
    const db = await this.#db;
    const { id, name, report, firstSeen, lastSeen } = devices;
    return db.select({ id, name, report, firstSeen, lastSeen }).from(devices);
  }

  /** Writes what is known of them by now; names and first sights stay as they are. */
  async saveReports(rows: readonly SavedDevice[]): Promise<void> {
    const db = await this.#db;
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const values = rows.slice(at, at + ROWS_AT_ONCE).map(({ report, ...row }) => ({
        ...row,
        report,
        chassis: report.chassis,
        slot: report.slot,
        agent: report.agentId,
      }));
      await db
        .insert(devices)
        .values(values)
        .onConflictDoUpdate({
          target: devices.id,
          set: {
            chassis: sql`excluded.chassis`,
            slot: sql`excluded.slot`,
            agent: sql`excluded.agent`,
            report: sql`excluded.report`,
            state: sql`excluded.state`,
            isolated: sql`excluded.isolated`,
            lastSeen: sql`excluded.last_seen`,
          },
        });
    }
  }

  async rename(id: string, name: string): Promise<void> {
    const db = await this.#db;
    await db.update(devices).set({ name }).where(eq(devices.id, id));
  }

  async remove(id: string): Promise<void> {
    const db = await this.#db;
    await db.delete(devices).where(eq(devices.id, id));
  }
}
