/** Which warnings of a licence's end are due: 60, 14 and 1 day before, and when it is over; each once, the nearest alone when several are. Pure. */
import { endOfDay } from "@phonerack/policy";
import type { StoredRecord } from "./records.js";
import type { Warned } from "./store.js";

const DAYS = [60, 14, 1, 0] as const;
const DAY_MS = 24 * 3_600_000;

export interface Warning {
  readonly kind: "register.expiring" | "register.expired";
  readonly scheme: string;
  readonly expires: string;
  /** At most so many are left. */
  readonly days: number;
}

export function dueWarnings(
  { licences }: StoredRecord,
  before: Warned,
  { schemes, country, now }: { readonly schemes: readonly string[]; readonly country: string | null; readonly now: number },
): { warnings: Warning[]; after: Warned } {
  const warnings: Warning[] = [];
  const after: Warned = { ...before };
  for (const scheme of schemes) {
    const expires = Object.hasOwn(licences, scheme) ? licences[scheme]?.expires : undefined;
    const end = expires ? endOfDay(expires, country) : undefined;
    if (!expires || end === undefined) continue;
    const passed = DAYS.filter((days) => end - now <= days * DAY_MS);
    const nearest = passed.at(-1);
    const told = before[scheme]?.expires === expires ? before[scheme].given : [];
    if (nearest === undefined || told.includes(nearest)) continue;
    warnings.push({ kind: nearest === 0 ? "register.expired" : "register.expiring", scheme, expires, days: nearest });
    after[scheme] = { expires, given: passed };
  }
  return { warnings, after };
}
