/** Counts what the gate denied in the present lease, for the phone's report: the last sentence, and no more than four changes a second. */
import type { DeviceReport } from "@phonerack/contract/bus";

const SHOW_MS = 250;

type Shown = NonNullable<DeviceReport["denials"]>;

export class Denials {
  readonly #show: (denials: Shown | undefined) => void;
  #epoch = -1;
  #count = 0;
  #last = "";
  #at = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(show: (denials: Shown | undefined) => void) {
    this.#show = show;
  }

  /** One more, in the lease with this epoch. */
  count(epoch: number, reason: string): void {
    this.begin(epoch);
    this.#count++;
    this.#last = reason.slice(0, 500);
    this.#at = Date.now();
    this.#timer ??= setTimeout(() => this.#tell(), SHOW_MS);
  }

  /** Another lease begins with none. */
  begin(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    if (this.#count === 0) return;
    this.#count = 0;
    this.#tell();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#show(this.#count === 0 ? undefined : { count: this.#count, last: this.#last, at: this.#at });
  }
}
