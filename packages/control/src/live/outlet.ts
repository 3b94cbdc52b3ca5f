/**
 * The sending half of one live socket and its bound: how much may wait for a browser that reads slowly. Who drops what when it is
 * full is up to `channel.ts` and `live-socket.ts`.
 */
import type { ToBrowser } from "@phonerack/contract/api";
import type { WebSocket } from "ws";
import { copyToSlab } from "./slab.js";

/** At most this much, and at most about a second of what the browser watches, waits in memory; never less than a picture or two. */
const MOST = 1024 * 1024;
const LEAST = 256 * 1024;
/** What cannot be dropped (answers, lists) may go beyond that, but not without end: such a browser is cut off. */
const CUT = 16 * 1024 * 1024;
/** Each message that waits costs some hundred bytes beside its own, which matters when they are short. */
const CUT_TEXTS = 20_000;
const WINDOW_MS = 1_000;

export class Outlet {
  readonly #socket: WebSocket;
  readonly #now: () => number;
  #limit = MOST;
  #windowStart: number;
  #windowBytes = 0;
  #sentBytes = 0;
  #waitingTexts = 0;

  constructor(socket: WebSocket, now: () => number = () => performance.now()) {
    this.#socket = socket;
    this.#now = now;
    this.#windowStart = now();
  }

  get full(): boolean {
    return this.#socket.bufferedAmount > this.#limit;
  }

  /** Room for more than the next frame: where a stream may start again. */
  get roomy(): boolean {
    return this.#socket.bufferedAmount < this.#limit / 2;
  }

  /** How much the browser has taken so far, about: grows as long as it reads. */
  get takenBytes(): number {
    return this.#sentBytes - this.#socket.bufferedAmount;
  }

  tell(message: ToBrowser): void {
    this.text(JSON.stringify(message));
  }

  /** A message that is already JSON. */
  text(json: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > CUT || this.#waitingTexts >= CUT_TEXTS) {
      this.cut();
      return;
    }
    this.#count(json.length);
    this.#waitingTexts++;
    this.#socket.send(json, () => {
      this.#waitingTexts--;
    });
  }

  /** A frame under another stream id. The copy is the only one between bus and socket: other viewers get the same bytes. */
  frame(bytes: Uint8Array, stream: number): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const copy = copyToSlab(bytes);
    copy.bytes.writeUInt32BE(stream, 4);
    this.#count(copy.bytes.length);
    this.#socket.send(copy.bytes, copy.sent);
  }

  /** Ends the connection without waiting for the other side, which does not read. */
  cut(): void {
    this.#socket.terminate();
  }

  #count(bytes: number): void {
    const now = this.#now();
    if (now - this.#windowStart >= WINDOW_MS) {
      const perSecond = (this.#windowBytes * 1_000) / (now - this.#windowStart);
      this.#limit = Math.min(MOST, Math.max(LEAST, perSecond));
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    this.#sentBytes += bytes;
  }
}
