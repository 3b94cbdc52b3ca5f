/** Sends what hands do to a phone and keeps the answers: which input was refused, and why. */
import type { DeviceId, Input, InputOutcome, ToBrowser } from "@phonerack/contract/api";
import type { LiveConnection } from "./connection.js";

type Answered = (outcome: InputOutcome) => void;

/** Unanswered inputs are forgotten beyond this many: control answers each within seconds or the connection is lost. */
const MOST_WAITING = 1_000;

export class Hands {
  readonly #connection: Pick<LiveConnection, "send" | "listen">;
  readonly #waiting = new Map<number, Answered>();
  #seq = 0;

  constructor(connection: Pick<LiveConnection, "send" | "listen">) {
    this.#connection = connection;
    connection.listen({
      message: (message) => this.#heard(message),
      closed: () => this.#waiting.clear(),
    });
  }

  /** False when the connection is lost: then nothing was sent, and nothing will be. */
  send(deviceId: DeviceId, input: Input, answered: Answered): boolean {
    const seq = this.#seq++;
    if (!this.#connection.send({ type: "input", seq, deviceId, input })) return false;
    this.#waiting.set(seq, answered);
    if (this.#waiting.size > MOST_WAITING) this.#waiting.delete(seq - MOST_WAITING);
    return true;
  }

  #heard(message: ToBrowser): void {
    if (message.type !== "input") return;
    const answered = this.#waiting.get(message.seq);
    this.#waiting.delete(message.seq);
    answered?.({ outcome: message.outcome, ...(message.error ? { error: message.error } : {}) });
  }
}
