/** A flow file as a tree whose every part knows its line: what is wrong is said with it. */
import { PhonerackError } from "@phonerack/contract/bus";
import { isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseAllDocuments, type Scalar, type YAMLMap } from "yaml";

/** Reading YAML takes its time, during which nobody is served. */
const LONGEST = 200_000;
const MOST_TOKENS = 25_000;
const LONGEST_TOKEN = 65_000;
/** Deeper than any flow; a reader that calls itself for each level dies of some thousand, and takes the process with it. */
const DEEPEST = 20;
const DEEPEST_INDENT = 50;
const TWO_PARTS = "a flow is two parts with --- between: appId: …, and the list of commands";

export class FlowFile {
  readonly #lines = new LineCounter();
  readonly config: YAMLMap;
  readonly commands: readonly Node[];

  /** Throws `flow_invalid`. */
  constructor(yaml: string) {
    const [config, commands, ...more] = this.#documents(yaml);
    if (config === undefined || commands === undefined || more.length > 0) throw new PhonerackError("flow_invalid", TWO_PARTS);
    if (!isMap(config)) throw this.wrong(config, "the first part names the app: appId: …");
    if (!isSeq(commands)) throw this.wrong(commands, "the second part is the list of commands: - launchApp …");
    this.config = config;
    this.commands = commands.items as Node[];
  }

  lineOf(node: Node | null | undefined): number {
    return node?.range ? this.#lines.linePos(node.range[0]).line : 1;
  }

  wrong(node: Node | null | undefined, what: string): PhonerackError {
    return new PhonerackError("flow_invalid", `line ${this.lineOf(node)}: ${what}`);
  }

  /** What a command says: its name, and what stands behind it. */
  command(node: Node): { readonly name: string; readonly value: Node | null } {
    if (isScalar(node) && typeof node.value === "string") return { name: node.value, value: null };
    if (!isMap(node) || node.items.length !== 1)
      throw this.wrong(node, "a command is one name, or one name with what belongs to it");
    const [pair] = node.items;
    return { name: this.#key(pair?.key), value: this.#value(pair?.value) };
  }

  /** The parts of a map, of which only these names may stand there. */
  fields(node: Node, allowed: readonly string[], where: string): Map<string, Node | null> {
    if (!isMap(node)) throw this.wrong(node, `${where} takes a text or fields`);
    const fields = new Map<string, Node | null>();
    for (const { key, value } of node.items) {
      const name = this.#key(key);
      if (!allowed.includes(name)) throw this.wrong(key as Node, `${where}: '${name}' cannot be replayed here`);
      if (fields.has(name)) throw this.wrong(key as Node, `${where}: '${name}' stands there twice`);
      fields.set(name, this.#value(value));
    }
    return fields;
  }

  text(node: Node | null | undefined, where: string): string {
    if (isScalar(node) && (typeof node.value === "string" || typeof node.value === "number" || typeof node.value === "boolean"))
      // As it was written: 007 is no number to whoever types it.
      return typeof node.value === "string" ? node.value : ((node as Scalar).source ?? String(node.value));
    throw this.wrong(node, `${where} wants a text`);
  }

  number(node: Node | null | undefined, where: string): number {
    const number = isScalar(node) ? Number(node.value) : Number.NaN;
    if (!Number.isFinite(number) || number < 0) throw this.wrong(node, `${where} wants a number`);
    return Math.round(number);
  }

  flag(node: Node | null | undefined, where: string): boolean {
    if (isScalar(node) && typeof node.value === "boolean") return node.value;
    throw this.wrong(node, `${where} wants true or false`);
  }

  #documents(yaml: string): (Node | null)[] {
    requireHarmless(yaml);
    const documents = parseAllDocuments(yaml, { lineCounter: this.#lines, prettyErrors: false, uniqueKeys: false });
    if (!Array.isArray(documents)) return [];
    for (const { errors } of documents) {
      const [error] = errors;
      if (error) throw new PhonerackError("flow_invalid", `line ${this.#lines.linePos(error.pos[0]).line}: ${error.message}`);
    }
    return documents.map(({ contents }) => contents as Node | null);
  }

  #key(key: unknown): string {
    if (isScalar(key) && typeof key.value === "string") return key.value;
    throw this.wrong(key as Node, "a name is expected here");
  }

  #value(value: unknown): Node | null {
    if (value === null || (isScalar(value) && value.value === null)) return null;
    return value as Node;
  }
}

/** Looked at word by word first, which no file makes slow. Throws `flow_invalid`. */
function requireHarmless(yaml: string): void {
  const refuse = (why: string) => new PhonerackError("flow_invalid", why);
  if (yaml.length > LONGEST) throw refuse(`it is longer than ${LONGEST} characters`);
  let [tokens, depth, nested, parts] = [0, 0, 0, 0];
  for (const token of new Lexer().lex(yaml)) {
    const [first] = token;
    if (++tokens > MOST_TOKENS || token.length > LONGEST_TOKEN) throw refuse("it is larger than any flow that can be replayed");
    if (first === "&" || first === "*" || first === "!") throw refuse("anchors, aliases and tags cannot be replayed");
    if (first === "[" || first === "{") depth++;
    else if (first === "]" || first === "}") depth--;
    if (token.includes("\n")) nested = 0;
    else if (token === "-" || token === "?" || token === ":") nested++;
    if (depth > DEEPEST || nested > DEEPEST || (token.trim() === "" && token.length > DEEPEST_INDENT && !token.includes("\n")))
      throw refuse("it is nested deeper than any flow that can be replayed");
    if (token === "---" && ++parts > 2) throw refuse(TWO_PARTS);
  }
}
