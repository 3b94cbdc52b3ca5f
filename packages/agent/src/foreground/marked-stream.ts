/**
 * Events that are known to be whole: into the log that the events are read from, a shell of ours writes a number now and then, and what was logged before it
 * has been read when it is. An event stream that only stands still cannot pass for one in which nothing happens. For sessions; it costs the phone two
 * processes.
 */
import { randomBytes } from "node:crypto";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import { type EventStream, openEventStream } from "./event-stream.js";
import type { SystemEvent } from "./events.js";

/** Main too, where the shell can write; of both only what is listened to. `-T 1`: no more of the past than the last line. */
const EVENTS =
  "exec:logcat -b events -b main -v uid -T 1 -s " +
  "wm_set_resumed_activity am_set_resumed_activity am_proc_start input_focus phonerack_marker";
const MARKS = 'exec:while read n; do log -p i -t phonerack_marker "$n"; done';
/** An answer is good for 5 s: this leaves a slow phone two to give it. */
const MARK_MS = 3_000;
/** The first ones may come before logcat follows. */
const FIRST_MARK_MS = 200;
/** An answer that takes so long is not waited for any more. */
const MOST_OPEN = 8;

export interface MarkedStreamParts {
  readonly link: PhoneLink;
  onEvent(event: SystemEvent): void;
  /** All events up to `at` (`performance.now()`) have been told. */
  onWhole(at: number): void;
  /** It has ended, by itself. */
  onEnd(): void;
}

export class MarkedStream {
  readonly #parts: MarkedStreamParts;
  /** When each number was sent, oldest first. */
  readonly #open = new Map<string, number>();
  #marks: PhoneSocket | undefined;
  #events: EventStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answered = false;
  #stopped = false;

  private constructor(parts: MarkedStreamParts) {
    this.#parts = parts;
  }

  /** Begins at once; `onEnd` is called when it cannot be opened too. */
  static open(parts: MarkedStreamParts): MarkedStream {
    const stream = new MarkedStream(parts);
    stream.#run().catch(() => stream.#end());
    return stream;
  }

  /** Safe to call twice; nothing is told any more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#events?.stop();
    const marks = this.#marks;
    this.#marks = undefined;
    // A logcat that nobody reads ends when it next has something to say.
    marks
      ?.write(Buffer.from("end\n"))
      .catch(() => undefined)
      .finally(() => marks.close());
  }

  async #run(): Promise<void> {
    const { link } = this.#parts;
    const marks = await link.open(MARKS);
    if (this.#stopped) return marks.close();
    this.#marks = marks;
    void drain(marks).then(() => this.#end());
    const opening = openEventStream(link, (event) => this.#stopped || this.#parts.onEvent(event), {
      command: EVENTS,
      onMark: (nonce) => this.#onMark(nonce),
    });
    this.#mark(marks);
    this.#events = await opening;
    if (this.#stopped) return this.#events.stop();
    await this.#events.ended;
    this.#end();
  }

  #mark(marks: PhoneSocket): void {
    if (this.#stopped) return;
    const nonce = randomBytes(8).toString("hex");
    this.#open.set(nonce, performance.now());
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size > MOST_OPEN) this.#open.delete(oldest);
    marks.write(Buffer.from(`${nonce}\n`)).catch(() => this.#end());
    // Up to a third sooner: a thousand phones whose session began at once must not stay in step.
    const wait = this.#answered ? MARK_MS * (1 - Math.random() / 3) : FIRST_MARK_MS;
    this.#timer = setTimeout(() => this.#mark(marks), wait);
  }

  #onMark(nonce: string): void {
    const at = this.#open.get(nonce);
    if (at === undefined || this.#stopped) return;
    for (const [earlier, sent] of this.#open) if (sent <= at) this.#open.delete(earlier);
    this.#answered = true;
    this.#parts.onWhole(at);
  }

  #end(): void {
    if (this.#stopped) return;
    this.stop();
    this.#parts.onEnd();
  }
}

/** Reads to the end: what nobody reads would hold the stream up. Never rejects. */
async function drain(socket: PhoneSocket): Promise<void> {
  try {
    while (await socket.read());
  } catch {
    // The connection's end is told by its lifeline.
  }
}
