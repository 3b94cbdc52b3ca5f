/** Dialogs of the system over everything: an app crashed, does not answer, a computer asks to debug. One shows at a time. */
import { Listeners } from "./listeners.js";

export interface DialogButton {
  readonly id: string;
  readonly label: string;
}

export interface SystemDialog {
  readonly kind: "crash" | "not-responding" | "usb-debugging";
  /** Whose window it is in the hierarchy: `android` or `com.android.systemui`. */
  readonly package: string;
  readonly title: string;
  readonly message: string;
  /** Shown under the message in a monospace way: the fingerprint. */
  readonly detail?: string;
  readonly buttons: readonly DialogButton[];
  /** Fills the screen, so that nobody overlooks it on a wall of phones. */
  readonly full?: boolean;
  /** What Back means; undefined: Back does nothing. */
  readonly onBack?: string;
}

interface Shown {
  readonly dialog: SystemDialog;
  readonly answer: (button: string | null) => void;
}

/** More than this many waiting answers `null` at once: a hostile host cannot fill the phone with prompts. */
const MAX_WAITING = 8;

export class Dialogs {
  #waiting: readonly Shown[] = [];
  readonly changes = new Listeners<SystemDialog | null>();

  /** The one in front. */
  get current(): SystemDialog | null {
    return this.#waiting[0]?.dialog ?? null;
  }

  /** Shows it after those that wait. @returns the id of the pressed button; null when taken away before (signal, reboot). */
  show(dialog: SystemDialog, signal?: AbortSignal): Promise<string | null> {
    if (signal?.aborted || this.#waiting.length >= MAX_WAITING) return Promise.resolve(null);
    return new Promise((resolve) => {
      const shown: Shown = {
        dialog,
        answer: (button) => {
          signal?.removeEventListener("abort", takeAway);
          resolve(button);
        },
      };
      const takeAway = (): void => this.#remove(shown, null);
      signal?.addEventListener("abort", takeAway, { once: true });
      this.#waiting = [...this.#waiting, shown];
      this.changes.emit(this.current);
    });
  }

  /** A button of the current dialog was pressed. */
  press(button: string): void {
    const [shown] = this.#waiting;
    if (shown?.dialog.buttons.some(({ id }) => id === button)) this.#remove(shown, button);
  }

  /** Takes all away unanswered. */
  clear(): void {
    for (const shown of this.#waiting) this.#remove(shown, null);
  }

  #remove(shown: Shown, button: string | null): void {
    if (!this.#waiting.includes(shown)) return;
    this.#waiting = this.#waiting.filter((other) => other !== shown);
    shown.answer(button);
    this.changes.emit(this.current);
  }
}
