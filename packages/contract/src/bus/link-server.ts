/**
 * Control's end of a bus link: what an agent says over its WebSocket is said on the bus, within what an agent may say. Knows nothing of
 * HTTP or tokens: whoever mounts it has checked who is calling.
 */
import { PhonerackError } from "../errors.js";
import type { Bus, BusMessage, Subscription } from "./bus.js";
import { encodeError } from "./coding.js";
import { type LinkFrame, LinkFrameKind } from "./link-frames.js";
import { LinkClose, LinkEnd, type LinkSocket } from "./link-socket.js";
import { assertPattern, assertSubject, covers } from "./subject-table.js";

/** Patterns an end of a link may publish (and request) on, and subscribe to. */
export interface LinkAllowance {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** What one agent's part in the conversation is (`messages.ts`), and nobody else's: NATS credentials allow the same. */
export function agentAllowance(agentId: string): LinkAllowance {
  return {
    publish: [`agent.${agentId}.beat`, `agent.${agentId}.*.*`, `media.*.${agentId}.*.*`, `bulk.from.${agentId}.*`],
    subscribe: ["agents.resend", `to.${agentId}.*`, `to.${agentId}.*.*`, `bulk.to.${agentId}.*`],
  };
}

export interface LinkServerOptions {
  readonly allow: LinkAllowance;
  /** Told once when the link is over: WebSocket's close code and the reason. */
  readonly onClosed?: (code: number, reason: string) => void;
  /** Subscriptions per link; a thousand phones take three thousand. */
  readonly maxSubscriptions?: number;
  /** Requests under way per link and direction. */
  readonly maxRequests?: number;
  /** Bytes that may wait for an end that does not read; then the link is closed, and the agent comes again. */
  readonly maxPending?: number;
}

export interface LinkServer {
  /** Ends the link and all it subscribed to; the other end is told why. */
  stop(reason?: string): void;
}

const MAX_TIMEOUT_MS = 60_000;
/** For answers that come from the agent: longer than any request waits, so that the asker's own time-out decides. */
const FORGET_MS = 3 * MAX_TIMEOUT_MS;

/** Serves one accepted, open WebSocket until it closes. Three per agent: for commands, pictures and files. */
export function serveBusLink(bus: Bus, socket: LinkSocket, options: LinkServerOptions): LinkServer {
  return new ServedLink(bus, socket, options);
}

class ServedLink implements LinkServer {
  readonly #bus: Bus;
  readonly #end: LinkEnd;
  readonly #options: Required<Omit<LinkServerOptions, "onClosed">>;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #asked = new Map<number, (answer: Uint8Array | undefined) => void>();
  readonly #requests = new Set<AbortController>();
  #nextAsk = 1;

  constructor(bus: Bus, socket: LinkSocket, options: LinkServerOptions) {
    const { onClosed, ...rest } = options;
    this.#bus = bus;
    this.#options = {
      maxSubscriptions: 20_000,
      maxRequests: 4_000,
      maxPending: 16 * 1024 * 1024,
      ...rest,
    };
    this.#end = new LinkEnd(socket, {
      frame: (frame) => this.#receive(frame),
      closed: (code, reason) => {
        this.#release();
        onClosed?.(code, reason);
      },
    });
  }

  stop(reason = "control stops"): void {
    this.#end.close(1001, reason);
  }

  #receive(frame: LinkFrame): void {
    try {
      this.#obey(frame);
    } catch (error) {
      this.#end.close(LinkClose.policy, error instanceof Error ? error.message.slice(0, 100) : "refused");
    }
  }

  #obey(frame: LinkFrame): void {
    switch (frame.kind) {
      case LinkFrameKind.subscribe:
        return this.#subscribe(frame);
      case LinkFrameKind.unsubscribe:
        this.#subscriptions.get(frame.id)?.unsubscribe();
        this.#subscriptions.delete(frame.id);
        return;
      case LinkFrameKind.publish:
        this.#mayPublish(frame.subject);
        return this.#bus.publish(frame.subject, frame.payload);
      case LinkFrameKind.request:
        return void this.#request(frame);
      case LinkFrameKind.reply:
        return this.#asked.get(frame.id)?.(frame.payload);
      case LinkFrameKind.silent:
        return this.#asked.get(frame.id)?.(undefined);
      default:
        throw new Error(`frame ${frame.kind} is not the agent's to send`);
    }
  }

  #subscribe({ id, subject }: LinkFrame): void {
    assertPattern(subject);
    if (!this.#options.allow.subscribe.some((pattern) => covers(pattern, subject))) {
      throw new Error(`an agent may not subscribe to ${subject}`);
    }
    if (this.#subscriptions.has(id)) throw new Error("the subscription's number is in use");
    if (this.#subscriptions.size >= this.#options.maxSubscriptions) throw new Error("too many subscriptions");
    this.#subscriptions.set(
      id,
      this.#bus.subscribe(subject, (message) => this.#forward(id, message)),
    );
  }

  #mayPublish(subject: string): void {
    assertSubject(subject);
    if (!this.#options.allow.publish.some((pattern) => covers(pattern, subject))) {
      throw new Error(`an agent may not publish on ${subject}`);
    }
  }

  #forward(subscription: number, message: BusMessage): Promise<Uint8Array | undefined> | undefined {
    const { subject, payload } = message;
    if (this.#end.waiting > this.#options.maxPending) {
      this.#end.close(LinkClose.overloaded, "the agent does not read");
      throw new PhonerackError("agent_unreachable");
    }
    if (message.request) return this.#ask(subscription, message);
    this.#end.send(LinkFrameKind.deliver, { extra: subscription, subject, payload });
    return undefined;
  }

  async #ask(subscription: number, { subject, payload }: BusMessage): Promise<Uint8Array | undefined> {
    if (this.#asked.size >= this.#options.maxRequests) throw new PhonerackError("too_many");
    const id = this.#nextAsk;
    this.#nextAsk = (id % 0xffff_ffff) + 1;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise((resolve) => {
        timer = setTimeout(resolve, FORGET_MS, undefined);
        this.#asked.set(id, resolve);
        this.#end.send(LinkFrameKind.ask, { id, extra: subscription, subject, payload });
      });
    } finally {
      clearTimeout(timer);
      this.#asked.delete(id);
    }
  }

  async #request({ id, extra, subject, payload }: LinkFrame): Promise<void> {
    const abort = new AbortController();
    try {
      this.#mayPublish(subject);
      if (this.#requests.size >= this.#options.maxRequests) throw new PhonerackError("too_many");
      this.#requests.add(abort);
      const timeoutMs = Math.min(extra, MAX_TIMEOUT_MS);
      const answer = await this.#bus.request(subject, payload, { timeoutMs, signal: abort.signal });
      this.#end.send(LinkFrameKind.reply, { id, payload: answer });
    } catch (error) {
      const refusal = error instanceof PhonerackError ? error : new PhonerackError("denied", String(error));
      this.#end.send(LinkFrameKind.refused, { id, payload: encodeError(refusal) });
    } finally {
      this.#requests.delete(abort);
    }
  }

  #release(): void {
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe();
    this.#subscriptions.clear();
    const gone = encodeError(new PhonerackError("agent_unreachable"));
    for (const resolve of this.#asked.values()) resolve(gone);
    for (const abort of this.#requests) abort.abort();
  }
}
