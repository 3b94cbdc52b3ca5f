/**
 * What the commands leave for each other in the data folder: `run.json` says where the running `up` or `control` is, `admin-token` (written by
 * control) opens it, and a folder an agent claimed is not another's.
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PhonerackError } from "@phonerack/contract/bus";

export interface RunFile {
  readonly url: string;
  readonly pid: number;
  /** The file with the local authority that signed its certificate. */
  readonly ca?: string;
}

export function runOf(control: { readonly url: string; readonly authority: { readonly file: string } | null }): RunFile {
  return { url: control.url, pid: process.pid, ...(control.authority ? { ca: control.authority.file } : {}) };
}

/** Makes the folder; fails with `data_unwritable`. */
export async function makeDataFolder(folder: string): Promise<void> {
  await writing(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
}

export async function writeRun(folder: string, run: RunFile): Promise<void> {
  await writing(folder, () => writeFile(join(folder, "run.json"), `${JSON.stringify(run)}\n`, { mode: 0o600 }));
}

/** Only our own: another may have started since. */
export async function removeRun(folder: string): Promise<void> {
  const run = await readRun(folder);
  if (run?.pid === process.pid) await rm(join(folder, "run.json"), { force: true });
}

/** The running phonerack of this folder; undefined when none runs. */
export async function readRun(folder: string): Promise<RunFile | undefined> {
  try {
    const run = JSON.parse(await readFile(join(folder, "run.json"), "utf8")) as Partial<RunFile>;
    if (typeof run.url !== "string" || typeof run.pid !== "number" || !isAlive(run.pid)) return undefined;
    return { url: run.url, pid: run.pid, ...(typeof run.ca === "string" ? { ca: run.ca } : {}) };
  } catch {
    return undefined;
  }
}

export async function readToken(folder: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, "admin-token"), "utf8")).trim();
  } catch {
    return undefined;
  }
}

/** Takes a folder for this process; fails with `data_in_use` while another living process holds it. Resolves to what gives it back. */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  await makeDataFolder(folder);
  const file = join(folder, "pid");
  const holder = Number(await readFile(file, "utf8").catch(() => "0"));
  if (holder !== process.pid && isAlive(holder)) throw new PhonerackError("data_in_use", `${folder}, process ${holder}`);
  await writing(folder, () => writeFile(file, String(process.pid)));
  return () => rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function writing(folder: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new PhonerackError("data_unwritable", folder, { cause });
  }
}
