/** Which licences a phone needs where it stands. What the law of a country asks for and we know stands here; an operator adds to it and takes nothing away. */

interface CountryRule {
  readonly schemes: readonly string[];
  /** Its clock: a licence is good until its last day ends there. */
  readonly hoursAhead: number;
}

const COUNTRIES: Readonly<Record<string, CountryRule>> = { CN: { schemes: ["nal", "srrc"], hoursAhead: 8 } };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the lab's operator asks for besides. */
export interface ConfiguredSchemes {
  /** By ISO 3166-1 alpha-2. */
  readonly byCountry: Readonly<Record<string, readonly string[]>>;
  /** Everywhere else, and where nobody has said which country it is. */
  readonly otherwise: readonly string[];
}

export function schemesOf(country: string | null, configured: ConfiguredSchemes): string[] {
  if (country === null) return [...new Set(configured.otherwise)];
  const own = Object.hasOwn(configured.byCountry, country) ? configured.byCountry[country] : undefined;
  const law = Object.hasOwn(COUNTRIES, country) ? COUNTRIES[country]?.schemes : undefined;
  return [...new Set([...(law ?? []), ...(own ?? (law ? [] : configured.otherwise))])];
}

/** A phone of which nobody knows where it stands is held to what any site of its lab asks for: else it would be enough to take it out of its slot. */
export function strictestOf(countries: readonly (string | null)[], configured: ConfiguredSchemes): string[] {
  return [...new Set([null, ...countries].flatMap((country) => schemesOf(country, configured)))];
}

/** The instant at which a licence ends whose last day this is, `YYYY-MM-DD`; undefined for a day that no calendar has. */
export function endOfDay(day: string, country: string | null): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const begins = Date.parse(`${day}T00:00:00.000Z`);
  if (!Number.isFinite(begins) || new Date(begins).toISOString().slice(0, 10) !== day) return undefined;
  const ahead = country !== null && Object.hasOwn(COUNTRIES, country) ? (COUNTRIES[country]?.hoursAhead ?? 0) : 0;
  return begins + DAY_MS - ahead * HOUR_MS;
}
