/** The adb on this machine: its key, and telling it of the tunnel. */
import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PhonerackError } from "@phonerack/contract/bus";
import { findAdb } from "../adb-program.js";

const exec = promisify(execFile);

type ExecFailure = Error & { readonly stdout?: string; readonly stderr?: string };
const COMMAND_MS = 15_000;

export class LocalAdb {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** undefined: there is none. */
  static find(): LocalAdb | undefined {
    const path = findAdb();
    return path === undefined ? undefined : new LocalAdb(path);
  }

  /** The line of its public key, made when there is none. Fails with `adb_key_invalid`. */
  async publicKey(): Promise<string> {
    const line = await publicKeyLine();
    if (line !== undefined) return line;
    // A server makes the key that it shows.
    await this.run("start-server");
    const made = await publicKeyLine();
    if (made === undefined) throw new PhonerackError("adb_key_invalid", `adb made no ${keyPath()}`);
    return made;
  }

  /** @returns what it says */
  async run(...words: string[]): Promise<string> {
    const said = exec(this.#path, words, { timeout: COMMAND_MS });
    // What it fails with is what it says, too.
    const { stdout, stderr } = await said.catch(({ stdout = "", stderr = "", message }: ExecFailure) => ({
      stdout,
      stderr: stderr || message,
    }));
    return `${stdout}${stderr}`.trim();
  }

  /** Waits until the device is there for use; false: not in time, or it was given up. */
  async isThere(serial: string, { withinMs, signal }: { withinMs: number; signal: AbortSignal }): Promise<boolean> {
    for (const end = Date.now() + withinMs; Date.now() < end && !signal.aborted; ) {
      if ((await this.run("-s", serial, "get-state")) === "device") return true;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return false;
  }

  /** Runs it on the terminal. @returns its exit code */
  attached(words: readonly string[]): Promise<number> {
    const child = spawn(this.#path, words, { stdio: "inherit" });
    // Ctrl-C is for it; we tidy up after.
    process.on("SIGINT", () => undefined);
    return new Promise((resolve, reject) => {
      child.once("error", (cause) => reject(new PhonerackError("adb_missing", cause.message, { cause })));
      child.once("close", (code) => resolve(code ?? 1));
    });
  }
}

/** Where adb keeps its key: AOSP packages/modules/adb, client/auth.cpp. */
function keyPath(): string {
  return join(process.env.ANDROID_USER_HOME ?? join(process.env.ANDROID_SDK_HOME ?? homedir(), ".android"), "adbkey.pub");
}

/** undefined: there is no key yet. */
export async function publicKeyLine(path = keyPath()): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new PhonerackError("adb_key_invalid", `${path} cannot be read`, { cause });
  }
}
