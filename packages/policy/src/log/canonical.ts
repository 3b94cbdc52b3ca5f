/** One text for each JSON value (RFC 8785): what is hashed must be written in one way alone. */

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

export class NotJson extends Error {
  constructor(what: string) {
    super(`${what} cannot be written as JSON`);
    this.name = "NotJson";
  }
}

/** Nothing that must be escaped: nearly all that a log says. */
const PLAIN = /^[ !#-[\]-~]*$/;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Members that are undefined are left out, as JSON.stringify does. @throws NotJson */
export function canonicalJson(value: Json): string {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new NotJson(String(value));
    // RFC 8785 takes ECMAScript's own form of numbers; -0 is 0.
    return String(value === 0 ? 0 : value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new NotJson(`a ${typeof value}`);
  return members(value as { readonly [key: string]: Json | undefined });
}

function members(value: { readonly [key: string]: Json | undefined }): string {
  const keys = Object.keys(value);
  if (!isSorted(keys)) keys.sort((a, b) => (a < b ? -1 : 1));
  let out = "{";
  for (const key of keys) {
    const member = value[key];
    if (member === undefined) continue;
    if (out !== "{") out += ",";
    out += `${text(key)}:${canonicalJson(member)}`;
  }
  return `${out}}`;
}

/** By UTF-16 code units, which is what `<` compares. */
function isSorted(keys: readonly string[]): boolean {
  let before = "";
  for (const key of keys) {
    if (key < before) return false;
    before = key;
  }
  return true;
}

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (LONE.test(value)) throw new NotJson("half a surrogate pair");
  return JSON.stringify(value);
}
