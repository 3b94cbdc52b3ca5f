/**
 * One phone under its id, connected or not: its report, its pictures, its hands, and what the bus asks of it. How it is reached and kept
 * well is the keeper's business.
 */
import {
  type BusMessage,
  DeviceGone,
  type DeviceReport,
  decodeMessage,
  encodeMessage,
  InputOrder,
  InputReply,
  PhonerackError,
  ScreenshotOrder,
  ScreenshotReply,
  StreamOrder,
  type Subscription,
  subjects,
  type Tier,
} from "@phonerack/contract/bus";
import { ControlSession } from "../input/control-session.js";
import { Injector } from "../input/injector.js";
import { Mirror } from "../mirror/mirror.js";
import { screenshotParts, takeScreenshot } from "../screenshot/screenshot.js";
import type { PhoneLink } from "../transports/link.js";
import type { AgentContext } from "./context.js";
import { Reporter } from "./reporter.js";

/** A control session that nobody uses is let go after this long. */
const HANDS_IDLE_MS = 5 * 60_000;
const SCREENSHOTS_AT_ONCE = 3;

export type PhoneSeed = Pick<DeviceReport, "reach" | "address" | "chassis" | "slot">;

export class Phone {
  readonly id: string;
  readonly reporter: Reporter;
  readonly mirror: Mirror;
  /** Whoever keeps this phone now. A board that was moved changes its keeper. */
  keeper: object | undefined;
  /** Called when somebody begins to look at the phone. */
  onWatched: () => void = () => undefined;
  readonly #context: AgentContext;
  readonly #injector: Injector;
  readonly #subscriptions: Subscription[];
  readonly #forgetTick: () => void;
  #link: PhoneLink | undefined;
  #hands: Promise<ControlSession> | undefined;
  #handsUsed = 0;
  #screenshots = 0;

  constructor(context: AgentContext, id: string, seed: PhoneSeed) {
    this.id = id;
    this.#context = context;
    const { bus } = context;
    this.reporter = new Reporter(context, emptyReport(context.agentId, id, seed));
    this.mirror = new Mirror({
      phone: this.report,
      bus,
      jar: context.jar,
      reach: seed.reach,
      notice: (code, message) => this.reporter.notice(code, message),
      onWatched: (tier, watched) => this.#watchedChanged(tier, watched),
      onSilent: () => this.reporter.update({ audio: false }),
    });
    this.#injector = new Injector({
      id,
      journal: context.journal,
      situation: () => ({
        leaseEpoch: 0,
        foreground: this.reporter.report.foreground?.package ?? null,
        screen: this.reporter.report.screen,
      }),
      session: () => this.#session(),
    });
    this.#subscriptions = [
      bus.subscribe(subjects.stream(this.report), (message) => this.#onStream(message)),
      bus.subscribe(subjects.input(this.report), (message) => this.#onInput(message)),
      bus.subscribe(subjects.screenshot(this.report), (message) => this.#onScreenshot(message)),
    ];
    this.#forgetTick = context.sweep.add((now) => this.#tick(now));
  }

  get report(): DeviceReport {
    return this.reporter.report;
  }

  attach(link: PhoneLink): void {
    if (this.#link === link) return;
    this.#link = link;
    this.mirror.attach(link);
  }

  /** The connection is over: pictures end, fingers are forgotten, what waits fails. */
  detach(reason: PhonerackError): void {
    this.#link = undefined;
    this.mirror.detach();
    this.#injector.detach(reason);
    this.#dropHands();
  }

  /** Ends it; `gone` tells control to forget the phone. */
  stop(gone: boolean): void {
    this.detach(new PhonerackError("device_not_ready", "the agent stops"));
    this.mirror.stop();
    this.#forgetTick();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.reporter.stop();
    if (gone)
      this.#context.bus.publish(
        subjects.gone(this.#context.agentId, this.id),
        encodeMessage(DeviceGone, { agentId: this.#context.agentId }),
      );
  }

  /** Takes fingers off before the connection is closed by us. */
  lift(): Promise<void> {
    return this.#injector.lift();
  }

  #onStream({ payload }: BusMessage): undefined {
    this.mirror.order(decodeMessage(StreamOrder, payload), Date.now());
  }

  async #onInput({ payload }: BusMessage): Promise<Uint8Array> {
    const order = decodeMessage(InputOrder, payload);
    this.#requireLink();
    return encodeMessage(InputReply, { results: await this.#injector.handle(order) });
  }

  async #onScreenshot({ payload }: BusMessage): Promise<Uint8Array> {
    const { replica, inbox } = decodeMessage(ScreenshotOrder, payload);
    const link = this.#requireLink();
    if (this.#screenshots >= SCREENSHOTS_AT_ONCE) throw new PhonerackError("too_many", "screenshots of this phone");
    this.#screenshots++;
    try {
      const png = await takeScreenshot(link);
      const parts = screenshotParts(png);
      for (const part of parts) this.#context.bus.publish(subjects.media(replica, this.report, inbox), part);
      return encodeMessage(ScreenshotReply, { bytes: png.length, parts: parts.length });
    } finally {
      this.#screenshots--;
    }
  }

  #requireLink(): PhoneLink {
    if (!this.#link) throw new PhonerackError("device_not_ready", this.report.reason ?? undefined);
    return this.#link;
  }

  #session(): Promise<ControlSession> {
    this.#handsUsed = Date.now();
    const running = this.#hands ?? this.#startHands();
    return running.then((session) => (session.ended ? this.#startHands() : session));
  }

  #startHands(): Promise<ControlSession> {
    const link = this.#requireLink();
    const starting = this.mirror.jarOn(link).then(() => ControlSession.start(link, this.#context.jar));
    this.#hands = starting;
    starting.catch(() => {
      if (this.#hands === starting) this.#hands = undefined;
    });
    return starting;
  }

  #dropHands(): void {
    this.#hands?.then(
      (session) => session.stop(),
      () => undefined,
    );
    this.#hands = undefined;
  }

  #watchedChanged(tier: Tier, watched: boolean): void {
    if (tier === "full") {
      if (!watched) void this.#injector.lift();
      // The first touch must not wait for the session.
      else if (this.#link && !this.#hands) this.#startHands().catch(() => undefined);
    }
    if (watched) this.onWatched();
  }

  #tick(now: number): void {
    this.mirror.tick(now);
    this.#injector.tick(now);
    if (this.#hands && !this.mirror.fullWatched && now - this.#handsUsed > HANDS_IDLE_MS) this.#dropHands();
  }
}

function emptyReport(agentId: string, id: string, seed: PhoneSeed): DeviceReport {
  return {
    id,
    agentId,
    ...seed,
    serial: null,
    manufacturer: null,
    model: null,
    release: null,
    sdk: null,
    screen: null,
    battery: null,
    foreground: null,
    state: "connecting",
    reason: null,
    since: Date.now(),
    steps: [],
    notices: [],
    audio: false,
    hold: { epoch: 0, phase: "free", note: null },
    doubt: null,
  };
}
