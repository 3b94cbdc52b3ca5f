/**
 * The agent's bus over WebSockets to a control, without NATS: what `phonerack agent` joins a running `phonerack up` with. Subscriptions are
 * kept here and said again after each reconnect; what is published meanwhile waits within a bound.
 */
import { PhonerackError } from "../errors.js";
import type { Bus, BusHandler, Subscription } from "./bus.js";
import { BusError, decodeMessage } from "./coding.js";
import { answer, deliver, type HandlerFailed } from "./handler.js";
import { type Lane, Lanes } from "./lanes.js";
import { type LinkFrame, LinkFrameKind } from "./link-frames.js";
import { LinkEnd, type LinkSocket } from "./link-socket.js";
import { PendingRequest, type RequestOptions } from "./pending-request.js";
import { assertPattern, assertSubject } from "./subject-table.js";

export interface LinkBusOptions {
  /** Opens a WebSocket to control's `/api/v1/bus`, with the subprotocol LINK_PROTOCOL; called three times, and again for each reconnect. */
  readonly open: () => LinkSocket;
  /** Told of handlers that throw. */
  readonly onError?: HandlerFailed;
  /** Told when a connection stands and when it is lost, with the reason; it is tried again by itself. */
  readonly onState?: (lane: Lane, state: "up" | "down", reason: string) => void;
  /** Bytes that may wait for a control that does not read; what is published beyond is dropped. Default 32 MiB. */
  readonly maxPending?: number;
}

interface LaneOptions {
  readonly open: () => LinkSocket;
  readonly failed: HandlerFailed;
  readonly state: (state: "up" | "down", reason: string) => void;
  readonly maxPending: number;
  /** Bytes kept for the time after an outage. */
  readonly maxHeld: number;
}

interface Listener {
  readonly pattern: string;
  readonly handler: BusHandler;
}

const MAX_PENDING = 32 * 1024 * 1024;
const MAX_HELD = 4 * 1024 * 1024;
const OPEN_WITHIN_MS = 5_000;
const RETRY_MS = { first: 250, most: 5_000 };

/** A bus over three WebSockets: for commands, pictures and files. Lives until `stop()`, through any number of reconnects. */
export function createLinkBus(options: LinkBusOptions): Bus {
  const lane = (name: Lane, maxHeld: number) =>
    new LinkLane({
      open: options.open,
      failed: options.onError ?? (() => {}),
      state: (state, reason) => options.onState?.(name, state, reason),
      maxPending: options.maxPending ?? MAX_PENDING,
      maxHeld,
    });
  // Old pictures are worth nothing: after an outage the watch is renewed and starts anew. A pipe ends where a part of it was lost.
  return new Lanes({ commands: lane("commands", MAX_HELD), media: lane("media", 0), bulk: lane("bulk", 0) });
}

class LinkLane implements Bus {
  readonly closed: Promise<void>;
  readonly #options: LaneOptions;
  readonly #listeners = new Map<number, Listener>();
  readonly #asked = new Map<number, PendingRequest>();
  readonly #restored = new Set<() => void>();
  #held: { subject: string; payload: Uint8Array }[] = [];
  #heldBytes = 0;
  #end: LinkEnd | undefined;
  #up = false;
  #wasUp = false;
  #stopped = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retryMs = RETRY_MS.first;
  #next = 1;
  #close: () => void = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#connect();
  }

  publish(subject: string, payload: Uint8Array): void {
    assertSubject(subject);
    if (!this.#up) this.#hold(subject, payload);
    else if (this.#room(payload.length)) this.#end?.send(LinkFrameKind.publish, { subject, payload });
  }

  subscribe(subject: string, handler: BusHandler): Subscription {
    assertPattern(subject);
    const id = this.#number();
    this.#listeners.set(id, { pattern: subject, handler });
    this.#end?.send(LinkFrameKind.subscribe, { id, subject });
    return {
      unsubscribe: () => {
        if (this.#listeners.delete(id)) this.#end?.send(LinkFrameKind.unsubscribe, { id });
      },
    };
  }

  async request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    assertSubject(subject);
    options.signal?.throwIfAborted();
    if (!this.#up || !this.#room(payload.length)) throw new PhonerackError("agent_unreachable");
    const id = this.#number();
    const asked = new PendingRequest(options, () => this.#asked.delete(id));
    this.#asked.set(id, asked);
    this.#end?.send(LinkFrameKind.request, { id, extra: options.timeoutMs, subject, payload });
    return asked.answered;
  }

  onRestored(listener: () => void): Subscription {
    this.#restored.add(listener);
    return { unsubscribe: () => this.#restored.delete(listener) };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#end?.close(1000, "stopped");
    this.#listeners.clear();
    this.#close();
  }

  #number(): number {
    const number = this.#next;
    this.#next = (number % 0xffff_ffff) + 1;
    return number;
  }

  #room(bytes: number): boolean {
    return (this.#end?.waiting ?? 0) + bytes <= this.#options.maxPending;
  }

  #hold(subject: string, payload: Uint8Array): void {
    this.#held.push({ subject, payload });
    this.#heldBytes += payload.length;
    while (this.#heldBytes > this.#options.maxHeld) this.#heldBytes -= this.#held.shift()?.payload.length ?? this.#heldBytes;
  }

  #connect(): void {
    const socket = this.#options.open();
    const slow = setTimeout(() => end.close(1000, "did not open in time"), OPEN_WITHIN_MS);
    const end = new LinkEnd(socket, {
      frame: (frame) => this.#receive(frame),
      closed: (code, reason) => {
        clearTimeout(slow);
        this.#lost(end, reason === "" ? `closed with ${code}` : reason);
      },
    });
    this.#end = end;
    socket.addEventListener("open", () => {
      clearTimeout(slow);
      this.#opened();
    });
  }

  #opened(): void {
    if (this.#stopped) return;
    this.#up = true;
    this.#retryMs = RETRY_MS.first;
    for (const [id, { pattern }] of this.#listeners) this.#end?.send(LinkFrameKind.subscribe, { id, subject: pattern });
    for (const { subject, payload } of this.#held) this.#end?.send(LinkFrameKind.publish, { subject, payload });
    this.#held = [];
    this.#heldBytes = 0;
    this.#options.state("up", "");
    if (this.#wasUp) for (const restored of this.#restored) restored();
    this.#wasUp = true;
  }

  #lost(end: LinkEnd, reason: string): void {
    if (end !== this.#end) return;
    this.#end = undefined;
    for (const asked of this.#asked.values()) asked.fail(new PhonerackError("agent_unreachable"));
    if (this.#stopped) return;
    this.#up = false;
    this.#options.state("down", reason);
    // Jitter: all agents of a room lose their control at the same moment.
    this.#retry = setTimeout(() => this.#connect(), this.#retryMs * (0.5 + Math.random() / 2));
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.most);
  }

  #receive(frame: LinkFrame): void {
    switch (frame.kind) {
      case LinkFrameKind.deliver: {
        const listener = this.#listeners.get(frame.extra);
        if (listener) deliver(listener.handler, { subject: frame.subject, payload: frame.payload }, this.#options.failed);
        return;
      }
      case LinkFrameKind.ask:
        return void this.#answer(frame);
      case LinkFrameKind.reply:
        return this.#asked.get(frame.id)?.answer(frame.payload);
      case LinkFrameKind.refused:
        return this.#asked.get(frame.id)?.fail(refusal(frame.payload));
      default:
        return this.#end?.close(1002, "frame that control does not send");
    }
  }

  async #answer({ id, extra, subject, payload }: LinkFrame): Promise<void> {
    const listener = this.#listeners.get(extra);
    const end = this.#end;
    const reply = listener && (await answer(listener.handler, { subject, payload, request: true }, this.#options.failed));
    if (reply) end?.send(LinkFrameKind.reply, { id, payload: reply });
    else end?.send(LinkFrameKind.silent, { id });
  }
}

function refusal(payload: Uint8Array): unknown {
  try {
    decodeMessage(BusError, payload);
  } catch (error) {
    return error;
  }
  return new PhonerackError("bad_request");
}
