/** Sends what is done to a group, and tells whoever did it why it was refused. How it went on each phone stands in the ledger. */
import type { GroupId, GroupStep, ToBrowser } from "@phonerack/contract/api";
import type { LiveConnection } from "../live/connection.js";

type StepReply = Extract<ToBrowser, { type: "step" }>;
type Answered = (reply: StepReply) => void;

/** Unanswered steps are forgotten beyond this many: control answers each at once or the connection is lost. */
const MOST_WAITING = 1_000;

export class StepSender {
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
  send(id: GroupId, step: GroupStep, answered: Answered): boolean {
    const seq = this.#seq++;
    if (!this.#connection.send({ type: "step", seq, id, step })) return false;
    this.#waiting.set(seq, answered);
    if (this.#waiting.size > MOST_WAITING) this.#waiting.delete(seq - MOST_WAITING);
    return true;
  }

  #heard(message: ToBrowser): void {
    if (message.type !== "step") return;
    const answered = this.#waiting.get(message.seq);
    this.#waiting.delete(message.seq);
    answered?.(message);
  }
}
