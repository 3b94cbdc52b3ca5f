/** Which packages are installed, for whom, in which version and signed by whom; and making that what it was. */
import type { Answers, Question } from "./ask.js";
import type { Repair } from "./repair.js";

export interface Package {
  /** Not part of the phone's system. */
  readonly third: boolean;
  readonly disabled: boolean;
  readonly version: string | null;
  /** A digest of its signing certificate, as far as Android prints one. */
  readonly signer: string | null;
}
export type Packages = Readonly<Record<string, Package>>;

/** `cmd package` answers in 30 ms where `pm` starts a runtime for a second; but Android 8 knows some words only in `pm`. */
export const PACKAGES: readonly Question[] = [
  { name: "users", command: "pm list users", patienceMs: 15_000 },
  { name: "packages", command: "cmd package list packages || pm list packages", patienceMs: 15_000 },
  { name: "packages-3", command: "cmd package list packages -3 || pm list packages -3", patienceMs: 15_000 },
  { name: "packages-d", command: "cmd package list packages -d || pm list packages -d", patienceMs: 15_000 },
  {
    name: "packages-v",
    command: "dumpsys package packages | grep -E '^ +(Package \\[|versionCode=|signatures=)'",
    patienceMs: 20_000,
  },
];

/**
 * System apps that keep what people did with them. Their data is cleared like that of other apps; the rest of the system's is left alone,
 * because its settings live there.
 */
const SYSTEM_WITH_TRACES = [
  "com.android.browser",
  "com.android.chrome",
  "com.android.contacts",
  "com.android.calendar",
  "com.android.camera2",
  "com.android.documentsui",
  "com.android.gallery3d",
  "com.android.messaging",
  "com.android.mms",
  "com.android.providers.calendar",
  "com.android.providers.contacts",
  "com.android.providers.downloads",
  "com.android.providers.userdictionary",
  "com.google.android.apps.docs",
  "com.google.android.apps.maps",
  "com.google.android.apps.messaging",
  "com.google.android.apps.photos",
  "com.google.android.contacts",
  "com.google.android.documentsui",
  "com.google.android.googlequicksearchbox",
  "com.google.android.youtube",
  "com.sec.android.app.sbrowser",
  "org.chromium.chrome",
];

const NAME = /^[A-Za-z0-9_.]{1,255}$/;

export function readPackages(answers: Answers): Packages | null {
  const all = namesIn(answers, "packages");
  const third = namesIn(answers, "packages-3");
  const disabled = namesIn(answers, "packages-d");
  if (!all || !third || !disabled || all.size === 0) return null;
  const versions = readVersions(answers.get("packages-v")?.text ?? "");
  return Object.fromEntries(
    [...all].map((name) => [
      name,
      {
        third: third.has(name),
        disabled: disabled.has(name),
        version: versions.get(name)?.version ?? null,
        signer: versions.get(name)?.signer ?? null,
      },
    ]),
  );
}

function namesIn(answers: Answers, question: string): Set<string> | undefined {
  const answer = answers.get(question);
  if (answer?.exitCode !== 0) return undefined;
  const names = answer.text.split("\n").map((line) => /^package:(?:.*=)?([A-Za-z0-9_.]+)\s*$/.exec(line)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

function readVersions(text: string): Map<string, { version: string | null; signer: string | null }> {
  const found = new Map<string, { version: string | null; signer: string | null }>();
  for (const piece of text.split(/^ +Package \[/m).slice(1)) {
    const name = /^([^\]]+)\]/.exec(piece)?.[1];
    // The first entry is the one in use; what an update hides follows under the same name.
    if (!name || found.has(name)) continue;
    found.set(name, {
      version: /versionCode=(\d+)/.exec(piece)?.[1] ?? null,
      // "signatures=PackageSignatures{1a2b3c version:2, signatures:[d6b4a0c9], …}"; up to Android 8: "PackageSignatures{1a2b3c [d6b4a0c9]}".
      signer: /signatures=PackageSignatures\{[^[]*\[([0-9a-f, ]*)\]/.exec(piece)?.[1] ?? null,
    });
  }
  return found;
}

export function readUsers(answers: Answers): number[] | null {
  const answer = answers.get("users");
  const found = [...(answer?.text ?? "").matchAll(/UserInfo\{(\d+):/g)].map((match) => Number(match[1]));
  return found.length > 0 ? found : null;
}

/** What makes the packages those of the baseline. Once; what is left after is a difference. */
export function repairPackages(before: Packages, now: Packages): Repair[] {
  const repairs: Repair[] = [];
  const add = (what: string, command: string) => repairs.push({ item: "packages", what, command, patienceMs: 60_000 });
  for (const [name, found] of Object.entries(now)) {
    if (!NAME.test(name)) continue;
    const was = Object.hasOwn(before, name) ? before[name] : undefined;
    if (!was && found.third) add(`removed ${name}`, `cmd package uninstall ${name} || pm uninstall ${name}`);
    if (!was) continue;
    // An update of a system app is taken back to what the phone was built with.
    if (!was.third && differs(was, found)) add(`took back the update of ${name}`, `cmd package uninstall ${name}`);
    if (was.disabled && !found.disabled) add(`disabled ${name} again`, `pm disable-user --user 0 ${name}`);
    if (!was.disabled && found.disabled) add(`enabled ${name} again`, `pm enable --user 0 ${name}`);
  }
  for (const [name, was] of Object.entries(before)) {
    const gone = NAME.test(name) && !Object.hasOwn(now, name) && !was.third;
    if (gone) add(`brought ${name} back`, `cmd package install-existing ${name} || pm install-existing ${name}`);
  }
  return repairs;
}

/** Clears what kept apps stored. */
export function clearData(before: Packages, now: Packages): Repair[] {
  return keptApps(before, now).map((name) => ({
    item: "app-data",
    what: name,
    command: `pm clear ${name}`,
    patienceMs: 60_000,
  }));
}

/** Apps that stay on the phone and whose data goes. */
export function keptApps(before: Packages, now: Packages): string[] {
  return Object.entries(now)
    .filter(([name, { third }]) => NAME.test(name) && Object.hasOwn(before, name) && (third || SYSTEM_WITH_TRACES.includes(name)))
    .map(([name]) => name);
}

function differs(was: Package, found: Package): boolean {
  const changed = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
  return changed(was.version, found.version) || changed(was.signer, found.signer);
}

/** In words, each way in which the packages are not as they were. */
export function packageDifferences(before: Packages, now: Packages): string[] {
  const differences: string[] = [];
  for (const [name, found] of Object.entries(now)) {
    const was = Object.hasOwn(before, name) ? before[name] : undefined;
    if (!was) differences.push(`${name} is installed`);
    else if (differs({ ...was, version: null }, found)) differences.push(`${name} has another signer`);
    else if (differs(was, found)) differences.push(`${name} is version ${found.version}, not ${was.version}`);
    else if (was.disabled !== found.disabled) differences.push(`${name} is ${found.disabled ? "disabled" : "enabled"}`);
    else if (was.third !== found.third) differences.push(`${name} is ${found.third ? "no" : "a"} system app now`);
  }
  for (const name of Object.keys(before)) if (!Object.hasOwn(now, name)) differences.push(`${name} is missing`);
  return differences;
}
