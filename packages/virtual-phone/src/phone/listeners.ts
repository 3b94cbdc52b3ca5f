/** A list of listeners that costs one field while nobody listens: a thousand phones have dozens of these each. */
export class Listeners<Event> {
  #listeners: ((event: Event) => void)[] | undefined;

  get size(): number {
    return this.#listeners?.length ?? 0;
  }

  /** Calls `listener` on each event until the returned function is called. */
  add(listener: (event: Event) => void): () => void {
    this.#listeners = [...(this.#listeners ?? []), listener];
    return () => {
      const left = this.#listeners?.filter((other) => other !== listener);
      this.#listeners = left?.length ? left : undefined;
    };
  }

  emit(event: Event): void {
    for (const listener of this.#listeners ?? []) listener(event);
  }
}
