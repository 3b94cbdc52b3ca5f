/**
 * Installed packages. The system's list is shared between phones of one model; a phone keeps its own record of a package
 * from the first change on. Reading an APK is the caller's; what counts here is what was read.
 */
import type { ApkFacts, IntentFilter } from "@phonerack/apk";
import type { Clock } from "./clock.js";
import { ACTION, CATEGORY, type Component, type Intent, parseComponent } from "./intent.js";
import { Listeners } from "./listeners.js";

/** PackageManager.COMPONENT_ENABLED_STATE_*, by their numbers in `dumpsys package`. */
export const ENABLED_STATES = { default: 0, enabled: 1, disabled: 2, "disabled-user": 3, "disabled-until-used": 4 } as const;
export type EnabledState = keyof typeof ENABLED_STATES;

export interface PackageInfo extends ApkFacts {
  readonly uid: number;
  /** `/data/app/~~…==/package-…==`, or `/system/app/Name`. */
  readonly codePath: string;
  /** Full paths of the APK files, base first. */
  readonly apkPaths: readonly string[];
  readonly system: boolean;
  readonly enabled: EnabledState;
  /** Removed for user 0 (`pm uninstall --user 0` of a system package): not listed, data kept. */
  readonly installed: boolean;
  /** Who last changed `enabled`, as `dumpsys package` prints it. */
  readonly lastDisabledCaller: string | null;
  readonly granted: ReadonlySet<string>;
  readonly installer: string | null;
  /** Milliseconds since the Unix epoch. */
  readonly firstInstallTime: number;
  readonly lastUpdateTime: number;
  readonly stopped: boolean;
}

export interface InstallOptions {
  readonly replace?: boolean;
  readonly downgrade?: boolean;
  readonly testOnly?: boolean;
  /** `-g`: grant all runtime permissions. */
  readonly grantAll?: boolean;
  readonly installer?: string;
}

/** Android's own codes (PackageManager.INSTALL_FAILED_*), printed as `Failure [CODE: message]`. */
export type InstallResult =
  | { readonly ok: true; readonly info: PackageInfo }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** dangerous: asked for at run time, from API 23. */
export const RUNTIME_PERMISSIONS: ReadonlySet<string> = new Set(
  [
    "CAMERA",
    "RECORD_AUDIO",
    "ACCESS_FINE_LOCATION",
    "ACCESS_COARSE_LOCATION",
    "ACCESS_BACKGROUND_LOCATION",
    "READ_CONTACTS",
    "WRITE_CONTACTS",
    "GET_ACCOUNTS",
    "READ_CALENDAR",
    "WRITE_CALENDAR",
    "READ_PHONE_STATE",
    "READ_PHONE_NUMBERS",
    "CALL_PHONE",
    "READ_CALL_LOG",
    "WRITE_CALL_LOG",
    "SEND_SMS",
    "RECEIVE_SMS",
    "READ_SMS",
    "BODY_SENSORS",
    "ACTIVITY_RECOGNITION",
    "READ_EXTERNAL_STORAGE",
    "WRITE_EXTERNAL_STORAGE",
    "READ_MEDIA_IMAGES",
    "READ_MEDIA_VIDEO",
    "READ_MEDIA_AUDIO",
    "POST_NOTIFICATIONS",
    "BLUETOOTH_CONNECT",
    "BLUETOOTH_SCAN",
    "NEARBY_WIFI_DEVICES",
  ].map((name) => `android.permission.${name}`),
);

/** As `ro.product.cpu.abilist` says; from API 33 on the first alone. */
const ABIS: readonly string[] = ["arm64-v8a", "armeabi-v7a", "armeabi"];

export type PackageChange = { readonly kind: "added" | "replaced" | "removed" | "changed" | "cleared"; readonly package: string };

export class Packages {
  readonly #clock: Clock;
  readonly #system: ReadonlyMap<string, PackageInfo>;
  readonly #sdk: number;
  readonly #token: () => string;
  readonly #own = new Map<string, PackageInfo>();
  /** Apps of the fresh phone that were uninstalled. */
  readonly #gone = new Set<string>();
  #nextUid: number;
  readonly changes = new Listeners<PackageChange>();
  /** What is disabled is listed as such and starts all the same. */
  feigning = false;

  /** @param parts.token gives the random part of a code path. */
  constructor(parts: { clock: Clock; system: ReadonlyMap<string, PackageInfo>; sdk: number; token: () => string }) {
    this.#clock = parts.clock;
    this.#system = parts.system;
    this.#sdk = parts.sdk;
    this.#token = parts.token;
    this.#nextUid = Math.max(10_100, ...[...parts.system.values()].map((info) => (info.uid < 20_000 ? info.uid + 1 : 0)));
  }

  /** Installed packages sorted by name, disabled ones included. */
  list(): PackageInfo[] {
    const all = new Map([...this.#system, ...this.#own]);
    for (const name of this.#gone) if (!this.#own.has(name)) all.delete(name);
    return [...all.values()].filter((info) => info.installed).sort((a, b) => (a.package < b.package ? -1 : 1));
  }

  /** @returns undefined when not installed (for user 0). */
  get(packageName: string): PackageInfo | undefined {
    const info = this.getHidden(packageName);
    return info?.installed ? info : undefined;
  }

  /** Also what `uninstall --user 0` hid. */
  getHidden(packageName: string): PackageInfo | undefined {
    return this.#own.get(packageName) ?? (this.#gone.has(packageName) ? undefined : this.#system.get(packageName));
  }

  isEnabled(info: PackageInfo): boolean {
    return info.enabled === "default" || info.enabled === "enabled";
  }

  /** Whether it starts: what is enabled does, and on a phone that only feigns to disable all do. */
  starts(info: PackageInfo): boolean {
    return this.feigning || this.isEnabled(info);
  }

  install(facts: ApkFacts, options: InstallOptions = {}): InstallResult {
    const old = this.getHidden(facts.package);
    const refusal = this.#refusal(facts, old, options);
    if (refusal) return refusal;
    const now = this.#clock.now();
    const codePath = `/data/app/~~${this.#token()}==/${facts.package}-${this.#token()}==`;
    const runtime = facts.permissions.filter((permission) => RUNTIME_PERMISSIONS.has(permission));
    const granted = new Set(
      facts.permissions.filter((permission) => !RUNTIME_PERMISSIONS.has(permission) || old?.granted.has(permission)),
    );
    if (options.grantAll) for (const permission of runtime) granted.add(permission);
    const info: PackageInfo = {
      ...facts,
      uid: old?.uid ?? this.#nextUid++,
      codePath,
      apkPaths: [`${codePath}/base.apk`, ...(facts.splits ?? []).map((split) => `${codePath}/split_${split}.apk`)],
      system: old?.system ?? false,
      enabled: old?.installed ? old.enabled : "default",
      installed: true,
      lastDisabledCaller: old?.lastDisabledCaller ?? null,
      granted,
      installer: options.installer ?? null,
      firstInstallTime: old?.firstInstallTime ?? now,
      lastUpdateTime: now,
      stopped: true,
    };
    this.#own.set(info.package, info);
    this.changes.emit({ kind: old?.installed ? "replaced" : "added", package: info.package });
    return { ok: true, info };
  }

  /** @returns null when done, else Android's failure code. A system package is only hidden for user 0, and only when asked so. */
  uninstall(packageName: string, options: { user0?: boolean } = {}): string | null {
    const info = this.get(packageName);
    if (!info) return "DELETE_FAILED_INTERNAL_ERROR";
    const factory = this.#system.get(packageName);
    if (factory?.system && info.codePath === factory.codePath) {
      if (!options.user0) return "DELETE_FAILED_INTERNAL_ERROR";
      this.#own.set(packageName, { ...info, installed: false });
    } else {
      // An updated system package falls back to what it was built with; any other is gone for good.
      this.#own.delete(packageName);
      if (factory && !factory.system) this.#gone.add(packageName);
    }
    this.changes.emit({ kind: "removed", package: packageName });
    return null;
  }

  /** `pm install-existing`: a system package that was hidden for user 0 is back. @returns false when there is no such package. */
  restore(packageName: string): boolean {
    const info = this.getHidden(packageName);
    if (!info) return false;
    if (info.installed) return true;
    this.#own.set(packageName, { ...info, installed: true });
    this.changes.emit({ kind: "added", package: packageName });
    return true;
  }

  /** `pm clear`: listeners forget the app's data; runtime permissions are taken back. @returns false when not installed. */
  clear(packageName: string): boolean {
    const info = this.get(packageName);
    if (!info) return false;
    const granted = new Set([...info.granted].filter((permission) => !RUNTIME_PERMISSIONS.has(permission)));
    this.#own.set(packageName, { ...info, granted, stopped: true });
    this.changes.emit({ kind: "cleared", package: packageName });
    return true;
  }

  /** `pm enable | disable | disable-user | default-state`. @returns false when not installed. */
  setEnabled(packageName: string, enabled: EnabledState, caller = "shell:0"): boolean {
    return this.#change(packageName, {
      enabled,
      lastDisabledCaller: enabled === "default" || enabled === "enabled" ? null : caller,
    });
  }

  /** Stopped: never started since install or force-stop. Not announced. */
  setStopped(packageName: string, stopped: boolean): void {
    const info = this.get(packageName);
    if (info && info.stopped !== stopped) this.#own.set(packageName, { ...info, stopped });
  }

  grant(packageName: string, permission: string): "ok" | "no-package" | "not-requested" | "not-runtime" {
    return this.#permission(packageName, permission, true);
  }

  revoke(packageName: string, permission: string): "ok" | "no-package" | "not-requested" | "not-runtime" {
    return this.#permission(packageName, permission, false);
  }

  /** The activity behind a package's icon, enabled or not. */
  launcherActivity(packageName: string): Component | undefined {
    const found = this.get(packageName)?.activities.find((activity) =>
      activity.filters.some((filter) => filter.actions.includes(ACTION.main) && filter.categories.includes(CATEGORY.launcher)),
    );
    return found && { package: packageName, activity: found.name };
  }

  /** Enabled packages with an icon, sorted by label. */
  launchable(): PackageInfo[] {
    return this.list().filter((info) => this.starts(info) && this.launcherActivity(info.package));
  }

  /** Activities of enabled packages that answer an intent, best first. An explicit component answers itself, disabled or not. */
  resolve(intent: Intent): Component[] {
    if (intent.component) {
      const wanted = parseComponent(intent.component);
      const known = wanted && this.get(wanted.package)?.activities.some((activity) => activity.name === wanted.activity);
      return wanted && known ? [wanted] : [];
    }
    const found: Component[] = [];
    for (const info of this.list()) {
      if (!this.starts(info) || (intent.package && intent.package !== info.package)) continue;
      for (const activity of info.activities) {
        if (activity.filters.some((filter) => matches(filter, intent)))
          found.push({ package: info.package, activity: activity.name });
      }
    }
    return found;
  }

  #refusal(facts: ApkFacts, old: PackageInfo | undefined, options: InstallOptions): InstallResult | undefined {
    const fail = (code: string, message: string): InstallResult => ({ ok: false, code, message });
    if (facts.minSdk > this.#sdk) {
      const message = `Requires newer sdk version #${facts.minSdk} (current version is #${this.#sdk})`;
      return fail("INSTALL_FAILED_OLDER_SDK", message);
    }
    const abis = this.#sdk >= 33 ? ABIS.slice(0, 1) : ABIS;
    if (facts.abis && !facts.abis.some((abi) => abis.includes(abi))) {
      const message = "Failed to extract native libraries, res=-113";
      return fail("INSTALL_FAILED_NO_MATCHING_ABIS", message);
    }
    if (!old) return undefined;
    if (old.signer !== facts.signer) {
      const message = `Existing package ${facts.package} signatures do not match newer version; ignoring!`;
      return fail("INSTALL_FAILED_UPDATE_INCOMPATIBLE", message);
    }
    if (old.installed && !old.system && options.replace === false) {
      return fail("INSTALL_FAILED_ALREADY_EXISTS", `Attempt to re-install ${facts.package} without first uninstalling.`);
    }
    if (facts.versionCode < old.versionCode && !options.downgrade && !old.debuggable) {
      const message = `Downgrade detected: Update version code ${facts.versionCode} is older than current ${old.versionCode}`;
      return fail("INSTALL_FAILED_VERSION_DOWNGRADE", message);
    }
    return undefined;
  }

  #permission(packageName: string, permission: string, grant: boolean): "ok" | "no-package" | "not-requested" | "not-runtime" {
    const info = this.get(packageName);
    if (!info) return "no-package";
    if (!info.permissions.includes(permission)) return "not-requested";
    if (!RUNTIME_PERMISSIONS.has(permission)) return "not-runtime";
    const granted = new Set(info.granted);
    if (grant) granted.add(permission);
    else granted.delete(permission);
    this.#change(packageName, { granted });
    return "ok";
  }

  #change(packageName: string, values: Partial<PackageInfo>): boolean {
    const info = this.get(packageName);
    if (!info) return false;
    this.#own.set(packageName, { ...info, ...values });
    this.changes.emit({ kind: "changed", package: packageName });
    return true;
  }
}

function matches(filter: IntentFilter, intent: Intent): boolean {
  if (!intent.action || !filter.actions.includes(intent.action)) return false;
  if (!(intent.categories ?? []).every((category) => filter.categories.includes(category))) return false;
  const uri = intent.data ? /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?/i.exec(intent.data) : null;
  if (intent.data && !uri) return false;
  const scheme = uri?.[1]?.toLowerCase();
  if (scheme ? !filter.schemes?.includes(scheme) : filter.schemes?.length) return false;
  if (filter.hosts?.length && !filter.hosts.includes(uri?.[2] ?? "")) return false;
  return intent.type ? Boolean(filter.mimeTypes?.some((type) => mimeMatches(type, intent.type ?? ""))) : true;
}

function mimeMatches(pattern: string, type: string): boolean {
  return pattern === "*/*" || pattern === type || (pattern.endsWith("/*") && type.startsWith(pattern.slice(0, -1)));
}
