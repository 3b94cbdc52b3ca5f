/** One request under way: settles once, by its answer, its time-out, its signal or the end of the bus, and then leaves nothing behind. */
import { PhonerackError } from "../errors.js";

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export class PendingRequest {
  readonly answered: Promise<Uint8Array>;
  settled = false;
  #settle: (outcome: { answer: Uint8Array } | { error: unknown }) => void = () => {};

  /** `over` is called once when the request is settled, whichever way. Throws the signal's reason when it is aborted already. */
  constructor(options: RequestOptions, over: () => void) {
    options.signal?.throwIfAborted();
    this.answered = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.fail(new PhonerackError("device_timeout")), options.timeoutMs);
      const aborted = () => this.fail(options.signal?.reason);
      options.signal?.addEventListener("abort", aborted);
      this.#settle = (outcome) => {
        this.#settle = () => {};
        this.settled = true;
        clearTimeout(timer);
        options.signal?.removeEventListener("abort", aborted);
        over();
        if ("answer" in outcome) resolve(outcome.answer);
        else reject(outcome.error);
      };
    });
  }

  answer(answer: Uint8Array): void {
    this.#settle({ answer });
  }

  fail(error: unknown): void {
    this.#settle({ error });
  }
}
