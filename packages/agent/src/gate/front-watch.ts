/**
 * What is in front of one phone, and how well that is known. Always from system_server's events, which the phone's vigil passes on. While somebody demands to
 * know it within seconds, from a stream of its own that proves to be whole, and checked against the focused window after each change. What the apps in front
 * are to anybody is the gate's.
 */
import { type Foreground, readForeground, readInputPackages, type SystemEvent } from "../foreground/events.js";
import { MarkedStream } from "../foreground/marked-stream.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

const LOOK_MS = 3_000;
const LOOK =
  "dumpsys window | grep -E 'Window #|package=|mCurrentFocus|mFocusedApp'; dumpsys activity activities | grep ResumedActivity";
/** Windows follow their activities by so much. */
const SETTLE_MS = 150;
const RETRY_MS = [250, 1_000, 5_000] as const;
/** A stream that answered for so long has not failed. */
const STEADY_MS = 30_000;

export interface FrontState {
  readonly foreground: Foreground | null;
  /** All that take input, in front first; null: not known. */
  readonly packages: readonly string[] | null;
  /** How long ago the phone last proved that it would have told of a change, in milliseconds; null: it does not tell. */
  readonly knownMs: number | null;
  /** Grows with each change. */
  readonly changes: number;
}

export interface Seen {
  readonly foreground: Foreground | null;
  readonly packages: readonly string[];
  /** When it was asked, by `performance.now()`. */
  readonly at: number;
  readonly changes: number;
}

export interface FrontWatchParts {
  onChange(): void;
  /** A process of this package was started. */
  onProcess(name: string): void;
}

export class FrontWatch {
  readonly #parts: FrontWatchParts;
  readonly #demands = new Set<symbol>();
  #link: PhoneLink | undefined;
  #foreground: Foreground | null = null;
  /** Takes input too: another app's window that has the focus, the other half of a split screen. */
  #besides: readonly string[] = [];
  #changes = 0;
  #stream: MarkedStream | undefined;
  /** Up to when the stream was whole; undefined before its first proof. */
  #whole: number | undefined;
  /** The stream is whole, and what was in front when it began is known. */
  #grounded = false;
  #failures = 0;
  #opened = 0;
  #retry: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;

  constructor(parts: FrontWatchParts) {
    this.#parts = parts;
  }

  attach(link: PhoneLink): void {
    this.#close();
    this.#link = link;
    this.#failures = 0;
    if (this.#demands.size > 0) this.#open();
  }

  detach(): void {
    this.#close();
    this.#link = undefined;
    this.#set(null, []);
  }

  state(): FrontState {
    const changes = this.#changes;
    const foreground = this.#foreground;
    const told = this.#demands.size === 0 || this.#grounded;
    const packages = told && foreground ? [foreground.package, ...this.#besides] : null;
    const knownMs = this.#grounded && this.#whole !== undefined ? Math.round(performance.now() - this.#whole) : null;
    return { foreground, packages, knownMs, changes };
  }

  /** The vigil's stream says what is in front; null: it has ended. It may lag behind the one of a session. */
  resumed(foreground: Foreground | null): void {
    if (!this.#stream) this.#set(foreground, this.#besides);
  }

  /** The vigil's stream says whose window has the focus; null: the app's in front, or nobody's. */
  focused(name: string | null): void {
    if (!this.#stream) this.#set(this.#foreground, name === null ? [] : [name]);
  }

  /** Asks the phone. undefined when it does not say. */
  async look(): Promise<Seen | undefined> {
    const link = this.#link;
    if (!link) return undefined;
    const at = performance.now();
    const changes = this.#changes;
    try {
      const { stdout } = await runShell(link, LOOK, { timeoutMs: LOOK_MS });
      const packages = readInputPackages(stdout);
      if (packages.length === 0 || link !== this.#link) return undefined;
      const seen = { foreground: readForeground(stdout), packages, at, changes };
      // What was asked is better than what was told, unless more was told meanwhile.
      if (!this.#grounded || changes !== this.#changes) return seen;
      this.#take(seen);
      return { ...seen, changes: this.#changes };
    } catch {
      return undefined;
    }
  }

  /** @returns ends the demand; safe to call twice. */
  demand(): () => void {
    const one = Symbol("demand");
    this.#demands.add(one);
    if (!this.#stream && this.#link) this.#open();
    return () => {
      if (this.#demands.delete(one) && this.#demands.size === 0) this.#close();
    };
  }

  #open(): void {
    const link = this.#link;
    if (!link || link.life.ended) return;
    this.#opened = performance.now();
    const stream = MarkedStream.open({
      link,
      onEvent: (event) => this.#onEvent(event),
      onWhole: (at) => this.#onWhole(at),
      onEnd: () => this.#onEnd(),
    });
    this.#stream = stream;
  }

  #onEvent(event: SystemEvent): void {
    if (event.type === "process") this.#parts.onProcess(event.package);
    else if (event.type === "resumed") this.#set(event.foreground, this.#besides);
    else if (event.type === "focus") this.#set(this.#foreground, event.package === null ? [] : [event.package]);
    else return;
    if (this.#grounded && event.type !== "process") this.#settleSoon();
  }

  #onWhole(at: number): void {
    const first = this.#whole === undefined;
    this.#whole = at;
    if (performance.now() - this.#opened > STEADY_MS) this.#failures = 0;
    if (first) void this.#ground();
  }

  /** What was in front before the stream began is asked, until the phone says or something comes in front. */
  async #ground(): Promise<void> {
    const stream = this.#stream;
    const seen = await this.look();
    if (!stream || stream !== this.#stream) return;
    if (!seen || seen.changes !== this.#changes) {
      this.#retry = setTimeout(() => void this.#ground(), RETRY_MS[0]);
      return;
    }
    this.#grounded = true;
    this.#take(seen);
    this.#parts.onChange();
  }

  /** After a change the focused window is asked for: where Android does not tell of it by itself, nothing else would show it. */
  #settleSoon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.look(), SETTLE_MS);
  }

  #take({ foreground, packages }: Seen): void {
    const front = foreground ?? this.#foreground;
    this.#set(front, packages);
  }

  #set(foreground: Foreground | null, besides: readonly string[]): void {
    const others = besides.filter((name) => name !== foreground?.package);
    const same =
      foreground?.package === this.#foreground?.package &&
      foreground?.activity === this.#foreground?.activity &&
      others.join() === this.#besides.join();
    if (same) return;
    this.#changes++;
    [this.#foreground, this.#besides] = [foreground, others];
    this.#parts.onChange();
  }

  #onEnd(): void {
    this.#forget();
    this.#changes++;
    this.#parts.onChange();
    const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)];
    this.#retry = setTimeout(() => this.#open(), wait);
  }

  #close(): void {
    this.#stream?.stop();
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#settling);
    this.#stream = undefined;
    this.#whole = undefined;
    this.#grounded = false;
  }
}
