/**
 * Where every device stands: what people wrote into the tables first, what agents say elsewhere. A chassis that only agents speak of stands
 * in site "Lab", in a rack named by its leading letters (V01 and V02 in rack V), so that a lab without any set-up has a sensible rack.
 */
import { type Lab, PlaceName } from "@phonerack/contract/api";
import { type ChassisRow, type LabRows, type Slot, type Spoken, withChassis } from "./lab-rows.js";

export const SITE_UNLESS_TOLD = "Lab";
export const RACK_UNLESS_TOLD = "R1";
const SLOTS_UNLESS_TOLD = 20;
const MOST_SLOTS = 100;

/** A device that may stand somewhere. */
export interface Standing extends Spoken {
  /** One that is there goes before one that is lost when both claim a slot. */
  readonly lost: boolean;
}

/** What a device's place makes of it; `place` as the devices' registry takes it. */
export interface Stand {
  readonly place: { readonly chassis: string; readonly slot: number | null } | null | undefined;
  readonly site: string | null;
  readonly rack: string | null;
  readonly tenant: string | null;
  /** The chassis', which its devices share. */
  readonly labels: readonly string[];
}

const collator = new Intl.Collator("en", { numeric: true });

export class LabView {
  readonly rows: LabRows;
  readonly #chassis: ReadonlyMap<string, ChassisRow>;
  readonly #holders: ReadonlyMap<string, string>;

  constructor(rows: LabRows) {
    this.rows = rows;
    this.#chassis = new Map(rows.chassis.map((row) => [row.name, row]));
    this.#holders = new Map([...rows.slots].flatMap(([id, slot]) => (slot ? [[keyOf(slot), id] as const] : [])));
  }

  standOf(spoken: Spoken): Stand {
    const place = this.#placeOf(spoken);
    const name = place === undefined ? spoken.chassis : (place?.chassis ?? null);
    const chassis = name === null ? undefined : this.chassis(name, 0);
    return {
      place,
      site: chassis?.site ?? null,
      rack: chassis?.rack ?? null,
      tenant: chassis?.tenant ?? null,
      labels: chassis?.labels ?? [],
    };
  }

  /** The chassis as the tables have it, or as it stands when only agents speak of it; undefined when no sign could bear its name. */
  chassis(name: string, highestSlot: number): ChassisRow | undefined {
    const known = this.#chassis.get(name);
    if (known) return known;
    if (PlaceName.safeParse(name).data !== name) return undefined;
    const rack = /^\p{L}+(?=[^\p{L}]*\p{N})/u.exec(name)?.[0] ?? RACK_UNLESS_TOLD;
    const slots = Math.min(MOST_SLOTS, Math.max(SLOTS_UNLESS_TOLD, highestSlot));
    return { name, site: SITE_UNLESS_TOLD, rack, slots, tenant: null, labels: [] };
  }

  /** The whole lab with these devices, each slot with one of those that claim it. */
  document(devices: readonly Standing[]): Lab {
    const claims = this.#claims(devices);
    let all = this.rows;
    for (const name of [...claims.keys()].sort(collator.compare)) {
      const chassis = this.chassis(name, Math.max(...(claims.get(name)?.keys() ?? [])));
      if (chassis) all = withChassis(all, chassis);
    }
    const rackOf = (site: string, rack: string) =>
      all.chassis
        .filter((row) => row.site === site && row.rack === rack)
        .map(({ name, slots, tenant, labels }) => ({
          name,
          slots,
          tenant,
          labels: [...labels],
          devices: devicesIn(claims.get(name), slots),
        }));
    return {
      version: 1,
      sites: all.sites.map((site) => ({
        name: site,
        ...countryOf(all, site),
        racks: all.racks.filter((row) => row.site === site).map(({ name }) => ({ name, chassis: rackOf(site, name) })),
      })),
    };
  }

  #placeOf(spoken: Spoken): Stand["place"] {
    const put = this.rows.slots.get(spoken.id);
    if (put !== undefined) return put;
    const { chassis, slot } = spoken;
    if (chassis === null || slot === null) return undefined;
    // Somebody put another device there: the agent is right about the chassis at most.
    return this.#holders.has(keyOf({ chassis, slot })) ? { chassis, slot: null } : undefined;
  }

  /** Chassis → slot → the device that stands there. */
  #claims(devices: readonly Standing[]): Map<string, Map<number, Standing>> {
    const claims = new Map<string, Map<number, Standing>>();
    for (const device of devices) {
      const place = this.#placeOf(device);
      const { chassis, slot } = place === undefined ? device : (place ?? { chassis: null, slot: null });
      if (chassis === null) continue;
      const slots = claims.get(chassis) ?? new Map<number, Standing>();
      claims.set(chassis, slots);
      if (slot === null) continue;
      const other = slots.get(slot);
      if (!other || before(device, other)) slots.set(slot, device);
    }
    return claims;
  }
}

function before(a: Standing, b: Standing): boolean {
  return a.lost === b.lost ? a.id < b.id : b.lost;
}

function devicesIn(claims: ReadonlyMap<number, Standing> | undefined, slots: number): Record<string, string> {
  const inside = [...(claims ?? [])].filter(([slot]) => slot <= slots).sort(([a], [b]) => a - b);
  return Object.fromEntries(inside.map(([slot, { id }]) => [String(slot), id]));
}

function countryOf({ countries }: LabRows, site: string): { country?: string } {
  const country = countries.get(site);
  return country === undefined ? {} : { country };
}

function keyOf({ chassis, slot }: Slot): string {
  return `${chassis}/${slot}`;
}
