/**
 * The bus: how control and agents talk. One small interface; subjects are dot-separated words, `*` matches one word in a subscription.
 * A subscriber must not change the bytes it is given. Delivery is at most once, in order per publisher and subject.
 */
export interface Bus {
  publish(subject: string, payload: Uint8Array): void;
  /** The handler's returned bytes answer a request; undefined answers nothing. What it throws is answered as a BusError. */
  subscribe(subject: string, handler: BusHandler): Subscription;
  /** Fails with `agent_unreachable` when nobody listens, `device_timeout` when nobody answers in time, and the signal's reason when aborted. */
  request(subject: string, payload: Uint8Array, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Uint8Array>;
  /**
   * Told each time the connection stands again after it was lost: what others said meanwhile was missed, and what we said last may have been.
   * Never on a bus that cannot be lost.
   */
  onRestored(listener: () => void): Subscription;
  /** Resolves when the link to the other side is gone for good, with the reason. The in-process bus closes only by stop(). */
  readonly closed: Promise<void>;
  stop(): Promise<void>;
}

export type BusHandler = (message: BusMessage) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

export interface BusMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** True when somebody waits for an answer. */
  readonly request?: boolean;
}

export interface Subscription {
  unsubscribe(): void;
}
