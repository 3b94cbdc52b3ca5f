/**
 * One stream of an ADB connection, as the device side keeps it: ids, credit to write, and what has been received but not yet consumed.
 * Sends through its connection; knows nothing of services.
 */
import { WireError } from "../wire-error.js";

export interface AdbStreamEvents {
  /** Bytes from the host. They count against the stream until `consumed` is told. */
  onData(data: Uint8Array): void;
  /** `credit` rose from 0. */
  onWritable(): void;
  /** The stream is over and this is its last event. "closed" by the host, "reset" with the whole connection, "refused": our OPEN was. */
  onClosed(reason: "closed" | "reset" | "refused"): void;
}

/** What a stream asks of its connection. */
export interface StreamCarrier {
  readonly maxPayload: number;
  readonly delayedAck: boolean;
  sendOkay(stream: AdbStream, acknowledged: number): void;
  sendWrite(stream: AdbStream, data: Uint8Array): void;
  sendClose(stream: AdbStream): void;
  /** Received and unconsumed bytes of the whole connection changed. Throws `window-exceeded`. */
  account(bytes: number): void;
}

export class AdbStream {
  #state: "opening" | "open" | "closed" = "opening";
  #remoteId = 0;
  /** With delayed_ack bytes that the host still takes; without, 1 or 0 writes. */
  #window = 0;
  #unconsumed = 0;
  #receiveWindow = 0;
  #awaitingOkay = false;
  readonly #carrier: StreamCarrier;
  readonly #events: AdbStreamEvents;

  constructor(
    carrier: StreamCarrier,
    readonly localId: number,
    events: AdbStreamEvents,
  ) {
    this.#carrier = carrier;
    this.#events = events;
  }

  get remoteId(): number {
    return this.#remoteId;
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  /** How many bytes the next `write` may have; 0 while the host owes an OKAY. */
  get credit(): number {
    if (this.#state !== "open") return 0;
    if (!this.#carrier.delayedAck) return this.#awaitingOkay ? 0 : this.#carrier.maxPayload;
    return Math.max(0, Math.min(this.#window, this.#carrier.maxPayload));
  }

  /** Sends 1 to `credit` bytes. Throws `no-credit` for more; ignored after the stream closed. */
  write(data: Uint8Array): void {
    if (this.#state === "closed" || data.length === 0) return;
    if (data.length > this.credit)
      throw new WireError("no-credit", `${data.length} bytes written where ${this.credit} were allowed.`);
    this.#window -= data.length;
    this.#awaitingOkay = true;
    this.#carrier.sendWrite(this, data);
  }

  /** `bytes` of what `onData` gave are done with: the host may send more. */
  consumed(bytes: number): void {
    if (this.#state === "closed" || bytes === 0) return;
    const taken = Math.min(bytes, this.#unconsumed);
    this.#unconsumed -= taken;
    this.#carrier.account(-taken);
    if (this.#carrier.delayedAck) this.#carrier.sendOkay(this, taken);
    else if (this.#unconsumed === 0) this.#carrier.sendOkay(this, 0);
  }

  /** Ends the stream from this side. No more events follow. Idempotent. */
  close(): void {
    if (this.#state === "closed") return;
    const wasOpen = this.#state === "open";
    this.#end();
    // An OPEN of ours that was not answered yet has no remote id to close; its answer will find no stream and be closed then.
    if (wasOpen) this.#carrier.sendClose(this);
  }

  /** The ids of both sides are known. A stream that we opened becomes writable by the OKAY that told the host's: `awaitingOkay`. */
  begin(remoteId: number, options: { sendWindow: number; receiveWindow: number; awaitingOkay: boolean }): void {
    this.#remoteId = remoteId;
    this.#window = options.sendWindow;
    this.#receiveWindow = options.receiveWindow;
    this.#awaitingOkay = options.awaitingOkay;
    this.#state = "open";
  }

  /** WRTE from the host. Throws `window-exceeded` if it did not wait for our OKAY. */
  received(data: Uint8Array): void {
    // adb and Tango may overshoot a window by the packet that empties it, never more.
    const allowed = this.#carrier.delayedAck ? this.#unconsumed < this.#receiveWindow : this.#unconsumed === 0;
    if (!allowed) throw new WireError("window-exceeded", "The host sent data without waiting for an OKAY.");
    if (data.length === 0) return this.#carrier.sendOkay(this, 0);
    this.#unconsumed += data.length;
    this.#carrier.account(data.length);
    this.#events.onData(data);
  }

  /** OKAY from the host; `acknowledged` bytes with delayed_ack. */
  acknowledged(acknowledged: number): void {
    const before = this.credit;
    this.#awaitingOkay = false;
    this.#window = Math.min(this.#window + acknowledged, 2 ** 32);
    if (before === 0 && this.credit > 0) this.#events.onWritable();
  }

  /** The host or the connection ended it. */
  closedBy(reason: "closed" | "reset" | "refused"): void {
    if (this.#state === "closed") return;
    this.#end();
    this.#events.onClosed(reason);
  }

  #end(): void {
    this.#state = "closed";
    this.#carrier.account(-this.#unconsumed);
    this.#unconsumed = 0;
  }
}
