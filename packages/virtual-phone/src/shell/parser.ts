/** From text to syntax tree: lists, pipelines, compound commands, redirections, here-documents. Words are word-reader.ts's. */
import {
  type AndOr,
  type Assignment,
  type Command,
  type CompoundCommand,
  type Pipeline,
  type Redirect,
  type Script,
  ShellSyntaxError,
  type SimpleCommand,
  type Word,
} from "./syntax-tree.js";
import { WordReader } from "./word-reader.js";

const RESERVED = new Set(["then", "else", "elif", "fi", "do", "done", "esac", "}", ")"]);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;

/** @throws ShellSyntaxError */
export function parseScript(text: string, depth = 0): Script {
  const parser = new Parser(text, depth);
  const script = parser.list(new Set());
  parser.expectEnd();
  return script;
}

class Parser {
  readonly #in: WordReader;
  #heredocs: { terminator: string; strip: boolean; literal: boolean; fill: (word: Word) => void }[] = [];

  constructor(text: string, depth: number) {
    this.#in = new WordReader(text, { depth, script: parseScript });
  }

  expectEnd(): void {
    this.#blank();
    if (!this.#in.ended) this.#unexpected();
  }

  /** Commands up to one of the closing words (which is left). */
  list(ends: ReadonlySet<string>): Script {
    const found: AndOr[] = [];
    for (;;) {
      this.#newlines();
      if (this.#in.ended || ends.has(this.#nextWord()) || this.#in.startsWith(")") || this.#in.startsWith(";;")) return found;
      const start = this.#in.at;
      const pipelines = this.#andOr();
      const source = this.#in.text.slice(start, this.#in.at).trim();
      this.#spaces();
      const background = this.#in.peek() === "&";
      if (background || (this.#in.peek() === ";" && this.#in.peek(1) !== ";")) this.#in.at++;
      else if (this.#in.peek() !== "\n" && !this.#in.ended && !this.#in.startsWith(")") && !this.#in.startsWith(";;")) {
        if (!ends.has(this.#nextWord())) this.#unexpected();
      }
      found.push({ pipelines, background, source });
    }
  }

  #andOr(): AndOr["pipelines"] {
    const pipelines: { operator: "" | "&&" | "||"; pipeline: Pipeline }[] = [{ operator: "", pipeline: this.#pipeline() }];
    for (;;) {
      this.#spaces();
      const operator = this.#in.startsWith("&&") ? "&&" : this.#in.startsWith("||") ? "||" : undefined;
      if (!operator) return pipelines;
      this.#in.at += 2;
      this.#newlines();
      pipelines.push({ operator, pipeline: this.#pipeline() });
    }
  }

  #pipeline(): Pipeline {
    this.#spaces();
    let negated = false;
    while (this.#nextWord() === "!") {
      this.#in.at++;
      negated = !negated;
      this.#spaces();
    }
    const commands = [this.#command()];
    for (;;) {
      this.#spaces();
      if (this.#in.peek() !== "|" || this.#in.peek(1) === "|") return { negated, commands };
      this.#in.at++;
      this.#newlines();
      commands.push(this.#command());
    }
  }

  #command(): Command {
    this.#spaces();
    const word = this.#nextWord();
    const compound = this.#compound(word);
    if (compound) return { ...compound, redirects: this.#redirects() };
    if (RESERVED.has(word)) this.#unexpected();
    const name = /^([A-Za-z_][\w.-]*)[ \t]*\([ \t]*\)/.exec(this.#in.text.slice(this.#in.at, this.#in.at + 200));
    if (name?.[1]) {
      this.#in.at += name[0].length;
      this.#newlines();
      return { kind: "function", name: name[1], body: this.#command(), redirects: [] };
    }
    return this.#simple();
  }

  #compound(word: string): CompoundCommand | undefined {
    if (this.#in.startsWith("((")) return undefined;
    if (this.#in.peek() === "(") {
      this.#in.at++;
      const body = this.list(new Set());
      this.#blank();
      if (this.#in.peek() !== ")") this.#unexpected();
      this.#in.at++;
      return { kind: "subshell", body, redirects: [] };
    }
    switch (word) {
      case "{":
        return this.#take(word, () => ({ kind: "group", body: this.#body("}"), redirects: [] }));
      case "if":
        return this.#take(word, () => this.#if());
      case "while":
      case "until":
        return this.#take(word, () => ({
          kind: "loop",
          until: word === "until",
          condition: this.#body("do"),
          body: this.#body("done"),
          redirects: [],
        }));
      case "for":
        return this.#take(word, () => this.#for());
      case "case":
        return this.#take(word, () => this.#case());
      default:
        return undefined;
    }
  }

  #take<Result>(word: string, read: () => Result): Result {
    this.#in.at += word.length;
    return read();
  }

  /** A list and the word that closes it. */
  #body(end: string): Script {
    const script = this.list(new Set([end]));
    this.#expect(end);
    return script;
  }

  #expect(word: string): void {
    this.#newlines();
    if (this.#nextWord() !== word) {
      if (this.#in.ended) throw new ShellSyntaxError(`syntax error: unexpected EOF, '${word}' expected`, true);
      this.#unexpected();
    }
    this.#in.at += word.length;
  }

  #if(): CompoundCommand {
    const branches: { condition: Script; body: Script }[] = [];
    const ends = new Set(["elif", "else", "fi"]);
    for (;;) {
      const condition = this.#body("then");
      branches.push({ condition, body: this.list(ends) });
      const word = this.#nextWord();
      if (word !== "elif") break;
      this.#in.at += word.length;
    }
    if (this.#nextWord() !== "else") {
      this.#expect("fi");
      return { kind: "if", branches, redirects: [] };
    }
    this.#in.at += 4;
    return { kind: "if", branches, otherwise: this.#body("fi"), redirects: [] };
  }

  #for(): CompoundCommand {
    this.#spaces();
    const name = /^[A-Za-z_]\w*/.exec(this.#in.text.slice(this.#in.at, this.#in.at + 256))?.[0];
    if (!name) this.#unexpected();
    this.#in.at += name.length;
    this.#newlines();
    let words: Word[] | undefined;
    if (this.#nextWord() === "in") {
      this.#in.at += 2;
      words = [];
      for (;;) {
        this.#spaces();
        const word = this.#in.word();
        if (!word) break;
        words.push(word);
      }
    }
    this.#spaces();
    if (this.#in.peek() === ";") this.#in.at++;
    this.#expect("do");
    return { kind: "for", name, body: this.#body("done"), redirects: [], ...(words ? { words } : {}) };
  }

  #case(): CompoundCommand {
    this.#spaces();
    const subject = this.#in.word() ?? this.#unexpected();
    this.#expect("in");
    const branches: { patterns: Word[]; body: Script }[] = [];
    for (;;) {
      this.#newlines();
      if (this.#in.ended) throw new ShellSyntaxError("syntax error: unexpected EOF, 'esac' expected", true);
      if (this.#nextWord() === "esac") break;
      if (this.#in.peek() === "(") this.#in.at++;
      branches.push({ patterns: this.#patterns(), body: this.list(new Set(["esac"])) });
      this.#blank();
      if (this.#in.startsWith(";;")) this.#in.at += 2;
    }
    this.#in.at += 4;
    return { kind: "case", subject, branches, redirects: [] };
  }

  #patterns(): Word[] {
    const patterns: Word[] = [];
    for (;;) {
      this.#spaces();
      patterns.push(this.#in.word() ?? this.#unexpected());
      this.#spaces();
      const separator = this.#in.peek();
      if (separator !== "|" && separator !== ")") this.#unexpected();
      this.#in.at++;
      if (separator === ")") return patterns;
    }
  }

  #simple(): SimpleCommand {
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      this.#spaces();
      const redirect = this.#redirect();
      if (redirect) {
        redirects.push(redirect);
        continue;
      }
      const word = this.#in.word();
      if (!word) break;
      const assignment = words.length === 0 ? asAssignment(word) : undefined;
      if (assignment) assignments.push(assignment);
      else words.push(word);
    }
    if (assignments.length + words.length + redirects.length === 0) this.#unexpected();
    return { kind: "simple", assignments, words, redirects };
  }

  #redirects(): Redirect[] {
    const found: Redirect[] = [];
    for (;;) {
      this.#spaces();
      const redirect = this.#redirect();
      if (!redirect) return found;
      found.push(redirect);
    }
  }

  #redirect(): Redirect | undefined {
    const match = /^(\d?)(<<-?|<>|<&|<|>>|>&|>\||&>|>)/.exec(this.#in.text.slice(this.#in.at, this.#in.at + 4));
    const written = match?.[2];
    if (!match || !written) return undefined;
    this.#in.at += match[0].length;
    this.#spaces();
    const target = this.#in.word() ?? this.#unexpected();
    const fd = match[1] ? Number(match[1]) : written.startsWith("<") ? 0 : 1;
    if (written.startsWith("<<")) return this.#heredoc(fd, target, written === "<<-");
    // `&>` is mksh's short way for both; keep the common half.
    const operator = written === ">|" || written === "&>" ? ">" : written;
    return { fd, operator: operator as Redirect["operator"], target };
  }

  #heredoc(fd: number, target: Word, strip: boolean): Redirect {
    const redirect: { fd: number; operator: "<<"; target: Word } = { fd, operator: "<<", target: [] };
    const terminator = target.map((part) => (part.kind === "text" ? part.text : "")).join("");
    const literal = target.some((part) => part.kind === "text" && part.quoted);
    this.#heredocs.push({ terminator, strip, literal, fill: (word) => (redirect.target = word) });
    return redirect;
  }

  /** At a line end: what follows belongs to the here-documents asked for on that line. */
  #readHeredocs(): void {
    for (const { terminator, strip, literal, fill } of this.#heredocs.splice(0)) {
      let body = "";
      for (;;) {
        if (this.#in.ended) break;
        const end = this.#in.text.indexOf("\n", this.#in.at);
        const raw = this.#in.text.slice(this.#in.at, end < 0 ? undefined : end);
        this.#in.at = end < 0 ? this.#in.text.length : end + 1;
        const line = strip ? raw.replace(/^\t+/, "") : raw;
        if (line === terminator) break;
        body += `${line}\n`;
      }
      if (literal) fill([{ kind: "text", text: body, quoted: true }]);
      else fill(quotedWord(body, this.#in.depth + 1));
    }
  }

  #spaces(): void {
    for (;;) {
      const character = this.#in.peek();
      if (character === " " || character === "\t" || character === "\r") this.#in.at++;
      else if (character === "\\" && this.#in.peek(1) === "\n") this.#in.at += 2;
      else if (character === "#") while (!this.#in.ended && this.#in.peek() !== "\n") this.#in.at++;
      else return;
    }
  }

  #newlines(): void {
    for (;;) {
      this.#spaces();
      if (this.#in.peek() !== "\n") return;
      this.#in.at++;
      if (this.#heredocs.length > 0) this.#readHeredocs();
    }
  }

  #blank(): void {
    this.#newlines();
  }

  /** The plain word here, without taking it: reserved words are only those. */
  #nextWord(): string {
    return /^[^\s;&|<>()]{1,16}(?=$|[\s;&|<>()])/.exec(this.#in.text.slice(this.#in.at, this.#in.at + 17))?.[0] ?? "";
  }

  #unexpected(): never {
    if (this.#in.ended) throw new ShellSyntaxError("syntax error: unexpected EOF", true);
    const token =
      /^(&&|\|\||;;|[;&|<>()\n]|[^\s;&|<>()]+)/.exec(this.#in.text.slice(this.#in.at, this.#in.at + 64))?.[0] ?? this.#in.peek();
    throw new ShellSyntaxError(`syntax error: unexpected '${token === "\n" ? "newline" : token}'`, false);
  }
}

function quotedWord(text: string, depth: number): Word {
  const reader = new WordReader(text, { depth, script: parseScript });
  const parts: Extract<Word, readonly unknown[]>[number][] = [];
  reader.quoted(parts, undefined);
  return parts;
}

function asAssignment(word: Word): Assignment | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== "text" || first.quoted) return undefined;
  const match = ASSIGNMENT.exec(first.text);
  if (!match?.[1]) return undefined;
  const value = first.text.slice(match[0].length);
  return { name: match[1], value: value ? [{ ...first, text: value }, ...rest] : rest };
}
