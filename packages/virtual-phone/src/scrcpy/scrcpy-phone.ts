/** The phone around scrcpy's server, and what of its encoder several servers share. */
import type { LocalSockets } from "../adbd/local-sockets.js";
import { Listeners } from "../phone/listeners.js";
import type { Phone } from "../phone/phone.js";

export interface ScrcpyPhone {
  readonly phone: Phone;
  readonly sockets: LocalSockets;
  readonly encoders: Encoders;
}

/** The phone's hardware encoder: how many pictures at once, and its faults. One for each phone, whatever number of servers run. */
export class Encoders {
  /** Sessions it can encode at once. Cheap phones have one. */
  #limit = Number.POSITIVE_INFINITY;
  #slow = false;
  #frozen = false;
  #running = 0;
  /** A fault was switched on or off. */
  readonly changes = new Listeners<void>();

  get running(): number {
    return this.#running;
  }
  get limit(): number {
    return this.#limit;
  }
  /** Takes seconds to start and gives two frames a second. */
  get slow(): boolean {
    return this.#slow;
  }
  /** Gives nothing more; what was sent stays on the client's screen. */
  get frozen(): boolean {
    return this.#frozen;
  }

  /** Switches faults; what is left out keeps its state. */
  set(faults: { limit?: number; slow?: boolean; frozen?: boolean }): void {
    this.#limit = faults.limit ?? this.#limit;
    this.#slow = faults.slow ?? this.#slow;
    this.#frozen = faults.frozen ?? this.#frozen;
    this.changes.emit();
  }

  /** Takes one session; `undefined` when all are taken. Give it back by calling what is returned, once. */
  acquire(): (() => void) | undefined {
    if (this.#running >= this.#limit) return undefined;
    this.#running++;
    let held = true;
    return () => {
      if (held) this.#running--;
      held = false;
    };
  }
}
