/** Reads something at most once in a while, however many ask: what stands open to everybody must not ask the database for each of them. */
export class Memo<T> {
  readonly #ms: number;
  readonly #read: () => Promise<T>;
  #known: { readonly at: number; readonly value: Promise<T> } | undefined;

  /** `ms`: how old it may be. */
  constructor(ms: number, read: () => Promise<T>) {
    this.#ms = ms;
    this.#read = read;
  }

  get(): Promise<T> {
    const now = performance.now();
    if (this.#known && now - this.#known.at < this.#ms) return this.#known.value;
    const known = { at: now, value: this.#read() };
    this.#known = known;
    known.value.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known.value;
  }

  /** It has changed: the next one who asks sees it. */
  forget(): void {
    this.#known = undefined;
  }
}
