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
/** Of one organisation by one rule. Names of apps can be invented, so whoever makes more loses the oldest of their own, and nobody else's. */
export const MOST_OF_ONE = 2_000;
/** What is about all organisations together stays. */
const KEPT = new Set(["linked"]);

export class Counting {
  readonly #rules: readonly WatchRule[];
  readonly #rows = new Map<string, CountRow>();
  /** By rule and organisation the keys of its rows, in the order in which they were last added to. */
  readonly #owners = new Map<string, Set<string>>();
  readonly #most: number;
  #dirty = new Set<string>();
  /** Of rules that judge late: the last of what was counted. */
  #late = new Map<string, { rule: WatchRule; subject: string; seen: Seen }>();

  constructor(rules: readonly WatchRule[], rows: readonly CountRow[] = [], most = MOST_ROWS) {
    this.#rules = rules;
    this.#most = most;
    for (const row of [...rows].sort((a, b) => a.at - b.at)) this.#put(row);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** @returns what follows at once; the rest is `late`'s */
  see(seen: Seen): Found[] {
    const found: Found[] = [];
    for (const rule of this.#rules) {
      const subject = rule.subject(seen);
      if (subject === undefined) continue;
      const key = keyOf({ rule: rule.name, subject });
      const known = this.#rows.get(key);
      const counts = rule.count(known?.counts, seen);
      // Rules give back what they were given where nothing changed.
      if (counts !== known?.counts) {
        if (!known) this.#makeRoom(ownerOf(key));
        this.#put({ rule: rule.name, subject, counts, at: Math.max(known?.at ?? 0, seen.at) });
        this.#dirty.add(key);
      }
      if (rule.late) this.#late.set(key, { rule, subject, seen });
      else for (const finding of rule.judge(counts, seen)) found.push({ ...finding, subject });
    }
    return found;
  }

  /** What follows of all that was seen since this was asked last. */
  late(): Found[] {
    const found: Found[] = [];
    for (const [key, { rule, subject, seen }] of this.#late)
      for (const finding of rule.judge(this.#rows.get(key)?.counts, seen)) found.push({ ...finding, subject });
    this.#late = new Map();
    return found;
  }

  /** A person said that it was nothing: it begins anew. */
  forget(rule: string, subject: string): void {
    this.#drop(keyOf({ rule, subject }));
  }

  /** Nothing of these was added to for more than a day. */
  sweep(now: number): void {
    for (const [key, { rule, at }] of this.#rows) if (!KEPT.has(rule) && at < now - DAY_MS - DAY_MS / 24) this.#drop(key);
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

  #put(row: CountRow): void {
    const key = keyOf(row);
    const owner = ownerOf(key);
    const keys = this.#owners.get(owner) ?? new Set();
    // Deleted first, so that it comes last.
    keys.delete(key);
    this.#owners.set(owner, keys.add(key));
    this.#rows.set(key, row);
  }

  #drop(key: string): void {
    if (!this.#rows.delete(key)) return;
    this.#dirty.add(key);
    const owner = ownerOf(key);
    const keys = this.#owners.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#owners.delete(owner);
  }

  /** For one row more of this owner: its own oldest goes, or where all together are too many, that of whoever has most. */
  #makeRoom(owner: string): void {
    let keys = this.#owners.get(owner);
    if ((keys?.size ?? 0) < MOST_OF_ONE) {
      if (this.#rows.size < this.#most) return;
      for (const other of this.#owners.values()) if (other.size > (keys?.size ?? 0)) keys = other;
    }
    for (const oldest of keys ?? []) return this.#drop(oldest);
  }
}

function keyOf({ rule, subject }: { rule: string; subject: string }): string {
  return `${rule}\n${subject}`;
}

/** A rule and an organisation. */
function ownerOf(key: string): string {
  return key.split(" ", 1)[0] ?? key;
}
