/** What a phone's settings can be set to, in the reader's words: languages, time zones, sizes, cities. */
import type { DeviceSettings } from "@phonerack/contract/api";

/** What people test with most; whatever a phone has besides is shown too. */
const LOCALES = [
  "ar-EG",
  "bg-BG",
  "bn-BD",
  "cs-CZ",
  "da-DK",
  "de-DE",
  "el-GR",
  "en-GB",
  "en-IN",
  "en-US",
  "es-ES",
  "es-MX",
  "fa-IR",
  "fi-FI",
  "fr-CA",
  "fr-FR",
  "he-IL",
  "hi-IN",
  "hu-HU",
  "id-ID",
  "it-IT",
  "ja-JP",
  "ko-KR",
  "nb-NO",
  "nl-NL",
  "pl-PL",
  "pt-BR",
  "pt-PT",
  "ro-RO",
  "ru-RU",
  "sv-SE",
  "sw-KE",
  "th-TH",
  "tr-TR",
  "uk-UA",
  "ur-PK",
  "vi-VN",
  "zh-Hans-CN",
  "zh-Hant-TW",
] as const;

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** By their own names, as Android lists them. `now`: what a phone has, which may be none of these. */
export function localeChoices(now: string | null): readonly Choice[] {
  const tags = now && !LOCALES.some((tag) => tag === now) ? [now, ...LOCALES] : LOCALES;
  return tags.map((value) => ({ value, label: `${nameOf(value)} (${value})` }));
}

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export function zoneChoices(now: string | null): readonly string[] {
  const zones = Intl.supportedValuesOf("timeZone");
  const all = zones.includes("UTC") ? zones : ["UTC", ...zones];
  return now && !all.includes(now) ? [now, ...all] : all;
}

/** From Android's own list, and the largest that it has for poor eyes. */
export const FONT_SCALES = [0.85, 1, 1.15, 1.3, 1.5, 1.8, 2] as const;

type Location = NonNullable<DeviceSettings["location"]>;

export const PLACES = {
  beijing: { latitude: 39.9042, longitude: 116.4074 },
  shanghai: { latitude: 31.2304, longitude: 121.4737 },
  tokyo: { latitude: 35.6762, longitude: 139.6503 },
  singapore: { latitude: 1.3521, longitude: 103.8198 },
  delhi: { latitude: 28.6139, longitude: 77.209 },
  dubai: { latitude: 25.2048, longitude: 55.2708 },
  nairobi: { latitude: -1.2921, longitude: 36.8219 },
  berlin: { latitude: 52.52, longitude: 13.405 },
  paris: { latitude: 48.8566, longitude: 2.3522 },
  london: { latitude: 51.5074, longitude: -0.1278 },
  saoPaulo: { latitude: -23.5505, longitude: -46.6333 },
  newYork: { latitude: 40.7128, longitude: -74.006 },
  sanFrancisco: { latitude: 37.7749, longitude: -122.4194 },
  sydney: { latitude: -33.8688, longitude: 151.2093 },
} as const satisfies Record<string, Location>;
export type PlaceName = keyof typeof PLACES;
export const PLACE_NAMES = Object.keys(PLACES) as PlaceName[];

/** Nearer than this to a city's middle (about a kilometre), it is meant. */
const NEAR = 0.01;

export function placeAt(location: Location | null): PlaceName | "own" | "other" {
  if (location === null) return "own";
  const near = (a: number, b: number) => Math.abs(a - b) < NEAR;
  const { latitude, longitude } = location;
  return PLACE_NAMES.find((name) => near(PLACES[name].latitude, latitude) && near(PLACES[name].longitude, longitude)) ?? "other";
}
