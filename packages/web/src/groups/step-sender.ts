/** Sends what is done to a group, and tells whoever did it why it was refused. How it went on each phone stands in the ledger. */
import type { GroupId, GroupStep } from "@phonerack/contract/api";
import { type Answer, Answers, type Socket } from "../live/answers.js";

export class StepSender {
  readonly #connection: Socket;
  readonly #answers: Answers<"step">;

  constructor(connection: Socket) {
    this.#connection = connection;
    this.#answers = new Answers(connection, "step");
  }

  /** False when the connection is lost: then nothing was sent, and nothing will be. */
  send(id: GroupId, step: GroupStep, answered: (reply: Answer<"step">) => void): boolean {
    return this.#answers.ask((seq) => this.#connection.send({ type: "step", seq, id, step }), answered);
  }
}
