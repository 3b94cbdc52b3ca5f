/** What one shell remembers: variables, folder, functions, the last status. Subshells get a copy. */
import type { Command } from "./syntax-tree.js";

export class ShellState {
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, Command>;
  cwd: string;
  positional: readonly string[];
  /** `$0` */
  name: string;
  status = 0;
  pid: number;
  lastBackground = 0;
  /** `set -e`, `-x`, `-u`. */
  readonly options: Set<string>;
  /** Functions and substitutions under way: bounds recursion. */
  depth: number;
  /** What `local` hid in the function under way. */
  locals: Map<string, string | undefined> | undefined;
  /** Background jobs of this shell; `detached` ones write elsewhere than to its terminal or pipe. */
  background: { readonly done: Promise<number>; readonly detached: boolean }[] = [];

  constructor(
    from: Partial<
      Pick<ShellState, "variables" | "exported" | "functions" | "cwd" | "positional" | "name" | "options" | "depth">
    > & { pid: number },
  ) {
    this.variables = new Map(from.variables);
    this.exported = new Set(from.exported);
    this.functions = new Map(from.functions);
    this.cwd = from.cwd ?? "/";
    this.positional = from.positional ?? [];
    this.name = from.name ?? "/system/bin/sh";
    this.options = new Set(from.options);
    this.depth = from.depth ?? 0;
    this.pid = from.pid;
  }

  copy(): ShellState {
    const copy = new ShellState(this);
    copy.status = this.status;
    return copy;
  }

  /** undefined when not set. */
  get(name: string): string | undefined {
    if (/^\d+$/.test(name)) return name === "0" ? this.name : this.positional[Number(name) - 1];
    switch (name) {
      case "?":
        return String(this.status);
      case "$":
        return String(this.pid);
      case "!":
        return this.lastBackground > 0 ? String(this.lastBackground) : "";
      case "#":
        return String(this.positional.length);
      case "-":
        return [...this.options].join("");
      case "PWD":
        return this.cwd;
      case "RANDOM":
        return String(Math.floor(Math.random() * 32768));
      default:
        return this.variables.get(name);
    }
  }

  set(name: string, value: string): void {
    if (this.variables.size < 1000 || this.variables.has(name)) this.variables.set(name, value);
  }

  unset(name: string): void {
    this.variables.delete(name);
    this.exported.delete(name);
  }

  /** `local NAME`: its value comes back when the function ends. */
  hide(name: string): void {
    if (this.locals && !this.locals.has(name)) this.locals.set(name, this.variables.get(name));
  }

  restoreLocals(): void {
    for (const [name, value] of this.locals ?? []) {
      if (value === undefined) this.variables.delete(name);
      else this.variables.set(name, value);
    }
  }

  /** What commands get. */
  environment(): Map<string, string> {
    const found = new Map<string, string>();
    for (const name of this.exported) {
      const value = this.variables.get(name);
      if (value !== undefined) found.set(name, value);
    }
    return found;
  }
}
