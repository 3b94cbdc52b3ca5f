/**
 * One cleaning of one phone, from cutting what runs to the last look. It never believes a command's "Success": what was done is looked at, and
 * done once more if need be. Few round trips: a look is one shell command, and so are all its repairs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type CleanRecord, PhonerackError } from "@phonerack/contract/bus";
import type { ServerJar } from "../mirror/server-jar.js";
import { ask } from "./ask.js";
import type { Baseline } from "./baselines.js";
import type { CleanOrder } from "./cleaner.js";
import { emptyClipboard } from "./clipboard.js";
import type { Contact } from "./contact.js";
import { fileChanges, type Listing, repairFiles } from "./files.js";
import { type Look, look } from "./look.js";
import { clearData, repairPackages } from "./packages.js";
import { repairAdmins, repairLock, repairUsers } from "./people.js";
import { killing, PROCESSES, type Process, readProcesses, strangers } from "./processes.js";
import { restart } from "./reboot.js";
import { repairRecents } from "./recents.js";
import { count, type Item, type Repair, type Verdict } from "./repair.js";
import { repairSettings } from "./settings.js";
import { itemsOf, reasonOf, verdicts } from "./verdicts.js";

/** What comes back after it was removed (a service that starts another, a task of the launcher) is removed so often. */
const ROUNDS = 3;
const KILL_ROUNDS = 6;
/** After a restart Android still starts things for some seconds. */
const SETTLE_MS = 1_500;

const ONCE: readonly Repair[] = [
  // What apps and people wrote into the log is nobody else's to read. The event log is the agent's own eye.
  { item: "processes", what: "", command: "logcat -b main -b system -b crash -c" },
  // The next user finds a lit home screen.
  {
    item: "recent-tasks",
    what: "",
    command: "input keyevent WAKEUP; wm dismiss-keyguard; cmd statusbar collapse; input keyevent HOME",
  },
];

export interface CleaningParts {
  readonly contact: Contact;
  readonly baseline: Baseline;
  readonly order: CleanOrder;
  readonly jar: ServerJar;
}

export class Cleaning {
  readonly #parts: CleaningParts;
  readonly #startedAt = Date.now();
  readonly #done = new Map<Item, string[]>();
  readonly #ms = new Map<Item, number>();
  readonly #notCleared = new Set<string>();
  #files: Listing | null = null;
  #now: Look | undefined;
  #clipboard: Verdict | undefined;
  #reboot: Verdict | undefined;
  #dataCleared = false;
  #repairedOnce = false;
  /** How often the phone has hung on a question. */
  readonly #hung = new Map<string, number>();
  #lookedMs = 0;
  /** What it is doing, in words. */
  at = "";

  constructor(parts: CleaningParts) {
    this.#parts = parts;
  }

  /** Fails with the connection's end, or when the phone answers nothing. */
  async run(): Promise<CleanRecord> {
    const { order } = this.#parts;
    this.#progress("ending what runs on it");
    await this.#timed("processes", () => this.#cut());
    await this.#mend();
    if (order.reboot) {
      this.#progress("restarting it");
      this.#reboot = await this.#timed("reboot", () => restart(this.#parts.contact));
      if (this.#reboot.result !== "failed") await this.#mend();
    }
    this.#progress("emptying the clipboard");
    this.#clipboard = await this.#timed("clipboard", () =>
      this.#parts.contact.with((link) => emptyClipboard(link, this.#parts.jar)),
    );
    return this.record();
  }

  /** As far as it came. @param failure why it came no further */
  record(failure?: string): CleanRecord {
    const { order, baseline, jar } = this.#parts;
    const done = {
      words: this.#done,
      notCleared: [...this.#notCleared],
      files: this.#files,
      clipboard: this.#clipboard,
      reboot: this.#reboot,
    };
    const judged = this.#now ? verdicts({ baseline, now: this.#now, done, ours: jar.remotePath }) : new Map<Item, Verdict>();
    // One look is at all of them.
    const share = this.#lookedMs / Math.max(1, judged.size);
    const ms = new Map([...judged.keys()].map((item) => [item, (this.#ms.get(item) ?? 0) + share]));
    const items = itemsOf(judged, this.#done, ms);
    const reason = [failure, reasonOf(items)].filter(Boolean).join(" · ") || null;
    const { deviceId, epoch } = order;
    return { deviceId, epoch, startedAt: this.#startedAt, endedAt: Date.now(), clean: reason === null, reason, items };
  }

  async #cut(): Promise<void> {
    const { contact } = this.#parts;
    let found = readProcesses(await ask(contact, [PROCESSES]));
    for (let round = 0; round < KILL_ROUNDS && found; round++) {
      const left = strangers(found);
      if (left.length === 0) return;
      this.#did("processes", killed(left));
      found = readProcesses(await ask(contact, [killing(left)]));
    }
  }

  /** Looks, repairs, and looks again until there is nothing left to repair, or it does not help. */
  async #mend(): Promise<void> {
    for (let round = 0; ; round++) {
      this.#progress(round === 0 ? "looking at it" : "looking at it again");
      this.#now = await this.#look();
      this.#files ??= this.#now.files;
      const repairs = this.#repairs(this.#now);
      if (repairs.length === 0 || round === ROUNDS) return;
      if (round > 1) await sleep(SETTLE_MS);
      this.#progress(`putting back ${count(repairs.length, "thing")}`);
      await this.#apply(repairs);
    }
  }

  /** A question that the phone hung on twice is not asked a third time. */
  async #look(): Promise<Look> {
    const hopeless = new Set([...this.#hung].filter(([, times]) => times > 1).map(([name]) => name));
    const began = performance.now();
    try {
      const seen = await look(this.#parts.contact, hopeless);
      for (const name of seen.hung) this.#hung.set(name, (this.#hung.get(name) ?? 0) + 1);
      return seen;
    } finally {
      this.#lookedMs += performance.now() - began;
    }
  }

  #repairs(now: Look): Repair[] {
    const { baseline, jar } = this.#parts;
    const both = now.packages && baseline.packages ? { was: baseline.packages, is: now.packages } : undefined;
    const data = both && !this.#dataCleared ? clearData(both.was, both.is) : [];
    this.#dataCleared ||= both !== undefined;
    const once = this.#repairedOnce ? [] : ONCE;
    this.#repairedOnce = true;
    const restless = now.processes?.filter(({ parent, args }) => !(parent === 1 && baseline.daemons?.includes(args))) ?? [];
    return [
      ...(restless.length > 0
        ? [{ item: "processes", what: killed(restless), command: killing(restless).command } as const]
        : []),
      // An admin's app cannot be removed, and one that is removed takes its accounts and tasks along.
      ...repairAdmins(baseline.admins, now.admins),
      ...repairUsers(baseline.users, now.users),
      ...(both ? repairPackages(both.was, both.is) : []),
      ...data,
      ...(baseline.settings && now.settings ? repairSettings(baseline.settings, now.settings) : []),
      ...repairLock(baseline.lock, now.lock),
      ...(baseline.files && now.files ? this.#fileRepairs(fileChanges(baseline.files, now.files, jar.remotePath)) : []),
      ...repairRecents(now.recents),
      ...once,
    ];
  }

  #fileRepairs(changes: ReturnType<typeof fileChanges>): Repair[] {
    const words = [
      ...(changes.extra.length > 0 ? [`removed ${count(changes.extra.length, "thing")}`] : []),
      ...(changes.missingFolders.length > 0 ? [`made ${count(changes.missingFolders.length, "folder")} again`] : []),
    ];
    const questions = repairFiles(changes);
    return questions.map((question, index) => ({ ...question, item: "files", what: index === 0 ? words.join(", ") : "" }));
  }

  async #apply(repairs: readonly Repair[]): Promise<void> {
    const questions = repairs.map(({ command, patienceMs }, index) => ({
      name: `repair-${index}`,
      command,
      ...(patienceMs === undefined ? {} : { patienceMs }),
    }));
    const began = performance.now();
    const answers = await ask(this.#parts.contact, questions);
    const each = (performance.now() - began) / repairs.length;
    repairs.forEach(({ item, what }, index) => {
      this.#ms.set(item, (this.#ms.get(item) ?? 0) + each);
      if (item !== "app-data") this.#did(item, what);
      // The only one that nobody can look at after.
      else if (!/^Success/m.test(answers.get(`repair-${index}`)?.text ?? "")) this.#notCleared.add(what);
    });
  }

  async #timed<T>(item: Item, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.#ms.set(item, (this.#ms.get(item) ?? 0) + performance.now() - began);
    }
  }

  #did(item: Item, what: string): void {
    this.#done.set(item, [...(this.#done.get(item) ?? []), what]);
  }

  #progress(note: string): void {
    this.#parts.order.signal.throwIfAborted();
    this.at = note;
    this.#parts.order.onProgress(note);
  }
}

function killed(found: readonly Process[]): string {
  const names = [...new Set(found.map(({ args }) => (args.split(" ", 1)[0] ?? "").slice(0, 60)))];
  return `ended ${count(found.length, found.length === 1 ? "process" : "processe")} (${names.slice(0, 5).join(", ")})`;
}

/** What went wrong, for the record. */
export function failureWords(error: unknown, at: string): string {
  const words = error instanceof PhonerackError ? (error.detail ?? error.message) : "something unexpected happened";
  return `${words} (while ${at || "beginning"})`;
}
