/** Holds a phone's report and publishes it whole at each change, but not more often than 20 times a second. */
import { type Bus, DeviceReport, encodeMessage, type Notice, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";

const MIN_INTERVAL_MS = 50;

export class Reporter {
  readonly #bus: Bus;
  readonly #log: Logger;
  #report: DeviceReport;
  #published = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: { bus: Bus; log: Logger }, report: DeviceReport) {
    this.#bus = parts.bus;
    this.#log = parts.log;
    this.#report = report;
  }

  get report(): DeviceReport {
    return this.#report;
  }

  /** Takes the fields that changed. A new state also sets `since`. */
  update(change: Partial<DeviceReport>): void {
    const before = this.#report;
    const next = { ...before, ...change };
    if (next.state !== before.state) next.since = Date.now();
    this.#report = next;
    this.#publishSoon();
  }

  notice(code: Notice["code"], message: string | null): void {
    const present = this.#report.notices.find((notice) => notice.code === code);
    if ((present?.message ?? null) === message) return;
    const others = this.#report.notices.filter((notice) => notice.code !== code);
    this.update({ notices: message === null ? others : [...others, { code, message }] });
  }

  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#published = performance.now();
    try {
      this.#bus.publish(subjects.report(this.#report.agentId, this.#report.id), encodeMessage(DeviceReport, this.#report));
    } catch (error) {
      // A bug, but one that a phone's words might bring about: it must not end the agent.
      this.#log.error({ device: this.#report.id, err: error }, "a report does not fit the contract");
    }
  }

  stop(): void {
    if (this.#timer) this.publish();
  }

  #publishSoon(): void {
    if (this.#timer) return;
    const wait = this.#published + MIN_INTERVAL_MS - performance.now();
    // Even the first change waits a moment: one reason tends to change several fields one after the other.
    this.#timer = setTimeout(() => this.publish(), Math.max(5, wait));
  }
}
