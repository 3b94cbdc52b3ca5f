/** One command that makes one thing what it was, and what people are told of it. Whether it did is seen by looking again. */
import type { CleanRecord } from "@phonerack/contract/bus";

export type Item = CleanRecord["items"][number]["name"];
export type Verdict = Pick<CleanRecord["items"][number], "result" | "detail">;

export interface Repair {
  readonly item: Item;
  /** In words, past tense; "" for what nobody needs to read. */
  readonly what: string;
  readonly command: string;
  readonly patienceMs?: number;
}

/** "a, b, c and 12 more" */
export function some(words: readonly string[], most = 8): string {
  const shown = words.slice(0, most).map((word) => (word.length > 120 ? `${word.slice(0, 119)}…` : word));
  return words.length > most ? `${shown.join(", ")} and ${words.length - most} more` : shown.join(", ");
}

/** "1 file", "2 files" */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
