/** `test`, `[` and `[[`. */
import type { PhoneFiles } from "../files/file-system.js";
import { absolute } from "./frame.js";
import { matchesPattern, safeRegExp } from "./pattern.js";

export class ConditionError extends Error {}

interface Around {
  readonly files: PhoneFiles;
  readonly cwd: string;
  readonly isTerminal: boolean;
  /** `[[`: the right side of == is a pattern. */
  readonly patterns: boolean;
}

const INTEGER: Record<string, (a: number, b: number) => boolean> = {
  "-eq": (a, b) => a === b,
  "-ne": (a, b) => a !== b,
  "-lt": (a, b) => a < b,
  "-le": (a, b) => a <= b,
  "-gt": (a, b) => a > b,
  "-ge": (a, b) => a >= b,
};
const BINARY = new Set([...Object.keys(INTEGER), "=", "==", "!=", "<", ">", "=~", "-nt", "-ot", "-ef"]);

/** @throws ConditionError with mksh's words */
export function testCondition(args: readonly string[], around: Around): boolean {
  let at = 0;
  const or = (): boolean => {
    let value = and();
    while (args[at] === "-o" || args[at] === "||") {
      at++;
      value = and() || value;
    }
    return value;
  };
  const and = (): boolean => {
    let value = not();
    while (args[at] === "-a" || args[at] === "&&") {
      at++;
      value = not() && value;
    }
    return value;
  };
  const not = (): boolean => {
    if (args[at] === "!" && at + 1 < args.length && !BINARY.has(args[at + 1] ?? "")) {
      at++;
      return !not();
    }
    return primary();
  };
  const primary = (): boolean => {
    const first = args[at];
    if (first === undefined) return false;
    const operator = args[at + 1];
    if (operator !== undefined && BINARY.has(operator) && at + 2 < args.length) {
      at += 3;
      return binary([first, operator, args[at - 1] ?? ""], around);
    }
    if (first === "(" && args.indexOf(")", at) > at) {
      at++;
      const value = or();
      at++;
      return value;
    }
    if (/^-[a-zA-Z]$/.test(first) && operator !== undefined && operator !== ")") {
      at += 2;
      return unary(first, operator, around);
    }
    at++;
    return first !== "";
  };
  if (args.length === 0) return false;
  const result = or();
  if (at < args.length) throw new ConditionError(`${args[at]}: unexpected operator/operand`);
  return result;
}

function binary([left, operator, right]: readonly [string, string, string], around: Around): boolean {
  const integer = INTEGER[operator];
  if (integer) return integer(toInteger(left), toInteger(right));
  switch (operator) {
    case "=":
    case "==":
      return around.patterns ? matchesPattern(right, left) : left === right;
    case "!=":
      return around.patterns ? !matchesPattern(right, left) : left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "=~":
      return safeRegExp(right, "").test(left);
    case "-ef":
      return realPath(left, around) !== undefined && realPath(left, around) === realPath(right, around);
    default: {
      const [a, b] = [mtime(left, around), mtime(right, around)];
      return operator === "-nt" ? a > b : a < b;
    }
  }
}

function toInteger(text: string): number {
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new ConditionError(`${text}: unexpected operator/operand`);
  return Number(text);
}

function unary(operator: string, operand: string, around: Around): boolean {
  const path = absolute(operand, around.cwd);
  const kind = (follow: boolean): string | undefined => {
    try {
      return operand === "" ? undefined : around.files.node(path, { follow }).kind;
    } catch {
      return undefined;
    }
  };
  switch (operator) {
    case "-n":
      return operand !== "";
    case "-z":
      return operand === "";
    case "-t":
      return around.isTerminal;
    case "-e":
    case "-a":
      return kind(true) !== undefined;
    case "-f":
      return kind(true) === "file";
    case "-d":
      return kind(true) === "dir";
    case "-L":
    case "-h":
      return kind(false) === "link";
    case "-s":
      return kind(true) !== undefined && around.files.stat(path).size > 0;
    case "-r":
      return around.files.may(path, 4);
    case "-w":
      return around.files.may(path, 2);
    case "-x":
      return around.files.may(path, 1);
    case "-b":
    case "-c":
    case "-p":
    case "-S":
    case "-u":
    case "-g":
    case "-k":
    case "-O":
    case "-G":
      return false;
    default:
      throw new ConditionError(`${operator}: unexpected operator/operand`);
  }
}

function realPath(path: string, around: Around): string | undefined {
  try {
    return around.files.realPath(absolute(path, around.cwd));
  } catch {
    return undefined;
  }
}

function mtime(path: string, around: Around): number {
  try {
    return around.files.stat(absolute(path, around.cwd)).mtime;
  } catch {
    return -1;
  }
}
