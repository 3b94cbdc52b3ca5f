/**
 * One long-lived `logcat` per phone that follows system_server's events. What it says is known for as long as it has not ended; there is
 * nothing to poll. Lines of apps and overlong lines are passed over.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink } from "../transports/link.js";
import { Pace } from "../transports/pace.js";
import { readEvent, readMark, type SystemEvent } from "./events.js";

/** `-T 1`: the last event there was, then each new one. */
const COMMAND = "exec:logcat -b events -v uid -T 1";
/** The busiest phone writes some 20 KiB of events a second. */
const BYTES_PER_SECOND = 256 * 1024;
const LONGEST_LINE = 4_096;
/** So much without one line that looks like a log's, and it is none. */
const MOST_FOREIGN = 128 * 1024;
const LOG_LINE = /^(\d{4}-)?\d\d-\d\d |^-{5,} /;
/** A logcat that has neither said nor ended anything by then follows an empty log. */
const QUIET_MS = 400;

export interface EventStream {
  /** Resolves when logcat has ended, with what it said last. */
  readonly ended: Promise<string>;
  stop(): void;
}

export interface EventStreamOptions {
  /** Default: the events buffer, all of it. */
  readonly command?: string;
  /** Hears of each marker line, in its place between the events. */
  onMark?(nonce: string): void;
}

/** Resolves when the stream stands. Fails with `phone_failed` and logcat's words when it ends at once. */
export async function openEventStream(
  link: PhoneLink,
  onEvent: (event: SystemEvent) => void,
  options: EventStreamOptions = {},
): Promise<EventStream> {
  const socket = await link.open(options.command ?? COMMAND);
  const lines = new Lines(onEvent, options.onMark?.bind(options));
  const pace = new Pace(BYTES_PER_SECOND);
  let spoken: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (spoken = resolve));
  const ended = (async () => {
    try {
      for (let chunk = await socket.read(); chunk; chunk = await socket.read()) {
        lines.add(chunk);
        spoken();
        // Nothing that such a phone says of itself can be believed.
        if (lines.foreign > MOST_FOREIGN) link.close(new PhonerackError("phone_protocol", "its event log is no log"));
        await pace.count(chunk.length);
      }
    } catch {
      // The connection's end is told by its lifeline.
    }
    return lines.last;
  })();
  const timer = setTimeout(spoken, QUIET_MS);
  await Promise.race([first, ended]);
  clearTimeout(timer);
  return { ended, stop: () => socket.close() };
}

class Lines {
  readonly #onEvent: (event: SystemEvent) => void;
  readonly #onMark: ((nonce: string) => void) | undefined;
  #rest = "";
  #skipping = false;
  last = "";
  /** Bytes since the last line that was one. */
  foreign = 0;

  constructor(onEvent: (event: SystemEvent) => void, onMark?: (nonce: string) => void) {
    this.#onEvent = onEvent;
    this.#onMark = onMark;
  }

  add(chunk: Uint8Array): void {
    this.foreign += chunk.length;
    const pieces = (this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1")).split("\n");
    this.#rest = pieces.pop() ?? "";
    for (const line of pieces) {
      if (this.#skipping) this.#skipping = false;
      else this.#line(line);
    }
    if (this.#rest.length > LONGEST_LINE) {
      this.#rest = "";
      this.#skipping = true;
    }
  }

  #line(line: string): void {
    if (line.length > LONGEST_LINE) return;
    if (LOG_LINE.test(line)) this.foreign = 0;
    this.last = line.trim().slice(0, 200);
    const event = readEvent(line);
    if (event) return this.#onEvent(event);
    const nonce = this.#onMark && readMark(line);
    if (nonce !== undefined) this.#onMark?.(nonce);
  }
}
