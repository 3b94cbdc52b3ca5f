/**
 * What is known of a connection's end, and the only way to wait for something on it: every wait ends with the answer, with its time,
 * or with the connection. Tango needs this: when a phone dies its calls may stay pending or resolve with half an answer.
 */
import { PhonerackError } from "@phonerack/contract/bus";

export class Lifeline {
  #end: PhonerackError | undefined;
  readonly #listeners = new Set<(end: PhonerackError) => void>();

  /** Why the connection ended; undefined while it lives. */
  get ended(): PhonerackError | undefined {
    return this.#end;
  }

  /** Ends it; the first reason stays. */
  end(reason: PhonerackError): void {
    if (this.#end) return;
    this.#end = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  /** Calls `listener` once at the end, at once when that is past. @returns forgets the listener. */
  onEnd(listener: (end: PhonerackError) => void): () => void {
    if (this.#end) {
      listener(this.#end);
      return () => undefined;
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * `work`'s result, or an error after `timeoutMs` (`device_timeout`, saying `what`) or at the connection's end. Not `Promise.race` with a
   * promise of the end: each such race would leave a reaction on it for as long as the phone stays connected.
   */
  guard<T>(work: PromiseLike<T>, timeoutMs: number, what: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        forget();
      };
      const timer = setTimeout(() => {
        forget();
        reject(new PhonerackError("device_timeout", `${what}: no answer within ${formatSeconds(timeoutMs)}`));
      }, timeoutMs);
      const forget = this.onEnd((end) => {
        clearTimeout(timer);
        reject(end);
      });
      work.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error: unknown) => {
          settle();
          reject(this.#end ?? error);
        },
      );
    });
  }
}

function formatSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
