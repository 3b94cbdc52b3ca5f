/** What is known of each device's picture on the page's side, outside React: is there one, how large, and if not, why. */
import type { StreamError } from "../live/streams.js";

export interface PictureShape {
  /** Of the newest picture, in its own pixels; undefined until the first. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  readonly error: StreamError | undefined;
}

const NOTHING: PictureShape = { size: undefined, error: undefined };

export class PictureShapes {
  readonly #shapes = new Map<string, PictureShape>();
  readonly #listeners = new Map<string, Set<() => void>>();

  get(key: string): PictureShape {
    return this.#shapes.get(key) ?? NOTHING;
  }

  subscribeTo(key: string, changed: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(changed));
    return () => {
      listeners.delete(changed);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  set(key: string, change: Partial<PictureShape>): void {
    this.#shapes.set(key, { ...this.get(key), ...change });
    for (const changed of this.#listeners.get(key) ?? []) changed();
  }

  forget(key: string): void {
    this.#shapes.delete(key);
  }
}
