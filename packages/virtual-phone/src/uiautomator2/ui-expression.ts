/** Reads what stands for a line of Java in the locator `-android uiautomator`: `new Class(args).method(args)…`, literals and nested expressions. */
import { ServerError } from "./server-error.js";

export type Argument = string | number | boolean | Expression;

export interface MethodCall {
  readonly name: string;
  readonly args: readonly Argument[];
}

export interface Expression {
  readonly className: "UiSelector" | "UiScrollable";
  readonly args: readonly Argument[];
  readonly calls: readonly MethodCall[];
}

const MAX_LENGTH = 10_000;
const MAX_DEPTH = 20;

export function syntaxError(expression: string, detail: string): ServerError {
  return new ServerError("invalid selector", `Could not parse selector expression \`${expression}\`: ${detail}`);
}

/** Statements apart by semicolons. @throws ServerError "invalid selector" */
export function parseExpressions(text: string): Expression[] {
  if (text.trim() === "" || text.length > MAX_LENGTH) {
    throw syntaxError(
      text.slice(0, 100),
      "Tried to parse an empty string. Expected to see a string consisting of text to be interpreted as UiAutomator java code.",
    );
  }
  const parser = new Parser(text);
  const found: Expression[] = [];
  do found.push(parser.expression(0));
  while (parser.take(";") && !parser.atEnd);
  if (!parser.atEnd) throw parser.error('Expected "."');
  return found;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  error(detail: string): ServerError {
    return syntaxError(this.#text, `${detail} at position ${this.#at}`);
  }

  take(word: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  expression(depth: number): Expression {
    if (depth > MAX_DEPTH) throw this.error("Too deeply nested expression");
    const started = this.#match(/(?:new\s+)?(UiSelector|UiScrollable)\b/y);
    const className = started?.[1] === "UiScrollable" ? "UiScrollable" : "UiSelector";
    const args = started ? this.#arguments(depth) : [];
    const calls: MethodCall[] = [];
    // `text("x")` and `.text("x")` are short for a new UiSelector's.
    if (!started && !this.#text.startsWith(".", this.#skip())) calls.push(this.#call(depth));
    while (this.take(".")) calls.push(this.#call(depth));
    return { className, args, calls };
  }

  #call(depth: number): MethodCall {
    const name = this.#match(/[A-Za-z]\w*/y)?.[0];
    if (name === undefined) throw this.error("Missing method name");
    return { name, args: this.#arguments(depth) };
  }

  #arguments(depth: number): Argument[] {
    if (!this.take("(")) throw this.error("No opening parenthesis after method name");
    const args: Argument[] = [];
    if (this.take(")")) return args;
    do args.push(this.#argument(depth));
    while (this.take(","));
    if (!this.take(")")) throw this.error("Unclosed paren in expression");
    return args;
  }

  #argument(depth: number): Argument {
    const quoted = this.#match(/"((?:[^"\\]|\\[\s\S])*)"/y);
    // Only quotes are unescaped: the server leaves other backslashes, which regular expressions need.
    if (quoted) return (quoted[1] ?? "").replaceAll('\\"', '"');
    const literal = this.#match(/(true|false|-?\d+(?:\.\d+)?)\b/y)?.[1];
    if (literal !== undefined) return literal === "true" ? true : literal === "false" ? false : Number(literal);
    return this.expression(depth + 1);
  }

  /** @returns where it stands now. */
  #skip(): number {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#at;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#skip();
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found;
  }
}
