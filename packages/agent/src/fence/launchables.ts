/** What the fence asks a phone and tells it: which apps it can launch, which are disabled, which services help to use it; disable these, enable those. */

import { PhonerackError } from "@phonerack/contract/bus";
import { type Answers, ask, type Question } from "../cleaning/ask.js";
import type { Contact } from "../cleaning/contact.js";

export interface Launchables {
  /** Packages with an icon that opens them, enabled, each once. */
  readonly launchable: readonly string[];
  readonly disabled: ReadonlySet<string>;
  /** Other users that run on it (a work profile, a second space): what they launch we do not reach. */
  readonly users: readonly number[];
  /** Accessibility services that are enabled, as `package/class`. */
  readonly services: readonly string[];
}

/** In the name of what we run, so that a cleaning that begins beside it spares it. */
const OURS = ": @phonerack:fence";
const QUERY = "--user 0 -a android.intent.action.MAIN -c android.intent.category.LAUNCHER";

/**
 * `--components` came with Android 9, `--brief` with 7; both say one component a line. `cmd package` answers in 30 ms where `pm` starts a
 * runtime for a second; but Android 8 knows some words only in `pm`.
 */
const LOOK: readonly Question[] = [
  {
    name: "launchable",
    command: `${OURS}; cmd package query-activities --components ${QUERY} 2>/dev/null || cmd package query-activities --brief ${QUERY}`,
  },
  { name: "disabled", command: "cmd package list packages -d --user 0 || pm list packages -d --user 0", patienceMs: 15_000 },
  {
    name: "services",
    command:
      "cmd settings get secure enabled_accessibility_services 2>/dev/null || settings get secure enabled_accessibility_services",
  },
];
const USERS: Question = { name: "users", command: "cmd package list users || pm list users", patienceMs: 15_000 };

/** So many packages in one loop: a phone that hangs on one is asked about the others. */
const BATCH = 40;
/** Android restarts nothing while it disables; the slowest phones take a second each. */
const PATIENCE_MS = 15_000;

/** Fails with `phone_failed` when the phone does not tell, `device_not_ready` or `device_timeout` when it does not answer. */
export async function lookAround(contact: Contact): Promise<Launchables> {
  return readLaunchables(await ask(contact, [...LOOK, USERS]));
}

/** As far as it is needed again and again: without other users. */
export async function lookAgain(contact: Contact): Promise<Launchables> {
  return readLaunchables(await ask(contact, LOOK));
}

/** Disables them and looks. @returns also what the phone said about those that it refused. */
export async function disable(
  contact: Contact,
  names: readonly string[],
): Promise<Launchables & { refused: ReadonlyMap<string, string> }> {
  const answers = await ask(contact, [...each(names, "disable-user"), ...LOOK]);
  return { ...readLaunchables(answers), refused: readRefusals(answers) };
}

/** Makes them what they were before they were disabled, and looks. */
export async function restore(contact: Contact, names: readonly string[]): Promise<Launchables> {
  return readLaunchables(await ask(contact, [...each(names, "default-state"), ...LOOK]));
}

/** For those that a phone's maker ships disabled and somebody had enabled: their own state is to be off. */
export async function enable(contact: Contact, names: readonly string[]): Promise<Launchables> {
  return readLaunchables(await ask(contact, [...each(names, "enable"), ...LOOK]));
}

/** Says each name before: one line that cannot be written ends a loop whose connection is lost, so that it does not go on behind our back. */
function each(names: readonly string[], verb: string): Question[] {
  const batches: Question[] = [];
  for (let from = 0; from < names.length; from += BATCH) {
    const words = names.slice(from, from + BATCH).join(" ");
    const one = `cmd package ${verb} --user 0 $p || pm ${verb} --user 0 $p`;
    batches.push({
      name: `change-${from}`,
      command: `${OURS}; for p in ${words}; do echo "=$p" || exit 1; ${one}; done`,
      patienceMs: PATIENCE_MS,
    });
  }
  return batches;
}

function readLaunchables(answers: Answers): Launchables {
  const [launchable, disabled] = [answers.get("launchable")?.text ?? "", answers.get("disabled")];
  const found = [...launchable.matchAll(/^\s*([A-Za-z][\w.]*)\/[\w.$]+\s*$/gm)].map((match) => match[1] ?? "");
  if (found.length === 0 && !launchable.includes("No activities found"))
    throw new PhonerackError("phone_failed", "it does not tell which apps it can launch");
  if (disabled?.exitCode !== 0) throw new PhonerackError("phone_failed", "it does not tell which apps are disabled");
  const off = [...disabled.text.matchAll(/^package:([\w.]+)\s*$/gm)].map((match) => match[1] ?? "");
  const users = [...(answers.get("users")?.text ?? "").matchAll(/UserInfo\{(\d+):.*\} running/g)].map((match) =>
    Number(match[1]),
  );
  return {
    launchable: [...new Set(found)],
    disabled: new Set(off),
    users: users.filter((user) => user !== 0),
    services: readServices(answers),
  };
}

function readServices(answers: Answers): string[] {
  const words = answers.get("services")?.text.trim().split(":") ?? [];
  return words.filter((word) => /^[A-Za-z][\w.]*\/[\w.$]+$/.test(word));
}

/** The line of an exception that says why, else the last word about it. */
function readRefusals(answers: Answers): Map<string, string> {
  const refused = new Map<string, string>();
  for (const [name, { text }] of answers) {
    if (!name.startsWith("change-")) continue;
    for (const piece of text.split(/^=/m).slice(1)) {
      const [word = "", ...lines] = piece.trimEnd().split("\n");
      const why = lines.map((line) => /Exception: (.+)$/.exec(line)?.[1]).find(Boolean) ?? lines.at(-1)?.trim();
      if (why && !/new state: disabled/.test(piece)) refused.set(word.trim(), why.slice(0, 300));
    }
  }
  return refused;
}
