/** Reads what a phone's package manager prints. Words differ between Androids and makers: what is not found is null, and a hostile phone's nonsense is nothing. */
import { PackageName } from "@phonerack/contract/bus";

export interface Listed {
  readonly package: string;
  readonly versionCode: number | null;
}

export interface DumpWords {
  readonly versionName: string | null;
  readonly versionCode: number | null;
  readonly minSdk: number | null;
  readonly targetSdk: number | null;
  readonly debuggable: boolean | null;
  readonly installedAt: string | null;
  readonly updatedAt: string | null;
  readonly installer: string | null;
  readonly splits: string[];
  readonly permissions: { name: string; granted: boolean }[];
}

export interface Sizes {
  readonly code: number;
  readonly data: number;
  readonly cache: number;
}

const LONGEST = 200;
const MOST_PERMISSIONS = 500;

/** `pm list packages -f`: `package:/data/app/….apk=com.example.app versionCode:7 uid:10100`. A path may hold `=`, a name may not. */
export function readList(text: string): Listed[] {
  const found = new Map<string, Listed>();
  for (const line of text.split("\n")) {
    const [first = "", ...more] = line.trim().split(" ");
    if (!first.startsWith("package:")) continue;
    const name = first.slice(first.lastIndexOf("=") + 1).replace(/^package:/, "");
    if (!PackageName.safeParse(name).success) continue;
    const code = more.find((word) => /^versionCode:\d+$/.test(word))?.slice("versionCode:".length);
    found.set(name, { package: name, versionCode: code === undefined ? null : safe(Number(code)) });
  }
  return [...found.values()].sort((a, b) => (a.package < b.package ? -1 : 1));
}

/** `pm list packages -s`. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/^package:([\w.]+)/gm)].map((match) => match[1] ?? ""));
}

/** `ps`: a process is called as its package, or as that and `:more`. */
export function runningIn(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").map((line) => line.trim().split(/\s+/).at(-1)?.split(":", 1)[0] ?? ""));
}

/** Lines `Package [name]` and `versionName=` of `dumpsys package packages`. */
export function readVersions(text: string): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  let name: string | undefined;
  for (const line of text.split("\n")) {
    const found = /^\s*Package \[([\w.]+)\]/.exec(line)?.[1];
    if (found !== undefined) name = found;
    const version = /^\s*versionName=(.*)$/.exec(line)?.[1]?.trim();
    // An updated app of the system is there twice, its present one first.
    if (name !== undefined && version !== undefined && version !== "null" && !versions.has(name))
      versions.set(name, version.slice(0, LONGEST));
  }
  return versions;
}

/** `dumpsys package NAME`; undefined: it is not installed. */
export function readDump(text: string, name: string): DumpWords | undefined {
  const begins = text.indexOf(`\n  Package [${name}]`);
  if (begins < 0) return undefined;
  // Other packages and "Hidden system packages" follow.
  const rest = text.slice(begins + 1);
  const ends = rest.slice(1).search(/\n {2}Package \[|\n\S/);
  const own = ends < 0 ? rest : rest.slice(0, ends + 1);
  if (/User 0:.*\binstalled=false/.test(own)) return undefined;
  // What an app has none of is Java's null.
  const word = (pattern: RegExp) => {
    const found = pattern.exec(own)?.[1]?.trim().slice(0, LONGEST);
    return found === undefined || found === "" || found === "null" ? null : found;
  };
  const number = (pattern: RegExp) => {
    const found = word(pattern);
    return found === null ? null : safe(Number(found));
  };
  const flags = word(/^\s*flags=\[([^\]]*)\]/m);
  return {
    versionName: word(/^\s*versionName=(.*)$/m),
    versionCode: number(/\bversionCode=(\d+)/),
    minSdk: number(/\bminSdk=(\d+)/),
    targetSdk: number(/\btargetSdk=(\d+)/),
    debuggable: flags === null ? null : /\bDEBUGGABLE\b/.test(flags),
    installedAt: word(/^\s*firstInstallTime=(.*)$/m),
    updatedAt: word(/^\s*lastUpdateTime=(.*)$/m),
    installer: word(/^\s*installerPackageName=(.*)$/m),
    splits: (word(/^\s*splits=\[([^\]]*)\]/m) ?? "")
      .split(",")
      .map((split) => split.trim())
      .filter((split) => split !== "" && split !== "base")
      .slice(0, 100),
    permissions: runtimePermissions(own),
  };
}

function runtimePermissions(own: string): DumpWords["permissions"] {
  const [, section = ""] = /^\s*runtime permissions:\s*\n([\s\S]*?)(?=^\s*\w[\w ]*:\s*$|$(?![\s\S]))/m.exec(own) ?? [];
  const found = [...section.matchAll(/^\s*([\w.]{1,200}): granted=(true|false)/gm)];
  return found.slice(0, MOST_PERMISSIONS).map(([, name = "", granted]) => ({ name, granted: granted === "true" }));
}

/** `dumpsys diskstats`: lists of names and bytes, in one order. */
export function readSizes(text: string, name: string): Sizes | undefined {
  const list = (title: string): unknown[] => {
    const json = new RegExp(`^${title}: (\\[.*\\])$`, "m").exec(text)?.[1];
    try {
      return json === undefined ? [] : (JSON.parse(json) as unknown[]);
    } catch {
      return [];
    }
  };
  const at = list("Package Names").indexOf(name);
  const [code, data, cache] = ["App Sizes", "App Data Sizes", "Cache Sizes"].map((title) => list(title)[at]);
  if (at < 0 || typeof code !== "number" || typeof data !== "number" || typeof cache !== "number") return undefined;
  return { code, data, cache };
}

function safe(number: number): number | null {
  return Number.isSafeInteger(number) ? number : null;
}
