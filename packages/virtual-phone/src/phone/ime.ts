/** The input method: whether its window shows, and for which field. The keys themselves are views. */
import { Listeners } from "./listeners.js";

export const STOCK_IME = "com.android.inputmethod.latin/.LatinIME";

export interface ImeState {
  readonly shown: boolean;
  /** `package:id/name` of the field it serves, or null. */
  readonly field: string | null;
}

export class Ime {
  #state: ImeState = { shown: false, field: null };
  readonly changes = new Listeners<ImeState>();

  get state(): ImeState {
    return this.#state;
  }
  get shown(): boolean {
    return this.#state.shown;
  }

  show(field: string | null): void {
    this.#set({ shown: true, field });
  }

  hide(): void {
    this.#set({ shown: false, field: this.#state.field });
  }

  /** No field has the focus any more. */
  detach(): void {
    this.#set({ shown: false, field: null });
  }

  #set(next: ImeState): void {
    if (next.shown === this.#state.shown && next.field === this.#state.field) return;
    this.#state = next;
    this.changes.emit(next);
  }
}
