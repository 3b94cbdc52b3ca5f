/** POSIX regular expressions as JavaScript's: basic (`\(`, `\{`) and extended ones, with classes and word ends. */
import { escapeRegExp } from "../pattern.js";

const CLASSES: Readonly<Record<string, string>> = {
  alpha: "a-zA-Z",
  digit: "0-9",
  alnum: "a-zA-Z0-9",
  upper: "A-Z",
  lower: "a-z",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`{-~",
  xdigit: "0-9a-fA-F",
};

/** @throws SyntaxError when it is none. */
export function posixRegExp(pattern: string, options: { kind: "basic" | "extended" | "fixed"; flags?: string }): RegExp {
  const source = options.kind === "fixed" ? escapeRegExp(pattern) : translate(pattern, options.kind === "extended");
  return new RegExp(source, options.flags ?? "");
}

function translate(pattern: string, extended: boolean): string {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? "";
    if (character === "[") {
      const set = /^\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/.exec(pattern.slice(i));
      if (set) {
        source += bracket(set[0]);
        i += set[0].length - 1;
        continue;
      }
      source += "\\[";
    } else if (character === "\\") {
      const next = pattern[++i] ?? "";
      if ("<>".includes(next) && next !== "") source += "\\b";
      else if (!extended && "(){}|+?".includes(next)) source += next;
      else if (/[1-9wWsSbB]/.test(next)) source += `\\${next}`;
      else source += escapeRegExp(next);
    } else if (!extended && "(){}|+?".includes(character)) source += `\\${character}`;
    else if (character === "*" && (source === "" || /(^|[^\\])[(|^]$/.test(source))) source += "\\*";
    else if (character === "{" && !/^\{\d*,?\d*\}/.test(pattern.slice(i))) source += "\\{";
    else source += character;
  }
  return source;
}

function bracket(set: string): string {
  const negated = set[1] === "^";
  const inner = set.slice(negated ? 2 : 1, -1);
  const body = inner.replace(/\[:(\w+):\]|[\\\]^[]/g, (all, name: string | undefined) =>
    name === undefined ? `\\${all}` : (CLASSES[name] ?? ""),
  );
  return `[${negated ? "^" : ""}${body}]`;
}
