/** Many changes, one write: what changes while a write is under way shares the next one. */

export class GroupCommit {
  readonly #write: () => Promise<void>;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  /** @param write writes everything as it is at that moment */
  constructor(write: () => Promise<void>) {
    this.#write = write;
  }

  /** Resolves when everything that was changed before this call is written; fails as that write does. */
  commit(): Promise<void> {
    const begin = () => {
      this.#next = undefined;
      return (this.#current = this.#write());
    };
    return (this.#next ??= this.#current.then(begin, begin));
  }
}
