/** What people leave on a phone through its Settings: accounts, users, a screen lock, device admins. */
import { createHash } from "node:crypto";
import type { Answers, Question } from "./ask.js";
import { count, type Repair, some, type Verdict } from "./repair.js";

export const PEOPLE: readonly Question[] = [
  { name: "accounts", command: "dumpsys account" },
  { name: "admins", command: "dumpsys device_policy" },
  { name: "lock-verify", command: "locksettings verify" },
  { name: "lock-dump", command: "dumpsys lock_settings | grep -iE 'CredentialType|quality'" },
  { name: "lock-policy", command: "dumpsys window policy | grep -E 'secure='" },
  { name: "lock-disabled", command: "locksettings get-disabled" },
];

/** An account, without its name: the records are kept for ever, and the baseline needs to know it again only. */
export interface Account {
  readonly type: string;
  readonly digest: string;
}

/** null when the phone does not tell. */
export function readAccounts(answers: Answers): Account[] | null {
  const text = answers.get("accounts")?.text ?? "";
  if (!/^\s*Accounts: \d+/m.test(text)) return null;
  return [...text.matchAll(/^\s*Account \{name=(.*), type=([^}\n]*)\}\s*$/gm)].map(([, name = "", type = ""]) => ({
    type,
    digest: createHash("sha256").update(`${type}\n${name}`).digest("hex").slice(0, 32),
  }));
}

export function judgeAccounts(before: readonly Account[] | null, now: readonly Account[] | null): Verdict {
  if (!now) return { result: "unverifiable", detail: "this phone does not list its accounts" };
  if (!before) return { result: "unverifiable", detail: "the baseline does not know which accounts belong there" };
  const known = new Set(before.map(({ digest }) => digest));
  const left = now.filter(({ digest }) => !known.has(digest));
  if (left.length > 0) {
    const types = [...new Set(left.map(({ type }) => type))];
    return {
      result: "failed",
      detail: `${count(left.length, "account")} left (${some(types)}); remove it in the phone's settings: a shell may not`,
    };
  }
  const missing = before.length - now.length;
  if (missing > 0) return { result: "failed", detail: `${count(missing, "account")} of the baseline gone` };
  return { result: "verified", detail: before.length === 0 ? "none" : `${count(before.length, "account")}, all of the baseline` };
}

/** Users besides the baseline's, such as a guest or a work profile, go with all that is theirs. */
export function repairUsers(before: readonly number[] | null, now: readonly number[] | null): Repair[] {
  const extra = (now ?? []).filter((user) => user !== 0 && before !== null && !before.includes(user));
  return extra.map((user) => ({
    item: "accounts",
    what: `removed user ${user}`,
    command: `pm remove-user ${user}`,
    patienceMs: 30_000,
  }));
}

export function judgeUsers(before: readonly number[] | null, now: readonly number[] | null): string | undefined {
  const extra = (now ?? []).filter((user) => before !== null && !before.includes(user));
  return extra.length > 0 ? `user ${extra.join(", ")} is left` : undefined;
}

export interface Lock {
  /** A PIN, a pattern or a password. null: the phone does not say. */
  readonly secured: boolean | null;
  /** "None" in its settings: not even a swipe. */
  readonly disabled: boolean | null;
}

export function readLock(answers: Answers): Lock {
  const said = (name: string) => answers.get(name)?.text ?? "";
  const verify = said("lock-verify");
  // Each alone is believed when it says that there is one; that there is none, when nothing contradicts it.
  const signs = [
    /verified successfully/.test(verify) ? false : /didn't match|throttled|incorrect/i.test(verify) ? true : undefined,
    sign(said("lock-dump"), /CredentialType:\s*(?!None)\w+/i, /CredentialType:\s*None/i),
    sign(said("lock-policy"), /\bsecure=true/, /\bsecure=false/),
  ];
  const disabled = /^(true|false)\s*$/m.exec(said("lock-disabled"))?.[1];
  return {
    secured: signs.includes(true) ? true : signs.includes(false) ? false : null,
    disabled: disabled === undefined ? null : disabled === "true",
  };
}

function sign(text: string, yes: RegExp, no: RegExp): boolean | undefined {
  return yes.test(text) ? true : no.test(text) ? false : undefined;
}

export function repairLock(before: Lock, now: Lock): Repair[] {
  if (before.disabled === null || now.disabled === null || before.disabled === now.disabled) return [];
  const what = `switched the lock screen ${before.disabled ? "off" : "on"} again`;
  return [{ item: "screen-lock", what, command: `locksettings set-disabled ${before.disabled}` }];
}

export function judgeLock(before: Lock, now: Lock): Verdict {
  if (now.secured === null) return { result: "unverifiable", detail: "this phone does not say whether it has a PIN" };
  if (now.secured && before.secured)
    return {
      result: "unverifiable",
      detail: "it has a PIN, pattern or password, as in the baseline; whether the same, nobody can ask",
    };
  if (now.secured) return { result: "failed", detail: "a PIN, pattern or password is set; remove it in the phone's settings" };
  if (before.secured) return { result: "failed", detail: "the PIN, pattern or password of the baseline is gone" };
  if (before.disabled !== null && now.disabled !== null && before.disabled !== now.disabled)
    return { result: "failed", detail: `the lock screen is ${now.disabled ? "off" : "on"}, and was not` };
  return { result: "verified", detail: "no PIN, pattern or password" };
}

/** Components with power over the phone; an owner has "owner:" before it. null when the phone does not tell. */
export function readAdmins(answers: Answers): string[] | null {
  const text = answers.get("admins")?.text ?? "";
  if (!/Device Policy Manager|Enabled Device Admins/i.test(text)) return null;
  const found = new Set<string>();
  let [inside, owner] = [false, false];
  for (const line of text.split("\n")) {
    if (/^\s*Enabled Device Admins/.test(line)) [inside, owner] = [true, false];
    else if (/^\s*(Device|Profile) Owner/.test(line)) [inside, owner] = [false, true];
    else if (/^ {0,2}\S/.test(line)) [inside, owner] = [false, false];
    const admin = inside ? /^ {4}([\w.]+\/[\w.$]+):\s*$/.exec(line)?.[1] : undefined;
    const owned = owner ? /^\s+admin=ComponentInfo\{([^}]+)\}/.exec(line)?.[1] : undefined;
    if (admin) found.add(admin);
    if (owned) found.add(`owner:${owned}`);
  }
  return [...found];
}

/** A shell may take the power from test-only apps; the phone refuses for others. */
export function repairAdmins(before: readonly string[] | null, now: readonly string[] | null): Repair[] {
  const extra = (now ?? []).filter((name) => before !== null && !before.includes(name));
  const components = new Set(extra.map((name) => name.replace(/^owner:/, "")).filter((name) => /^[\w.]+\/[\w.$]+$/.test(name)));
  return [...components].map((name) => ({
    item: "device-admin",
    what: `removed ${name}`,
    command: `dpm remove-active-admin --user 0 '${name}'`,
  }));
}

export function judgeAdmins(before: readonly string[] | null, now: readonly string[] | null): Verdict {
  if (!now) return { result: "unverifiable", detail: "this phone does not list its device admins" };
  if (!before) return { result: "unverifiable", detail: "the baseline does not know which device admins belong there" };
  const extra = now.filter((name) => !before.includes(name));
  const missing = before.filter((name) => !now.includes(name));
  if (extra.length > 0)
    return { result: "failed", detail: `${some(extra)} cannot be removed by a shell; switch it off in the phone's settings` };
  if (missing.length > 0) return { result: "failed", detail: `${some(missing)} of the baseline is gone` };
  return { result: "verified", detail: before.length === 0 ? "none" : "as in the baseline" };
}
