/** What the interpreter and the commands inside the shell share: where a command runs, and how it leaves more than itself. */
import type { Io, Runner } from "./command.js";
import type { Job } from "./jobs.js";
import type { ShellPhone } from "./shell-phone.js";
import type { ShellState } from "./state.js";
import type { Script } from "./syntax-tree.js";

/** Where commands run: which shell, what it reads and writes, and until when. */
export interface Frame {
  readonly state: ShellState;
  readonly io: Io;
  readonly signal: AbortSignal;
  /** Resolves when the process that runs this goes on, or is over; undefined while it is not stopped. */
  readonly stopped: () => Promise<void> | undefined;
  /** The process that was made for this very command already: it becomes it, as exec does. */
  readonly job?: Job | undefined;
}

/** `exit`, `return`, `break` and `continue` on their way out. */
export class Leave extends Error {
  constructor(
    readonly kind: "exit" | "return" | "break" | "continue",
    readonly value: number,
  ) {
    super(kind);
  }
}

/** The interpreter, for builtins. */
export interface Machine {
  readonly host: ShellPhone;
  run(script: Script, frame: Frame): Promise<number>;
  /** A function, a builtin or a program. */
  words(words: readonly string[], frame: Frame, assigned?: ReadonlyMap<string, string>): Promise<number>;
  /** A program of /system/bin or a script file, past functions and builtins. */
  program(words: readonly string[], frame: Frame, assigned?: ReadonlyMap<string, string>): Promise<number>;
  hasProgram(name: string): boolean;
  runner(frame: Frame): Runner;
}

export interface BuiltinCall {
  readonly name: string;
  readonly args: readonly string[];
  readonly frame: Frame;
  readonly machine: Machine;
  /** `A=1` before the command. */
  readonly assigned: ReadonlyMap<string, string>;
}
export type Builtin = (call: BuiltinCall) => Promise<number> | number;

export function absolute(path: string, cwd: string): string {
  return path.startsWith("/") ? path : cwd === "/" ? `/${path}` : `${cwd}/${path}`;
}
