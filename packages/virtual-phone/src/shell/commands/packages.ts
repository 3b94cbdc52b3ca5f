/** pm (also `cmd package`): lists, paths, states, permissions, resolving. Installing stands in installs.ts. */

import { type Component, type Intent, shortComponent } from "../../phone/intent.js";
import { type EnabledState, type PackageInfo, RUNTIME_PERMISSIONS } from "../../phone/packages.js";
import type { Call, CommandSet } from "../command.js";
import { readOptions } from "../options.js";
import { dumpPackage } from "./dump-package.js";
import { install, installAbandon, installCommit, installCreate, installWrite, uninstall } from "./installs.js";
import { readIntent } from "./intents.js";

type Verb = (call: Call, args: readonly string[]) => Promise<number>;

/** `list packages [-f] [-3] …` */
function listPackages(call: Call, args: readonly string[]): Promise<number> {
  const { on, rest, unknown } = readOptions(args, {
    flags: "f3sdeUiul",
    values: "",
    long: ["show-versioncode", "apex-only", "user=", "uid=", "uninstalled"],
  });
  if (unknown) return call.complain(`Error: Unknown option: ${unknown.length === 1 ? `-${unknown}` : unknown}`, 255);
  const { packages } = call.phone;
  if (on.has("apex-only")) return Promise.resolve(0);
  const [filter] = rest;
  const shown = packages.list().filter((info) => {
    if (on.has("3") && info.system) return false;
    if (on.has("s") && !info.system) return false;
    if (on.has("d") && packages.isEnabled(info)) return false;
    if (on.has("e") && !packages.isEnabled(info)) return false;
    return filter === undefined || info.package.includes(filter);
  });
  return call.sayAll(
    shown.map((info) => {
      const path = on.has("f") ? `${info.apkPaths[0] ?? info.codePath}=` : "";
      const version = on.has("show-versioncode") ? ` versionCode:${info.versionCode}` : "";
      const installer = on.has("i") ? `  installer=${info.installer ?? "null"}` : "";
      const uid = on.has("U") ? ` uid:${info.uid}` : "";
      return `package:${path}${info.package}${version}${installer}${uid}`;
    }),
  );
}

const FEATURES = [
  "android.hardware.touchscreen",
  "android.hardware.touchscreen.multitouch",
  "android.hardware.screen.portrait",
  "android.hardware.screen.landscape",
  "android.hardware.wifi",
  "android.hardware.usb.accessory",
  "android.software.home_screen",
  "android.software.input_methods",
  "android.software.webview",
];

const list: Verb = (call, args) => {
  const [what, ...rest] = args;
  const { packages } = call.phone;
  switch (what) {
    case "packages":
    case "package":
      return listPackages(call, rest);
    case "instrumentation":
      return call.sayAll(
        packages
          .list()
          .flatMap((info) =>
            (info.instrumentations ?? []).map(({ name, target }) => `instrumentation:${info.package}/${name} (target=${target})`),
          ),
      );
    case "features":
      return call.say(`feature:reqGlEsVersion=0x30001`, ...FEATURES.map((name) => `feature:${name}`));
    case "users":
      return call.say("Users:", "\tUserInfo{0:Owner:4c13} running");
    case "libraries":
      return call.say(
        "library:android.test.base",
        "library:android.test.mock",
        "library:android.test.runner",
        "library:org.apache.http.legacy",
      );
    case "permission-groups":
      return call.say(
        "permission group:android.permission-group.CAMERA",
        "permission group:android.permission-group.LOCATION",
        "permission group:android.permission-group.NOTIFICATIONS",
      );
    case "permissions":
      return call.say("All Permissions:", "", ...[...RUNTIME_PERMISSIONS].map((name) => `permission:${name}`));
    case "staged-sessions":
      return Promise.resolve(0);
    case undefined:
      return call.complain("Error: didn't specify type of data to list", 255);
    default:
      return call.complain(`Error: unknown list type '${what}'`, 255);
  }
};

const path: Verb = async (call, args) => {
  const { rest } = readOptions(args, { long: ["user="] });
  const info = call.phone.packages.get(rest[0] ?? "");
  if (!info) return 1;
  return call.sayAll(info.apkPaths.map((one) => `package:${one}`));
};

const clear: Verb = (call, args) => {
  const { rest } = readOptions(args, { long: ["user=", "cache-only"] });
  const [name] = rest;
  if (name === undefined) return call.complain("Error: no package specified", 255);
  if (!call.phone.packages.get(name) || call.phone.admins.guards(name)) return call.say("Failed").then(() => 1);
  call.phone.activities.forceStop(name, "clear data");
  call.phone.packages.clear(name);
  return call.say("Success");
};

const STATES: Readonly<Record<string, EnabledState>> = {
  enable: "enabled",
  disable: "disabled",
  "disable-user": "disabled-user",
  "disable-until-used": "disabled-until-used",
  "default-state": "default",
};

const setState =
  (verb: string): Verb =>
  (call, args) => {
    const { rest } = readOptions(args, { long: ["user="] });
    const [name] = rest;
    const state = STATES[verb] ?? "enabled";
    if (name === undefined) return call.complain("Error: no package or component specified", 255);
    const { packages } = call.phone;
    const info = packages.get(name.split("/")[0] ?? name);
    if (!info) return failed(call, verb, `java.lang.IllegalArgumentException: Unknown package: ${name}`);
    // The shell may disable a system package for a user only, and never what the phone cannot live without.
    if (state === "disabled" && info.system)
      return failed(call, verb, `java.lang.SecurityException: Shell cannot change component state for ${info.package}/null to 2`);
    if (state !== "enabled" && state !== "default" && PROTECTED.has(info.package))
      return failed(call, verb, `java.lang.SecurityException: Cannot disable a protected package: ${info.package}`);
    packages.setEnabled(info.package, state, "shell:0");
    return call.say(`Package ${name} new state: ${state}`);
  };

const PROTECTED = new Set(["android", "com.android.systemui", "com.android.shell", "com.android.providers.settings"]);

function failed(call: Call, verb: string, exception: string): Promise<number> {
  return call.complain(
    `\nException occurred while executing '${verb}':\n${exception}\n\tat com.android.server.pm.PackageManagerService.setEnabledSetting(PackageManagerService.java)`,
    255,
  );
}

const permission =
  (grant: boolean): Verb =>
  async (call, args) => {
    const { rest } = readOptions(args, { long: ["user=", "all-permissions"] });
    const verb = grant ? "grant" : "revoke";
    const [name, wanted] = rest;
    if (name === undefined) return call.complain("Error: no package specified", 255);
    if (wanted === undefined) return call.complain("Error: no permission specified", 255);
    const { packages } = call.phone;
    const result = grant ? packages.grant(name, wanted) : packages.revoke(name, wanted);
    switch (result) {
      case "ok":
        return 0;
      case "no-package":
        return failed(call, verb, `java.lang.IllegalArgumentException: Unknown package: ${name}`);
      case "not-requested":
        return failed(call, verb, `java.lang.SecurityException: Package ${name} has not requested permission ${wanted}`);
      case "not-runtime":
        return failed(
          call,
          verb,
          `java.lang.SecurityException: Permission ${wanted} requested by ${name} is not a changeable permission type`,
        );
      default:
        return result satisfies never;
    }
  };

interface ResolveQuery {
  readonly intent: Intent;
  readonly rest: readonly string[];
  readonly brief: boolean;
  readonly components: boolean;
}

function readQuery(args: readonly string[]): ResolveQuery {
  const own = new Set(["--brief", "--components"]);
  const words = args.filter((arg, index) => !own.has(arg) && arg !== "--user" && args[index - 1] !== "--user");
  const { intent, rest } = readIntent(words);
  return { intent, rest, brief: args.includes("--brief"), components: args.includes("--components") };
}

/** As PackageManagerShellCommand.printResolveInfo: `--components` leaves the match away, the long form dumps the activity. */
function resolveInfo(call: Call, component: Component, query: ResolveQuery): string[] {
  const match = "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true";
  if (query.components) return [shortComponent(component)];
  if (query.brief) return [match, shortComponent(component)];
  const info = call.phone.packages.get(component.package);
  const exported = info?.activities.find(({ name }) => name === component.activity)?.exported ?? true;
  return [
    match,
    "ActivityInfo:",
    `  name=${component.activity}`,
    `  packageName=${component.package}`,
    `  enabled=true exported=${exported} directBootAware=false`,
    "  ApplicationInfo:",
    `    packageName=${component.package}`,
    `    processName=${component.package}`,
    `    uid=${info?.uid ?? 0}`,
    `    sourceDir=${info?.apkPaths[0] ?? ""}`,
    `    enabled=${info ? call.phone.packages.isEnabled(info) : true}`,
  ];
}

const resolveActivity: Verb = async (call, args) => {
  const query = readQuery(args);
  const { intent, rest } = query;
  const { packages } = call.phone;
  // A bare package name means its launcher activity.
  const bare = intent.action === undefined && rest[0] !== undefined ? packages.get(rest[0]) : undefined;
  const launcher = bare && packages.isEnabled(bare) ? packages.launcherActivity(bare.package) : undefined;
  const plain =
    intent.component === undefined && intent.action === undefined ? { ...intent, action: "android.intent.action.MAIN" } : intent;
  const component = launcher ?? enabledOnly(call, packages.resolve(plain))[0];
  return component ? call.sayAll(resolveInfo(call, component, query)) : call.say("No activity found");
};

const queryActivities: Verb = (call, args) => {
  const query = readQuery(args);
  const found = enabledOnly(call, call.phone.packages.resolve(query.intent));
  if (found.length === 0) return call.say("No activities found");
  if (query.components) return call.sayAll(found.map(shortComponent));
  return call.sayAll([
    `${found.length} activities found:`,
    ...found.flatMap((component, index) => [
      `  Activity #${index}:`,
      ...resolveInfo(call, component, query).map((line) => `    ${line}`),
    ]),
  ]);
};

/** What names its activity outright resolves to it too, but not where the package is disabled. */
function enabledOnly(call: Call, found: readonly Component[]): Component[] {
  const { packages } = call.phone;
  return found.filter((component) => {
    const info = packages.get(component.package);
    return info !== undefined && packages.isEnabled(info);
  });
}

const suspend: Verb = (call, args) => {
  const { rest } = readOptions(args, { long: ["user=", "dialogMessage="] });
  const [name] = rest;
  const info = name === undefined ? undefined : call.phone.packages.get(name);
  return info
    ? call.say(`Package ${info.package} new suspended state: ${call.name === "suspend"}`)
    : call.complain("Error: package name not found", 255);
};

const VERBS: Readonly<Record<string, Verb>> = {
  list,
  path,
  clear,
  dump: (call, args) =>
    call.sayAll(
      dumpPackage(
        call.phone,
        args.find((arg) => !arg.startsWith("-")),
      ),
    ),
  grant: permission(true),
  revoke: permission(false),
  "reset-permissions": async () => 0,
  "resolve-activity": resolveActivity,
  "query-activities": queryActivities,
  install,
  "install-create": installCreate,
  "install-write": installWrite,
  "install-commit": installCommit,
  "install-abandon": installAbandon,
  "install-existing": async (call, args) => {
    const { rest } = readOptions(args, { long: ["user=", "instant", "full", "wait"] });
    const [name = ""] = rest;
    const hidden: PackageInfo | undefined = call.phone.packages.getHidden(name);
    if (!hidden)
      return call.complain(`android.content.pm.PackageManager$NameNotFoundException: Package ${name} doesn't exist`, 1);
    call.phone.packages.restore(name);
    return call.say(`Package ${name} installed for user: 0`);
  },
  uninstall,
  suspend: (call, args) => suspend(call.as("suspend", args), args),
  unsuspend: (call, args) => suspend(call.as("unsuspend", args), args),
  hide: (call) => call.complain("Error: Shell cannot hide packages", 255),
  "set-install-location": async () => 0,
  "get-install-location": (call) => call.say("0[auto]"),
  "get-max-users": (call) => call.say("Maximum supported users: 1"),
  "trim-caches": async () => 0,
  compile: (call) => call.say("Success"),
  "bg-dexopt-job": (call) => call.say("Success"),
  "has-feature": async (call, args) =>
    call.say(String(FEATURES.includes(args[0] ?? ""))).then(() => (FEATURES.includes(args[0] ?? "") ? 0 : 1)),
  "get-oem-permissions": async () => 0,
  ...Object.fromEntries(Object.keys(STATES).map((verb) => [verb, setState(verb)])),
};

const USAGE = `Package manager (package) commands:
  help
    Print this help text.

  path [--user USER_ID] PACKAGE
    Print the path to the .apk of the given PACKAGE.

  dump PACKAGE
    Print various system state associated with the given PACKAGE.

  list packages [-f] [-d] [-e] [-s] [-3] [-i] [-l] [-u] [-U]
      [--show-versioncode] [--uid UID] [--user USER_ID] [FILTER]
  list instrumentation | features | users | permissions

  install [-rtfdg] [-i PACKAGE] [--user USER_ID|all|current] [-S BYTES] [PATH...|-]
  install-create, install-write, install-commit, install-abandon
  uninstall [-k] [--user USER_ID] PACKAGE [SPLIT...]
  clear [--user USER_ID] PACKAGE
  enable | disable | disable-user | disable-until-used | default-state [--user USER_ID] PACKAGE_OR_COMPONENT
  grant | revoke [--user USER_ID] PACKAGE PERMISSION
  resolve-activity [--brief] [--components] INTENT`;

/** `pm …`, `cmd package …` */
export function pm(call: Call): Promise<number> {
  const [verb, ...args] = call.args;
  if (verb === undefined || verb === "help" || verb === "-h") return verb ? call.say(USAGE) : call.complain(USAGE, 255);
  const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  return run ? run(call, args) : call.complain(`Unknown command: ${verb}`, 255);
}

export const packageCommands: CommandSet = { toybox: {}, own: { pm } };
