/** What makes one lab another, in words that people read before they let it happen. Pure. */
import type { Lab, LabChanges } from "@phonerack/contract/api";

type Chassis = Lab["sites"][number]["racks"][number]["chassis"][number] & { readonly where: string };

export function labChanges(before: Lab, after: Lab): Omit<LabChanges, "unknown"> {
  const from = partsOf(before);
  const to = partsOf(after);
  const moved = [...new Set([...from.places.keys(), ...to.places.keys()])]
    .map((device) => ({ device, from: from.places.get(device) ?? null, to: to.places.get(device) ?? null }))
    .filter((move) => move.from !== move.to);
  return {
    added: without(to.names, from.names),
    removed: without(from.names, to.names),
    changed: [
      ...countryChanges(from.countries, to.countries),
      ...chassisChanges(from.chassis, to.chassis),
      ...orderChanges(from.orders, to.orders),
    ],
    moved,
  };
}

interface Parts {
  /** "site Lab", "rack Lab/V", "chassis V01". */
  readonly names: string[];
  readonly chassis: Map<string, Chassis>;
  /** Of each site. */
  readonly countries: Map<string, string | undefined>;
  /** What stands side by side, in its order. */
  readonly orders: Map<string, string[]>;
  readonly places: Map<string, string>;
}

function partsOf(lab: Lab): Parts {
  const parts: Parts = { names: [], chassis: new Map(), countries: new Map(), orders: new Map(), places: new Map() };
  parts.orders.set("the sites", lab.sites.map(nameOf));
  for (const site of lab.sites) {
    parts.names.push(`site ${site.name}`);
    parts.countries.set(site.name, site.country);
    parts.orders.set(`the racks of site ${site.name}`, site.racks.map(nameOf));
    for (const rack of site.racks) {
      const where = `${site.name}/${rack.name}`;
      parts.names.push(`rack ${where}`);
      parts.orders.set(`the chassis of rack ${where}`, rack.chassis.map(nameOf));
      for (const chassis of rack.chassis) {
        parts.names.push(`chassis ${chassis.name}`);
        parts.chassis.set(chassis.name, { ...chassis, where });
        for (const [slot, device] of Object.entries(chassis.devices)) parts.places.set(device, `${chassis.name}/${slot}`);
      }
    }
  }
  return parts;
}

/** Also of a site that is new: which licences its devices need follows from it. */
function countryChanges(from: Parts["countries"], to: Parts["countries"]): string[] {
  return [...to].flatMap(([site, now]) => {
    const then = from.get(site);
    return now === then ? [] : [`site ${site}: in ${now ?? "no country"}, not ${then ?? "any"}`];
  });
}

function chassisChanges(from: Parts["chassis"], to: Parts["chassis"]): string[] {
  return [...to].flatMap(([name, now]) => {
    const then = from.get(name);
    if (!then) return [];
    const words = [
      now.where === then.where ? undefined : `rack ${now.where}, not ${then.where}`,
      now.slots === then.slots ? undefined : `${now.slots} slots, not ${then.slots}`,
      now.tenant === then.tenant ? undefined : `for ${now.tenant ?? "everybody"}, not ${then.tenant ?? "everybody"}`,
      same(now.labels, then.labels) ? undefined : `labels ${list(now.labels)}, not ${list(then.labels)}`,
    ].filter((word) => word !== undefined);
    return words.length === 0 ? [] : [`chassis ${name}: ${words.join("; ")}`];
  });
}

/** Of what is there before and after, whether it stands in another order. */
function orderChanges(from: Parts["orders"], to: Parts["orders"]): string[] {
  return [...to].flatMap(([what, now]) => {
    const then = from.get(what) ?? [];
    const stayed = then.filter((name) => now.includes(name));
    const stay = now.filter((name) => then.includes(name));
    return same(stay, stayed) ? [] : [`${what}: ${stay.join(", ")}, not ${stayed.join(", ")}`];
  });
}

function without(names: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return names.filter((name) => !known.has(name));
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}

function list(words: readonly string[]): string {
  return words.length === 0 ? "none" : words.join(", ");
}

function nameOf({ name }: { name: string }): string {
  return name;
}
