/** Processes: those of the system (shared list, own pids), of apps (started and killed by Activities) and of the shell. */
import type { Clock } from "./clock.js";
import { Listeners } from "./listeners.js";
import type { Random } from "./random.js";

/** User ids that Android fixes (android.os.Process). */
export const UID = {
  root: 0,
  system: 1000,
  radio: 1001,
  bluetooth: 1002,
  logd: 1036,
  shell: 2000,
  nobody: 9999,
  firstApp: 10000,
} as const;

export interface Process {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  /** As `ps` prints it: package name, path or thread name. */
  readonly name: string;
  /** Its whole command line where that is more than its name. */
  readonly args?: string;
  /** Milliseconds since the Unix epoch. */
  readonly startTime: number;
  /** The package of an app process. */
  readonly package?: string;
  /** KiB of resident memory, for `ps` and `dumpsys meminfo`. */
  readonly rss: number;
}

interface SystemProcess {
  readonly pid?: number;
  readonly uid: number;
  readonly name: string;
  readonly rss: number;
  readonly parent?: string;
}

const SYSTEM: readonly SystemProcess[] = [
  { pid: 1, uid: UID.root, name: "init", rss: 11_200 },
  { pid: 2, uid: UID.root, name: "[kthreadd]", rss: 0, parent: "none" },
  { uid: UID.root, name: "[ksoftirqd/0]", rss: 0, parent: "[kthreadd]" },
  { uid: UID.root, name: "[kworker/0:1]", rss: 0, parent: "[kthreadd]" },
  { uid: UID.root, name: "ueventd", rss: 5_900 },
  { uid: UID.logd, name: "logd", rss: 9_300 },
  { uid: UID.system, name: "servicemanager", rss: 4_100 },
  { uid: UID.system, name: "hwservicemanager", rss: 4_900 },
  { uid: UID.root, name: "vold", rss: 8_800 },
  { uid: UID.root, name: "zygote64", rss: 128_000 },
  { uid: UID.system, name: "surfaceflinger", rss: 36_400 },
  { uid: UID.root, name: "netd", rss: 10_300 },
  { uid: 1041, name: "audioserver", rss: 15_600 },
  { uid: 1013, name: "media.codec", rss: 18_200 },
  { uid: UID.shell, name: "adbd", rss: 8_100 },
  { uid: UID.system, name: "system_server", rss: 312_000, parent: "zygote64" },
  { uid: UID.bluetooth, name: "com.android.bluetooth", rss: 61_000, parent: "zygote64" },
  { uid: UID.radio, name: "com.android.phone", rss: 83_000, parent: "zygote64" },
];

/** Linux's numbers, by which `kill` knows them. */
const SIGCONT = 18;
const SIGSTOP = 19;
/** 0 only asks; SIGCHLD, SIGCONT, SIGSTOP and SIGTSTP end nothing. */
const NOT_DEADLY: ReadonlySet<number> = new Set([0, 17, SIGCONT, SIGSTOP, 20]);

export class Processes {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #processes = new Map<number, Process>();
  /** Those that were stopped, and what waits for them to go on. */
  readonly #stopped = new Map<number, { readonly goes: Promise<void>; readonly go: () => void }>();
  #nextPid = 2600;
  readonly exits = new Listeners<{ readonly process: Process; readonly reason: string }>();

  constructor(parts: { clock: Clock; random: Random }) {
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.boot();
  }

  /** Pid of system_server: who writes the events of activities. */
  get systemServer(): number {
    return this.named("system_server")?.pid ?? 1;
  }

  list(): Process[] {
    return [...this.#processes.values()].sort((a, b) => a.pid - b.pid);
  }

  get(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  named(name: string): Process | undefined {
    for (const process of this.#processes.values()) if (process.name === name) return process;
    return undefined;
  }

  /** App processes of a package. */
  ofPackage(packageName: string): Process[] {
    return this.list().filter((process) => process.package === packageName);
  }

  /** Starts one; also how the shell registers what it runs (uid 2000). The default parent is adbd for the shell, else zygote64. */
  start(wanted: { name: string; uid: number; ppid?: number; package?: string; rss?: number; args?: string }): Process {
    const parent = wanted.uid === UID.shell ? "adbd" : "zygote64";
    const process: Process = {
      pid: this.#pid(),
      ppid: wanted.ppid ?? this.named(parent)?.pid ?? 1,
      uid: wanted.uid,
      name: wanted.name,
      startTime: this.#clock.now(),
      rss: wanted.rss ?? (wanted.package ? 96_000 : 3_400),
      ...(wanted.package ? { package: wanted.package } : {}),
      ...(wanted.args ? { args: wanted.args } : {}),
    };
    this.#processes.set(process.pid, process);
    return process;
  }

  /** It runs another program from now on, as exec(2). */
  becomes(pid: number, program: { name: string; args: string }): void {
    const process = this.#processes.get(pid);
    if (process) this.#processes.set(pid, { ...process, ...program });
  }

  /** Ends one, telling listeners (its owner cleans up). @returns false when there is no such process. */
  end(pid: number, reason = "exit"): boolean {
    const process = this.#processes.get(pid);
    if (!process) return false;
    this.#processes.delete(pid);
    this.#continue(pid);
    // Whom a process leaves behind goes on as init's.
    for (const child of this.#processes.values()) if (child.ppid === pid) this.#processes.set(child.pid, { ...child, ppid: 1 });
    this.exits.emit({ process, reason });
    return true;
  }

  /** `kill` as one user: the shell may end what is its own only. */
  kill(pid: number, signal: number, asUid: number): "ok" | "no-such-process" | "not-permitted" {
    const process = this.#processes.get(pid);
    if (!process) return "no-such-process";
    if (asUid !== UID.root && process.uid !== asUid) return "not-permitted";
    if (signal === SIGSTOP) this.#stop(pid);
    else if (signal === SIGCONT) this.#continue(pid);
    // One that is stopped or goes on is still there.
    if (!NOT_DEADLY.has(signal)) this.end(pid, `signal ${signal}`);
    return "ok";
  }

  /** Resolves when it goes on, or is over; undefined when it is not stopped. */
  stopped(pid: number): Promise<void> | undefined {
    return this.#stopped.get(pid)?.goes;
  }

  #stop(pid: number): void {
    if (this.#stopped.has(pid)) return;
    let go = (): void => undefined;
    const goes = new Promise<void>((resolve) => {
      go = resolve;
    });
    this.#stopped.set(pid, { goes, go });
  }

  #continue(pid: number): void {
    this.#stopped.get(pid)?.go();
    this.#stopped.delete(pid);
  }

  /** None is left. Listeners hear of every end, by the reason "reboot". */
  endAll(): void {
    for (const process of this.list()) this.end(process.pid, "reboot");
  }

  /** Starts those of the system. */
  boot(): void {
    this.#nextPid = 2600 + this.#random.between(0, 400);
    let pid = 3;
    for (const entry of SYSTEM) {
      const parent =
        entry.parent === "none" || entry.name === "init" ? 0 : entry.parent ? (this.named(entry.parent)?.pid ?? 1) : 1;
      if (entry.pid === undefined) pid += this.#random.between(5, 90);
      const own = entry.pid ?? pid;
      this.#processes.set(own, {
        pid: own,
        ppid: parent,
        uid: entry.uid,
        name: entry.name,
        startTime: this.#clock.now(),
        rss: entry.rss,
      });
    }
  }

  #pid(): number {
    do {
      this.#nextPid = this.#nextPid >= 32_000 ? 2600 : this.#nextPid + this.#random.between(1, 9);
    } while (this.#processes.has(this.#nextPid));
    return this.#nextPid;
  }
}
