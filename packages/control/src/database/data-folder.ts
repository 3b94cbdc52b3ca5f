/**
 * The data folder: made when it is missing, private, and used by one control at a time (its lock file names the process).
 * What lies in it is up to others.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";

export interface DataFolder {
  readonly path: string;
  /** Gives the folder free for the next; may be called twice. */
  release(): void;
}

/** Fails with `data_unwritable` or `data_in_use`. */
export function takeDataFolder(path: string): DataFolder {
  const lock = join(path, "lock");
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid), taken: `${Date.now()}-${Math.random()}` });
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    writeLock(lock, mine);
  } catch (cause) {
    if (cause instanceof PhonerackError) throw cause;
    throw new PhonerackError("data_unwritable", `${path}: ${(cause as Error).message}`, { cause });
  }
  let released = false;
  return {
    path,
    release: () => {
      if (released) return;
      released = true;
      if (readOrUndefined(lock) === mine) rmSync(lock, { force: true });
    },
  };
}

/** Creates the file or fails: two that start together cannot both have made it. A lock left by a dead process is removed, once. */
function writeLock(lock: string, mine: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(lock, mine, { flag: "wx", mode: 0o600 });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = holderOf(lock);
      if (holder !== undefined || attempt > 0) {
        throw new PhonerackError("data_in_use", holder === undefined ? lock : `process ${holder} holds ${lock}`);
      }
      rmSync(lock, { force: true });
    }
  }
}

function holderOf(lock: string): number | undefined {
  let held: { pid?: unknown; started?: unknown };
  try {
    held = JSON.parse(readOrUndefined(lock) ?? "{}") as typeof held;
  } catch {
    return undefined;
  }
  if (typeof held.pid !== "number" || !Number.isInteger(held.pid) || held.pid <= 0) return undefined;
  // A process id is used again after a crash or a restart of the machine: the same number with another start is another process.
  return isAlive(held.pid) && startOf(held.pid) === (held.started ?? null) ? held.pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When the process started, as Linux counts it (field 22 of /proc/PID/stat, see proc(5)), with the boot it belongs to; null elsewhere. */
function startOf(pid: number): string | null {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  if (stat === undefined) return null;
  // The second field is the program's name in brackets and may hold spaces and brackets itself.
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return `${readOrUndefined("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}:${ticks ?? ""}`;
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
