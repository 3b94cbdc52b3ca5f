/**
 * Runs what the parser read: lists, pipelines, compound commands, redirections and the search for commands. The words are expansion.ts's,
 * what happens inside the shell itself (cd, export, read …) is builtins.ts's, sessions and prompts are session.ts's.
 */
import { bytePipe } from "../adbd/byte-pipe.js";
import { FileError } from "../adbd/services.js";
import { endsPlainly, isDetached } from "./and-or.js";
import { ArithmeticError } from "./arithmetic.js";
import { BUILTINS } from "./builtins.js";
import { Call, type Command as Program, type Runner } from "./command.js";
import { ExpansionError, expandPattern, expandText, expandWords, type Surroundings } from "./expansion.js";
import { absolute, type Builtin, type Frame, Leave, type Machine } from "./frame.js";
import { type Job, Killed, statusOf } from "./jobs.js";
import { parseScript } from "./parser.js";
import { glob, matchesPattern } from "./pattern.js";
import { openRedirects } from "./redirects.js";
import type { ShellPhone } from "./shell-phone.js";
import { ByteInput, MemorySink, pipeSink, untilAborted } from "./streams.js";
import {
  type AndOr,
  type Command,
  type CompoundCommand,
  type Pipeline,
  type Script,
  ShellSyntaxError,
  type SimpleCommand,
  type Word,
} from "./syntax-tree.js";

const MAX_DEPTH = 60;
/** Subshells of one phone at once, as RLIMIT_NPROC bounds a real one's: a fork bomb costs only itself. */
const MAX_SUBSHELLS = 300;
const SHELL_PATH = "/system/bin/sh";

export class Interpreter implements Machine {
  readonly host: ShellPhone;
  readonly #programs: ReadonlyMap<string, Program>;
  #subshells = 0;
  #started = 0;

  constructor(host: ShellPhone, programs: ReadonlyMap<string, Program>) {
    this.host = host;
    this.#programs = programs;
  }

  /** Whether `/system/bin/NAME` is a program. */
  hasProgram(name: string): boolean {
    return this.#programs.has(name);
  }

  /** @returns the last command's status. @throws Leave */
  async run(script: Script, frame: Frame): Promise<number> {
    for (const item of script) {
      const stopped = frame.stopped();
      if (stopped) await stopped;
      if (frame.signal.aborted) return (frame.state.status = statusOf(frame.signal.reason));
      if (item.background) this.#background(item, frame);
      else {
        frame.state.status = await this.#andOr(item, frame);
        if (frame.state.status !== 0 && frame.state.options.has("e") && endsPlainly(item))
          throw new Leave("exit", frame.state.status);
      }
    }
    return frame.state.status;
  }

  /** Like `run`, in a copy of the shell: nothing it sets or leaves comes back. */
  async runCopy(script: Script, frame: Frame): Promise<number> {
    const state = frame.state.copy();
    state.depth++;
    if (state.depth > MAX_DEPTH || this.#subshells >= MAX_SUBSHELLS) return this.#complain(frame, "can't fork - try again", 1);
    this.#subshells++;
    try {
      // Subshells that only start others never wait for anything: let the process's other phones breathe.
      if (++this.#started % 20 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      return await this.run(script, { ...frame, state });
    } catch (error) {
      if (error instanceof Leave) return error.value;
      throw error;
    } finally {
      this.#subshells--;
      frame.state.background.push(...state.background);
    }
  }

  #background(item: AndOr, frame: Frame): void {
    const job = this.host.jobs.start(item.source.split(/\s/, 1)[0] || "sh", frame.signal, {
      ppid: frame.state.pid,
      args: item.source,
    });
    frame.state.lastBackground = job.pid;
    frame.state.status = 0;
    const io = { ...frame.io, stdin: ByteInput.of() };
    const simple = item.pipelines.length === 1 && item.pipelines[0]?.pipeline.commands.length === 1;
    const done = this.runCopy([{ ...item, background: false }], {
      ...frame,
      io,
      signal: job.signal,
      stopped: job.stopped,
      job: simple ? job : undefined,
    })
      .catch(() => 1)
      .finally(() => job.end());
    frame.state.background.push({ done, detached: isDetached(item) });
  }

  async #andOr(item: AndOr, frame: Frame): Promise<number> {
    let status = 0;
    for (const { operator, pipeline } of item.pipelines) {
      if ((operator === "&&" && status !== 0) || (operator === "||" && status === 0)) continue;
      status = await this.#pipeline(pipeline, frame);
      frame.state.status = status;
    }
    return status;
  }

  async #pipeline({ commands, negated }: Pipeline, frame: Frame): Promise<number> {
    const [first] = commands;
    const status = commands.length === 1 && first ? await this.command(first, frame) : await this.#piped(commands, frame);
    return negated ? Number(status === 0) : status;
  }

  async #piped(commands: readonly Command[], frame: Frame): Promise<number> {
    let input = frame.io.stdin;
    const running: Promise<number>[] = [];
    commands.forEach((command, index) => {
      const last = index === commands.length - 1;
      const pipe = last ? undefined : bytePipe();
      const broken = new AbortController();
      const stop = (): void => broken.abort(frame.signal.reason);
      frame.signal.addEventListener("abort", stop, { once: true });
      const own = input;
      const io = { ...frame.io, stdin: own, ...(pipe ? { stdout: pipeSink(pipe) } : {}) };
      // Nobody reads any more: what SIGPIPE does to the writer.
      if (pipe) void pipe.closed.then(() => broken.abort(new Killed(13)));
      const script: Script = [
        { pipelines: [{ operator: "", pipeline: { negated: false, commands: [command] } }], background: false, source: "" },
      ];
      const over = async (status: number): Promise<number> => {
        frame.signal.removeEventListener("abort", stop);
        pipe?.end();
        if (index > 0) await own.close();
        return status;
      };
      running.push(
        this.runCopy(script, { ...frame, io, signal: broken.signal }).then(over, async (error: unknown) => {
          await over(1);
          throw error;
        }),
      );
      if (pipe) input = new ByteInput(pipe.source);
    });
    const statuses = await Promise.all(running);
    return statuses.at(-1) ?? 0;
  }

  /** Runs one command with its redirections. */
  async command(command: Command, frame: Frame): Promise<number> {
    try {
      if (command.kind === "simple") return await this.#simple(command, frame);
      if (command.redirects.length === 0) return await this.#compound(command, frame);
      const opened = await openRedirects(command.redirects, this.#redirection(frame));
      try {
        return await this.#compound(command, { ...frame, io: opened.io });
      } finally {
        await opened.close();
      }
    } catch (error) {
      if (error instanceof FileError) return this.#complain(frame, `can't open ${error.path}: ${error.message}`, 1);
      if (error instanceof ExpansionError || error instanceof ArithmeticError) return this.#complain(frame, error.message, 1);
      throw error;
    }
  }

  async #compound(command: CompoundCommand, outer: Frame): Promise<number> {
    const frame = { ...outer, job: undefined };
    switch (command.kind) {
      case "group":
        return this.run(command.body, frame);
      case "subshell":
        return this.runCopy(command.body, frame);
      case "if":
        for (const { condition, body } of command.branches)
          if ((await this.#quietly(condition, frame)) === 0) return this.run(body, frame);
        return command.otherwise ? this.run(command.otherwise, frame) : 0;
      case "loop":
        return this.#loop(
          frame,
          async () => ((await this.#quietly(command.condition, frame)) === 0) !== command.until,
          command.body,
        );
      case "for":
        return this.#for(command, frame);
      case "case":
        return this.#case(command, frame);
      case "function":
        frame.state.functions.set(command.name, command.body);
        return 0;
      default:
        return command satisfies never;
    }
  }

  /** A condition's failure is no failure: `set -e` does not see it. */
  async #quietly(script: Script, frame: Frame): Promise<number> {
    const had = frame.state.options.delete("e");
    try {
      return await this.run(script, frame);
    } finally {
      if (had) frame.state.options.add("e");
    }
  }

  async #loop(frame: Frame, condition: () => Promise<boolean>, body: Script): Promise<number> {
    let status = 0;
    for (let rounds = 1; !frame.signal.aborted && (await condition()); rounds++) {
      try {
        status = await this.run(body, frame);
      } catch (error) {
        if (!(error instanceof Leave) || (error.kind !== "break" && error.kind !== "continue")) throw error;
        if (error.value > 1) throw new Leave(error.kind, error.value - 1);
        if (error.kind === "break") return 0;
      }
      const stopped = frame.stopped();
      if (stopped) await stopped;
      // A loop of builtins never waits for anything: let the process's other phones breathe.
      if (rounds % 100 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return frame.signal.aborted ? statusOf(frame.signal.reason) : status;
  }

  async #for(command: Extract<CompoundCommand, { kind: "for" }>, frame: Frame): Promise<number> {
    const values = command.words ? await expandWords(command.words, this.#surroundings(frame)) : [...frame.state.positional];
    let index = 0;
    const next = (): Promise<boolean> => {
      const value = values[index++];
      if (value !== undefined) frame.state.set(command.name, value);
      return Promise.resolve(value !== undefined);
    };
    return this.#loop(frame, next, command.body);
  }

  async #case(command: Extract<CompoundCommand, { kind: "case" }>, frame: Frame): Promise<number> {
    const around = this.#surroundings(frame);
    const subject = await expandText(command.subject, around);
    for (const { patterns, body } of command.branches) {
      for (const pattern of patterns)
        if (matchesPattern(await expandPattern(pattern, around), subject)) return this.run(body, frame);
    }
    return 0;
  }

  async #simple(command: SimpleCommand, frame: Frame): Promise<number> {
    const around = this.#surroundings(frame);
    const words = await expandWords(command.words, around);
    const assigned: [string, string][] = [];
    for (const { name, value } of command.assignments) assigned.push([name, await expandText(value, around)]);
    if (frame.state.options.has("x"))
      await frame.io.stderr.write(`+ ${[...assigned.map((pair) => pair.join("=")), ...words].join(" ")}\n`);
    const opened = command.redirects.length > 0 ? await openRedirects(command.redirects, this.#redirection(frame)) : undefined;
    try {
      const io = opened?.io ?? frame.io;
      if (words.length === 0) {
        for (const [name, value] of assigned) frame.state.set(name, value);
        // The status of a lone `x=$(false)` is the substitution's.
        return command.assignments.some(({ value }) => value.some((part) => part.kind === "substitution"))
          ? frame.state.status
          : 0;
      }
      if (words[0] === "exec" && words.length === 1) return 0;
      return await this.words(words, { ...frame, io }, new Map(assigned));
    } finally {
      await opened?.close();
    }
  }

  /** Runs a command that is words already: a function, a builtin or a program. */
  async words(words: readonly string[], frame: Frame, assigned: ReadonlyMap<string, string> = new Map()): Promise<number> {
    const [name = "", ...args] = words;
    const body = frame.state.functions.get(name);
    if (body) return this.#function(body, args, frame);
    const builtin = (BUILTINS as Record<string, Builtin | undefined>)[name];
    if (builtin && Object.hasOwn(BUILTINS, name)) return builtin({ name, args, frame, machine: this, assigned });
    return this.program(words, frame, assigned);
  }

  async #function(body: Command, args: readonly string[], frame: Frame): Promise<number> {
    const { state } = frame;
    const outer = { positional: state.positional, locals: state.locals };
    if (state.depth >= MAX_DEPTH) return this.#complain(frame, "function nesting too deep", 1);
    state.positional = args;
    state.locals = new Map();
    state.depth++;
    try {
      return await this.command(body, frame);
    } catch (error) {
      if (error instanceof Leave && error.kind === "return") return error.value;
      throw error;
    } finally {
      state.restoreLocals();
      state.positional = outer.positional;
      state.locals = outer.locals;
      state.depth--;
    }
  }

  /** Runs a program of /system/bin, or a script file. */
  async program(words: readonly string[], frame: Frame, assigned: ReadonlyMap<string, string> = new Map()): Promise<number> {
    const [name = "", ...args] = words;
    const { files } = this.host;
    const path = name.includes("/") ? absolute(name, frame.state.cwd) : undefined;
    const base = path ? this.#programAt(path) : name;
    const program = base === undefined ? undefined : this.#programs.get(base);
    if (!program) {
      if (!path || !files.exists(path)) return this.#complain(frame, `${name}: inaccessible or not found`, 127);
      if (files.stat(path).mode & 0o040000 || !files.may(path, 1))
        return this.#complain(frame, `${name}: can't execute: Permission denied`, 126);
      return this.#scriptFile(path, args, frame);
    }
    const stopped = frame.stopped();
    if (stopped) await stopped;
    frame.job?.becomes(base ?? name, words.join(" "));
    const job = frame.job ?? this.host.jobs.start(base ?? name, frame.signal, { ppid: frame.state.pid, args: words.join(" ") });
    try {
      return await this.#called(program, { name: base ?? name, args, job }, { frame, assigned });
    } finally {
      job.end();
    }
  }

  async #called(
    program: Program,
    { name, args, job }: { name: string; args: readonly string[]; job: Job },
    { frame, assigned }: { frame: Frame; assigned: ReadonlyMap<string, string> },
  ): Promise<number> {
    const env = frame.state.environment();
    for (const [key, value] of assigned) env.set(key, value);
    const inner = { ...frame, signal: job.signal, stopped: job.stopped, job: undefined };
    const { host } = this;
    const call = new Call({
      name,
      args,
      host,
      io: frame.io,
      env,
      cwd: frame.state.cwd,
      signal: job.signal,
      stopped: job.stopped,
      pid: job.pid,
      run: this.runner(inner),
      detach: () => job.detach(),
    });
    try {
      const status = await untilAborted(Promise.resolve(program(call)), job.signal);
      // One that is stopped cannot exit.
      const stopped = job.stopped();
      if (stopped) await stopped;
      return job.signal.aborted ? statusOf(job.signal.reason) : (status ?? 1);
    } catch (error) {
      if (error instanceof FileError) return call.fail(error.path ? `${error.path}: ${error.message}` : error.message);
      // A program that breaks ends like one that crashed; the shell, the other phones and the process live on.
      return call.complain(`${name}: ${error instanceof Error ? error.message : String(error)}\nAborted`, 134);
    }
  }

  /** The name of the program that a path leads to, if it is one of the phone's own. */
  #programAt(path: string): string | undefined {
    try {
      const real = this.host.files.realPath(path);
      const folder = real.slice(0, real.lastIndexOf("/"));
      if (folder !== "/system/bin" && folder !== "/system/xbin" && folder !== "/vendor/bin") return undefined;
      const base = real.slice(real.lastIndexOf("/") + 1);
      return base === "toybox" ? path.slice(path.lastIndexOf("/") + 1) : base;
    } catch {
      return undefined;
    }
  }

  async #scriptFile(path: string, args: readonly string[], frame: Frame): Promise<number> {
    const text = (await this.host.files.readAll(path, { limit: 1024 * 1024 })).toString("utf8");
    if (text.includes("\0")) return this.#complain(frame, `${path}: not executable: 64-bit ELF file`, 126);
    return this.runner(frame).script(text, { positional: args });
  }

  runner(frame: Frame): Runner {
    return {
      script: async (text, options = {}) => {
        const state = frame.state.copy();
        state.positional = options.positional ?? [];
        const io = options.stdin ? { ...frame.io, stdin: options.stdin } : frame.io;
        const script = parsed(text);
        if (typeof script === "string") return this.#complain(frame, script, 1);
        return this.runCopy(script, { state, io, signal: options.signal ?? frame.signal, stopped: frame.stopped });
      },
      command: (words, options = {}) => {
        const io = {
          ...frame.io,
          ...(options.stdin ? { stdin: options.stdin } : {}),
          ...(options.stdout ? { stdout: options.stdout } : {}),
        };
        const state = frame.state.copy();
        const signal = options.signal ?? frame.signal;
        return this.words(words, { state, io, signal, stopped: frame.stopped }, options.env);
      },
    };
  }

  async #complain(frame: Frame, message: string, status: number): Promise<number> {
    await frame.io.stderr.write(`${SHELL_PATH}: ${message}\n`);
    return status;
  }

  #redirection(frame: Frame) {
    return {
      io: frame.io,
      files: this.host.files,
      expand: (word: Word) => expandText(word, this.#surroundings(frame)),
      cwd: frame.state.cwd,
    };
  }

  #surroundings(frame: Frame): Surroundings {
    const { state } = frame;
    return {
      get: (name) => state.get(name),
      set: (name, value) => state.set(name, value),
      positional: state.positional,
      substitute: async (script) => {
        const output = new MemorySink();
        const status = await this.runCopy(script, { ...frame, io: { ...frame.io, stdout: output }, job: undefined });
        state.status = status;
        return output.text();
      },
      glob: (pattern) => glob(this.host.files, state.cwd, pattern),
    };
  }
}

/** The script, or what is wrong with it. */
function parsed(text: string): Script | string {
  try {
    return parseScript(text);
  } catch (error) {
    if (error instanceof ShellSyntaxError) return error.message;
    throw error;
  }
}
