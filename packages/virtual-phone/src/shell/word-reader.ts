/** Reads words character by character: quotes, escapes, $parameters, $(commands), $((sums)). Grammar is parser.ts's. */
import { type ParameterOperator, type Part, type Script, ShellSyntaxError, type Word } from "./syntax-tree.js";

/** Nesting above this is an attack, not a script. */
const MAX_DEPTH = 100;
const OPERATORS: readonly ParameterOperator[] = [":-", ":=", ":+", ":?", "##", "%%", "//", "-", "=", "+", "?", "#", "%", "/"];
const META = new Set([" ", "\t", "\n", ";", "&", "|", "<", ">", "(", ")"]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

export class WordReader {
  readonly text: string;
  at = 0;
  depth: number;
  readonly #parseScript: (text: string, depth: number) => Script;

  constructor(text: string, parse: { depth: number; script: (text: string, depth: number) => Script }) {
    if (parse.depth > MAX_DEPTH) throw new ShellSyntaxError("syntax error: nested too deep", false);
    this.text = text;
    this.depth = parse.depth;
    this.#parseScript = parse.script;
  }

  get ended(): boolean {
    return this.at >= this.text.length;
  }
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? "";
  }
  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** @returns undefined when no word stands here. */
  word(): Word | undefined {
    const start = this.at;
    const parts: Part[] = [];
    while (!this.ended && !META.has(this.peek())) this.#part(parts, META);
    return this.at === start ? undefined : parts;
  }

  /** Reads until an unquoted `end`, which is consumed. */
  #until(end: string): Word {
    const parts: Part[] = [];
    const stop = new Set([end]);
    while (!this.startsWith(end)) {
      if (this.ended) throw new ShellSyntaxError(`syntax error: no closing '${end}'`, true);
      this.#part(parts, stop);
    }
    this.at += end.length;
    return parts;
  }

  #part(parts: Part[], stop: ReadonlySet<string>): void {
    const character = this.peek();
    if (character === "'") return this.#single(parts);
    if (character === '"') return this.#double(parts);
    if (character === "\\") return this.#escape(parts);
    if (character === "$") return this.#dollar(parts, false);
    if (character === "`") return this.#backquote(parts, false);
    const start = this.at;
    while (!this.ended && !stop.has(this.peek()) && !"'\"\\$`".includes(this.peek())) this.at++;
    // A stop character inside ${…} is text there: never stand still.
    if (this.at === start) this.at++;
    parts.push({ kind: "text", text: this.text.slice(start, this.at), quoted: false });
  }

  #single(parts: Part[]): void {
    const end = this.text.indexOf("'", this.at + 1);
    if (end < 0) throw new ShellSyntaxError("syntax error: no closing quote", true);
    parts.push({ kind: "text", text: this.text.slice(this.at + 1, end), quoted: true });
    this.at = end + 1;
  }

  #double(parts: Part[]): void {
    this.at++;
    // An empty pair still makes a field.
    parts.push({ kind: "text", text: "", quoted: true });
    this.quoted(parts, '"');
  }

  /** What stands between double quotes, or in a here-document (`end` undefined: to the end). */
  quoted(parts: Part[], end: string | undefined): void {
    let literal = "";
    const flush = (): void => {
      if (literal) parts.push({ kind: "text", text: literal, quoted: true });
      literal = "";
    };
    while (this.peek() !== end || end === undefined) {
      if (this.ended) {
        if (end === undefined) break;
        throw new ShellSyntaxError("syntax error: no closing quote", true);
      }
      const character = this.peek();
      if (character === "\\" && '$`"\\\n'.includes(this.peek(1)) && this.peek(1) !== "") {
        if (this.peek(1) !== "\n") literal += this.peek(1);
        this.at += 2;
      } else if (character === "$" || character === "`") {
        flush();
        if (character === "$") this.#dollar(parts, true);
        else this.#backquote(parts, true);
      } else {
        literal += character;
        this.at++;
      }
    }
    flush();
    if (end !== undefined) this.at++;
  }

  #escape(parts: Part[]): void {
    const next = this.peek(1);
    this.at += 2;
    if (next !== "\n") parts.push({ kind: "text", text: next || "\\", quoted: true });
  }

  #backquote(parts: Part[], quoted: boolean): void {
    const start = ++this.at;
    while (this.peek() !== "`") {
      if (this.ended) throw new ShellSyntaxError("syntax error: no closing quote", true);
      this.at += this.peek() === "\\" ? 2 : 1;
    }
    const inner = this.text.slice(start, this.at).replace(/\\([\\`$])/g, "$1");
    this.at++;
    parts.push({ kind: "substitution", script: this.#parseScript(inner, this.depth + 1), quoted });
  }

  #dollar(parts: Part[], quoted: boolean): void {
    const next = this.peek(1);
    if (next === "'" && !quoted) return this.#ansi(parts);
    if (this.text.startsWith("$((", this.at)) {
      const end = this.#balanced(this.at + 1);
      if (this.text[end - 1] === ")" && this.text[end - 2] === ")") {
        const inner = this.#inner(this.text.slice(this.at + 3, end - 2));
        this.at = end;
        parts.push({ kind: "arithmetic", expression: inner, quoted });
        return;
      }
    }
    if (next === "(") {
      const end = this.#balanced(this.at + 1);
      const script = this.#parseScript(this.text.slice(this.at + 2, end - 1), this.depth + 1);
      this.at = end;
      parts.push({ kind: "substitution", script, quoted });
      return;
    }
    if (next === "{") return this.#braces(parts, quoted);
    const name = NAME.exec(this.text.slice(this.at + 1, this.at + 257))?.[0] ?? (/[0-9?$!#@*-]/.test(next) ? next : "");
    this.at += 1 + name.length;
    if (name) parts.push({ kind: "parameter", name, quoted });
    else parts.push({ kind: "text", text: "$", quoted });
  }

  /** $'…' with C escapes. */
  #ansi(parts: Part[]): void {
    let text = "";
    for (this.at += 2; this.peek() !== "'"; this.at++) {
      if (this.ended) throw new ShellSyntaxError("syntax error: no closing quote", true);
      if (this.peek() === "\\") {
        this.at++;
        text += ({ n: "\n", t: "\t", r: "\r", e: "\u001b" } as Record<string, string>)[this.peek()] ?? this.peek();
      } else text += this.peek();
    }
    this.at++;
    parts.push({ kind: "text", text, quoted: true });
  }

  #braces(parts: Part[], quoted: boolean): void {
    this.at += 2;
    const length = this.peek() === "#" && this.peek(1) !== "}";
    if (length) this.at++;
    const name =
      NAME.exec(this.text.slice(this.at, this.at + 256))?.[0] ??
      /^(\d+|[?$!#@*-])/.exec(this.text.slice(this.at, this.at + 8))?.[0] ??
      "";
    if (!name) throw new ShellSyntaxError("bad substitution", false);
    this.at += name.length;
    if (length || this.peek() === "}") {
      if (this.peek() !== "}")
        throw new ShellSyntaxError(this.ended ? "syntax error: no closing '}'" : "bad substitution", this.ended);
      this.at++;
      parts.push({ kind: "parameter", name, quoted, ...(length ? { operator: "length" as const } : {}) });
      return;
    }
    const operator = OPERATORS.find((candidate) => this.startsWith(candidate)) ?? (this.peek() === ":" ? "slice" : undefined);
    if (!operator) throw new ShellSyntaxError(this.ended ? "syntax error: no closing '}'" : "bad substitution", this.ended);
    this.at += operator === "slice" ? 1 : operator.length;
    parts.push({ kind: "parameter", name, operator, operand: this.#until("}"), quoted });
  }

  #inner(text: string): Word {
    const reader = new WordReader(text, { depth: this.depth + 1, script: this.#parseScript });
    const parts: Part[] = [];
    reader.quoted(parts, undefined);
    return parts;
  }

  /** The index after the bracket that closes the one at `start`; quotes inside are skipped. */
  #balanced(start: number): number {
    let depth = 0;
    for (let i = start; i < this.text.length; i++) {
      const character = this.text[i];
      if (character === "\\") i++;
      else if (character === "'") i = this.#skip(i, "'");
      else if (character === '"') i = this.#skipDouble(i);
      else if (character === "(") depth++;
      else if (character === ")" && --depth === 0) return i + 1;
    }
    throw new ShellSyntaxError("syntax error: no closing ')'", true);
  }

  #skip(start: number, quote: string): number {
    const end = this.text.indexOf(quote, start + 1);
    return end < 0 ? this.text.length : end;
  }

  #skipDouble(start: number): number {
    let i = start + 1;
    while (i < this.text.length && this.text[i] !== '"') i += this.text[i] === "\\" ? 2 : 1;
    return i;
  }
}
