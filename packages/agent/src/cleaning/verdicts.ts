/**
 * What a cleaning comes to, item by item, from the baseline, what was done, and the last look. "verified": seen to be as it was. "cleared": the
 * phone says that it was done, and it cannot be looked at. "unverifiable": this phone tells neither now nor in the baseline. What it told
 * then and does not now is a failure: a phone that falls silent is not taken for a clean one.
 */
import type { CleanRecord } from "@phonerack/contract/bus";
import type { Baseline } from "./baselines.js";
import { judgeFiles, type Listing } from "./files.js";
import type { Look } from "./look.js";
import { keptApps, packageDifferences } from "./packages.js";
import { judgeAccounts, judgeAdmins, judgeLock, judgeUsers } from "./people.js";
import { judgeRecents } from "./recents.js";
import { count, type Item, some, type Verdict } from "./repair.js";
import { judgeSettings } from "./settings.js";

export interface Done {
  /** What was done about an item, in words. */
  readonly words: ReadonlyMap<Item, readonly string[]>;
  /** Kept apps whose data the phone did not clear. */
  readonly notCleared: readonly string[];
  /** The files before anything was removed. */
  readonly files: Listing | null;
  readonly clipboard: Verdict | undefined;
  /** undefined: none was asked for. */
  readonly reboot: Verdict | undefined;
}

export interface Judged {
  readonly baseline: Baseline;
  readonly now: Look;
  readonly done: Done;
  /** The agent's own file on the phone. */
  readonly ours: string;
}

/** All items; `reboot` only where one was asked for. */
export function verdicts(judged: Judged): Map<Item, Verdict> {
  const { baseline, now, done } = judged;
  const all: [Item, Verdict | undefined][] = [
    ["processes", processes(baseline, now)],
    ["packages", packages(baseline, now)],
    ["app-data", appData(judged)],
    ["files", files(judged)],
    ["clipboard", done.clipboard ?? { result: "unverifiable", detail: "not reached" }],
    ["accounts", accounts(baseline, now)],
    ["settings", settings(baseline, now)],
    ["screen-lock", lock(baseline, now)],
    ["device-admin", silent(baseline.admins, now.admins) ?? judgeAdmins(baseline.admins, now.admins)],
    ["recent-tasks", silent(baseline.recents || null, now.recents) ?? judgeRecents(now.recents)],
    ["reboot", done.reboot],
  ];
  return new Map(all.filter((entry): entry is [Item, Verdict] => entry[1] !== undefined));
}

/** Where each thing that was done is a name alone. */
const VERBS: Partial<Record<Item, string>> = { settings: "put back ", "recent-tasks": "removed " };

/** The items of a record: verdicts, with what was done before them. */
export function itemsOf(
  judged: ReadonlyMap<Item, Verdict>,
  done: ReadonlyMap<Item, readonly string[]>,
  ms: ReadonlyMap<Item, number>,
): CleanRecord["items"] {
  return [...judged].map(([name, { result, detail }]) => {
    const words = [...new Set(done.get(name) ?? [])].filter(Boolean);
    const before = words.length > 0 ? `${VERBS[name] ?? ""}${some(words)}; ` : "";
    return { name, result, detail: `${before}${detail}`.slice(0, 2_000), ms: Math.round(ms.get(name) ?? 0) };
  });
}

/** Why a phone with these items is not clean; null when it is. */
export function reasonOf(items: CleanRecord["items"]): string | null {
  const failed = items.filter(({ result }) => result === "failed");
  return failed.length === 0
    ? null
    : failed
        .map(({ name, detail }) => `${name}: ${detail}`)
        .join(" · ")
        .slice(0, 1_000);
}

const SILENT: Verdict = { result: "failed", detail: "the phone told it for the baseline and does not tell it now" };

function silent(before: unknown, now: unknown): Verdict | undefined {
  return before !== null && now === null ? SILENT : undefined;
}

/** What comes of it when the phone does not tell it, now or for the baseline. */
function untold(before: unknown, now: unknown, what: string): Verdict {
  return silent(before, now) ?? { result: "unverifiable", detail: `this phone does not tell ${what}` };
}

function processes({ daemons }: Baseline, { processes: now }: Look): Verdict {
  if (!now) return untold(daemons, now, "its processes");
  const left = now.filter(({ parent, args }) => !(parent === 1 && daemons?.includes(args)));
  if (left.length > 0) return { result: "failed", detail: `still runs: ${some(left.map(({ args }) => args.slice(0, 80)))}` };
  return { result: "verified", detail: "none but the system's and ours" };
}

function packages(baseline: Baseline, now: Look): Verdict {
  const [before, found] = [baseline.packages, now.packages];
  if (!before || !found) return untold(before, found, "its packages");
  if (baseline.fingerprint !== "" && now.fingerprint !== "" && baseline.fingerprint !== now.fingerprint)
    return { result: "failed", detail: `the system is another build than in the baseline: ${now.fingerprint}` };
  const differences = packageDifferences(before, found);
  if (differences.length > 0) return { result: "failed", detail: some(differences) };
  return { result: "verified", detail: `${count(Object.keys(found).length, "package")}, all of the baseline` };
}

function appData({ baseline, now, done }: Judged): Verdict {
  const [before, found] = [baseline.packages, now.packages];
  if (!before || !found) return untold(before, found, "its packages");
  if (done.notCleared.length > 0) return { result: "failed", detail: `could not be cleared: ${some(done.notCleared)}` };
  const kept = keptApps(before, found);
  if (kept.length === 0) return { result: "verified", detail: "no app is kept" };
  return { result: "cleared", detail: `of ${count(kept.length, "kept app")}; nobody can look into it without root` };
}

function settings({ settings: before }: Baseline, { settings: now }: Look): Verdict {
  return before && now ? judgeSettings(before, now) : untold(before, now, "its settings");
}

function files({ baseline, now, done, ours }: Judged): Verdict {
  const [before, listing] = [baseline.files, now.files];
  if (!before || !listing) return untold(before, listing, "its files");
  const installed = new Set(Object.keys(now.packages ?? {}));
  return judgeFiles({ before, first: done.files, now: listing, ours, installed });
}

function accounts(baseline: Baseline, now: Look): Verdict {
  const users = judgeUsers(baseline.users, now.users);
  const verdict = silent(baseline.accounts, now.accounts) ?? judgeAccounts(baseline.accounts, now.accounts);
  return users === undefined
    ? verdict
    : { result: "failed", detail: verdict.result === "failed" ? `${users}; ${verdict.detail}` : users };
}

function lock({ lock: before }: Baseline, { lock: now }: Look): Verdict {
  return silent(before.secured, now.secured) ?? judgeLock(before, now);
}
