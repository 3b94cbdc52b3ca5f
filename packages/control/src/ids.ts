/** Ids that control gives: a letter for the noun and 16 random letters. */
import { createHash, randomBytes } from "node:crypto";

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** a: app, b: build, c: crash, e: evidence, f: flow, g: group, j: job, k: adb key, l: lease, p: permit, r: artifact, u: upload, w: flag. */
export function newId(kind: "a" | "b" | "c" | "e" | "f" | "g" | "j" | "k" | "l" | "p" | "r" | "u" | "w"): string {
  return `${kind}-${inLetters(randomBytes(16))}`;
}

/** Always the same for the same app of the same tenant: for apps that stand in no table. */
export function fixedId(...parts: readonly string[]): string {
  return `a-${inLetters(createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16))}`;
}

/** Always the same for the same crash, whichever control hears of it. */
export function crashIdOf(...parts: readonly string[]): string {
  return `c-${inLetters(createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16))}`;
}

function inLetters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join("");
}
