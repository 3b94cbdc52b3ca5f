/** scrcpy-server's lines on its shell's output: "[server] INFO: …". scrcpy v3.3.1, server/src/main/java/com/genymobile/scrcpy/util/Ln.java. */
import type { ByteSink } from "../adbd/services.js";

const levels = ["verbose", "debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

export class ServerLog {
  threshold: LogLevel = "info";
  readonly #out: ByteSink;
  readonly #err: ByteSink;

  constructor(out: ByteSink, err: ByteSink) {
    this.#out = out;
    this.#err = err;
  }

  debug(text: string): void {
    this.#line("debug", text);
  }
  info(text: string): void {
    this.#line("info", text);
  }
  warn(text: string): void {
    this.#line("warn", text);
  }
  /** `thrown` is printed below, as Throwable.printStackTrace begins. */
  error(text: string, thrown?: string): void {
    this.#line("error", text);
    if (thrown !== undefined) void this.#err.write(`${thrown}\n`);
  }

  #line(level: LogLevel, text: string): void {
    if (levels.indexOf(level) < levels.indexOf(this.threshold)) return;
    // Warnings and errors go to System.err.
    const sink = level === "warn" || level === "error" ? this.#err : this.#out;
    void sink.write(`[server] ${level.toUpperCase()}: ${text}\n`);
  }
}
