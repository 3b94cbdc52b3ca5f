/** Repeatable chance: the same seed gives the same phone (pids, tokens, Blocks' pieces). Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 0x9e3779b9;
  }

  /** A whole number in [least, most]. */
  between(least: number, most: number): number {
    return least + (this.next() % (most - least + 1));
  }

  /** 32 bits (xorshift32, Marsaglia 2003). */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }
}

/** FNV-1a, 32 bits: turns a serial into a seed. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
