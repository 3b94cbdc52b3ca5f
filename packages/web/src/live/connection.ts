/**
 * The tab's one WebSocket to control: opens it, notices when it is dead, opens it again, measures the round trip.
 * What the messages mean is left to those who listen: device-store, streams, input.
 */
import { type FromBrowser, ToBrowser } from "@phonerack/contract/api";

/** `refused`: control is there but will not talk to this browser; `reason` is a code of the error table. */
export type LiveStatus =
  | { readonly phase: "connecting" }
  | { readonly phase: "live"; readonly roundTripMs: number | undefined }
  | { readonly phase: "lost"; readonly since: number; readonly retryAt: number }
  | { readonly phase: "refused"; readonly reason: string };

export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

export interface ConnectionParts {
  open(): Socket;
  /** Asked after a socket closed without ever opening: a browser does not tell a refused upgrade from a dead server. */
  whyRefused(): Promise<string | undefined>;
  now(): number;
  random(): number;
}

export interface LiveListener {
  opened?(): void;
  message?(message: ToBrowser): void;
  /** A frame of `media.ts`, whole. */
  frame?(bytes: ArrayBuffer): void;
  closed?(): void;
}

const ROUND_TRIPS = 3;
const PING_EVERY_MS = 2_000;
/** Three unanswered pings: a cable pulled out never closes a socket. */
const DEAD_AFTER_MS = 6_000;
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;

export class LiveConnection {
  readonly #parts: ConnectionParts;
  readonly #listeners = new Set<LiveListener>();
  readonly #watchers = new Set<() => void>();
  #status: LiveStatus = { phase: "connecting" };
  #socket: Socket | undefined;
  #opened = false;
  #failures = 0;
  #lostSince: number | undefined;
  #heardAt = 0;
  #roundTrips: readonly number[] = [];
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #running = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (changed: () => void): (() => void) => {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  };

  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    if (this.#opened) listener.opened?.();
    return () => this.#listeners.delete(listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#connect();
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** Tries now instead of waiting for the next attempt: the network came back, or a person asks. */
  retryNow(): void {
    if (!this.#running || this.#socket) return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  }

  /** Closes what is open and knocks again: after logging out, to be told so. */
  restart(): void {
    const socket = this.#socket;
    if (socket) this.#closed(socket);
    this.retryNow();
  }

  /** False when nobody listens; nothing is kept for later, because an old touch must not happen late. */
  send(message: FromBrowser): boolean {
    if (!this.#opened || !this.#socket) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    const socket = this.#parts.open();
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#open();
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = () => this.#closed(socket);
  }

  #open(): void {
    this.#opened = true;
    this.#failures = 0;
    this.#lostSince = undefined;
    this.#heardAt = this.#parts.now();
    this.#set({ phase: "live", roundTripMs: undefined });
    for (const listener of this.#listeners) listener.opened?.();
    this.#roundTrips = [];
    this.#ping();
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  #ping(): void {
    const now = this.#parts.now();
    if (now - this.#heardAt > DEAD_AFTER_MS) {
      const socket = this.#socket;
      socket?.close();
      if (socket) this.#closed(socket);
      return;
    }
    this.send({ type: "ping", at: now });
  }

  #receive(data: unknown): void {
    this.#heardAt = this.#parts.now();
    if (data instanceof ArrayBuffer) {
      for (const listener of this.#listeners) listener.frame?.(data);
      return;
    }
    const message = parse(data);
    if (!message) return;
    if (message.type === "pong") this.#measured(this.#parts.now() - message.at);
    for (const listener of this.#listeners) listener.message?.(message);
  }

  /** The best of the last few: what a busy page adds to a single one is not the way's. */
  #measured(roundTripMs: number): void {
    this.#roundTrips = [...this.#roundTrips.slice(1 - ROUND_TRIPS), roundTripMs];
    this.#set({ phase: "live", roundTripMs: Math.min(...this.#roundTrips) });
  }

  #drop(): void {
    clearInterval(this.#pingTimer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#opened = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #closed(socket: Socket): void {
    if (this.#socket !== socket) return;
    const wasOpen = this.#opened;
    this.#drop();
    if (wasOpen) for (const listener of this.#listeners) listener.closed?.();
    if (!wasOpen) void this.#askWhy();
    this.#retryLater();
  }

  #retryLater(): void {
    const now = this.#parts.now();
    this.#lostSince ??= now;
    const step = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 8_000;
    this.#failures += 1;
    // Jitter, so that a hundred tabs do not knock together at the control that just came back.
    const wait = step * (0.75 + this.#parts.random() / 2);
    if (this.#status.phase !== "refused") this.#set({ phase: "lost", since: this.#lostSince, retryAt: now + wait });
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
  }

  async #askWhy(): Promise<void> {
    const reason = await this.#parts.whyRefused().catch(() => undefined);
    if (!this.#running || this.#opened) return;
    if (reason) this.#set({ phase: "refused", reason });
    else if (this.#status.phase === "refused") {
      const now = this.#parts.now();
      this.#set({ phase: "lost", since: this.#lostSince ?? now, retryAt: now });
    }
  }

  #set(status: LiveStatus): void {
    this.#status = status;
    for (const changed of this.#watchers) changed();
  }
}

function parse(data: unknown): ToBrowser | undefined {
  if (typeof data !== "string") return undefined;
  try {
    const parsed = ToBrowser.safeParse(JSON.parse(data));
    // A message of a newer control is skipped, not fatal: the tab is reloaded when control's version changes.
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
