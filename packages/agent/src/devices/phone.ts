/**
 * One phone under its id, connected or not: its report, its pictures, its hands, and what the bus asks of it. How it is reached and kept
 * well is the keeper's business.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  BaselineOrder,
  BaselineReply,
  type Bus,
  type BusMessage,
  CleanRecord,
  DeviceGone,
  type DeviceReport,
  decodeMessage,
  encodeMessage,
  FenceOrder,
  FenceReply,
  IdentifyOrder,
  IdentifyReply,
  InputOrder,
  InputReply,
  PhonerackError,
  RecordOrder,
  ScreenshotOrder,
  ScreenshotReply,
  StreamOrder,
  type Subscription,
  subjects,
  type Tier,
} from "@phonerack/contract/bus";
import { CrashWatch } from "../crashes/crash-watch.js";
import { PhoneFence } from "../fence/phone-fence.js";
import type { SystemEvent } from "../foreground/events.js";
import { PhoneGate } from "../gate/phone-gate.js";
import type { PhoneWatcher } from "../group/group-phone.js";
import { Custody } from "../hold/custody.js";
import { holdOf, isOver } from "../hold/held.js";
import { Identifier } from "../identify/identifier.js";
import { ControlSession } from "../input/control-session.js";
import { Injector } from "../input/injector.js";
import { ScriptSession } from "../input/script-session.js";
import { LabDevice } from "../lab-device/lab-device.js";
import { Mirror } from "../mirror/mirror.js";
import { screenshotParts, takeScreenshot } from "../screenshot/screenshot.js";
import type { PhoneLink } from "../transports/link.js";
import type { AgentContext } from "./context.js";
import { Reporter } from "./reporter.js";

/** A control session that nobody uses is let go after this long. */
const HANDS_IDLE_MS = 5 * 60_000;
const SCREENSHOTS_AT_ONCE = 3;
/** What a phone may take to lift a finger before the session that holds it is ended. */
const LIFT_MS = 300;

export type PhoneSeed = Pick<DeviceReport, "reach" | "address" | "chassis" | "slot">;

export class Phone {
  readonly id: string;
  readonly reporter: Reporter;
  readonly mirror: Mirror;
  readonly custody: Custody;
  readonly gate: PhoneGate;
  readonly fence: PhoneFence;
  readonly #labDevice: LabDevice;
  /** Puts inputs into it; each passes the gate. */
  readonly injector: Injector;
  /** Whoever keeps this phone now. A board that was moved changes its keeper. */
  keeper: object | undefined;
  /** Told when its use begins and ends. */
  readonly #watchers = new Set<PhoneWatcher>();
  /** Called when somebody begins to look at the phone. */
  onWatched: () => void = () => undefined;
  readonly #eventListeners = new Set<(event: SystemEvent) => void>();
  readonly #context: AgentContext;
  readonly #script: ScriptSession;
  readonly #identifier: Identifier;
  readonly #crashes: CrashWatch;
  readonly #subscriptions: Subscription[];
  readonly #forgetTick: () => void;
  #link: PhoneLink | undefined;
  #hands: Promise<ControlSession> | undefined;
  #handsUsed = 0;
  /** The last holder's session, until it is over. */
  #closing: Promise<void> | undefined;
  #screenshots = 0;

  constructor(context: AgentContext, id: string, seed: PhoneSeed) {
    this.id = id;
    this.#context = context;
    this.custody = new Custody({
      id,
      context,
      onCut: () => this.#cut(),
      unfenced: () => this.fence.whenOpen(),
      onHold: (hold) => {
        this.reporter.update({ hold });
        this.gate.changedHands();
        this.#labDevice.changed();
      },
    });
    this.reporter = new Reporter(context, { ...emptyReport(context.agentId, id, seed), hold: holdOf(this.custody.held) });
    this.#labDevice = this.#newLabDevice();
    this.mirror = this.#newMirror(seed.reach);
    this.gate = new PhoneGate({
      id,
      context,
      held: () => this.custody.held,
      fence: () => this.fence.facts,
      report: () => this.report,
      show: (change) => this.reporter.update(change),
    });
    this.fence = new PhoneFence({
      id,
      context,
      gate: this.gate,
      ready: (signal) => this.custody.ready(signal),
      hold: () => {
        const { phase, enrolled, tenant } = this.custody.held;
        return { leased: phase === "leased", enrolled: enrolled || this.report.reach === "virtual", tenant };
      },
      undisturbed: () => this.custody.baselining,
      onChange: (fence) => this.reporter.update({ fence: fence.state === "open" ? undefined : fence }),
    });
    this.#script = new ScriptSession({ fence: this.fence, held: () => this.custody.held });
    this.injector = new Injector({
      gate: this.gate,
      held: () => this.custody.held,
      screen: () => this.report.screen,
      session: () => this.#session(),
    });
    this.#identifier = new Identifier({
      link: () => this.#requireLink(),
      require: (order) => this.custody.requireShown(order),
      foreground: () => this.report.foreground?.package ?? null,
    });
    this.#crashes = new CrashWatch(this, context);
    this.#subscriptions = this.#subscribe(context.bus);
    this.#forgetTick = context.sweep.add((now) => this.#tick(now));
  }

  #newMirror(reach: PhoneSeed["reach"]): Mirror {
    const { bus, jar, rates } = this.#context;
    return new Mirror({
      phone: this.report,
      bus,
      jar,
      reach,
      rates,
      notice: (code, message) => this.reporter.notice(code, message),
      allowed: () => this.#mayShow(),
      onWatched: (tier, watched) => this.#watchedChanged(tier, watched),
      onSilent: () => this.reporter.update({ audio: false }),
    });
  }

  #newLabDevice(): LabDevice {
    return new LabDevice({
      id: this.id,
      log: this.#context.log,
      held: () => this.custody.held,
      report: () => this.report,
      show: (change) => this.reporter.update(change),
      mayHelp: async (name, code) => {
        const judged = await this.gate.judge(name);
        return judged.standing === "system" || this.gate.mayReach(judged, { code });
      },
      busy: () => this.custody.baselining !== undefined || this.custody.held.phase === "cleaning",
    });
  }

  #subscribe(bus: Bus): Subscription[] {
    return [
      bus.subscribe(subjects.stream(this.report), (message) => this.#onStream(message)),
      bus.subscribe(subjects.input(this.report), (message) => this.#onInput(message)),
      bus.subscribe(subjects.screenshot(this.report), (message) => this.#onScreenshot(message)),
      bus.subscribe(subjects.record(this.report), (message) => this.#onRecord(message)),
      bus.subscribe(subjects.baseline(this.report), (message) => this.#onBaseline(message)),
      bus.subscribe(subjects.fence(this.report), (message) => this.#onFence(message)),
      bus.subscribe(subjects.identify(this.report), (message) => this.#onIdentify(message)),
    ];
  }

  get report(): DeviceReport {
    return this.reporter.report;
  }

  attach(link: PhoneLink): void {
    if (this.#link === link) return;
    this.#link = link;
    this.mirror.attach(link);
    this.gate.attach(link);
  }

  /** It is ready for use. */
  prepared(): void {
    if (!this.#link) return;
    this.#identifier.tidy();
    this.#labDevice.prepared(this.#link);
    this.custody.prepared(this.#link);
    this.fence.prepared();
    for (const watcher of this.#watchers) watcher.ready();
  }

  /** The connection is over: pictures end, fingers are forgotten, what waits fails. */
  detach(reason: PhonerackError): void {
    this.#link = undefined;
    this.custody.lost();
    this.#labDevice.lost();
    this.fence.lost();
    this.mirror.detach();
    this.gate.detach();
    this.injector.detach(reason);
    this.#dropHands();
    for (const watcher of this.#watchers) watcher.lost();
  }

  /** Ends it; `gone` tells control to forget the phone. */
  stop(gone: boolean): void {
    this.detach(new PhonerackError("device_not_ready", "the agent stops"));
    this.mirror.stop();
    this.fence.stop();
    this.gate.stop();
    this.custody.stop();
    this.#crashes.stop();
    this.#forgetTick();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.reporter.stop();
    if (gone)
      this.#context.bus.publish(
        subjects.gone(this.#context.agentId, this.id),
        encodeMessage(DeviceGone, { agentId: this.#context.agentId }),
      );
  }

  /** Carries out an order of whoever holds it. One outcome per input. Fails with `device_not_ready` while it is not connected. */
  async act(order: InputOrder): Promise<InputReply["results"]> {
    this.#requireLink();
    return this.injector.handle(order);
  }

  /** Calls when its use begins and ends. @returns forgets the watcher. */
  watch(watcher: PhoneWatcher): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Calls with what system_server says of it. @returns forgets the listener. */
  onEvent(listener: (event: SystemEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => void this.#eventListeners.delete(listener);
  }

  /** Its event stream said this. */
  heard(event: SystemEvent): void {
    if (event.type === "process") this.#labDevice.poke();
    for (const listener of this.#eventListeners) listener(event);
  }

  /** The connection. Throws `device_not_ready`. */
  link(): PhoneLink {
    return this.#requireLink();
  }

  /** The live control session, started when there is none. */
  hands(): Promise<ControlSession> {
    return this.#session();
  }

  /** The first touch must not wait for the session. */
  warm(): void {
    if (this.#link && !this.#hands && this.custody.held.phase === "leased") this.#startHands().catch(() => undefined);
  }

  /** Takes fingers off before the connection is closed by us. */
  lift(): Promise<void> {
    return this.injector.lift();
  }

  #onStream({ payload }: BusMessage): undefined {
    const order = decodeMessage(StreamOrder, payload);
    if (order.epoch === this.custody.held.epoch && this.#mayShow()) this.mirror.order(order, Date.now());
  }

  async #onInput({ payload }: BusMessage): Promise<Uint8Array> {
    const order = await this.#script.begin(decodeMessage(InputOrder, payload));
    return encodeMessage(InputReply, { results: await this.act(order) });
  }

  async #onScreenshot({ payload }: BusMessage): Promise<Uint8Array> {
    const { replica, inbox, epoch, notAfter } = decodeMessage(ScreenshotOrder, payload);
    this.custody.requireShown({ epoch, notAfter });
    const link = this.#requireLink();
    if (this.#screenshots >= SCREENSHOTS_AT_ONCE) throw new PhonerackError("too_many", "screenshots of this phone");
    this.#screenshots++;
    try {
      const png = await takeScreenshot(link);
      // It may show what the next holder does.
      this.custody.requireShown({ epoch });
      const parts = screenshotParts(png);
      for (const part of parts) this.#context.bus.publish(subjects.media(replica, this.report, inbox), part);
      return encodeMessage(ScreenshotReply, { bytes: png.length, parts: parts.length });
    } finally {
      this.#screenshots--;
    }
  }

  async #onRecord({ payload }: BusMessage): Promise<Uint8Array> {
    const { epoch } = decodeMessage(RecordOrder, payload);
    return encodeMessage(CleanRecord, await this.custody.record(epoch));
  }

  async #onBaseline({ payload }: BusMessage): Promise<Uint8Array> {
    const order = decodeMessage(BaselineOrder, payload);
    return encodeMessage(BaselineReply, { takenAt: await this.custody.renewBaseline(order) });
  }

  async #onFence({ payload }: BusMessage): Promise<Uint8Array> {
    const order = decodeMessage(FenceOrder, payload);
    this.custody.requireShown(order);
    this.#requireLink();
    return encodeMessage(FenceReply, await this.fence.preview());
  }

  async #onIdentify({ payload }: BusMessage): Promise<Uint8Array> {
    return encodeMessage(IdentifyReply, await this.#identifier.show(decodeMessage(IdentifyOrder, payload)));
  }

  /** Pictures may leave: to its holder, to whom control lets, and while it is cleaned to nobody. */
  #mayShow(): boolean {
    const { held } = this.custody;
    return held.phase !== "cleaning" && !isOver(held);
  }

  /** Whoever had the phone has it no more. */
  #cut(): void {
    this.#identifier.end();
    for (const watcher of this.#watchers) watcher.cut();
    this.fence.cut();
    this.mirror.cut();
    const lifted = this.injector.cut();
    const hands = this.#hands;
    this.#hands = undefined;
    if (!hands) return;
    const closing = Promise.race([lifted, sleep(LIFT_MS)])
      .then(() => hands)
      .then(
        (session) => session.stop(),
        () => undefined,
      );
    this.#closing = closing.finally(() => {
      if (this.#closing === closing) this.#closing = undefined;
    });
  }

  #requireLink(): PhoneLink {
    if (!this.#link) throw new PhonerackError("device_not_ready", this.report.reason ?? undefined);
    return this.#link;
  }

  #session(): Promise<ControlSession> {
    this.#handsUsed = Date.now();
    const { opening } = this.custody;
    if (opening) return opening.then(() => this.#session());
    const running = this.#hands ?? this.#startHands();
    return running.then((session) => (session.ended ? this.#startHands() : session));
  }

  #startHands(): Promise<ControlSession> {
    const starting = this.#newHands();
    this.#hands = starting;
    starting.catch(() => {
      if (this.#hands === starting) this.#hands = undefined;
    });
    return starting;
  }

  async #newHands(): Promise<ControlSession> {
    const { epoch } = this.custody.held;
    await this.#closing;
    const link = this.#requireLink();
    await this.mirror.jarOn(link);
    const held = this.custody.held;
    if (held.epoch !== epoch || held.phase !== "leased") throw new PhonerackError("epoch_stale");
    return ControlSession.start(link, this.#context.jar);
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
      if (!watched) void this.injector.lift();
      else this.warm();
    }
    if (watched) this.onWatched();
  }

  #tick(now: number): void {
    this.mirror.tick(now);
    this.injector.tick(now);
    this.custody.tick(now);
    this.fence.tick(now);
    this.#labDevice.tick();
    this.#script.tick(now);
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
