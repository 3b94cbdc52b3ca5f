/**
 * The real `adb` of this machine for one test file: a server of its own, on a port and with keys of its own, so that neither a server the
 * developer runs nor another test is disturbed.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.js";

export interface AdbResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface AdbCli {
  /** The server's port, for clients that are not `adb`. */
  readonly port: number;
  /** The arguments and environment for a child that runs adb by itself (a terminal). */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs adb to its end, with `input` on its stdin (which is closed after). Never rejects for an exit code. */
  run(args: readonly string[], input?: string | Buffer): Promise<AdbResult>;
  /** `adb devices`: serial → state. */
  states(): Promise<ReadonlyMap<string, string>>;
  stop(): Promise<void>;
}

/** Starts a server. Fails in words when the machine has no adb. */
export async function startAdbCli(): Promise<AdbCli> {
  const home = await mkdtemp(join(tmpdir(), "phonerack-e2e-adb-"));
  const port = await freePort();
  // Its keys are in HOME, its log in TMPDIR.
  const environment = { PATH: process.env.PATH, HOME: home, TMPDIR: home, ANDROID_ADB_SERVER_PORT: String(port) };
  const run: AdbCli["run"] = (args, input) => runAdb(args, { environment, input });
  const started = await run(["start-server"]);
  if (started.code !== 0) throw new Error(`adb could not be started; these tests need it (apt install adb): ${started.stderr}`);
  return {
    port,
    environment,
    run,
    states: async () => {
      const { stdout } = await run(["devices"]);
      return new Map(stdout.split("\n").flatMap((line) => (line.includes("\t") ? [line.split("\t") as [string, string]] : [])));
    },
    stop: async () => {
      await run(["kill-server"]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

function runAdb(
  args: readonly string[],
  with_: { environment: NodeJS.ProcessEnv; input: string | Buffer | undefined },
): Promise<AdbResult> {
  return new Promise((resolve) => {
    const options = { env: with_.environment, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    const child = execFile("adb", [...args], options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === "number" ? error.code : -1) : 0;
      resolve({ code, stdout, stderr: error && code === -1 ? `${stderr}${error.message}` : stderr });
    });
    // adb may end before it has read all.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(with_.input);
  });
}
