/** What a command is given and how it answers. Commands are functions; one file in commands/ holds those of one noun. */
import { type ByteSink, FileError, type WindowSize } from "../adbd/services.js";
import type { ShellPhone } from "./shell-phone.js";
import type { ByteInput } from "./streams.js";

export interface Io {
  readonly stdin: ByteInput;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  /** The session's terminal, or what stands for it. */
  readonly terminal: ByteSink;
  readonly isTerminal: boolean;
  /** The terminal's, as it is now. */
  readonly size: () => WindowSize;
}

/** Runs further commands: for `sh`, `xargs`, `nohup`, `timeout`, `find -exec`. */
export interface Runner {
  script(text: string, options?: { positional?: readonly string[]; stdin?: ByteInput; signal?: AbortSignal }): Promise<number>;
  command(
    words: readonly string[],
    options?: { stdin?: ByteInput; stdout?: ByteSink; signal?: AbortSignal; env?: ReadonlyMap<string, string> },
  ): Promise<number>;
}

export interface CallParts {
  name: string;
  args: readonly string[];
  host: ShellPhone;
  io: Io;
  env: ReadonlyMap<string, string>;
  cwd: string;
  signal: AbortSignal;
  /** Resolves when it goes on, or is over; undefined while it is not stopped. */
  stopped: () => Promise<void> | undefined;
  pid: number;
  run: Runner;
  /** From now on this run outlives its session. */
  detach: () => void;
}

/** One run of one command. */
export class Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly host: ShellPhone;
  readonly io: Io;
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  /** Aborted when it is killed, interrupted, or nobody reads its output any more. */
  readonly signal: AbortSignal;
  readonly pid: number;
  readonly run: Runner;
  readonly #detach: () => void;
  readonly #stopped: () => Promise<void> | undefined;

  constructor(parts: CallParts) {
    this.name = parts.name;
    this.args = parts.args;
    this.host = parts.host;
    this.io = parts.io;
    this.env = parts.env;
    this.cwd = parts.cwd;
    this.signal = parts.signal;
    this.pid = parts.pid;
    this.run = parts.run;
    this.#detach = parts.detach;
    this.#stopped = parts.stopped;
  }

  /** The same run with other words: for `cmd package …` → `pm …`. */
  as(name: string, args: readonly string[]): Call {
    return new Call({ ...this.#parts(), name, args });
  }

  get phone() {
    return this.host.phone;
  }
  get files() {
    return this.host.files;
  }

  /** Writes a line, or several, to stdout. Resolves with 0, so that a command can end with it. */
  async say(...lines: readonly string[]): Promise<0> {
    if (lines.length > 0) await this.io.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  }

  /** `say` for lists that may be long: a million arguments overflow the stack. */
  async sayAll(lines: readonly string[]): Promise<0> {
    for (let at = 0; at < lines.length; at += 10_000) await this.io.stdout.write(`${lines.slice(at, at + 10_000).join("\n")}\n`);
    return 0;
  }

  /** Writes bytes or text as they are. */
  write(data: Uint8Array | string): Promise<void> {
    return this.io.stdout.write(data);
  }

  /** Writes a line to stderr and resolves with an exit code. */
  async complain(line: string, code = 1): Promise<number> {
    await this.io.stderr.write(`${line}\n`);
    return code;
  }

  /** `name: message` on stderr. */
  fail(message: string, code = 1): Promise<number> {
    return this.complain(`${this.name}: ${message}`, code);
  }

  /** toybox's way to say which file and why. */
  failFile(path: string, error: unknown): Promise<number> {
    if (!(error instanceof FileError)) throw error;
    return this.fail(`${path}: ${error.message}`);
  }

  /** Absolute. */
  path(path: string): string {
    return path.startsWith("/") ? path : this.cwd === "/" ? `/${path}` : `${this.cwd}/${path}`;
  }

  /** Waits by the phone's clock, and for as long as it is stopped. @returns false when aborted before. */
  async sleep(ms: number): Promise<boolean> {
    const slept = await this.#slept(ms);
    await this.#stopped();
    return slept && !this.signal.aborted;
  }

  #slept(ms: number): Promise<boolean> {
    if (this.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (slept: boolean): void => {
        cancel();
        this.signal.removeEventListener("abort", stop);
        resolve(slept);
      };
      const stop = (): void => done(false);
      const cancel = this.phone.clock.after(ms, () => done(true));
      this.signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** From now on it outlives its session, as after setsid(2). */
  detach(): void {
    this.#detach();
  }

  #parts(): CallParts {
    const { name, args, host, io, env, cwd, signal, pid, run } = this;
    return { name, args, host, io, env, cwd, signal, pid, run, detach: this.#detach, stopped: this.#stopped };
  }
}

/** @returns the exit code. */
export type Command = (call: Call) => Promise<number> | number;

/** Where a command stands: a link to toybox, a file in /system/bin, or inside the shell. */
export interface CommandSet {
  readonly toybox: Readonly<Record<string, Command>>;
  readonly own: Readonly<Record<string, Command>>;
}
