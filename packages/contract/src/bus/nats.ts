/**
 * The bus of a lab: NATS between controls and agents. Connecting, TLS and reconnecting are the NATS client's (see the CLI's
 * `nats-connection.ts`); this file maps subjects, answers and errors, and bounds what waits for a server that does not read.
 */
import { type Msg, type NatsConnection, RequestError } from "@nats-io/nats-core";
import { PhonerackError } from "../errors.js";
import type { Bus, BusHandler, Subscription } from "./bus.js";
import { answer, deliver, type HandlerFailed } from "./handler.js";
import { Lanes } from "./lanes.js";
import { PendingRequest, type RequestOptions } from "./pending-request.js";
import { assertPattern, assertSubject } from "./subject-table.js";

export interface NatsBusOptions {
  /** Commands and state. */
  readonly commands: NatsConnection;
  /** Pictures and sound; a second connection, so that they never delay a touch. */
  readonly media: NatsConnection;
  /** Files, shells and adb; a third. */
  readonly bulk: NatsConnection;
  /** Told of handlers that throw. */
  readonly onError?: HandlerFailed;
  /**
   * Bytes per connection that may wait for the server; what is published beyond is dropped. The client itself buffers without bound for
   * a stalled or lost server. Default 32 MiB.
   */
  readonly maxPending?: number;
}

const MAX_PENDING = 32 * 1024 * 1024;
/** The server is asked after so many bytes whether it read them. */
const FLUSH_EVERY = 1024 * 1024;
/** The client's own time-out comes after ours, which alone counts. */
const ANSWER_GRACE_MS = 1_000;
/** Between attempts while nobody listens. Connecting anew takes an agent some milliseconds on a local network, some hundred far away. */
const ABSENT_MS = [20, 50, 100, 200] as const;

interface Asked {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly asked: PendingRequest;
  readonly timeout: number;
}

/** A bus over three connections of the same NATS server or cluster; `stop()` closes both. */
export function createNatsBus(options: NatsBusOptions): Bus {
  const failed = options.onError ?? (() => {});
  const maxPending = options.maxPending ?? MAX_PENDING;
  const lane = (connection: NatsConnection) => new NatsLane(connection, { failed, maxPending });
  return new Lanes({ commands: lane(options.commands), media: lane(options.media), bulk: lane(options.bulk) });
}

class NatsLane implements Bus {
  readonly closed: Promise<void>;
  readonly #connection: NatsConnection;
  readonly #failed: HandlerFailed;
  readonly #outbox: Outbox;
  /** They fail when the server is lost: a request must not wait out its time for a dead connection. */
  readonly #asked = new Set<PendingRequest>();
  readonly #restored = new Set<() => void>();
  #up = true;

  constructor(connection: NatsConnection, options: { failed: HandlerFailed; maxPending: number }) {
    this.#connection = connection;
    this.#failed = options.failed;
    this.#outbox = new Outbox(connection, options.maxPending);
    this.closed = connection.closed().then(() => this.#down());
    void this.#watch();
  }

  publish(subject: string, payload: Uint8Array): void {
    assertSubject(subject);
    if (this.#outbox.takes(payload.length)) this.#connection.publish(subject, payload);
  }

  subscribe(subject: string, handler: BusHandler): Subscription {
    assertPattern(subject);
    if (this.#connection.isClosed()) return { unsubscribe() {} };
    const subscription = this.#connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) this.#failed(error, subject);
        else this.#receive(handler, message);
      },
    });
    return { unsubscribe: () => subscription.unsubscribe() };
  }

  async request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    assertSubject(subject);
    options.signal?.throwIfAborted();
    if (!this.#up || !this.#outbox.takes(payload.length)) throw new PhonerackError("agent_unreachable");
    const asked = new PendingRequest(options, () => this.#asked.delete(asked));
    this.#asked.add(asked);
    void this.#ask({ subject, payload, asked, timeout: options.timeoutMs + ANSWER_GRACE_MS });
    return asked.answered;
  }

  /** What nobody was there to hear was carried out by nobody: it may be asked again, for as long as an agent that takes up new credentials is away. */
  async #ask({ subject, payload, asked, timeout }: Asked): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        return asked.answer((await this.#connection.request(subject, payload, { timeout })).data);
      } catch (error) {
        const pause = ABSENT_MS[attempt];
        if (pause === undefined || !isNobodyThere(error)) return asked.fail(translate(error));
        await new Promise((resolve) => setTimeout(resolve, pause));
        if (asked.settled) return;
      }
    }
  }

  onRestored(listener: () => void): Subscription {
    this.#restored.add(listener);
    return { unsubscribe: () => this.#restored.delete(listener) };
  }

  async stop(): Promise<void> {
    this.#restored.clear();
    this.#down();
    this.#outbox.stop();
    // The client takes its error listener off the socket when it closes: an error of a write that this tick still made must pass first.
    await new Promise((resolve) => setTimeout(resolve));
    if (!this.#connection.isClosed()) await this.#connection.close();
    await this.closed;
  }

  #receive(handler: BusHandler, message: Msg): void {
    const { subject, data: payload } = message;
    if (message.reply) void this.#answer(handler, message);
    else deliver(handler, { subject, payload }, this.#failed);
  }

  async #answer(handler: BusHandler, message: Msg): Promise<void> {
    const reply = await answer(handler, { subject: message.subject, payload: message.data, request: true }, this.#failed);
    if (reply && !this.#connection.isClosed() && this.#outbox.takes(reply.length)) message.respond(reply);
  }

  async #watch(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "disconnect") this.#down();
      else if (status.type === "reconnect") {
        this.#up = true;
        this.#outbox.restart();
        for (const restored of this.#restored) restored();
      }
    }
  }

  #down(): void {
    this.#up = false;
    for (const asked of this.#asked) asked.fail(new PhonerackError("agent_unreachable"));
  }
}

/** Counts what was published and not yet known to be read by the server: a PONG says that all before its PING was. */
class Outbox {
  readonly #connection: NatsConnection;
  readonly #max: number;
  readonly #flushEvery: number;
  #pending = 0;
  #unflushed = 0;
  #generation = 0;
  #stopped = false;

  constructor(connection: NatsConnection, max: number) {
    this.#connection = connection;
    this.#max = max;
    this.#flushEvery = Math.min(FLUSH_EVERY, max / 8);
  }

  takes(bytes: number): boolean {
    if (this.#stopped || this.#connection.isClosed() || this.#pending + bytes > this.#max) return false;
    this.#pending += bytes;
    this.#unflushed += bytes;
    if (this.#unflushed >= this.#flushEvery) void this.#flush();
    return true;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** After a reconnect: PINGs of the old connection are never answered, so counting starts anew. */
  restart(): void {
    this.#generation++;
    this.#pending = 0;
    this.#unflushed = 0;
  }

  async #flush(): Promise<void> {
    const bytes = this.#unflushed;
    const generation = this.#generation;
    this.#unflushed = 0;
    try {
      await this.#connection.flush();
    } catch {
      // The connection is closed or was lost: `restart` or `closed` takes care of the count.
      return;
    }
    if (generation === this.#generation) this.#pending -= bytes;
  }
}

function isNobodyThere(error: unknown): boolean {
  return error instanceof RequestError && error.isNoResponders();
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const names = [error.name, error.cause instanceof Error ? error.cause.name : ""];
  if (names.includes("TimeoutError")) return new PhonerackError("device_timeout", undefined, { cause: error });
  return new PhonerackError("agent_unreachable", undefined, { cause: error });
}
