/** The SQL of places: sites, racks, chassis, slots and labels. */
import { asc, eq, sql } from "drizzle-orm";
import type { Db } from "../database/database.js";
import { chassis, devices, racks, sites, slots } from "../database/schema.js";
import type { LabRows } from "./lab-rows.js";

/** What a person gave a device beside its place. */
export interface Given {
  readonly name: string | null;
  readonly labels: readonly string[];
}

/** Rows in one statement: at most 8 parameters each, of PostgreSQL's 65,535. */
const ROWS_AT_ONCE = 5_000;
/** The lab is changed by one at a time, on whatever replica: any number that nothing else of ours locks. */
const LAB_LOCK = 7_216_001;

export class PlaceStore {
  readonly #db: Promise<Db>;

  /** `db` may still be opening. */
  constructor(db: Promise<Db>) {
    this.#db = db;
  }

  async read(): Promise<LabRows> {
    return readRows(await this.#db);
  }

  async given(): Promise<Map<string, Given>> {
    const db = await this.#db;
    const { id, name, labels } = devices;
    const rows = await db.select({ id, name, labels }).from(devices);
    return new Map(rows.map((row) => [row.id, { name: row.name, labels: row.labels }]));
  }

  /** Gives `change` the rows as they are and writes what it makes of them, whole or, when it throws, not at all. */
  async change(change: (rows: LabRows) => LabRows): Promise<LabRows> {
    const db = await this.#db;
    return db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${LAB_LOCK})`);
      const next = change(await readRows(tx));
      await writeRows(tx, next);
      return next;
    });
  }

  async label(id: string, labels: readonly string[]): Promise<void> {
    const db = await this.#db;
    await db
      .update(devices)
      .set({ labels: [...labels] })
      .where(eq(devices.id, id));
  }

  async remove(id: string): Promise<void> {
    const db = await this.#db;
    await db.delete(slots).where(eq(slots.deviceId, id));
  }
}

async function readRows(db: Db): Promise<LabRows> {
  const siteRows = await db.select().from(sites).orderBy(asc(sites.position));
  const rackRows = await db.select().from(racks).orderBy(asc(racks.position));
  const chassisRows = await db.select().from(chassis).orderBy(asc(chassis.position));
  const slotRows = await db.select().from(slots);
  return {
    sites: siteRows.map(({ name }) => name),
    countries: new Map(siteRows.flatMap(({ name, country }) => (country === null ? [] : [[name, country] as const]))),
    racks: rackRows.map(({ site, name }) => ({ site, name })),
    chassis: chassisRows.map(({ name, site, rack, slots: count, tenant, labels }) => ({
      name,
      site,
      rack,
      slots: count,
      tenant,
      labels,
    })),
    slots: new Map(
      slotRows.map((row) => [
        row.deviceId,
        row.chassis === null || row.slot === null ? null : { chassis: row.chassis, slot: row.slot },
      ]),
    ),
  };
}

async function writeRows(db: Db, rows: LabRows): Promise<void> {
  for (const table of [sites, racks, chassis, slots]) await db.delete(table);
  const placed = <T>(values: readonly T[]) => values.map((value, position) => ({ ...value, position }));
  const siteRows = placed(rows.sites.map((name) => ({ name, country: rows.countries.get(name) ?? null })));
  for (const part of parts(siteRows)) await db.insert(sites).values(part);
  for (const part of parts(placed(rows.racks))) await db.insert(racks).values(part);
  const chassisRows = placed(rows.chassis.map((row) => ({ ...row, labels: [...row.labels] })));
  for (const part of parts(chassisRows)) await db.insert(chassis).values(part);
  const slotRows = [...rows.slots].map(([deviceId, slot]) => ({
    deviceId,
    chassis: slot?.chassis ?? null,
    slot: slot?.slot ?? null,
  }));
  for (const part of parts(slotRows)) await db.insert(slots).values(part);
}

function parts<T>(rows: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) parts.push(rows.slice(at, at + ROWS_AT_ONCE));
  return parts;
}
