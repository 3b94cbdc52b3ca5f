/** The system's drop box: what it kept of apps that crashed or did not answer, as `dumpsys dropbox` shows it. */

export interface DropBoxEntry {
  readonly tag: string;
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly text: string;
}

/** Android keeps a thousand; here a thousand phones share one process. */
const MOST = 20;

export class DropBox {
  #entries: readonly DropBoxEntry[] = [];

  /** Oldest first. */
  get entries(): readonly DropBoxEntry[] {
    return this.#entries;
  }

  add(tag: string, text: string, time: number): void {
    this.#entries = [...this.#entries, { tag, text, time }].slice(-MOST);
  }
}
