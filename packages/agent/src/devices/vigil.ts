/**
 * Watches over one connected phone: its event stream, what is in front, its screen, its battery, and whether it still answers. Costs nothing
 * while nothing happens but one question a minute; a phone that somebody looks at is asked more often.
 */
import { type DeviceReport, PhonerackError } from "@phonerack/contract/bus";
import { type EventStream, openEventStream } from "../foreground/event-stream.js";
import type { SystemEvent } from "../foreground/events.js";
import { hasSecureWindow } from "../foreground/secure-window.js";
import { askScreen } from "../preparing/prepare.js";
import { readBattery, type ScreenState } from "../preparing/survey.js";
import type { PhoneLink } from "../transports/link.js";
import { runShell } from "../transports/shell.js";
import type { AgentContext } from "./context.js";
import type { Phone } from "./phone.js";

const BATTERY_MS = 60_000;
const PROBE_MS = 30_000;
const WATCHED_PROBE_MS = 3_000;
/** Nobody listens there, so a living adbd refuses at once, without starting a process. */
const PROBE_SERVICE = "localabstract:phonerack-probe";
const PROBE_TIMEOUT_MS = 5_000;
const SETTLE_MS = 120;
const HOT_CELSIUS = 45;
/** An event stream that held this long has not failed. */
const STEADY_MS = 60_000;
const EVENTS_RETRY_MS = [1_000, 5_000, 30_000] as const;

export class Vigil {
  readonly #phone: Phone;
  readonly #link: PhoneLink;
  readonly #log: AgentContext["log"];
  readonly #forgetTick: () => void;
  #events: EventStream | undefined;
  #eventsSince = 0;
  #eventFailures = 0;
  #eventTimer: NodeJS.Timeout | undefined;
  #screenTimer: NodeJS.Timeout | undefined;
  #secureTimer: NodeJS.Timeout | undefined;
  #probing = false;
  #answered = Date.now();
  /** Spread over the minute, so that a rack does not ask all its phones at once. */
  #batteryDue = Date.now() + Math.random() * BATTERY_MS;

  constructor(parts: { phone: Phone; link: PhoneLink; context: AgentContext }) {
    this.#phone = parts.phone;
    this.#link = parts.link;
    this.#log = parts.context.log;
    this.#forgetTick = parts.context.sweep.add((now) => this.#tick(now));
    parts.phone.onWatched = () => this.#checkSecureSoon();
    parts.link.life.onEnd(() => this.#stop());
  }

  /** Opens the event stream unless it stands. Fails with the reason in words. */
  async openEvents(): Promise<void> {
    if (this.#events) return;
    const events = await openEventStream(this.#link, (event) => this.#onEvent(event));
    const early = await Promise.race([events.ended, Promise.resolve(undefined)]);
    if (early !== undefined) throw new PhonerackError("phone_failed", early || "logcat ended at once");
    this.#events = events;
    this.#eventsSince = Date.now();
    void events.ended.then(() => this.#eventsEnded(events));
  }

  /** Shows what the screen is like now. */
  showScreen(screen: ScreenState): void {
    const { reporter } = this.#phone;
    if (screen.screen) reporter.update({ screen: screen.screen });
    if (screen.foreground) this.#phone.gate.resumed(screen.foreground);
    if (screen.awake !== null) this.#showAwake(screen.awake);
    if (screen.keyguard) {
      reporter.notice("keyguard", screen.keyguard.showing ? "The lock screen is in front." : null);
    }
  }

  #onEvent(event: SystemEvent): void {
    this.#phone.heard(event);
    switch (event.type) {
      case "resumed": {
        const before = this.#phone.report.foreground;
        if (before?.package === event.foreground.package && before.activity === event.foreground.activity) return;
        this.#phone.gate.resumed(event.foreground);
        // Nothing else tells that the lock screen has gone.
        if (this.#phone.report.notices.some(({ code }) => code === "keyguard")) this.#askScreenSoon();
        this.#checkSecureSoon();
        return;
      }
      case "process":
        this.#phone.gate.doubt(event.package);
        return;
      case "focus":
        this.#phone.gate.focused(event.package);
        return;
      case "configuration":
        this.#askScreenSoon();
        return;
      case "screen":
        this.#showAwake(event.on);
        this.#askScreenSoon();
        return;
      case "app-error":
        return;
    }
  }

  #showAwake(awake: boolean): void {
    this.#phone.reporter.notice("screen-off", awake ? null : "The screen is off; press the power key.");
  }

  #eventsEnded(events: EventStream): void {
    if (this.#events !== events) return;
    this.#events = undefined;
    if (this.#link.life.ended) return;
    // While nobody tells us, we do not know.
    this.#phone.gate.resumed(null);
    if (Date.now() - this.#eventsSince > STEADY_MS) this.#eventFailures = 0;
    this.#retryEvents();
  }

  #retryEvents(): void {
    if (this.#link.life.ended) return;
    const wait = EVENTS_RETRY_MS[Math.min(this.#eventFailures++, EVENTS_RETRY_MS.length - 1)];
    this.#eventTimer = setTimeout(() => {
      this.openEvents().then(
        () => this.#askScreenSoon(),
        (error: unknown) => {
          this.#log.debug({ device: this.#phone.id, err: error }, "the event stream cannot be opened");
          this.#retryEvents();
        },
      );
    }, wait);
  }

  #askScreenSoon(): void {
    clearTimeout(this.#screenTimer);
    this.#screenTimer = setTimeout(() => {
      askScreen(this.#link).then(
        (screen) => this.showScreen(screen),
        () => undefined,
      );
    }, SETTLE_MS);
  }

  #checkSecureSoon(): void {
    clearTimeout(this.#secureTimer);
    if (!this.#phone.mirror.watched) return;
    this.#secureTimer = setTimeout(() => {
      hasSecureWindow(this.#link).then(
        (secure) => {
          this.#phone.reporter.notice("secure-window", secure ? "This app forbids capture: its window is black here." : null);
        },
        () => undefined,
      );
    }, SETTLE_MS);
  }

  #tick(now: number): void {
    if (this.#probing || this.#link.life.ended) return;
    if (now >= this.#batteryDue) {
      this.#batteryDue = now + BATTERY_MS;
      void this.#probe(() => this.#askBattery());
    } else if (now - this.#answered >= (this.#phone.mirror.watched ? WATCHED_PROBE_MS : PROBE_MS)) {
      void this.#probe(() => this.#askAnything());
    }
  }

  /** A phone that does not answer a question is gone, whatever its TCP connection says. */
  async #probe(ask: () => Promise<void>): Promise<void> {
    this.#probing = true;
    try {
      await ask();
      this.#answered = Date.now();
    } catch (error) {
      if (error instanceof PhonerackError && error.code === "device_timeout") {
        this.#link.close(new PhonerackError("device_timeout", "the phone stopped answering"));
      }
      this.#answered = Date.now();
    } finally {
      this.#probing = false;
    }
  }

  async #askAnything(): Promise<void> {
    try {
      const socket = await this.#link.open(PROBE_SERVICE, PROBE_TIMEOUT_MS);
      socket.close();
    } catch (error) {
      if (!(error instanceof PhonerackError && error.code === "phone_failed")) throw error;
    }
  }

  async #askBattery(): Promise<void> {
    const { stdout } = await runShell(this.#link, "dumpsys battery", { timeoutMs: PROBE_TIMEOUT_MS });
    this.showBattery(readBattery(stdout));
  }

  showBattery(battery: DeviceReport["battery"]): void {
    const { reporter, report } = this.#phone;
    if (!battery) return;
    if (JSON.stringify(battery) !== JSON.stringify(report.battery)) reporter.update({ battery });
    const hot = battery.temperature >= HOT_CELSIUS;
    reporter.notice("hot", hot ? `The battery has ${battery.temperature} °C; let the phone cool.` : null);
  }

  #stop(): void {
    this.#forgetTick();
    for (const timer of [this.#eventTimer, this.#screenTimer, this.#secureTimer]) clearTimeout(timer);
    this.#phone.onWatched = () => undefined;
  }
}
