/** Whether the phone plays something, and how loud. What it plays is made by whoever streams it. */
import { Listeners } from "./listeners.js";

export const MAX_VOLUME = 15;

export class Sound {
  /** False on models from which sound cannot be captured. */
  readonly capturable: boolean;
  #playing = false;
  #volume = 8;
  readonly changes = new Listeners<{ readonly playing: boolean; readonly volume: number }>();

  constructor(capturable: boolean) {
    this.capturable = capturable;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** 0 … 15, the music stream's steps. */
  get volume(): number {
    return this.#volume;
  }

  setPlaying(playing: boolean): void {
    if (playing === this.#playing) return;
    this.#playing = playing;
    this.changes.emit({ playing, volume: this.#volume });
  }

  setVolume(volume: number): void {
    const next = Math.max(0, Math.min(MAX_VOLUME, Math.round(volume)));
    if (next === this.#volume) return;
    this.#volume = next;
    this.changes.emit({ playing: this.#playing, volume: next });
  }
}
