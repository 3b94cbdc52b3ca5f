/** Commands that are the shell itself: those that change it, and those mksh brings along. */
import { ArithmeticError, evaluate } from "./arithmetic.js";
import { ConditionError, testCondition } from "./conditions.js";
import { printf, replaceEscapes } from "./formatted.js";
import { absolute, type Builtin, type BuiltinCall, Leave } from "./frame.js";
import { parseScript } from "./parser.js";
import { parseSignal } from "./signals.js";
import type { ShellState } from "./state.js";
import { ShellSyntaxError } from "./syntax-tree.js";

const NAME = /^[A-Za-z_]\w*$/;

async function say({ frame }: BuiltinCall, text: string | Uint8Array): Promise<number> {
  await frame.io.stdout.write(text);
  return 0;
}

async function complain({ frame, name }: BuiltinCall, message: string, status = 1): Promise<number> {
  await frame.io.stderr.write(`/system/bin/sh: ${name}: ${message}\n`);
  return status;
}

function numberOf(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : otherwise;
}

async function cd(call: BuiltinCall): Promise<number> {
  const { state } = call.frame;
  const wanted = call.args.filter((arg) => arg !== "-P" && arg !== "-L")[0] ?? state.get("HOME") ?? "/";
  const path = absolute(wanted === "-" ? (state.get("OLDPWD") ?? "/") : wanted, state.cwd);
  const { files } = call.machine.host;
  try {
    if (files.node(path).kind !== "dir") return await complain(call, `${wanted}: Not a directory`, 2);
    if (!files.may(path, 1)) return await complain(call, `${wanted}: Permission denied`, 2);
  } catch (error) {
    return complain(call, `${wanted}: ${(error as Error).message}`, 2);
  }
  state.set("OLDPWD", state.cwd);
  state.cwd = normalised(path);
  return wanted === "-" ? say(call, `${state.cwd}\n`) : 0;
}

/** Without "." and "..", links kept as typed: what `pwd` shows. */
function normalised(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function echo(call: BuiltinCall): Promise<number> {
  const args = [...call.args];
  let newline = true;
  let escapes = true;
  while (/^-[neE]+$/.test(args[0] ?? "")) {
    const flags = args.shift() ?? "";
    if (flags.includes("n")) newline = false;
    if (flags.includes("E")) escapes = false;
  }
  const joined = args.join(" ");
  const { text, ended } = escapes ? replaceEscapes(joined) : { text: joined, ended: false };
  return say(call, newline && !ended ? `${text}\n` : text);
}

function assign(call: BuiltinCall, mark: (state: ShellState, name: string) => void): Promise<number> | number {
  const { state } = call.frame;
  const names = call.args.filter((arg) => !/^-[a-zA-Z]+$/.test(arg));
  if (names.length === 0) {
    const entries = call.name === "export" ? [...state.environment()] : [...state.variables];
    return say(call, entries.map(([name, value]) => `${name}=${value}\n`).join(""));
  }
  for (const arg of names) {
    const at = arg.indexOf("=");
    const name = at < 0 ? arg : arg.slice(0, at);
    if (!NAME.test(name)) return complain(call, `${arg}: is not an identifier`);
    mark(state, name);
    if (at >= 0) state.set(name, arg.slice(at + 1));
  }
  return 0;
}

function set(call: BuiltinCall): Promise<number> | number {
  const { state } = call.frame;
  if (call.args.length === 0) return say(call, [...state.variables].map(([name, value]) => `${name}=${value}\n`).join(""));
  for (let i = 0; i < call.args.length; i++) {
    const arg = call.args[i] ?? "";
    if (arg === "--" || !/^[-+]/.test(arg)) {
      state.positional = call.args.slice(arg === "--" ? i + 1 : i);
      return 0;
    }
    if (arg === "-o" || arg === "+o") {
      i++;
      continue;
    }
    for (const flag of arg.slice(1)) {
      if (arg.startsWith("-")) state.options.add(flag);
      else state.options.delete(flag);
    }
  }
  return 0;
}

async function read(call: BuiltinCall): Promise<number> {
  const { state, io, signal } = call.frame;
  const raw = call.args.includes("-r");
  const names = call.args.filter((arg) => !arg.startsWith("-"));
  const line = await io.stdin.line(signal);
  if (line === undefined) return 1;
  const text = raw ? line : line.replace(/\\(.)/g, "$1");
  const separators = state.get("IFS") ?? " \t\n";
  const set = Array.from(separators)
    .map((character) => character.replace(/[\\\]^-]/g, "\\$&"))
    .join("");
  const split = separators === "" ? undefined : new RegExp(`[${set}]+`);
  let rest = split ? text.replace(new RegExp(`^[${set}]+|[${set}]+$`, "g"), "") : text;
  const targets = names.length > 0 ? names : ["REPLY"];
  targets.forEach((name, index) => {
    const match = split && index < targets.length - 1 ? split.exec(rest) : null;
    state.set(name, match ? rest.slice(0, match.index) : rest);
    rest = match ? rest.slice(match.index + match[0].length) : "";
  });
  return 0;
}

async function test(call: BuiltinCall): Promise<number> {
  const closing = { "[": "]", "[[": "]]" }[call.name];
  const args = [...call.args];
  if (closing && args.pop() !== closing) return complain(call, `missing ${closing}`, 2);
  try {
    const { io, state } = call.frame;
    const around = { files: call.machine.host.files, cwd: state.cwd, isTerminal: io.isTerminal, patterns: call.name === "[[" };
    return testCondition(args, around) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return complain(call, error.message, 2);
  }
}

async function type(call: BuiltinCall): Promise<number> {
  let status = 0;
  for (const name of call.args) {
    const what = describe(call, name);
    if (what === undefined) status = 1;
    await say(call, call.name === "whence" ? `${what?.path ?? ""}\n` : `${name}${what ? what.text : " not found"}\n`);
  }
  return status;
}

function describe({ frame, machine }: BuiltinCall, name: string): { path: string; text: string } | undefined {
  if (frame.state.functions.has(name)) return { path: name, text: " is a function" };
  if (Object.hasOwn(BUILTINS, name)) return { path: name, text: " is a shell builtin" };
  const path = `/system/bin/${name}`;
  if (machine.hasProgram(name)) return { path, text: ` is ${path}` };
  return name.includes("/") && machine.host.files.may(absolute(name, frame.state.cwd), 1)
    ? { path: name, text: ` is ${name}` }
    : undefined;
}

async function command(call: BuiltinCall): Promise<number> {
  const [first, ...rest] = call.args;
  if (first === "-v" || first === "-V") {
    for (const name of rest) {
      const what = describe(call, name);
      if (!what) return first === "-V" ? complain(call, `${name} not found`) : 1;
      await say(call, first === "-v" ? `${what.path}\n` : `${name}${what.text}\n`);
    }
    return 0;
  }
  const words = first === "-p" || first === "--" ? rest : call.args;
  const [name = "", ...args] = words;
  const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
  return builtin ? builtin({ ...call, name, args }) : call.machine.program(words, call.frame, call.assigned);
}

async function wait(call: BuiltinCall): Promise<number> {
  const { state, signal } = call.frame;
  const jobs = state.background.splice(0).map(({ done }) => done);
  const aborted = new Promise<number[]>((resolve) => signal.addEventListener("abort", () => resolve([130]), { once: true }));
  const statuses = await Promise.race([Promise.all(jobs), aborted]);
  return call.args.length > 0 ? (statuses.at(-1) ?? 127) : 0;
}

async function kill(call: BuiltinCall): Promise<number> {
  const args = [...call.args];
  if (args[0] === "-l")
    return say(
      call,
      ` 1    HUP Hangup                       15   TERM Terminated\n 2    INT Interrupt                     9   KILL Killed\n`,
    );
  const signal =
    args[0] === "-s"
      ? parseSignal(args.splice(0, 2)[1] ?? "")
      : /^-./.test(args[0] ?? "")
        ? parseSignal((args.shift() ?? "").slice(1))
        : 15;
  if (signal === undefined) return complain(call, "bad signal name");
  if (args.length === 0) return complain(call, "usage: kill [-s signame | -signum | -signame] { job | pid | pgrp } ...");
  let status = 0;
  for (const arg of args) {
    const pid = numberOf(arg, 0);
    const result = call.machine.host.phone.processes.kill(Math.abs(pid), signal, 2000);
    if (result === "ok") continue;
    status = await complain(call, `${arg}: ${result === "not-permitted" ? "Operation not permitted" : "No such process"}`);
  }
  return status;
}

async function evaluateText(call: BuiltinCall, text: string): Promise<number> {
  try {
    return await call.machine.run(parseScript(text), call.frame);
  } catch (error) {
    if (error instanceof ShellSyntaxError) return complain(call, error.message);
    throw error;
  }
}

async function source(call: BuiltinCall): Promise<number> {
  const [path] = call.args;
  if (!path) return complain(call, "missing argument");
  const { files } = call.machine.host;
  return evaluateText(call, (await files.readAll(absolute(path, call.frame.state.cwd), { limit: 1024 * 1024 })).toString());
}

async function letExpression(call: BuiltinCall): Promise<number> {
  const { state } = call.frame;
  let value = 0;
  for (const arg of call.args) {
    const [, name, expression] = /^\s*([A-Za-z_]\w*)\s*=(?!=)(.*)$/s.exec(arg) ?? [];
    try {
      value = evaluate(expression ?? arg, (variable) => state.get(variable) ?? "");
    } catch (error) {
      if (error instanceof ArithmeticError) return complain(call, error.message);
      throw error;
    }
    if (name) state.set(name, String(value));
  }
  return value === 0 ? 1 : 0;
}

const leave =
  (kind: Leave["kind"]): Builtin =>
  ({ args, frame }) => {
    const otherwise = kind === "break" || kind === "continue" ? 1 : frame.state.status;
    throw new Leave(kind, numberOf(args[0], otherwise) & 255);
  };

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ":": () => 0,
  ".": source,
  "[": test,
  "[[": test,
  break: leave("break"),
  builtin: command,
  cd,
  command,
  continue: leave("continue"),
  declare: (call) => assign(call, () => undefined),
  echo,
  eval: (call) => evaluateText(call, call.args.join(" ")),
  exec: async (call) => {
    throw new Leave("exit", await call.machine.words(call.args, call.frame, call.assigned));
  },
  exit: leave("exit"),
  export: (call) => assign(call, (state, name) => state.exported.add(name)),
  false: () => 1,
  jobs: () => 0,
  kill,
  let: letExpression,
  local: (call) => assign(call, (state, name) => state.hide(name)),
  printf: (call) =>
    call.args[0] === undefined
      ? complain(call, "usage: printf FORMAT [ARGUMENT...]")
      : say(call, printf(call.args[0], call.args.slice(1))),
  pwd: (call) => say(call, `${call.frame.state.cwd}\n`),
  read,
  readonly: (call) => assign(call, () => undefined),
  return: leave("return"),
  set,
  shift: ({ args, frame: { state } }) => {
    const count = numberOf(args[0], 1);
    if (count > state.positional.length) return 1;
    state.positional = state.positional.slice(count);
    return 0;
  },
  source,
  test,
  trap: () => 0,
  true: () => 0,
  type,
  typeset: (call) => assign(call, (state, name) => state.hide(name)),
  ulimit: (call) => say(call, "unlimited\n"),
  umask: (call) => (call.args.length > 0 ? 0 : say(call, "022\n")),
  unset: ({ args, frame: { state } }) => {
    for (const name of args.filter((arg) => !arg.startsWith("-"))) {
      state.unset(name);
      state.functions.delete(name);
    }
    return 0;
  },
  wait,
  whence: type,
};
