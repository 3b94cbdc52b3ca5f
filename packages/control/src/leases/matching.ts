/** Which devices a wish fits, and in words why none does. Health and leases do not count here: what matches may be taken at another time. */
import type { Device, LeaseWhere } from "@phonerack/contract/bus";

type Wish = keyof LeaseWhere;

export function matches(device: Device, where: LeaseWhere): boolean {
  return WISHES.every((wish) => where[wish] === undefined || FITS[wish](device, where));
}

/**
 * One sentence for people who asked for what there is not: which wish leaves how many, in the order in which they narrow the choice, e.g.
 * "14 have SDK 33, none of them in rack B".
 */
export function whyNone(devices: readonly Device[], where: LeaseWhere): string {
  let left = devices;
  if (left.length === 0) return "there is no device that you may lease";
  const said: string[] = [];
  for (const wish of WISHES) {
    if (where[wish] === undefined) continue;
    const fitting = left.filter((device) => FITS[wish](device, where));
    const words = WORDS[wish](where);
    if (fitting.length === 0)
      return said.length === 0 ? `no device ${words}` : `${said.join(", ")}, none of them ${ofThem(words)}`;
    said.push(
      said.length === 0
        ? `${fitting.length} ${plural(words, fitting.length)}`
        : `${fitting.length} of them ${ofThem(plural(words, fitting.length))}`,
    );
    left = fitting;
  }
  return said.length === 0 ? `there are ${left.length}` : said.join(", ");
}

/** Those that people think of first come first. */
const WISHES = ["model", "manufacturer", "sdk", "screen", "reach", "labels", "site", "rack", "chassis"] as const satisfies Wish[];

const FITS: Record<Wish, (device: Device, where: LeaseWhere) => boolean> = {
  model: ({ model }, where) => list(where.model).some((name) => same(name, model)),
  manufacturer: ({ manufacturer }, where) => same(where.manufacturer, manufacturer),
  sdk: ({ sdk }, where) => {
    const [least, most] = sdkRange(where.sdk);
    return sdk !== null && sdk >= least && sdk <= most;
  },
  screen: ({ screen }, { screen: wish = {} }) => {
    if (!screen) return false;
    const { minWidth = 0, maxWidth = Infinity, minHeight = 0, maxHeight = Infinity } = wish;
    const [width, height] = screen.rotation % 2 === 0 ? [screen.width, screen.height] : [screen.height, screen.width];
    return width >= minWidth && width <= maxWidth && height >= minHeight && height <= maxHeight;
  },
  reach: ({ reach }, where) => reach === where.reach,
  labels: ({ labels }, where) => (where.labels ?? []).every((wanted) => labels.some((label) => same(wanted, label))),
  site: ({ site }, where) => same(where.site, site),
  rack: ({ rack }, where) => same(where.rack, rack),
  chassis: ({ chassis }, where) => same(where.chassis, chassis),
};

const WORDS: Record<Wish, (where: LeaseWhere) => string> = {
  model: (where) => `has the model ${list(where.model).join(" or ")}`,
  manufacturer: (where) => `has the maker ${where.manufacturer}`,
  sdk: ({ sdk }) => {
    if (typeof sdk === "number") return `has SDK ${sdk}`;
    const bounds = [
      sdk?.atLeast !== undefined && `at least ${sdk.atLeast}`,
      sdk?.atMost !== undefined && `at most ${sdk.atMost}`,
    ];
    return `has SDK ${bounds.filter(Boolean).join(" and ")}`;
  },
  screen: ({ screen = {} }) =>
    `has a screen of ${side(screen.minWidth, screen.maxWidth)} by ${side(screen.minHeight, screen.maxHeight)}`,
  reach: (where) => `has the reach ${where.reach}`,
  labels: (where) => `has ${where.labels?.length === 1 ? "the label" : "the labels"} ${(where.labels ?? []).join(", ")}`,
  site: (where) => `is at site ${where.site}`,
  rack: (where) => `is in rack ${where.rack}`,
  chassis: (where) => `is in chassis ${where.chassis}`,
};

function plural(words: string, count: number): string {
  if (count === 1) return words;
  return words.replace(/^has /, "have ").replace(/^is /, "are ");
}

/** "are in rack B" after "none of them" loses its verb. */
function ofThem(words: string): string {
  return words.replace(/^(is|are) /, "").replace(/^(has|have) /, "with ");
}

function list(names: string | string[] | undefined): string[] {
  return names === undefined ? [] : [names].flat();
}

function same(wanted: string | undefined, found: string | null): boolean {
  return wanted !== undefined && found !== null && wanted.toLowerCase() === found.toLowerCase();
}

function sdkRange(sdk: LeaseWhere["sdk"]): [least: number, most: number] {
  if (typeof sdk === "number") return [sdk, sdk];
  return [sdk?.atLeast ?? 0, sdk?.atMost ?? Infinity];
}

function side(min: number | undefined, max: number | undefined): string {
  if (min === max && min !== undefined) return `${min}`;
  return `${min ?? 0} to ${max ?? "any"}`;
}
