/**
 * A program that drives one phone through the API: its phone is fenced when its first input comes, and opened again when none has come for a while. Groups
 * and replays fence their phones themselves.
 */
import type { InputOrder } from "@phonerack/contract/bus";
import type { PhoneFence } from "../fence/phone-fence.js";
import type { Held } from "../hold/held.js";

const IDLE_MS = 60_000;
/** Among the fence's sessions. */
const SESSION = "api";

export interface ScriptSessionParts {
  readonly fence: Pick<PhoneFence, "enter" | "leave">;
  held(): Held;
}

export class ScriptSession {
  readonly #parts: ScriptSessionParts;
  #used: number | undefined;
  /** Orders that wait for the fence. */
  #entering = 0;

  constructor(parts: ScriptSessionParts) {
    this.#parts = parts;
  }

  /**
   * Closes the fence for a script's order of who holds the phone; any other is left as it is. @returns the order, valid for the time longer that the fence took.
   * Fails as `PhoneFence.enter` does.
   */
  async begin(order: InputOrder): Promise<InputOrder> {
    const { epoch, phase, actor } = this.#parts.held();
    if (order.mode !== "script" || order.epoch !== epoch || phase !== "leased" || order.actor !== actor) return order;
    const began = Date.now();
    this.#entering++;
    try {
      await this.#parts.fence.enter(SESSION, { agreed: false });
    } finally {
      this.#entering--;
    }
    this.#used = Date.now();
    return { ...order, notAfter: order.notAfter + (this.#used - began) };
  }

  tick(now: number): void {
    if (this.#used === undefined || this.#entering > 0 || now - this.#used < IDLE_MS) return;
    this.#used = undefined;
    void this.#parts.fence.leave(SESSION);
  }
}
