import { z } from "zod";
import { DeviceId } from "./devices.js";
import { Country } from "./register.js";
import { Words } from "./words.js";

/** A name on a sign in the room: short, one line. Unique among the sites, the racks of a site, and the chassis of the lab. */
export const PlaceName = z
  .string()
  .trim()
  .min(1)
  .max(40)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, "a place's name has letters, digits, spaces and . _ - only");
export const Label = Words(40);

export const ChassisPlace = z.strictObject({
  name: PlaceName,
  slots: z.int().min(1).max(100).default(20),
  /** The only tenant that may see and lease its phones; null: everybody's. */
  tenant: z.string().nullable().default(null),
  labels: z.array(Label).max(20).default([]),
  /** Slot number → device id. */
  devices: z.record(z.string().regex(/^[1-9]\d?\d?$/), DeviceId).default({}),
});
export const Rack = z.strictObject({ name: PlaceName, chassis: z.array(ChassisPlace).max(100).default([]) });
export const Site = z.strictObject({
  name: PlaceName,
  /** Which licences its devices need follows from it; absent: nobody has said. */
  country: Country.optional(),
  racks: z.array(Rack).max(1_000).default([]),
});

/** The whole lab as data: what `lab export` writes and `lab import` reads (as YAML), racks in the order in which they stand. */
export const Lab = z.strictObject({ version: z.literal(1), sites: z.array(Site).max(100) });
export type Lab = z.infer<typeof Lab>;

/** What an import changed, or would. */
export const LabChanges = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  /** What stays but is not as it was: "chassis V01: 24 slots, not 20". */
  changed: z.array(z.string()),
  moved: z.array(z.object({ device: DeviceId, from: z.string().nullable(), to: z.string().nullable() })),
  /** Device ids that the lab does not know; nothing is changed when there are any. */
  unknown: z.array(DeviceId),
});
export type LabChanges = z.infer<typeof LabChanges>;

/** Many phones of one chassis that went wrong together: one cause, said once. */
export const ChassisFault = z.object({
  chassis: z.string(),
  /** "9 of 20 lost within one second: hub 2". */
  summary: z.string(),
  devices: z.array(DeviceId),
  since: z.number(),
});
export type ChassisFault = z.infer<typeof ChassisFault>;

/** Something that cannot be in a lab, and where in the document it stands, e.g. `["sites", 0, "racks", 1, "name"]`. */
export interface LabProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** The first thing in a lab that fits the schema and yet cannot be; undefined when there is none. Whether ids are known is not asked here. */
export function labProblem(lab: Lab): LabProblem | undefined {
  const sites = new Seen("site");
  const chassis = new Seen("chassis");
  const devices = new Map<string, string>();
  for (const [s, site] of lab.sites.entries()) {
    const racks = new Seen(`in site ${site.name}, rack`);
    const twice = sites.twice(site.name, ["sites", s, "name"]);
    if (twice) return twice;
    for (const [r, rack] of site.racks.entries()) {
      const path = ["sites", s, "racks", r];
      const found = racks.twice(rack.name, [...path, "name"]);
      if (found) return found;
      for (const [c, one] of rack.chassis.entries()) {
        const at = [...path, "chassis", c];
        const problem = chassis.twice(one.name, [...at, "name"]) ?? slotProblem(one, devices, [...at, "devices"]);
        if (problem) return problem;
      }
    }
  }
  return undefined;
}

class Seen {
  readonly #what: string;
  readonly #names = new Set<string>();

  constructor(what: string) {
    this.#what = what;
  }

  twice(name: string, path: LabProblem["path"]): LabProblem | undefined {
    if (this.#names.has(name)) return { path, message: `${this.#what} ${name} is there twice; give one another name` };
    this.#names.add(name);
    return undefined;
  }
}

function slotProblem(
  { name, slots, devices }: z.infer<typeof ChassisPlace>,
  placed: Map<string, string>,
  path: LabProblem["path"],
): LabProblem | undefined {
  for (const [slot, device] of Object.entries(devices)) {
    const place = `${name}/${slot}`;
    if (Number(slot) > slots)
      return { path: [...path, slot], message: `slot ${slot} is beyond the ${slots} slots of chassis ${name}` };
    const other = placed.get(device);
    if (other !== undefined) return { path: [...path, slot], message: `device ${device} is in two slots, ${other} and ${place}` };
    placed.set(device, place);
  }
  return undefined;
}
