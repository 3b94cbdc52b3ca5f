/** So many a second, and as many at once. */
export class Bucket {
  #tokens: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#tokens = perSecond;
    this.#at = now;
  }

  /** False when there have been too many. */
  take(perSecond: number, now: number): boolean {
    this.#tokens = Math.min(perSecond, this.#tokens + (Math.max(0, now - this.#at) * perSecond) / 1_000);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
