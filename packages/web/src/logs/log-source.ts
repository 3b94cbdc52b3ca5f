/**
 * One phone's log as a page sees it: starts the worker, asks it for the lines in view, and watches over it. A regular expression that keeps it busy for seconds
 * (catastrophic backtracking) is taken away, and the worker begins anew.
 */
import type { PipeEnd } from "@phonerack/contract/api";
import { type LogFilter, type LogOrder, type LogReport, type LogView, NO_FILTER } from "./entries.js";

const PING_MS = 1_000;
const STUCK_MS = 4_000;

export interface LogState {
  readonly state: "connecting" | "open" | "ended";
  readonly error: PipeEnd["error"] | undefined;
  readonly view: LogView | undefined;
  /** The pattern that was taken away. */
  readonly stuck: string | undefined;
}

const NOTHING: LogState = { state: "connecting", error: undefined, view: undefined, stuck: undefined };

export class LogSource {
  readonly #deviceId: string;
  readonly #listeners = new Set<() => void>();
  #worker: Worker | undefined;
  #state = NOTHING;
  #filter = NO_FILTER;
  #look: Extract<LogOrder, { type: "look" }> = { type: "look", from: null, count: 50 };
  #paused = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Of the ping that was not answered yet, by `performance.now()`. */
  #asked: number | undefined;
  #pings = 0;
  #found: ((at: number | null) => void) | undefined;
  #saved: ((file: Blob) => void) | undefined;

  constructor(deviceId: string) {
    this.#deviceId = deviceId;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#listeners.add(changed);
    if (!this.#worker) this.#start();
    return () => {
      this.#listeners.delete(changed);
      // A page that shows the same again in this very turn keeps it.
      queueMicrotask(() => this.#listeners.size === 0 && this.#stop());
    };
  };

  readonly get = (): LogState => this.#state;

  filter(filter: LogFilter): void {
    this.#filter = filter;
    if (filter.text !== this.#state.stuck) this.#set({ stuck: undefined });
    this.#order({ type: "filter", filter });
  }

  look(from: number | null, count: number): void {
    if (this.#look.from === from && this.#look.count === count) return;
    this.#look = { type: "look", from, count };
    this.#order(this.#look);
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#order({ type: "pause", paused });
  }

  clear(): void {
    this.#order({ type: "clear" });
  }

  /** From the beginning: the lines so far are gone. */
  reopen(): void {
    this.#stop();
    this.#start();
  }

  find(from: number, step: 1 | -1): Promise<number | null> {
    return new Promise((resolve) => {
      this.#found?.(null);
      this.#found = resolve;
      this.#order({ type: "find", from, step });
    });
  }

  save(matching: boolean): Promise<Blob> {
    return new Promise((resolve) => {
      this.#saved = resolve;
      this.#order({ type: "save", matching });
    });
  }

  #start(): void {
    const worker = new Worker(new URL("./log-worker.ts", import.meta.url), { type: "module", name: "log" });
    worker.onmessage = ({ data }: MessageEvent<LogReport>) => this.#heard(data);
    this.#worker = worker;
    this.#asked = undefined;
    this.#order({ type: "open", url: location.origin, deviceId: this.#deviceId, filter: this.#filter });
    this.#order(this.#look);
    if (this.#paused) this.#order({ type: "pause", paused: true });
    this.#timer = setInterval(() => this.#watch(), PING_MS);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#found?.(null);
    this.#found = undefined;
    this.#set({ state: "connecting", error: undefined, view: undefined });
  }

  #watch(): void {
    if (this.#asked === undefined) {
      this.#asked = performance.now();
      return this.#order({ type: "ping", count: ++this.#pings });
    }
    const { text, isRegex } = this.#filter;
    if (performance.now() - this.#asked < STUCK_MS || !isRegex || text === "") return;
    this.#filter = { ...this.#filter, text: "" };
    this.#stop();
    this.#set({ stuck: text });
    this.#start();
  }

  #heard(report: LogReport): void {
    switch (report.type) {
      case "view":
        return this.#set({ view: report });
      case "state":
        return this.#set({ state: report.state, error: report.state === "ended" ? report.error : undefined });
      case "found":
        this.#found?.(report.at);
        this.#found = undefined;
        return;
      case "saved":
        this.#saved?.(report.file);
        this.#saved = undefined;
        return;
      case "pong":
        if (report.count === this.#pings) this.#asked = undefined;
        return;
    }
  }

  #order(order: LogOrder): void {
    this.#worker?.postMessage(order);
  }

  #set(change: Partial<LogState>): void {
    this.#state = { ...this.#state, ...change };
    for (const changed of this.#listeners) changed();
  }
}
