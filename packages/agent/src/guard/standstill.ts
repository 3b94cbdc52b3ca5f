/**
 * When scripts on one phone stand still, and when they are ended: what follows from what is seen in front, by a clock, and nothing else. What standing still
 * means for bytes and for processes is `phone-guard.ts`'s and `freezer.ts`'s.
 */

/** What is in front, as far as it matters here: nobody of ours, something that scripts may go on in, or nobody knows. */
export type Sight =
  | { readonly kind: "fine" }
  | { readonly kind: "stranger"; readonly package: string }
  | { readonly kind: "unknown" };

export interface StandstillParts {
  /** Milliseconds that only grow. */
  now(): number;
  /** Scripts stand still, for this reason, or go on again (null). */
  onChange(reason: string | null): void;
  /** Sends this app away. */
  expel(name: string): void;
  /** All that is open must end. Called once. */
  close(reason: string): void;
}

/** What a stranger in front is given to go by itself, and then to be gone after it was sent away. */
export const PATIENCE_MS = 2_000;
/** A phone that does not tell what is in front: for so long it may only be slow. */
export const UNKNOWN_MS = 5_000;
/** For so long it may stand still for that. */
const UNKNOWN_END_MS = 60_000;
/** Each time that a stranger comes, something may have slipped through before it was seen: so often within so long, and no more. */
const MOST_VISITS = 3;
const VISITS_MS = 60_000;

export class Standstill {
  readonly #parts: StandstillParts;
  #sight: Sight = { kind: "unknown" };
  #reason: string | null = null;
  #closed = false;
  /** Since when a stranger was in front, and nothing else was known to be. */
  #strangerSince: number | undefined;
  /** Who was in front last, of those. */
  #stranger = "";
  /** Since when it is not known. */
  #unknownSince: number;
  readonly #expelled = new Set<string>();
  #visits: number[] = [];

  constructor(parts: StandstillParts) {
    this.#parts = parts;
    this.#unknownSince = parts.now();
  }

  /** Why scripts stand still; null: they do not. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Whether bytes may go to the phone: only while what is in front is known to be fine. */
  get open(): boolean {
    return this.#sight.kind === "fine" && this.#reason === null && !this.#closed;
  }

  /** This is in front now; safe to call again with the same. */
  see(sight: Sight): void {
    if (this.#closed) return;
    const now = this.#parts.now();
    if (sight.kind === "unknown" && this.#sight.kind !== "unknown") this.#unknownSince = now;
    this.#sight = sight;
    if (sight.kind === "fine") this.#fine();
    else if (sight.kind === "stranger") this.#stand(sight.package, now);
    this.tick();
  }

  /** Time has passed. */
  tick(): void {
    if (this.#closed) return;
    const now = this.#parts.now();
    if (this.#strangerSince !== undefined) this.#outwait(now - this.#strangerSince);
    else if (this.#sight.kind === "unknown") this.#wonder(now - this.#unknownSince);
  }

  #fine(): void {
    this.#strangerSince = undefined;
    this.#expelled.clear();
    this.#change(null);
  }

  #stand(name: string, now: number): void {
    this.#stranger = name;
    if (this.#strangerSince === undefined) {
      this.#strangerSince = now;
      this.#visits = [...this.#visits.filter((at) => now - at < VISITS_MS), now];
    }
    this.#change(`${name} is in front, and is not yours.`);
    if (this.#visits.length > MOST_VISITS) this.#close(`${name} came in front, and apps that are not yours do again and again.`);
  }

  #outwait(ms: number): void {
    if (ms >= 2 * PATIENCE_MS)
      return this.#close(`${this.#stranger} is not yours, and stayed in front although it was sent away.`);
    if (ms < PATIENCE_MS || this.#expelled.has(this.#stranger)) return;
    this.#expelled.add(this.#stranger);
    this.#parts.expel(this.#stranger);
  }

  #wonder(ms: number): void {
    if (ms >= UNKNOWN_END_MS) this.#close("The phone does not tell what is in front.");
    else if (ms >= UNKNOWN_MS) this.#change("The phone does not tell what is in front.");
  }

  #change(reason: string | null): void {
    if (this.#reason === reason) return;
    this.#reason = reason;
    this.#parts.onChange(reason);
  }

  #close(reason: string): void {
    this.#closed = true;
    this.#parts.close(reason);
  }
}
