/** The lab as its tables hold it, and the way there from the document that people write. Pure; `lab-view.ts` goes the other way. */
import type { Lab } from "@phonerack/contract/api";

export interface ChassisRow {
  readonly name: string;
  readonly site: string;
  readonly rack: string;
  readonly slots: number;
  readonly tenant: string | null;
  readonly labels: readonly string[];
}

export interface Slot {
  readonly chassis: string;
  readonly slot: number;
}

/** Everything in the order in which it stands. */
export interface LabRows {
  readonly sites: readonly string[];
  /** Of the sites of which somebody has said it. */
  readonly countries: ReadonlyMap<string, string>;
  readonly racks: readonly { readonly site: string; readonly name: string }[];
  readonly chassis: readonly ChassisRow[];
  /** Device id → where a person put it; null: into no slot, whatever its agent says. */
  readonly slots: ReadonlyMap<string, Slot | null>;
}

/** What an agent says of where a device stands. */
export interface Spoken {
  readonly id: string;
  readonly chassis: string | null;
  readonly slot: number | null;
}

export const NO_ROWS: LabRows = { sites: [], countries: new Map(), racks: [], chassis: [], slots: new Map() };

/**
 * The rows that make the lab be like the document. A device that its agent sees in a slot which the document leaves empty was taken out of
 * it; in a chassis that the document does not have, its agent's word still holds.
 */
export function rowsOf(lab: Lab, spoken: readonly Spoken[]): LabRows {
  const racks = lab.sites.flatMap((site) => site.racks.map((rack) => ({ site: site.name, ...rack })));
  const chassis = racks.flatMap((rack) => rack.chassis.map((one) => ({ ...one, site: rack.site, rack: rack.name })));
  const slots = new Map<string, Slot | null>();
  const filled = new Map<string, Set<number>>();
  for (const { name, devices } of chassis) {
    filled.set(name, new Set(Object.keys(devices).map(Number)));
    for (const [slot, id] of Object.entries(devices)) slots.set(id, { chassis: name, slot: Number(slot) });
  }
  for (const { id, chassis: name, slot } of spoken) {
    if (slots.has(id) || name === null || slot === null) continue;
    if (filled.get(name)?.has(slot) === false) slots.set(id, null);
  }
  return {
    sites: lab.sites.map(({ name }) => name),
    countries: new Map(lab.sites.flatMap(({ name, country }) => (country === undefined ? [] : [[name, country] as const]))),
    racks: racks.map(({ site, name }) => ({ site, name })),
    chassis: chassis.map(({ name, site, rack, slots: count, tenant, labels }) => ({
      name,
      site,
      rack,
      slots: count,
      tenant,
      labels,
    })),
    slots,
  };
}

/** The rows with this chassis among them, in a rack and site that are added when they are not there yet. */
export function withChassis(rows: LabRows, chassis: ChassisRow): LabRows {
  if (rows.chassis.some(({ name }) => name === chassis.name)) return rows;
  const { site, rack } = chassis;
  const hasRack = rows.racks.some((row) => row.site === site && row.name === rack);
  return {
    ...rows,
    sites: rows.sites.includes(site) ? rows.sites : [...rows.sites, site],
    racks: hasRack ? rows.racks : [...rows.racks, { site, name: rack }],
    chassis: [...rows.chassis, chassis],
  };
}
