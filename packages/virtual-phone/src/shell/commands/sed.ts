/** sed: s, d, p, q, =, y-less; addresses by number, `$`, /regexp/ and ranges. What one-liners over adb need. */
import { FileError } from "../../adbd/services.js";
import type { Call, Command } from "../command.js";
import { readOptions } from "../options.js";
import { openInput } from "../redirects.js";
import { posixRegExp } from "./basic-regexp.js";

type Address = { readonly line: number } | { readonly last: true } | { readonly expression: RegExp };
interface Step {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  readonly verb: string;
  readonly expression?: RegExp;
  readonly replacement?: string;
  readonly print?: boolean;
  readonly which?: number;
  readonly text?: string;
  active: boolean;
}

class SedError extends Error {}

/** Reads a script of commands, each with up to two addresses before it. */
class ScriptReader {
  readonly #script: string;
  readonly #kind: "basic" | "extended";
  #at = 0;

  constructor(script: string, extended: boolean) {
    this.#script = script;
    this.#kind = extended ? "extended" : "basic";
  }

  /** @throws SedError, SyntaxError */
  steps(): Step[] {
    const steps: Step[] = [];
    for (;;) {
      while (/[\s;]/.test(this.#peek())) this.#at++;
      if (this.#at >= this.#script.length) return steps;
      const from = this.#address();
      let to: Address | undefined;
      if (from && this.#peek() === ",") {
        this.#at++;
        to = this.#address();
      }
      const negated = this.#peek() === "!";
      if (negated) this.#at++;
      steps.push({ from, to, negated, active: false, ...this.#verb() });
    }
  }

  #peek(): string {
    return this.#script[this.#at] ?? "";
  }

  #verb(): Pick<Step, "verb" | "expression" | "replacement" | "print" | "which" | "text"> {
    const verb = this.#peek();
    this.#at++;
    if (verb === "s") return this.#substitution();
    if (verb !== "" && "aic".includes(verb)) {
      const text = this.#script.slice(this.#at).replace(/^\s*\\?\s*/, "");
      this.#at = this.#script.length;
      return { verb, text };
    }
    if (verb !== "" && "dpq=".includes(verb)) return { verb };
    throw new SedError(`bad command '${verb}'`);
  }

  #substitution(): Pick<Step, "verb" | "expression" | "replacement" | "print" | "which"> {
    const delimiter = this.#peek();
    const pattern = this.#delimited(delimiter);
    const replacement = this.#delimited(delimiter);
    this.#at++;
    const flags = /^[gpiI\d]*/.exec(this.#script.slice(this.#at))?.[0] ?? "";
    this.#at += flags.length;
    const expression = posixRegExp(pattern, { kind: this.#kind, flags: `g${/i/i.test(flags) ? "i" : ""}` });
    const which = flags.includes("g") ? 0 : Number(/\d+/.exec(flags)?.[0] ?? 1);
    return { verb: "s", expression, replacement, print: flags.includes("p"), which };
  }

  /** From the delimiter here to the next one, on which it stops. */
  #delimited(end: string): string {
    let text = "";
    for (this.#at++; this.#at < this.#script.length && this.#peek() !== end; this.#at++) {
      if (this.#peek() === "\\") {
        this.#at++;
        text += this.#peek() === end ? end : `\\${this.#peek()}`;
      } else text += this.#peek();
    }
    if (this.#at >= this.#script.length) throw new SedError(`bad pattern '${this.#script}'`);
    return text;
  }

  #address(): Address | undefined {
    const number = /^\d+/.exec(this.#script.slice(this.#at))?.[0];
    if (number) {
      this.#at += number.length;
      return { line: Number(number) };
    }
    if (this.#peek() === "$") {
      this.#at++;
      return { last: true };
    }
    if (this.#peek() !== "/") return undefined;
    const expression = posixRegExp(this.#delimited("/"), { kind: this.#kind });
    this.#at++;
    return { expression };
  }
}

function applies(step: Step, line: string, where: { number: number; last: boolean }): boolean {
  const hits = (address: Address): boolean =>
    "line" in address ? address.line === where.number : "last" in address ? where.last : address.expression.test(line);
  if (!step.from) return !step.negated;
  let result: boolean;
  if (!step.to) result = hits(step.from);
  else if (step.active) {
    result = true;
    if (hits(step.to) || ("line" in step.to && step.to.line <= where.number)) step.active = false;
  } else {
    result = hits(step.from);
    step.active = result && !("line" in step.to && step.to.line <= where.number);
  }
  return result !== step.negated;
}

function substitute(step: Step, line: string): { line: string; changed: boolean } {
  let count = 0;
  let changed = false;
  const replaced = line.replace(step.expression ?? /(?!)/, (match: string, ...rest: (string | undefined)[]) => {
    count++;
    if (step.which !== 0 && count !== step.which) return match;
    changed = true;
    return (step.replacement ?? "").replace(/\\([0-9n\\&tr])|&/g, (all, code: string | undefined) => {
      if (all === "&" || code === "0") return match;
      if (code === "n" || code === "t" || code === "r") return { n: "\n", t: "\t", r: "\r" }[code];
      return code && /\d/.test(code) ? (rest[Number(code) - 1] ?? "") : (code ?? "");
    });
  });
  return { line: replaced, changed };
}

/** @returns what to print for one line, and whether to stop. */
function runSteps(
  steps: readonly Step[],
  input: string,
  where: { number: number; last: boolean; quiet: boolean },
): { output: string[]; quit: boolean } {
  const output: string[] = [];
  const after: string[] = [];
  let line = input;
  for (const step of steps) {
    if (!applies(step, line, where)) continue;
    if (step.verb === "s") {
      const result = substitute(step, line);
      line = result.line;
      if (result.changed && step.print) output.push(line);
    } else if (step.verb === "p") output.push(line);
    else if (step.verb === "=") output.push(String(where.number));
    else if (step.verb === "i") output.push(step.text ?? "");
    else if (step.verb === "a") after.push(step.text ?? "");
    else if (step.verb === "c") return { output: [...output, step.text ?? ""], quit: false };
    else if (step.verb === "d") return { output, quit: false };
    else if (step.verb === "q") return { output: where.quiet ? output : [...output, line], quit: true };
  }
  return { output: [...output, ...(where.quiet ? [] : [line]), ...after], quit: false };
}

export const sed: Command = async (call) => {
  const { on, values, rest } = readOptions(call.args, { flags: "nErsiz", values: "e" });
  const script = values.get("e") ?? rest[0];
  if (script === undefined) return call.fail("no pattern");
  const paths = values.has("e") ? rest : rest.slice(1);
  try {
    const steps = new ScriptReader(script, on.has("E") || on.has("r")).steps();
    if (on.has("i")) return await inPlace(call, paths, { steps, quiet: on.has("n") });
    const lines: string[] = [];
    for (const path of paths.length > 0 ? paths : ["-"]) {
      const input = path === "-" ? call.io.stdin : openInput(call.files, call.path(path), call.io);
      for await (const line of input.lines(call.signal)) lines.push(line);
    }
    await call.sayAll(edited(lines, { steps, quiet: on.has("n") }));
    return 0;
  } catch (error) {
    if (error instanceof SedError || error instanceof SyntaxError) return call.fail(error.message);
    if (error instanceof FileError) return call.failFile(error.path, error);
    throw error;
  }
};

function edited(lines: readonly string[], { steps, quiet }: { steps: readonly Step[]; quiet: boolean }): string[] {
  const output: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const result = runSteps(steps, lines[i] ?? "", { number: i + 1, last: i === lines.length - 1, quiet });
    output.push(...result.output);
    if (result.quit) break;
  }
  return output;
}

async function inPlace(call: Call, paths: readonly string[], how: { steps: readonly Step[]; quiet: boolean }): Promise<number> {
  for (const path of paths) {
    const text = (await call.files.readAll(call.path(path))).toString();
    const output = edited(text.replace(/\n$/, "").split("\n"), how);
    await call.files.writeAll(call.path(path), Buffer.from(`${output.join("\n")}\n`));
  }
  return 0;
}
