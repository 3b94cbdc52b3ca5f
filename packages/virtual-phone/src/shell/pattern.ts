/** Shell patterns (`*`, `?`, `[a-z]`, backslash) as regular expressions, and file names by them. */
import type { PhoneFiles } from "../files/file-system.js";

const SPECIAL = /[*?[]/;

/** Whether an unescaped pattern character is in it. */
export function hasPattern(pattern: string): boolean {
  return SPECIAL.test(pattern.replace(/\\./gs, ""));
}

/** @param pattern with backslash before what is meant literally. */
export function patternSource(pattern: string, lazy = false): string {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i] ?? "";
    if (character === "\\") source += escapeRegExp(pattern[++i] ?? "\\");
    else if (character === "*") {
      // Several in a row mean one; left as they are they would make the expression explode.
      while (pattern[i + 1] === "*") i++;
      source += lazy ? "[^]*?" : "[^]*";
    } else if (character === "?") source += "[^]";
    else if (character === "[") {
      const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(i));
      if (set?.[2]) {
        source += `[${set[1] ? "^" : ""}${set[2].replace(/[\\\]^[]/g, "\\$&")}]`;
        i += set[0].length - 1;
      } else source += "\\[";
    } else source += escapeRegExp(character);
  }
  return source;
}

export function matchesPattern(pattern: string, text: string): boolean {
  return safeRegExp(`^${patternSource(pattern)}$`, "u").test(text);
}

/** A hyphen by its number: in expressions of Unicode it must not have a backslash, and in sets it must not stand bare. */
export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replaceAll("-", "\\x2d");
}

/** A pattern whose set is no set (`[z-a]`) matches nothing instead of failing the shell. */
export function safeRegExp(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch {
    return /(?!)/;
  }
}

/** Paths that match, sorted; none when nothing does. Hidden names only by a pattern that begins with a dot. */
export function glob(files: PhoneFiles, cwd: string, pattern: string): string[] {
  const absolute = pattern.startsWith("/");
  const segments = pattern.split("/").filter((segment) => segment !== "");
  let found: string[] = [absolute ? "/" : ""];
  for (const segment of segments) {
    const next: string[] = [];
    for (const base of found) next.push(...step(files, { cwd, base, segment }));
    found = next.slice(0, 10_000);
  }
  return found.sort();
}

function step(files: PhoneFiles, { cwd, base, segment }: { cwd: string; base: string; segment: string }): string[] {
  const join = (name: string): string => (base === "" || base.endsWith("/") ? base + name : `${base}/${name}`);
  const full = (path: string): string => (path.startsWith("/") ? path : `${cwd}/${path}`);
  if (!hasPattern(segment)) {
    const path = join(segment.replace(/\\(.)/g, "$1"));
    return files.exists(full(path)) ? [path] : [];
  }
  try {
    const names = [...files.list(full(base || ".")).keys()];
    return names.filter((name) => (!name.startsWith(".") || segment.startsWith(".")) && matchesPattern(segment, name)).map(join);
  } catch {
    return [];
  }
}
