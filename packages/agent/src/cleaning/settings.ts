/**
 * Settings: Android's three tables as a whole, and what stands elsewhere (language, time zone, size, density, dark mode). All of it is put back
 * as the baseline has it; a change in what matters to the next user that cannot be put back is a failure, any other is told.
 */
import { LABELS } from "../lab-device/labels.js";
import { type Answers, type Question, quoted } from "./ask.js";
import { count, type Repair, some, type Verdict } from "./repair.js";

export type Tables = Readonly<Record<string, Readonly<Record<string, string>>>>;
/** By name; null where the phone does not say. */
export type Extras = Readonly<Record<string, string | null>>;
export interface Settings {
  readonly tables: Tables;
  readonly extras: Extras;
}

const TABLES = ["global", "secure", "system"] as const;

const EXTRAS: Readonly<Record<string, { command: string; read: (text: string) => string | undefined }>> = {
  locale: { command: "getprop persist.sys.locale", read: (text) => text.trim() },
  "time-zone": { command: "getprop persist.sys.timezone", read: (text) => text.trim() },
  // "none": no override.
  size: { command: "wm size", read: (text) => override(text, /^Override size: (\d+x\d+)/m) },
  density: { command: "wm density", read: (text) => override(text, /^Override density: (\d+)/m) },
  night: { command: "cmd uimode night", read: (text) => /Night mode: (\w+)/.exec(text)?.[1] },
  // Test providers that make up where the phone is, and who may.
  "mock-location": {
    command: `dumpsys location | grep -F ' provider [mock]'; appops get com.android.shell android:mock_location; echo told`,
    read: (text) =>
      /^told$/m.test(text)
        ? [...text.matchAll(/(\w+) provider \[mock\]|MOCK_LOCATION: (allow)/g)].map(([, name, may]) => name ?? may).join(",") ||
          "none"
        : undefined,
  },
};

function override(text: string, pattern: RegExp): string | undefined {
  return pattern.exec(text)?.[1] ?? (/^Physical /m.test(text) ? "none" : undefined);
}

/** What the lab demands now counts more than what the phone was like when its baseline was taken. */
export function asTheLabDemands(settings: Settings, { isolated }: { readonly isolated: boolean }): Settings {
  const tables: Record<string, Record<string, string>> = {};
  for (const [table, values] of Object.entries(settings.tables)) tables[table] = { ...values };
  const demanded = [...LABELS, ...(isolated ? RADIOS_OFF : [])];
  // A table that the phone did not tell stays untold.
  for (const { table, key, value } of demanded) if (tables[table]) tables[table][key] = value;
  return { ...settings, tables };
}

const RADIOS_OFF = [
  { table: "global", key: "wifi_on", value: "0" },
  { table: "global", key: "mobile_data", value: "0" },
] as const;

export const SETTINGS: readonly Question[] = [
  ...TABLES.map((table) => ({ name: `settings-${table}`, command: `settings list ${table}` })),
  ...Object.entries(EXTRAS).map(([name, { command }]) => ({ name: `extra-${name}`, command })),
];

/** Never put back and no difference: our connection, and what Android itself writes all the time. */
const LEFT_ALONE = new RegExp(
  `^(?:global|secure|system)\\.(?:${[
    "adb_enabled",
    "android_id",
    "boot_count",
    ".*(?:_last_|last_|_time_ms|_timestamp|timestamp_|_count$|_millis$).*",
    "Phenotype.*",
    "ntp_.*",
    "low_power.*",
    "battery_.*",
    "next_alarm_formatted",
    "volume_.*",
    "screen_brightness(?:_float|_for_vr.*)?",
    "netstats_.*",
    "sys_storage_.*",
    "network_scoring.*",
    "wifi_scan.*",
    "wifi_watchdog.*",
    "bluetooth_(?:name|address|.*_(?:priority|supports).*)",
    "database_creation_buildid",
    "gcm_.*",
    "gms.*",
    "google_.*",
    "recommended_network.*",
    "usage_.*",
    "_boot_.*",
    "apply_ramping.*",
    "cached_.*",
    "multi_cb",
    "lock_screen_show.*",
    "user_switcher.*",
  ].join("|")})$`,
);

/** What the next user would meet: not put back, the phone is not clean. */
const MATTERS = new Set([
  ...[
    "http_proxy",
    "global_http_proxy_host",
    "global_http_proxy_port",
    "global_http_proxy_exclusion_list",
    "global_proxy_pac_url",
    "private_dns_mode",
    "private_dns_specifier",
    "airplane_mode_on",
    "auto_time",
    "auto_time_zone",
    "window_animation_scale",
    "transition_animation_scale",
    "animator_duration_scale",
    "always_finish_activities",
    "stay_on_while_plugged_in",
    "hidden_api_policy",
    "hidden_api_policy_pre_p_apps",
    "hidden_api_policy_p_apps",
    "mobile_data",
    "development_settings_enabled",
    "debug_app",
    "wait_for_debugger",
    "verifier_verify_adb_installs",
    "package_verifier_enable",
    "device_name",
    "policy_control",
    "zen_mode",
  ].map((key) => `global.${key}`),
  ...[
    "default_input_method",
    "enabled_input_methods",
    "enabled_accessibility_services",
    "accessibility_enabled",
    "touch_exploration_enabled",
    "touch_exploration_granted_accessibility_services",
    "accessibility_display_inversion_enabled",
    "accessibility_display_daltonizer_enabled",
    "high_text_contrast_enabled",
    "enabled_notification_listeners",
    "enabled_notification_assistant",
    "ui_night_mode",
    "location_mode",
    "mock_location",
    "lockscreen.disabled",
    "install_non_market_apps",
    "assistant",
    "voice_interaction_service",
    "always_on_vpn_app",
    "always_on_vpn_lockdown",
    "display_density_forced",
  ].map((key) => `secure.${key}`),
  ...[
    "accelerometer_rotation",
    "user_rotation",
    "font_scale",
    "screen_off_timeout",
    "system_locales",
    "time_12_24",
    "pointer_location",
    "show_touches",
  ].map((key) => `system.${key}`),
  ...Object.keys(EXTRAS).map((name) => `extra.${name}`),
]);

/** null when the phone did not tell its tables. */
export function readSettings(answers: Answers): Settings | null {
  const tables: Record<string, Record<string, string>> = {};
  for (const table of TABLES) {
    const answer = answers.get(`settings-${table}`);
    if (answer?.exitCode !== 0) return null;
    tables[table] = readTable(answer.text);
    if (Object.keys(tables[table] ?? {}).length === 0) return null;
  }
  const extras = Object.entries(EXTRAS).map(([name, { read }]) => {
    const answer = answers.get(`extra-${name}`);
    return [name, answer && answer.exitCode === 0 ? (read(answer.text) ?? null) : null];
  });
  return { tables, extras: Object.fromEntries(extras) };
}

/** `key=value` lines; a value may go on over lines. */
function readTable(text: string): Record<string, string> {
  const found = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const at = line.indexOf("=");
    const key = line.slice(0, at);
    if (at > 0 && /^[\w.:/@-]+$/.test(key)) {
      found.set(key, line.slice(at + 1));
      last = key;
    } else if (last !== undefined) found.set(last, `${found.get(last) ?? ""}\n${line}`);
  }
  return Object.fromEntries(found);
}

interface Change {
  /** "table.key" */
  readonly name: string;
  readonly table: string;
  readonly key: string;
  /** null: was not there. */
  readonly was: string | null;
  readonly now: string | null;
}

/** Baselines that were taken before it was asked for. */
function whole({ tables, extras }: Settings): Settings {
  return { tables, extras: { "mock-location": "none", ...extras } };
}

function changesOf(older: Settings, now: Settings): Change[] {
  const before = whole(older);
  const changes: Change[] = [];
  const compare = (table: string, was: Extras, is: Extras) => {
    for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
      const name = `${table}.${key}`;
      const [a, b] = [own(was, key), own(is, key)];
      if (a !== b && !LEFT_ALONE.test(name)) changes.push({ name, table, key, was: a, now: b });
    }
  };
  for (const table of TABLES) compare(table, before.tables[table] ?? {}, now.tables[table] ?? {});
  // What the phone did not say then or does not say now is no change.
  const both = (extras: Extras) =>
    Object.fromEntries(
      Object.entries(extras).filter(([name]) => own(before.extras, name) !== null && own(now.extras, name) !== null),
    );
  compare("extra", both(before.extras), both(now.extras));
  return changes;
}

function own(record: Extras, key: string): string | null {
  return Object.hasOwn(record, key) ? (record[key] ?? null) : null;
}

/** Further commands where writing the table alone changes nothing. Each stands before the table's. */
const ALSO: Readonly<Record<string, (was: string | null, now: string | null) => string | undefined>> = {
  // A proxy stays in use until this is written, even when the entry is deleted.
  "global.http_proxy": (was) => (was === null ? "settings put global http_proxy :0" : undefined),
  "global.airplane_mode_on": (was) => `cmd connectivity airplane-mode ${was === "1" ? "enable" : "disable"}`,
  "global.wifi_on": (was) => `svc wifi ${was === "0" ? "disable" : "enable"}`,
  "global.bluetooth_on": (was) => `svc bluetooth ${was === "1" ? "enable" : "disable"}`,
  "global.mobile_data": (was) => `svc data ${was === "1" ? "enable" : "disable"}`,
  "secure.default_input_method": (was) => (was === null ? undefined : `ime enable ${quoted(was)}; ime set ${quoted(was)}`),
  "secure.enabled_notification_listeners": (was, now) => {
    const kept = new Set((was ?? "").split(":"));
    const extra = (now ?? "").split(":").filter((name) => name !== "" && !kept.has(name));
    return extra.map((name) => `cmd notification disallow_listener ${quoted(name)}`).join("; ") || undefined;
  },
};

const RESTORE: Readonly<Record<string, (was: string) => string>> = {
  locale: (was) => `cmd locale set-device-locale ${quoted(was)} || setprop persist.sys.locale ${quoted(was)}`,
  // IAlarmManager's third call; since Android 9 it has a name.
  "time-zone": (was) =>
    `cmd alarm set-timezone ${quoted(was)} || service call alarm 3 s16 ${quoted(was)}; [ "$(getprop persist.sys.timezone)" = ${quoted(was)} ] || setprop persist.sys.timezone ${quoted(was)}`,
  size: (was) => `wm size ${was === "none" ? "reset" : was}`,
  density: (was) => `wm density ${was === "none" ? "reset" : was}`,
  night: (was) => `cmd uimode night ${quoted(was)}`,
  // A baseline has none; removing one that there is not does no harm.
  "mock-location": () =>
    `appops set com.android.shell android:mock_location allow; for p in gps network fused; do cmd location providers remove-test-provider $p; done; appops set com.android.shell android:mock_location default`,
};

/** What puts every changed setting back. */
export function repairSettings(before: Settings, now: Settings): Repair[] {
  const changes = changesOf(before, now);
  // Size and density first: they write into the tables themselves.
  const extras = changes.filter(({ table }) => table === "extra");
  const rows = changes.filter(({ table }) => table !== "extra");
  return [
    ...extras.map(
      ({ name, key, was }) => ({ item: "settings", what: name.slice(6), command: RESTORE[key]?.(was ?? "") ?? "true" }) as const,
    ),
    ...rows.map(({ name, table, key, was, now: is }) => {
      const put =
        was === null ? `settings delete ${table} ${quoted(key)}` : `settings put ${table} ${quoted(key)} ${quoted(was)}`;
      const also = Object.hasOwn(ALSO, name) ? ALSO[name]?.(was, is) : undefined;
      return { item: "settings", what: key, command: also ? `${also}; ${put}` : put } as const;
    }),
  ];
}

/** How the settings are after cleaning. */
export function judgeSettings(older: Settings, now: Settings): Verdict {
  const before = whole(older);
  const changes = changesOf(before, now);
  const wrong = changes.filter(({ name }) => MATTERS.has(name));
  const others = changes.filter(({ name }) => !MATTERS.has(name));
  const silent = Object.keys(EXTRAS).filter((name) => own(before.extras, name) === null || own(now.extras, name) === null);
  const words = [
    ...(wrong.length > 0 ? [`not as they were: ${some(wrong.map(describe))}`] : []),
    ...(others.length > 0 ? [`set anew by the phone itself: ${some(others.map(({ name }) => name))}`] : []),
    ...(silent.length > 0 ? [`this phone does not say its ${silent.join(", ")}`] : []),
  ];
  if (wrong.length > 0) return { result: "failed", detail: words.join("; ") };
  const keys = Object.values(now.tables).reduce((sum, table) => sum + Object.keys(table).length, 0);
  return { result: "verified", detail: [`${count(keys, "setting")} as in the baseline`, ...words].join("; ") };
}

function describe({ name, was, now }: Change): string {
  const shown = (value: string | null) => (value === null ? "nothing" : value.slice(0, 40));
  return `${name.replace(/^extra\./, "")} is ${shown(now)} instead of ${shown(was)}`;
}
