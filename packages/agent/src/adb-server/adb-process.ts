/** Our own adb server, where none runs: a child that is started, and ended by its own process id. A server of somebody else is never touched. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";

const STOP_MS = 1_500;

export interface AdbProcess {
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** Starts `adb -P port nodaemon server`. Fails with `adb_missing` when there is no such program. */
export async function startAdbProcess(path: string, port: number, log: Logger): Promise<AdbProcess> {
  // In a group of its own: a terminal's Ctrl-C would end it before us, and be logged as the loss of a server.
  const child = spawn(path, ["-P", String(port), "nodaemon", "server"], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) => reject(new PhonerackError("adb_missing", undefined, { cause })));
  });
  child.on("error", (error) => log.debug({ err: error }, "adb"));
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (text: string) => log.debug({ adb: text.trim().slice(0, 500) }, "adb server"));
  const exited = once(child, "exit");
  // A second Ctrl-C ends us without an orderly stop.
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));
  return { pid: child.pid, stop: () => end(child, exited) };
}

async function end(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await exited;
  clearTimeout(timer);
}
