/** One look at everything that a lease can have changed: the baseline is one, and so is each verification. */
import { PhonerackError } from "@phonerack/contract/bus";
import { type Answers, ask, type Question } from "./ask.js";
import type { Contact } from "./contact.js";
import { filesQuestion, type Listing, readFiles } from "./files.js";
import { PACKAGES, type Packages, readPackages, readUsers } from "./packages.js";
import { type Account, type Lock, PEOPLE, readAccounts, readAdmins, readLock } from "./people.js";
import { PROCESSES, type Process, readProcesses, strangers } from "./processes.js";
import { RECENTS, readRecents, type Task } from "./recents.js";
import { readSettings, SETTINGS, type Settings } from "./settings.js";

/** null: the phone did not tell. */
export interface Look {
  readonly boot: string;
  readonly fingerprint: string;
  readonly processes: readonly Process[] | null;
  readonly packages: Packages | null;
  readonly users: readonly number[] | null;
  readonly files: Listing | null;
  readonly accounts: readonly Account[] | null;
  readonly lock: Lock;
  readonly admins: readonly string[] | null;
  readonly recents: readonly Task[] | null;
  readonly settings: Settings | null;
  /** Names of questions that the phone hung on. */
  readonly hung: readonly string[];
}

const FIRST: readonly Question[] = [
  { name: "boot", command: "cat /proc/sys/kernel/random/boot_id" },
  { name: "fingerprint", command: "getprop ro.build.fingerprint" },
  { name: "booted", command: "getprop sys.boot_completed" },
];

/**
 * Fails when the phone cannot be reached or does not answer at all.
 * @param without names of questions that are of no use to ask again
 */
export async function look(contact: Contact, without: ReadonlySet<string> = new Set()): Promise<Look> {
  const { question, mark } = filesQuestion();
  const all = [...FIRST, PROCESSES, ...PACKAGES, ...SETTINGS, ...PEOPLE, RECENTS, question];
  const asked = all.filter(({ name }) => !without.has(name));
  const answers = await ask(contact, asked);
  if (answers.size === 0) throw new PhonerackError("device_timeout", "it answered none of the questions");
  const running = readProcesses(answers);
  return {
    ...readBoot(answers),
    processes: running && strangers(running),
    packages: readPackages(answers),
    users: readUsers(answers),
    files: readFiles(answers, mark),
    accounts: readAccounts(answers),
    lock: readLock(answers),
    admins: readAdmins(answers),
    recents: readRecents(answers),
    settings: readSettings(answers),
    hung: asked.map(({ name }) => name).filter((name) => !answers.has(name)),
  };
}

function readBoot(answers: Answers): Pick<Look, "boot" | "fingerprint"> {
  const said = (name: string) => (answers.get(name)?.text ?? "").trim().slice(0, 200);
  return { boot: said("boot"), fingerprint: said("fingerprint") };
}

/** Which start of the phone this is, and whether it is through. */
export async function askBoot(contact: Contact): Promise<{ boot: string; booted: boolean }> {
  const answers = await ask(contact, FIRST);
  return { boot: readBoot(answers).boot, booted: answers.get("booted")?.text.trim() === "1" };
}
