/** dumpsys package: one package, or all. */
import { ENABLED_STATES, type PackageInfo, RUNTIME_PERMISSIONS } from "../../phone/packages.js";
import type { Phone } from "../../phone/phone.js";
import { hash32 } from "../../phone/random.js";
import { formatTime } from "./identity.js";

/** @param name undefined: all packages. */
export function dumpPackage(phone: Phone, name: string | undefined): string[] {
  const found = name === undefined ? phone.packages.list() : [phone.packages.get(name)].filter((info) => info !== undefined);
  if (found.length === 0) return [`Unable to find package: ${name}`];
  return [
    ...resolverTable(found),
    "",
    "Key Set Manager:",
    ...found.map((info) => `  [${info.package}]`),
    "",
    "Packages:",
    ...found.flatMap((info) => packageLines(phone, info)),
    "",
    "Queries:",
    "  system apps queryable: false",
  ];
}

/** `dumpsys package packages`: that section only. */
export function dumpPackages(phone: Phone): string[] {
  return ["Packages:", ...phone.packages.list().flatMap((info) => packageLines(phone, info))];
}

function hashOf(text: string): string {
  return (hash32(text) & 0xfffffff).toString(16);
}

function resolverTable(found: readonly PackageInfo[]): string[] {
  const byAction = new Map<string, string[]>();
  for (const info of found) {
    for (const activity of info.activities) {
      const short = activity.name.startsWith(`${info.package}.`) ? activity.name.slice(info.package.length) : activity.name;
      for (const filter of activity.filters) {
        for (const action of filter.actions) {
          const lines = byAction.get(action) ?? [];
          lines.push(
            `        ${hashOf(info.package)} ${info.package}/${short} filter ${hashOf(activity.name)}`,
            `          Action: "${action}"`,
            ...filter.categories.map((category) => `          Category: "${category}"`),
          );
          byAction.set(action, lines);
        }
      }
    }
  }
  return [
    "Activity Resolver Table:",
    "  Non-Data Actions:",
    ...[...byAction].flatMap(([action, lines]) => [`      ${action}:`, ...lines]),
  ];
}

function packageLines(phone: Phone, info: PackageInfo): string[] {
  const { sdk } = phone.model;
  const time = (ms: number): string => formatTime("%F %T", ms);
  const flags = [
    ...(info.system ? ["SYSTEM"] : []),
    ...(info.debuggable ? ["DEBUGGABLE"] : []),
    "HAS_CODE",
    "ALLOW_CLEAR_USER_DATA",
    "ALLOW_BACKUP",
  ].join(" ");
  const install = info.permissions.filter((permission) => !RUNTIME_PERMISSIONS.has(permission));
  const runtime = info.permissions.filter((permission) => RUNTIME_PERMISSIONS.has(permission));
  return [
    `  Package [${info.package}] (${hashOf(info.package)}):`,
    sdk >= 33 ? `    appId=${info.uid}` : `    userId=${info.uid}`,
    `    pkg=Package{${hashOf(`${info.package}p`)} ${info.package}}`,
    `    codePath=${info.codePath}`,
    `    resourcePath=${info.codePath}`,
    "    primaryCpuAbi=null",
    "    secondaryCpuAbi=null",
    `    versionCode=${info.versionCode} minSdk=${info.minSdk} targetSdk=${info.targetSdk}`,
    `    versionName=${info.versionName}`,
    `    splits=[${["base", ...(info.splits ?? [])].join(", ")}]`,
    `    apkSigningVersion=${info.signingScheme ?? 3}`,
    `    flags=[ ${flags} ]`,
    `    dataDir=/data/user/0/${info.package}`,
    "    supportsScreens=[small, medium, large, xlarge, resizeable, anyDensity]",
    `    timeStamp=${time(info.lastUpdateTime)}`,
    `    firstInstallTime=${time(info.firstInstallTime)}`,
    `    lastUpdateTime=${time(info.lastUpdateTime)}`,
    ...(info.installer ? [`    installerPackageName=${info.installer}`] : []),
    // Android prints the hash code of the certificate; the first 32 bits of its digest stand for that.
    sdk >= 28
      ? `    signatures=PackageSignatures{${hashOf(info.signer)} version:${info.signingScheme ?? 3}, signatures:[${info.signer.slice(0, 8)}], past signatures:[]}`
      : `    signatures=PackageSignatures{${hashOf(info.signer)} [${info.signer.slice(0, 8)}]}`,
    "    installPermissionsFixed=true",
    ...(info.permissions.length > 0
      ? ["    requested permissions:", ...info.permissions.map((permission) => `      ${permission}`)]
      : []),
    ...(install.length > 0
      ? ["    install permissions:", ...install.map((permission) => `      ${permission}: granted=true`)]
      : []),
    `    User 0: ceDataInode=${hash32(info.package) % 100_000} installed=${info.installed} hidden=false suspended=false distractionFlags=0 stopped=${info.stopped} notLaunched=${info.stopped} enabled=${ENABLED_STATES[info.enabled]} instant=false virtual=false`,
    ...(info.lastDisabledCaller ? [`      lastDisabledCaller: ${info.lastDisabledCaller}`] : []),
    "      gids=[3003]",
    ...(runtime.length > 0
      ? [
          "      runtime permissions:",
          ...runtime.map(
            (permission) =>
              `        ${permission}: granted=${info.granted.has(permission)}, flags=[ USER_SENSITIVE_WHEN_GRANTED|USER_SENSITIVE_WHEN_DENIED]`,
          ),
        ]
      : []),
  ];
}
