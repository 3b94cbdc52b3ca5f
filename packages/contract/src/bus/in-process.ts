/** The bus of one process: `phonerack up` gives the same one to control and to the agent. No copy, no encoding beyond the messages'. */
import { PhonerackError } from "../errors.js";
import type { Bus, BusHandler, BusMessage, Subscription } from "./bus.js";
import { answer, deliver, type HandlerFailed } from "./handler.js";
import { PendingRequest, type RequestOptions } from "./pending-request.js";
import { assertSubject, SubjectTable } from "./subject-table.js";

interface Listener {
  readonly handler: BusHandler;
  active: boolean;
}

interface Outgoing extends BusMessage {
  readonly asked?: PendingRequest;
}

/**
 * Handlers never run inside `publish`: messages wait for the next microtask, as they would wait on a network. Else a handler that
 * publishes would overtake the message it was called for at every later subscriber.
 * `onError` is told of handlers that throw.
 */
export function createInProcessBus(options: { onError?: HandlerFailed } = {}): Bus {
  return new InProcessBus(options.onError ?? (() => {}));
}

class InProcessBus implements Bus {
  readonly closed: Promise<void>;
  readonly #table = new SubjectTable<Listener>();
  readonly #asked = new Set<PendingRequest>();
  readonly #failed: HandlerFailed;
  #queue: Outgoing[] = [];
  #stopped = false;
  #close: () => void = () => {};

  constructor(failed: HandlerFailed) {
    this.#failed = failed;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  publish(subject: string, payload: Uint8Array): void {
    assertSubject(subject);
    if (!this.#stopped) this.#send({ subject, payload });
  }

  subscribe(subject: string, handler: BusHandler): Subscription {
    const listener: Listener = { handler, active: true };
    this.#table.add(subject, listener);
    return {
      unsubscribe: () => {
        listener.active = false;
        this.#table.remove(subject, listener);
      },
    };
  }

  async request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    assertSubject(subject);
    if (this.#stopped) throw new PhonerackError("agent_unreachable");
    const asked = new PendingRequest(options, () => this.#asked.delete(asked));
    this.#asked.add(asked);
    this.#send({ subject, payload, request: true, asked });
    return asked.answered;
  }

  onRestored(): Subscription {
    return { unsubscribe() {} };
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#queue = [];
    this.#table.clear();
    for (const asked of this.#asked) asked.fail(new PhonerackError("agent_unreachable"));
    this.#close();
  }

  #send(message: Outgoing): void {
    if (this.#queue.push(message) === 1) queueMicrotask(() => this.#drain());
  }

  /** Also delivers what handlers publish meanwhile, after all that was published before. */
  #drain(): void {
    const queue = this.#queue;
    for (let at = 0; at < queue.length && !this.#stopped; at++) {
      const message = queue[at];
      if (message) this.#dispatch(message);
    }
    if (this.#queue === queue) this.#queue = [];
  }

  #dispatch(message: Outgoing): void {
    const { asked } = message;
    const listeners = this.#table.match(message.subject);
    if (listeners.length === 0) asked?.fail(new PhonerackError("agent_unreachable"));
    for (const listener of listeners) {
      if (!listener.active) continue;
      if (asked) void this.#ask(listener, message, asked);
      else deliver(listener.handler, message, this.#failed);
    }
  }

  async #ask(listener: Listener, message: Outgoing, asked: PendingRequest): Promise<void> {
    const reply = await answer(listener.handler, message, this.#failed);
    if (reply) asked.answer(reply);
  }
}
