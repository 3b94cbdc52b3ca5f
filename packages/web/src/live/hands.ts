/** Sends what hands do to a phone and keeps the answers: which input was refused, and why. */
import type { DeviceId, Input, InputOutcome } from "@phonerack/contract/api";
import { Answers, type Socket } from "./answers.js";

export class Hands {
  readonly #connection: Socket;
  readonly #answers: Answers<"input">;

  constructor(connection: Socket) {
    this.#connection = connection;
    this.#answers = new Answers(connection, "input");
  }

  /** False when the connection is lost: then nothing was sent, and nothing will be. */
  send(deviceId: DeviceId, input: Input, answered: (outcome: InputOutcome) => void): boolean {
    return this.#answers.ask(
      (seq) => this.#connection.send({ type: "input", seq, deviceId, input }),
      ({ outcome, error }) => answered({ outcome, ...(error && { error }) }),
    );
  }
}
