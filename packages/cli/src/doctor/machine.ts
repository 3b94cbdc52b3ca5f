/** This machine by itself: Node, disk, limits, clock service, port. Paths and numbers can be given, so that each finding can be seen. */
import { execFile } from "node:child_process";
import { mkdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { readRun } from "../data-folder.js";
import { type Finding, fail, ok, warn } from "./finding.js";

const run = promisify(execFile);
const GIB = 1024 ** 3;
/** A thousand phones: an ADB connection, streams and files each, with room. */
const OPEN_FILES = 65_536;

export function node(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return ok("node", version);
  return fail("node", `${version} is too old`, "install Node 20.19 or newer");
}

export async function dataFolder(folder: string): Promise<Finding[]> {
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    const todo = "choose another with --data or mend its permissions";
    return [fail("data folder", `${folder} cannot be written: ${(error as Error).message}`, todo)];
  }
  const { bavail, bsize } = await statfs(folder);
  return [ok("data folder", `${folder} can be written`), disk(bavail * bsize)];
}

export function disk(free: number): Finding {
  const says = `${(free / GIB).toFixed(1)} GiB are free in the data folder`;
  if (free < GIB) return fail("disk", says, "free some: a database that cannot write stops the lab");
  if (free < 5 * GIB) return warn("disk", says, "free some before it fills: 5 GiB is a good measure");
  return ok("disk", says);
}

export async function openFiles(limits = "/proc/self/limits"): Promise<Finding> {
  const text = await readFile(limits, "utf8").catch(() => "");
  const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(text) ?? [];
  if (soft === undefined) return warn("open files", "the limit cannot be read", "look at 'ulimit -n' where phonerack starts");
  if (soft === "unlimited" || Number(soft) >= OPEN_FILES) return ok("open files", `${soft} at once`);
  return warn(
    "open files",
    `${soft} at once; a thousand phones need ${OPEN_FILES}`,
    `LimitNOFILE=${OPEN_FILES} in the systemd unit, or 'ulimit -n ${OPEN_FILES}' before the start`,
  );
}

export async function inotify(folder = "/proc/sys/fs/inotify"): Promise<Finding> {
  const watches = Number(await readFile(join(folder, "max_user_watches"), "utf8").catch(() => "NaN"));
  const instances = Number(await readFile(join(folder, "max_user_instances"), "utf8").catch(() => "NaN"));
  if (Number.isNaN(watches + instances)) return warn("inotify", "the limits cannot be read", "nothing, unless this is Linux");
  const says = `${watches} watches, ${instances} instances`;
  if (watches >= 8_192 && instances >= 128) return ok("inotify", says);
  return warn("inotify", `${says} are few`, "sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=512");
}

/** Whether the clock is kept right at all; against whose it is right, `database.ts` and `control.ts` say. */
export async function timeService(): Promise<Finding> {
  try {
    const { stdout } = await run("timedatectl", ["show", "--property=NTPSynchronized", "--value"], { timeout: 5_000 });
    if (stdout.trim() === "yes") return ok("time service", "the clock follows time servers");
    return warn("time service", "the clock follows no time server", "'timedatectl set-ntp true', or run chrony");
  } catch {
    return warn(
      "time service",
      "systemd does not say whether the clock follows time servers",
      "see that chrony or another does it",
    );
  }
}

/** Taken is right when it is this folder's own phonerack that has it. */
export async function port(at: number, folder: string): Promise<Finding> {
  const free = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
      .once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      .listen(at, () => server.close(() => resolve(undefined)));
  });
  if (free === undefined) return ok("port", `${at} is free`);
  const running = await readRun(folder);
  if (running && Number(new URL(running.url).port) === at) return ok("port", `${at} is that of the phonerack that runs here`);
  if (free === "EACCES")
    return fail("port", `${at} may not be opened by this user`, "choose one above 1023, or a proxy in front");
  return fail("port", `${at} is taken by another program`, "choose another with --port, or stop that one ('ss -ltnp' names it)");
}
