/**
 * Each of a phone's settings that people change: how it is read, how it is set by Android's own commands, and where that cannot be done. Cleaning puts all
 * of them back (`cleaning/settings.ts`).
 */
import type { DeviceReport, DeviceSettings, DeviceSettingsNow } from "@phonerack/contract/bus";
import { quoted } from "../cleaning/ask.js";

/** All but the made-up location, which is kept up as long as it holds (`location.ts`). */
export type Kind = Exclude<keyof DeviceSettings, "location">;
type Wanted<K extends Kind> = NonNullable<DeviceSettings[K]>;
/** What the phone said, by question. */
export type Said = Readonly<Record<string, string>>;
export type PhoneFacts = Pick<DeviceReport, "sdk" | "reach" | "isolation">;

interface KindOf<K extends Kind> {
  /** Questions that it needs, by name. */
  readonly asks: Readonly<Record<string, string>>;
  /** null: the phone does not say. */
  read(said: Said): DeviceSettingsNow[K];
  /** Why this phone cannot be told; undefined: it can. */
  cannot?(facts: PhoneFacts): string | undefined;
  set(wanted: Wanted<K>, facts: PhoneFacts): string;
}

const get = (table: string, key: string) => `settings get ${table} ${key}`;
const NIGHT = { on: "yes", off: "no", auto: "auto" } as const;

export const KINDS: { readonly [K in Kind]: KindOf<K> } = {
  rotation: {
    asks: { "rotation-auto": get("system", "accelerometer_rotation"), "rotation-turns": get("system", "user_rotation") },
    read: (said) => {
      if (said["rotation-auto"] === "1") return "auto";
      const turns = Number(said["rotation-turns"] === "null" ? "0" : said["rotation-turns"]);
      return said["rotation-auto"] === "0" && [0, 1, 2, 3].includes(turns) ? turns : null;
    },
    set: (wanted) =>
      wanted === "auto"
        ? "settings put system accelerometer_rotation 1"
        : `settings put system accelerometer_rotation 0; settings put system user_rotation ${wanted}`,
  },
  locale: {
    // The one that was set, else the one that the phone came with.
    asks: { locale: "getprop persist.sys.locale", "locale-of-product": "getprop ro.product.locale" },
    read: (said) => said.locale || said["locale-of-product"] || null,
    // Android 16 QPR2 has the command; before, a shell may set the property on phones of code and on builds for developers.
    set: (wanted) => `cmd locale set-device-locale ${quoted(wanted)} || setprop persist.sys.locale ${quoted(wanted)}`,
  },
  timeZone: {
    asks: { zone: "getprop persist.sys.timezone" },
    read: (said) => said.zone || null,
    set: (wanted) =>
      // What the network says would win otherwise. IAlarmManager's third call has a name since Android 9.
      `settings put global auto_time_zone 0; cmd alarm set-timezone ${quoted(wanted)} || service call alarm 3 s16 ${quoted(wanted)}`,
  },
  fontScale: {
    asks: { font: get("system", "font_scale") },
    read: (said) => (said.font === "null" ? 1 : numberOf(said.font)),
    set: (wanted) => `settings put system font_scale ${wanted}`,
  },
  night: {
    asks: { night: "cmd uimode night" },
    read: (said) => {
      const word = /Night mode: (\w+)/.exec(said.night ?? "")?.[1];
      return word === "yes" ? "on" : word === "no" ? "off" : word === "auto" ? "auto" : null;
    },
    cannot: ({ sdk }) => ((sdk ?? 0) < 26 ? "dark mode has a command since Android 8" : undefined),
    set: (wanted) => `cmd uimode night ${NIGHT[wanted]}`,
  },
  airplane: {
    asks: { airplane: get("global", "airplane_mode_on") },
    read: (said) => switchOf(said.airplane),
    cannot: ({ sdk, reach, isolation }) => {
      if (isolation) return "it is isolated: its radios are the lab's to switch";
      if (reach === "network") return "it is reached over its network, which airplane mode would cut";
      return (sdk ?? 0) < 30 ? "airplane mode has a command since Android 11" : undefined;
    },
    set: (wanted) => `cmd connectivity airplane-mode ${wanted ? "enable" : "disable"}`,
  },
  stayAwake: {
    asks: { awake: get("global", "stay_on_while_plugged_in") },
    read: (said) => {
      const bits = said.awake === "null" ? 0 : numberOf(said.awake);
      return bits === null ? null : bits !== 0;
    },
    set: (wanted) => `svc power stayon ${wanted}`,
  },
};

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

function numberOf(text: string | undefined): number | null {
  const number = Number.parseFloat(text ?? "");
  return Number.isFinite(number) ? number : null;
}

function switchOf(text: string | undefined): boolean | null {
  if (text === "1") return true;
  return text === "0" || text === "null" ? false : null;
}

/** Whether the phone says what was wanted. */
export function isSo(now: unknown, wanted: unknown): boolean {
  if (typeof now === "number" && typeof wanted === "number") return Math.abs(now - wanted) < 0.001;
  return now === wanted;
}
