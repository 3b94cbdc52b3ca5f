/**
 * A file system of its own of a few hundred kilobytes, to be really full: a tmpfs, mounted by root here, by anybody else in a user namespace whose files are reached
 * through /proc.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface SmallDisk {
  readonly folder: string;
  /** Until nothing more can be written. */
  fill(): Promise<void>;
  /** Takes away what filled it. */
  free(): Promise<void>;
  stop(): Promise<void>;
}

/** `at`: where it is mounted, made when missing. */
export async function smallDisk(at: string, bytes: number): Promise<SmallDisk> {
  await mkdir(at, { recursive: true });
  const { folder, unmount } = mounted(at, bytes) ?? (await mountedInNamespace(at, bytes));
  const filler = join(folder, "filler");
  return {
    folder,
    async fill() {
      for (let size = bytes; size >= 1; size = Math.floor(size / 2))
        while (await isWritten(filler, size)) if ((await statfs(folder)).bavail === 0) return;
    },
    free: () => rm(filler, { force: true }),
    stop: async () => unmount(),
  };
}

async function isWritten(path: string, size: number): Promise<boolean> {
  try {
    await writeFile(path, Buffer.alloc(size), { flag: "a" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return false;
    throw error;
  }
}

function mounted(at: string, bytes: number) {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", at], { stdio: "pipe" });
  } catch {
    return undefined;
  }
  return { folder: at, unmount: () => void execFileSync("umount", ["-l", at], { stdio: "pipe" }) };
}

/** It lives as long as the process that made it. */
async function mountedInNamespace(at: string, bytes: number) {
  const script = `mount -t tmpfs -o size=${bytes} tmpfs "$0" && echo ready && exec sleep 3600`;
  const keeper = spawn("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script, at], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  keeper.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await new Promise<void>((resolve, reject) => {
    keeper.stdout.once("data", () => resolve());
    keeper.once("exit", () => reject(new Error(`neither root nor a user namespace may mount here: ${said}`)));
  });
  return { folder: `/proc/${keeper.pid}/root${at}`, unmount: () => void keeper.kill("SIGKILL") };
}
