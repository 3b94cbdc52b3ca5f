/** The register as a picture: how many of each class at each site, why phones are isolated, and when licences end. Pure; which devices there are, register.ts says. */
import { REGISTER_DAYS, type RegisterDevice, type RegisterSummary } from "@phonerack/contract/api";
import { isCutOff } from "./listing.js";

type SiteCounts = RegisterSummary["sites"][number];

const DAY_MS = 24 * 3_600_000;
const collator = new Intl.Collator("en", { numeric: true });

/** Sites are counted all; ends and reasons of `site` alone when one is named, the empty one being no site. */
export function summaryOf(all: readonly RegisterDevice[], site: string | undefined, now: number): RegisterSummary {
  const sites = new Map<string | null, SiteCounts>();
  const ends = Array.from({ length: REGISTER_DAYS }, () => 0);
  const reasons = new Map<string, number>();
  for (const device of all) {
    count(sites, device);
    if (device.reach === "virtual" || (site !== undefined && (device.site ?? "") !== site)) continue;
    const { network } = device;
    for (const code of new Set(network.reasons.map((reason) => reason.code))) reasons.set(code, (reasons.get(code) ?? 0) + 1);
    // A day that has just ended is filtered as the first one.
    const day = network.until === null ? REGISTER_DAYS : Math.max(0, Math.ceil((network.until - now) / DAY_MS) - 1);
    if (day < REGISTER_DAYS) ends[day] = (ends[day] ?? 0) + 1;
  }
  return {
    sites: [...sites.values()].sort(byName),
    ends,
    reasons: [...reasons].map(([code, times]) => ({ code, count: times })).sort((a, b) => b.count - a.count),
  };
}

function count(sites: Map<string | null, SiteCounts>, device: RegisterDevice): void {
  const { site, country, reach, network } = device;
  const counts = sites.get(site) ?? { site, country, public: 0, isolated: 0, virtual: 0, open: 0 };
  sites.set(site, counts);
  if (reach === "virtual") counts.virtual++;
  else counts[network.class]++;
  if (reach !== "virtual" && network.class === "isolated" && !isCutOff(device)) counts.open++;
}

/** Those in no slot are last. */
function byName(a: SiteCounts, b: SiteCounts): number {
  if (a.site === null || b.site === null) return Number(a.site === null) - Number(b.site === null);
  return collator.compare(a.site, b.site);
}
