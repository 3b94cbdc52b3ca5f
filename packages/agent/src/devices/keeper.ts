/**
 * Keeps one phone: reaches it by its route, finds out who it is, prepares it, and begins again when it is lost, ever more slowly. Every state and
 * its reason that people see is set here.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { idList } from "../identity/hardware.js";
import { backOff } from "../limits.js";
import { prepare, survey } from "../preparing/prepare.js";
import { type StepName, Steps } from "../preparing/steps.js";
import type { Survey } from "../preparing/survey.js";
import type { PhoneLink } from "../transports/link.js";
import type { AgentContext } from "./context.js";
import type { Phone, PhoneSeed } from "./phone.js";
import type { Phones } from "./phones.js";
import { Vigil } from "./vigil.js";

/** A way to a phone. */
export interface Route extends PhoneSeed {
  /** One attempt. `onUnauthorised`: the phone asks its user now. Fails with the reason in words. */
  open(signal: AbortSignal, onUnauthorised: () => void): Promise<PhoneLink>;
}

/** Without these a phone is of no use; with the others failed it is ready and says what is wrong. */
const NEEDED = ["properties", "input", "events"] as const satisfies readonly StepName[];
/** A phone that held this long starts its back-off anew. */
const STEADY_MS = 30_000;
const BOOTING_RETRY_MS = 2_000;
const LIFT_MS = 300;
const RETRY_MS = [5_000, 10_000, 20_000, 40_000, 60_000] as const;
/** Android 11 is the first whose sound can be captured (scrcpy doc/audio.md). */
const AUDIO_SDK = 30;
const UNAUTHORISED = "Unlock the phone and accept 'Allow USB debugging' (with 'Always allow from this computer').";

export class Keeper {
  readonly route: Route;
  readonly #context: AgentContext;
  readonly #phones: Phones;
  readonly #stopping = new AbortController();
  #phone: Phone | undefined;
  #link: PhoneLink | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(context: AgentContext, phones: Phones, route: Route) {
    this.#context = context;
    this.#phones = phones;
    this.route = route;
  }

  start(): void {
    const known = this.#context.identities.lastAt(this.route.address);
    if (known) this.#adopt(known).reporter.update({ state: "connecting", reason: null });
    this.#running = this.#run();
  }

  /** Lets go of the phone. Its report says `lost` with this reason. */
  async stop(reason: string): Promise<void> {
    if (this.#stopping.signal.aborted) return this.#running;
    // Fingers first, but a phone that hangs must not keep us.
    await Promise.race([this.#mine()?.lift(), sleep(LIFT_MS)]);
    this.#stopping.abort(new PhonerackError("device_not_ready", reason));
    await this.#running;
    this.#mine()?.reporter.update({ state: "lost", reason: sentence(reason) });
  }

  /** Makes control forget the phone that was kept here. */
  remove(): void {
    const phone = this.#mine();
    if (phone) this.#phones.remove(phone);
  }

  /** This phone has another id from now on: withdraws the one it had, and meets it anew. */
  meetAgain(phone: Phone): void {
    this.#phones.remove(phone);
    phone.keeper = undefined;
    this.#link?.close(new PhonerackError("device_not_ready", "it is met anew, under the id that it had before"));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const began = Date.now();
      const reason = await this.#attempt();
      if (signal.aborted) return;
      this.#lose(reason);
      if (Date.now() - began > STEADY_MS) attempt = 0;
      await sleep(backOff(attempt), undefined, { signal }).catch(() => undefined);
    }
  }

  /** Connects and serves the phone until it is lost. @returns why it was. */
  async #attempt(): Promise<PhonerackError> {
    const { signal } = this.#stopping;
    let release: () => void = () => undefined;
    try {
      release = await this.#context.permits.take(signal);
      const link = await this.route.open(signal, () => {
        // A question to a person may stand for an hour: others go on meanwhile.
        release();
        this.#show().reporter.update({ state: "unauthorised", reason: UNAUTHORISED, steps: [] });
      });
      const onStop = () => link.close(asError(signal.reason));
      signal.addEventListener("abort", onStop, { once: true });
      try {
        return await this.#serve(link, release);
      } finally {
        signal.removeEventListener("abort", onStop);
      }
    } catch (error) {
      return asError(error);
    } finally {
      release();
    }
  }

  async #serve(link: PhoneLink, release: () => void): Promise<PhonerackError> {
    const ended = new Promise<PhonerackError>((resolve) => link.life.onEnd(resolve));
    const gone = new AbortController();
    this.#link = link;
    void ended.then(() => gone.abort());
    let vigil: Vigil | undefined;
    try {
      for (let attempt = 0; !link.life.ended; attempt++) {
        // Later attempts show themselves at their end only: people read why the phone is not ready meanwhile.
        const first = attempt === 0;
        const steps = new Steps(
          () => first && vigil && this.#mine()?.reporter.update({ steps: steps.list(), reason: whyNot(steps) }),
        );
        const found = await survey(link, steps);
        if (found.booted) {
          vigil ??= this.#meet(link, found);
          await this.#prepare({ link, found, steps, vigil });
          // Leases and fences name it by its id: from `ready` on a killed agent must find it again.
          await this.#context.identities.saved();
        }
        release();
        if (this.#conclude(steps)) break;
        const wait = found.booted ? RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] : BOOTING_RETRY_MS;
        await sleep(wait, undefined, { signal: gone.signal }).catch(() => undefined);
      }
    } catch (error) {
      // A phone that does not answer its first questions is no better than one that is not there.
      link.close(asError(error));
    }
    const reason = await ended;
    const phone = this.#mine();
    phone?.detach(reason);
    if (vigil && phone) this.#context.identities.release(phone.id);
    return reason;
  }

  /** Now we know who it is. */
  #meet(link: PhoneLink, found: Survey): Vigil {
    const provisional = this.#mine();
    const id = this.#context.identities.identify(this.route.address, found.hardware);
    const phone = this.#adopt(id);
    if (provisional && provisional !== phone) this.#leave(provisional);
    const { serial, manufacturer, model } = found.hardware;
    phone.reporter.update({
      serial: serial || null,
      manufacturer: manufacturer || null,
      model: model || null,
      hardware: idList(found.hardware.ids),
      release: found.release,
      sdk: found.sdk,
      // Not before it has answered: a phone that only takes connections stays lost, with the reason.
      state: "preparing",
      reason: null,
      audio: (found.sdk ?? 0) >= AUDIO_SDK,
    });
    const vigil = new Vigil({ phone, link, context: this.#context });
    vigil.showScreen(found);
    vigil.showBattery(found.battery);
    phone.attach(link);
    return vigil;
  }

  async #prepare(parts: { link: PhoneLink; found: Survey; steps: Steps; vigil: Vigil }): Promise<void> {
    const { link, found, steps, vigil } = parts;
    const events = async () => {
      steps.begin("events");
      try {
        await vigil.openEvents();
        steps.done("events");
      } catch (error) {
        if (link.life.ended) throw error;
        steps.fail("events", `its event log cannot be read: ${words(error)}`);
      }
    };
    const [screen] = await Promise.all([prepare(link, steps, found), events()]);
    vigil.showScreen(screen);
    const { reporter } = this.#show();
    const locked = steps.failure("keyguard");
    if (locked) reporter.notice("keyguard", sentence(locked));
    const blind = steps.failure("picture");
    if (blind) reporter.notice("no-picture", sentence(blind));
    const dark = steps.failure("awake");
    if (dark) reporter.notice("screen-off", sentence(dark));
  }

  /** Sets the state that the steps amount to. @returns whether the phone is ready. */
  #conclude(steps: Steps): boolean {
    const reason = whyNot(steps);
    const phone = this.#show();
    const { reporter } = phone;
    if (reason === null) {
      reporter.update({ state: "ready", reason: null, steps: steps.list() });
      phone.prepared();
      return true;
    }
    reporter.update({ state: "preparing", reason, steps: steps.list() });
    return false;
  }

  #lose(reason: PhonerackError): void {
    const phone = this.#show();
    const change = { state: "lost", reason: sentence(reason.detail ?? reason.message), foreground: null } as const;
    if (phone.report.state === "lost" && phone.report.reason === change.reason) return;
    phone.reporter.update(change);
    this.#context.log.info(
      { device: phone.id, address: this.route.address, code: reason.code, reason: change.reason },
      "phone lost",
    );
  }

  /** The phone that people see for this route, known or not. */
  #show(): Phone {
    return this.#mine() ?? this.#adopt(this.#context.identities.provisional(this.route.address));
  }

  #mine(): Phone | undefined {
    return this.#phone?.keeper === this ? this.#phone : undefined;
  }

  #adopt(id: string): Phone {
    const { reach, address, chassis, slot } = this.route;
    this.#phone = this.#phones.take(id, this, { reach, address, chassis, slot });
    this.#phone.reporter.update({ doubt: this.#context.identities.doubtOf(id) });
    return this.#phone;
  }

  /** Another phone stands where this one was. */
  #leave(phone: Phone): void {
    if (phone.report.serial === null && phone.report.model === null) return this.#phones.remove(phone);
    phone.detach(new PhonerackError("device_not_ready", "another phone stands at its address"));
    phone.reporter.update({ state: "lost", reason: "Another phone stands at its address now." });
    phone.keeper = undefined;
  }
}

/** What keeps the phone from being ready, as soon as it is known; null: nothing so far. */
function whyNot(steps: Steps): string | null {
  const failed = NEEDED.find((name) => steps.failure(name) !== undefined);
  return failed ? sentence(steps.failure(failed) ?? "") : null;
}

function asError(error: unknown): PhonerackError {
  if (error instanceof PhonerackError) return error;
  return new PhonerackError("internal", error instanceof Error ? error.message : undefined, { cause: error });
}

function words(error: unknown): string {
  const known = asError(error);
  return known.detail ?? known.message;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
