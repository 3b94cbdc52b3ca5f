/** Ids that control gives: a letter for the noun and 16 random letters. */
import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** a: app, f: flow, g: group, l: lease, p: permit. */
export function newId(kind: "a" | "f" | "g" | "l" | "p"): string {
  return `${kind}-${inLetters(randomBytes(16))}`;
}

/** Always the same for the same app of the same tenant: for apps that stand in no table. */
export function fixedId(...parts: readonly string[]): string {
  return `a-${inLetters(createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16))}`;
}

function inLetters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join("");
}
