/** The one clipboard of the phone. */
import { Listeners } from "./listeners.js";

/** Above this Android fails with TransactionTooLarge (1 MB of binder buffer, UTF-16). */
const MAX_CHARACTERS = 500_000;

export class Clipboard {
  #text = "";
  readonly changes = new Listeners<string>();

  get(): string {
    return this.#text;
  }

  /** @returns false when too large for a binder transaction. Listeners hear only of true changes. */
  set(text: string): boolean {
    if (text.length > MAX_CHARACTERS) return false;
    if (text === this.#text) return true;
    this.#text = text;
    this.changes.emit(text);
    return true;
  }
}
