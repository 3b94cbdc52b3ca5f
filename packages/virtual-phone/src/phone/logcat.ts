/**
 * The phone's log: five ring buffers, as logd keeps them. Formatting (`-v threadtime`, `-v uid` …) and filters are the
 * shell's. Written so that an app cannot pass for the system: the uid is that of the writer, never a parameter of the text.
 */
import type { Clock } from "./clock.js";
import type { LatencyProfile } from "./latency.js";
import { Listeners } from "./listeners.js";
import type { Random } from "./random.js";

export const LOG_BUFFERS = ["main", "system", "events", "crash", "radio"] as const;
export type LogBuffer = (typeof LOG_BUFFERS)[number];
export type LogPriority = "V" | "D" | "I" | "W" | "E" | "F";

export interface LogEntry {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly buffer: LogBuffer;
  readonly pid: number;
  readonly tid: number;
  readonly uid: number;
  readonly priority: LogPriority;
  readonly tag: string;
  /** Without a line end; may hold several lines. For `events` it is the list as logcat prints it: `[0,a/.B,reason]`. */
  readonly message: string;
  /** Grows by one with each entry of the phone: tells apart entries of one millisecond. */
  readonly sequence: number;
}

export type NewLogEntry = Omit<LogEntry, "time" | "sequence" | "tid"> & { readonly tid?: number };

/** Entries kept per buffer. Real buffers hold 256 KiB; here a thousand phones share one process. */
const CAPACITY = 400;

export class Logcat {
  readonly #clock: Clock;
  readonly #latency: LatencyProfile;
  readonly #random: Random;
  readonly #buffers = new Map<LogBuffer, LogEntry[]>();
  readonly #listeners = new Listeners<LogEntry>();
  #sequence = 0;
  #lastDelivery = 0;

  constructor(parts: { clock: Clock; latency: LatencyProfile; random: Random }) {
    this.#clock = parts.clock;
    this.#latency = parts.latency;
    this.#random = parts.random;
  }

  /** How many readers follow now. */
  get followers(): number {
    return this.#listeners.size;
  }

  write(entry: NewLogEntry): LogEntry {
    const full: LogEntry = { ...entry, tid: entry.tid ?? entry.pid, time: this.#clock.now(), sequence: this.#sequence++ };
    let ring = this.#buffers.get(entry.buffer);
    if (!ring) {
      ring = [];
      this.#buffers.set(entry.buffer, ring);
    }
    ring.push(full);
    // Cut in blocks: shifting a ring by one on each write is quadratic.
    if (ring.length > CAPACITY * 1.25) ring.splice(0, ring.length - CAPACITY);
    this.#deliver(full);
    return full;
  }

  /** What the buffers hold now, oldest first. */
  read(buffers: readonly LogBuffer[]): readonly LogEntry[] {
    const found = buffers.flatMap((buffer) => this.#buffers.get(buffer) ?? []);
    return buffers.length > 1 ? found.sort((a, b) => a.sequence - b.sequence) : found;
  }

  /** Calls `listener` for each later entry of these buffers, in order, as late as the phone is slow. @returns stops it. */
  follow(buffers: readonly LogBuffer[], listener: (entry: LogEntry) => void): () => void {
    return this.#listeners.add((entry) => {
      if (buffers.includes(entry.buffer)) listener(entry);
    });
  }

  clear(buffers: readonly LogBuffer[]): void {
    for (const buffer of buffers) this.#buffers.delete(buffer);
  }

  #deliver(entry: LogEntry): void {
    if (!this.#listeners.size) return;
    const [least, most] = this.#latency.events;
    if (most === 0) return this.#listeners.emit(entry);
    // logd's readers get entries in order, however late: an entry never overtakes an earlier one.
    const at = Math.max(this.#lastDelivery, this.#clock.now() + this.#random.between(least, most));
    this.#lastDelivery = at;
    this.#clock.after(at - this.#clock.now(), () => this.#listeners.emit(entry));
  }
}
