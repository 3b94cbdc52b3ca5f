/** Who waits for the answer to what was sent over the live socket, by its number. What is sent and what an answer says is its users'. */
import type { ToBrowser } from "@phonerack/contract/api";
import type { LiveConnection } from "./connection.js";

/** Forgotten beyond this many: control answers each within seconds or the connection is lost. */
const MOST_WAITING = 1_000;

type Numbered = Extract<ToBrowser, { type: "input" | "step" }>;
type Kind = Numbered["type"];
export type Answer<K extends Kind> = Numbered & { type: K };
export type Socket = Pick<LiveConnection, "send" | "listen">;

export class Answers<K extends Kind> {
  readonly #waiting = new Map<number, (answer: Answer<K>) => void>();
  #seq = 0;

  constructor(connection: Socket, kind: K) {
    const isOurs = (message: ToBrowser): message is Answer<K> => message.type === kind;
    connection.listen({
      message: (message) => isOurs(message) && this.#heard(message),
      closed: () => this.#waiting.clear(),
    });
  }

  /** False when `send` could not: then nothing was sent, and nothing will be. */
  ask(send: (seq: number) => boolean, answered: (answer: Answer<K>) => void): boolean {
    const seq = this.#seq++;
    if (!send(seq)) return false;
    this.#waiting.set(seq, answered);
    if (this.#waiting.size > MOST_WAITING) this.#waiting.delete(seq - MOST_WAITING);
    return true;
  }

  #heard(answer: Answer<K>): void {
    const answered = this.#waiting.get(answer.seq);
    this.#waiting.delete(answer.seq);
    answered?.(answer);
  }
}
