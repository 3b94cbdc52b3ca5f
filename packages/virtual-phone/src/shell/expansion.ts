/** From words to fields: parameters, substitutions, sums, splitting at IFS, braces and file name patterns. */
import { evaluate } from "./arithmetic.js";
import { hasPattern, patternSource, safeRegExp } from "./pattern.js";
import type { Part, Script, Word } from "./syntax-tree.js";

/** What expansion needs of the shell around it. */
export interface Surroundings {
  /** undefined when not set. Positional and special parameters included, `@` and `*` excluded. */
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  /** `$1 …` */
  readonly positional: readonly string[];
  /** Runs it and gives its output. */
  substitute(script: Script): Promise<string>;
  /** Matching paths, sorted. */
  glob(pattern: string): string[];
}

/** `${name?text}` on something unset: ends the command. */
export class ExpansionError extends Error {}

/** Above this a word would be a denial of service, not an argument. */
const MAX_TEXT = 4 * 1024 * 1024;

/** What braces may make of one word. */
const MAX_WORDS = 10_000;

interface Field {
  text: string;
  /** As text, with backslashes before what was quoted. */
  pattern: string;
  /** Something was quoted: the field stays although it is empty. */
  kept: boolean;
}

/** Expands words to the arguments of a command. @throws ExpansionError, ArithmeticError */
export async function expandWords(words: readonly Word[], around: Surroundings): Promise<string[]> {
  const found: string[] = [];
  for (const word of words) {
    for (const branch of expandBraces(word)) {
      for (const field of await fieldsOf(branch, around)) found.push(...pathsOf(field, around));
    }
  }
  return found;
}

/** Expands to one text: no splitting, no file names. */
export async function expandText(word: Word, around: Surroundings): Promise<string> {
  let text = "";
  for (const part of word) text += await valueOfPart(part, around);
  return text;
}

/** Expands to a pattern for `case` and `${x#…}`: quoted characters are literal. */
export async function expandPattern(word: Word, around: Surroundings): Promise<string> {
  let pattern = "";
  for (const part of word) {
    const value = await valueOfPart(part, around);
    pattern += part.quoted ? escapePattern(value) : value;
  }
  return pattern;
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}

function pathsOf(field: Field, around: Surroundings): string[] {
  if (!hasPattern(field.pattern)) return [field.text];
  const paths = around.glob(field.pattern);
  return paths.length > 0 ? paths : [field.text];
}

/** `a{b,c}d` → `abd acd`, for braces that hold no expansion. */
function expandBraces(word: Word): Word[] {
  const index = word.findIndex((part) => part.kind === "text" && !part.quoted && /\{[^{}]*,[^{}]*\}/.test(part.text));
  const part = word[index];
  if (part?.kind !== "text") return [word];
  const match = /^(.*?)\{([^{}]*,[^{}]*)\}(.*)$/s.exec(part.text);
  if (!match) return [word];
  const [, before = "", inner = "", after = ""] = match;
  const choices = inner.split(",").slice(0, 100);
  return choices
    .flatMap((choice) =>
      expandBraces([...word.slice(0, index), { ...part, text: before + choice + after }, ...word.slice(index + 1)]),
    )
    .slice(0, MAX_WORDS);
}

async function fieldsOf(word: Word, around: Surroundings): Promise<Field[]> {
  const done: Field[] = [];
  let current: Field | undefined;
  const add = (text: string, quoted: boolean): void => {
    current ??= { text: "", pattern: "", kept: false };
    current.text += text;
    current.pattern += quoted ? escapePattern(text) : text;
    current.kept ||= quoted || text !== "";
  };
  const end = (): void => {
    if (current) done.push(current);
    current = undefined;
  };
  for (const part of word) {
    if (part.kind === "parameter" && (part.name === "@" || (part.name === "*" && !part.quoted)) && !part.operator) {
      around.positional.forEach((text, index) => {
        if (index > 0) end();
        add(text, part.quoted);
      });
      continue;
    }
    if (part.kind === "text") {
      add(index0Tilde(part, word, around), part.quoted);
      continue;
    }
    const value = await valueOfPart(part, around);
    if (part.quoted) add(value, true);
    else splitInto(value, around.get("IFS") ?? " \t\n", { add: (text) => add(text, false), end });
  }
  end();
  return done.filter(({ kept }) => kept);
}

function index0Tilde(part: Extract<Part, { kind: "text" }>, word: Word, around: Surroundings): string {
  if (part !== word[0] || part.quoted || !/^~(\/|$)/.test(part.text)) return part.text;
  return (around.get("HOME") ?? "/") + part.text.slice(1);
}

function splitInto(value: string, separators: string, to: { add(text: string): void; end(): void }): void {
  const isSeparator = (character: string | undefined): boolean => character !== undefined && separators.includes(character);
  let start = 0;
  for (let i = 0; i <= value.length; i++) {
    if (i < value.length && !isSeparator(value[i])) continue;
    if (i > start) to.add(value.slice(start, i));
    if (i < value.length) to.end();
    start = i + 1;
  }
}

async function valueOfPart(part: Part, around: Surroundings): Promise<string> {
  switch (part.kind) {
    case "text":
      return part.text;
    case "substitution":
      return (await around.substitute(part.script)).replace(/\n+$/, "");
    case "arithmetic":
      return String(evaluate(await expandText(part.expression, around), (name) => around.get(name) ?? ""));
    case "parameter":
      return limited(await parameterValue(part, around));
    default:
      return part satisfies never;
  }
}

function limited(text: string): string {
  if (text.length > MAX_TEXT) throw new ExpansionError("Argument list too long");
  return text;
}

async function parameterValue(part: Extract<Part, { kind: "parameter" }>, around: Surroundings): Promise<string> {
  const { name, operator, operand = [] } = part;
  const value = name === "@" || name === "*" ? around.positional.join((around.get("IFS") ?? " ")[0] ?? "") : around.get(name);
  switch (operator) {
    case undefined:
      return value ?? "";
    case "length":
      return String((name === "@" || name === "*" ? around.positional : Array.from(value ?? "")).length);
    case ":-":
    case "-":
      return absent(value, operator) ? expandText(operand, around) : (value ?? "");
    case ":=":
    case "=": {
      if (!absent(value, operator)) return value ?? "";
      const text = await expandText(operand, around);
      around.set(name, text);
      return text;
    }
    case ":+":
    case "+":
      return absent(value, operator) ? "" : expandText(operand, around);
    case ":?":
    case "?":
      if (absent(value, operator))
        throw new ExpansionError(`${name}: ${(await expandText(operand, around)) || "parameter null or not set"}`);
      return value ?? "";
    case "slice":
      return slice(value ?? "", await expandText(operand, around), around);
    default:
      return edited(value ?? "", operator, await expandPattern(operand, around));
  }
}

function absent(value: string | undefined, operator: string): boolean {
  return value === undefined || (operator.startsWith(":") && value === "");
}

function slice(value: string, operand: string, around: Surroundings): string {
  const [from = "0", length] = operand.split(":");
  const number = (text: string): number => evaluate(text, (name) => around.get(name) ?? "");
  const start = number(from) < 0 ? Math.max(0, value.length + number(from)) : number(from);
  return length === undefined ? value.slice(start) : value.slice(start, start + Math.max(0, number(length)));
}

function edited(value: string, operator: "#" | "##" | "%" | "%%" | "/" | "//", pattern: string): string {
  const source = (lazy: boolean): string => patternSource(pattern, lazy);
  switch (operator) {
    case "#":
      return value.replace(safeRegExp(`^${source(true)}`, ""), "");
    case "##":
      return value.replace(safeRegExp(`^${source(false)}`, ""), "");
    case "%": {
      // The shortest end: the latest start that matches to the end.
      for (let i = value.length; i >= 0; i--)
        if (safeRegExp(`^${source(false)}$`, "").test(value.slice(i))) return value.slice(0, i);
      return value;
    }
    case "%%":
      return value.replace(safeRegExp(`${source(false)}$`, ""), "");
    default: {
      const at = /(?<!\\)\//.exec(pattern)?.index ?? pattern.length;
      const replacement = pattern.slice(at + 1).replace(/\\(.)/g, "$1");
      return value.replace(safeRegExp(patternSource(pattern.slice(0, at)), operator === "//" ? "g" : ""), () => replacement);
    }
  }
}
