/** The counts of all rules in memory, and which of them are to be written down. Pure but for that memory. */
import type { Finding, WatchRule } from "./rule.js";
import { DAY_MS } from "./rule.js";
import type { Seen } from "./seen.js";

export interface CountRow {
  readonly rule: string;
  readonly subject: string;
  readonly counts: object;
  /** Of the last that was counted. */
  readonly at: number;
}

/** A finding, and whose counts it came of. */
export interface Found extends Finding {
  readonly subject: string;
}

/** All of them: organisations and devices make them, and an hour's sweep takes those of yesterday away. */
const MOST_ROWS = 100_000;
/** What is about all organisations together stays. */
const KEPT = new Set(["linked"]);

export class Counting {
  readonly #rules: readonly WatchRule[];
  readonly #rows = new Map<string, CountRow>();
  #dirty = new Set<string>();

  constructor(rules: readonly WatchRule[], rows: readonly CountRow[] = []) {
    this.#rules = rules;
    for (const row of rows) this.#rows.set(keyOf(row), row);
  }

  see(seen: Seen): Found[] {
    const found: Found[] = [];
    for (const rule of this.#rules) {
      const subject = rule.subject(seen);
      if (subject === undefined) continue;
      const key = keyOf({ rule: rule.name, subject });
      const known = this.#rows.get(key);
      if (!known && this.#rows.size >= MOST_ROWS) continue;
      const { counts, findings } = rule.weigh(known?.counts, seen);
      // Rules give back what they were given where nothing changed.
      if (counts !== known?.counts) {
        this.#rows.set(key, { rule: rule.name, subject, counts, at: Math.max(known?.at ?? 0, seen.at) });
        this.#dirty.add(key);
      }
      for (const finding of findings) found.push({ ...finding, subject });
    }
    return found;
  }

  /** A person said that it was nothing: it begins anew. */
  forget(rule: string, subject: string): void {
    const key = keyOf({ rule, subject });
    if (this.#rows.delete(key)) this.#dirty.add(key);
  }

  /** Nothing of these was added to for more than a day. */
  sweep(now: number): void {
    for (const [key, { rule, at }] of this.#rows)
      if (!KEPT.has(rule) && at < now - DAY_MS - DAY_MS / 24) {
        this.#rows.delete(key);
        this.#dirty.add(key);
      }
  }

  /** What changed since this was asked last: rows as they are, and names of those that are gone. */
  changes(): { rows: CountRow[]; gone: { rule: string; subject: string }[] } {
    const rows: CountRow[] = [];
    const gone: { rule: string; subject: string }[] = [];
    for (const key of this.#dirty) {
      const row = this.#rows.get(key);
      const [rule = "", subject = ""] = key.split("\n");
      if (row) rows.push(row);
      else gone.push({ rule, subject });
    }
    this.#dirty = new Set();
    return { rows, gone };
  }
}

function keyOf({ rule, subject }: { rule: string; subject: string }): string {
  return `${rule}\n${subject}`;
}
