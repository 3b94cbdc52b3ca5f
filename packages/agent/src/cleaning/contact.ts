/**
 * The phone under the cloth, for as long as that takes: its connection may end and come back, by a bad cable or by the restart we asked for.
 * Everything done through it may be done twice.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";

/** A phone that was pulled out for a moment is back by then. */
const BACK_MS = 60_000;
/** Connections that may end under one piece of work. */
const MOST_LOST = 3;
const PAUSE_MS = 100;

export interface ContactParts {
  /** The present connection to the phone when it is of use, else the next. Rejects with the signal's reason. */
  readonly ready: (signal: AbortSignal) => Promise<PhoneLink>;
  readonly signal: AbortSignal;
}

export class Contact {
  readonly signal: AbortSignal;
  readonly #ready: ContactParts["ready"];

  constructor({ ready, signal }: ContactParts) {
    this.#ready = ready;
    this.signal = signal;
  }

  /** A connection that stands. Fails with `device_not_ready` when none does within `ms`, or with the signal's reason. */
  async link(ms = BACK_MS): Promise<PhoneLink> {
    const late = AbortSignal.timeout(ms);
    const signal = AbortSignal.any([this.signal, late]);
    for (;;) {
      this.signal.throwIfAborted();
      if (late.aborted) throw new PhonerackError("device_not_ready", `it was not back within ${Math.round(ms / 1_000)} s`);
      const link = await untilAborted(this.#ready(signal), signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
        return undefined;
      });
      if (link && !link.life.ended) return link;
      await sleep(PAUSE_MS);
    }
  }

  /** Does `work` on the phone; again from its beginning when the connection ended under it. */
  async with<T>(work: (link: PhoneLink) => Promise<T>): Promise<T> {
    for (let lost = 0; ; lost++) {
      const link = await this.link();
      try {
        return await untilAborted(work(link), this.signal);
      } catch (error) {
        this.signal.throwIfAborted();
        if (!link.life.ended) throw error;
        if (lost >= MOST_LOST)
          throw new PhonerackError("device_not_ready", "its connection ends again and again", { cause: error });
      }
    }
  }
}

/** `work`'s result, or the signal's reason at once. What is left of the work ends by its own time-outs. */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}
