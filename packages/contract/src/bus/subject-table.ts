/**
 * Who listens to what: exact subjects in a map, patterns with `*` in a small list, because nearly all subscriptions are exact (three per
 * phone) and the few patterns are control's. Holds no messages and calls nobody.
 */
const SUBJECT = /^[^\s.*>]+(?:\.[^\s.*>]+)*$/;
const PATTERN = /^(?:\*|[^\s.*>]+)(?:\.(?:\*|[^\s.*>]+))*$/;
const MAX_SUBJECT = 255;

export function assertSubject(subject: string): void {
  if (subject.length > MAX_SUBJECT || !SUBJECT.test(subject)) throw new TypeError(`not a subject: ${subject.slice(0, 80)}`);
}

export function assertPattern(pattern: string): void {
  if (pattern.length > MAX_SUBJECT || !PATTERN.test(pattern))
    throw new TypeError(`not a subject pattern: ${pattern.slice(0, 80)}`);
}

/** Whether `pattern` matches all that `other` matches; `other` may be a subject or a pattern itself. */
export function covers(pattern: string, other: string): boolean {
  return coversWords(pattern.split("."), other.split("."));
}

function coversWords(pattern: readonly string[], other: readonly string[]): boolean {
  return pattern.length === other.length && pattern.every((word, at) => word === "*" || word === other[at]);
}

function firstWord(subject: string): string {
  const end = subject.indexOf(".");
  return end < 0 ? subject : subject.slice(0, end);
}

export class SubjectTable<T> {
  readonly #exact = new Map<string, Set<T>>();
  /** By the first word, so that a subject no pattern begins like is not taken apart; under `*` those that begin with any. */
  readonly #patterns = new Map<string, Map<T, readonly string[]>>();

  add(pattern: string, entry: T): void {
    assertPattern(pattern);
    if (pattern.includes("*")) {
      const words = pattern.split(".");
      const group = this.#patterns.get(firstWord(pattern)) ?? new Map<T, readonly string[]>();
      this.#patterns.set(firstWord(pattern), group.set(entry, words));
      return;
    }
    const entries = this.#exact.get(pattern);
    if (entries) entries.add(entry);
    else this.#exact.set(pattern, new Set([entry]));
  }

  remove(pattern: string, entry: T): void {
    const group = this.#patterns.get(firstWord(pattern));
    group?.delete(entry);
    if (group?.size === 0) this.#patterns.delete(firstWord(pattern));
    const entries = this.#exact.get(pattern);
    entries?.delete(entry);
    if (entries?.size === 0) this.#exact.delete(pattern);
  }

  /** The listeners of one subject, exact ones first, each group in the order they came. */
  match(subject: string): T[] {
    const found = [...(this.#exact.get(subject) ?? [])];
    const groups = [this.#patterns.get(firstWord(subject)), this.#patterns.get("*")];
    for (const group of groups) {
      if (!group) continue;
      const words = subject.split(".");
      for (const [entry, pattern] of group) if (coversWords(pattern, words)) found.push(entry);
    }
    return found;
  }

  clear(): void {
    this.#exact.clear();
    this.#patterns.clear();
  }
}
