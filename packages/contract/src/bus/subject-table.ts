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

export class SubjectTable<T> {
  readonly #exact = new Map<string, Set<T>>();
  readonly #patterns = new Map<T, readonly string[]>();

  add(pattern: string, entry: T): void {
    assertPattern(pattern);
    if (pattern.includes("*")) {
      this.#patterns.set(entry, pattern.split("."));
      return;
    }
    const entries = this.#exact.get(pattern);
    if (entries) entries.add(entry);
    else this.#exact.set(pattern, new Set([entry]));
  }

  remove(pattern: string, entry: T): void {
    this.#patterns.delete(entry);
    const entries = this.#exact.get(pattern);
    entries?.delete(entry);
    if (entries?.size === 0) this.#exact.delete(pattern);
  }

  /** The listeners of one subject, exact ones first, each group in the order they came. */
  match(subject: string): T[] {
    const found = [...(this.#exact.get(subject) ?? [])];
    if (this.#patterns.size === 0) return found;
    const words = subject.split(".");
    for (const [entry, pattern] of this.#patterns) if (coversWords(pattern, words)) found.push(entry);
    return found;
  }

  clear(): void {
    this.#exact.clear();
    this.#patterns.clear();
  }
}
