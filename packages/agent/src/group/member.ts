/**
 * One phone's part in a group: gets ready (fence, engine), takes steps one after the other, says how it took them and what it shows when it has
 * settled. What one phone does or fails to do concerns no other.
 */
import { type GroupOrder, type MemberState, PhonerackError, type ScreenState, STEP_LATE_MS } from "@phonerack/contract/bus";
import { type AppStrings, PhoneStrings } from "./app-strings.js";
import { Engine } from "./engine.js";
import type { EngineShop } from "./engine-shop.js";
import type { Follower } from "./follower.js";
import type { GroupPhone } from "./group-phone.js";
import type { MemberNews } from "./news-desk.js";
import { perform } from "./perform.js";
import { resync } from "./resync.js";
import { Settling } from "./settling.js";
import { type Answer, denied, failed, type StepRun } from "./step-run.js";

/** Steps that wait for one phone; a phone that is so far behind had better be dropped. */
const MOST_WAITING = 100;
const RETRY_MS = 3_000;

/** Something to do between steps. */
type Chore = () => Promise<void>;
type StartOrder = Extract<GroupOrder, { order: "start" }>;

/** In whose name it is driven, and how. */
export type MemberTerms = Pick<StartOrder, "group" | "actor" | "mode" | "aim" | "agreed">;

/** What all groups of an agent share. */
export interface GroupTools {
  readonly engines: EngineShop;
  readonly strings: AppStrings;
}

export interface MemberParts {
  readonly phone: GroupPhone;
  readonly epoch: number;
  readonly terms: MemberTerms;
  readonly tools: GroupTools;
  tell(news: MemberNews): void;
}

export class Member {
  readonly phone: GroupPhone;
  readonly epoch: number;
  readonly #parts: MemberParts;
  #terms: MemberTerms;
  readonly #queue: (StepRun | Chore)[] = [];
  readonly #forget: (() => void)[];
  readonly #strings: PhoneStrings;
  readonly #settling: Settling;
  #engine: Engine | undefined;
  #state: MemberState = "preparing";
  #reason: string | null = null;
  #screen: ScreenState | null = null;
  #seq = 0;
  #working = false;
  #preparing: Promise<void> | undefined;
  #ready = false;
  #ended = false;
  #last: StepRun | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Its fence opens. */
  #leaving: Promise<void> | undefined;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.#terms = parts.terms;
    this.phone = parts.phone;
    this.epoch = parts.epoch;
    this.#engine = this.#engineFor(parts.terms);
    this.#strings = new PhoneStrings(parts.phone, parts.tools.strings);
    this.#settling = new Settling(
      parts.phone,
      () => this.#engine,
      (seq, screen) => this.#settled(seq, screen),
    );
    this.#forget = [
      parts.phone.watch({ cut: () => this.#cut(), lost: () => this.#lost(), ready: () => void this.prepare() }),
      parts.phone.gate.onFront(() => this.#frontChanged()),
      parts.phone.gate.demand(),
      parts.phone.fence.onBroken(({ sessions, reason }) => sessions.includes(this.#terms.group) && this.#broken(reason)),
    ];
  }

  /** It takes no part: what is done to the group is not done here. */
  get out(): boolean {
    return this.#ended || this.#state === "dropped" || this.#state === "taken-over";
  }

  get follower(): Follower {
    const { actor, mode } = this.#terms;
    return { phone: this.phone, epoch: this.epoch, actor, mode, engine: this.#engine, strings: this.#strings };
  }

  /** Nothing holds it any more: it can be forgotten. */
  get over(): boolean {
    return this.#ended;
  }

  /** The group is started again: what was not agreed to may be now, and what was aimed by point may be aimed by element. */
  renew(terms: MemberTerms): void {
    this.#terms = terms;
    if (!this.#engine) {
      this.#engine = this.#engineFor(terms);
      // Steps wait until it can find what they name.
      if (this.#engine) this.#ready = false;
    }
    if (this.out) this.rejoin();
    else if (this.#ready) this.#tell();
    else void this.prepare();
  }

  /** Closes the fence and starts the engine. Never rejects; what fails is told and tried again. */
  prepare(): Promise<void> {
    this.#preparing ??= this.#getReady().finally(() => (this.#preparing = undefined));
    return this.#preparing;
  }

  take(run: StepRun): void {
    const { id } = this.phone;
    if (this.out) return run.answer(id, failed(new PhonerackError("step_refused", this.#reason ?? "it takes no part")));
    if (this.#state === "lost") return run.answer(id, failed(new PhonerackError("device_not_ready", this.#reason ?? undefined)));
    // Where the gate can be asked it is, since it counts.
    if (this.#state === "denied" && !this.#ready) return run.answer(id, denied(this.#reason ?? "its fence is not closed"));
    if (this.#queue.length >= MOST_WAITING) return run.answer(id, failed(new PhonerackError("too_many", "steps wait for it")));
    this.#push(run);
  }

  /** Somebody drives it by hand meanwhile, or it is out for good. */
  leave(state: "taken-over" | "dropped", reason: string): void {
    if (this.#ended) return;
    this.#become(state, reason);
    this.#refuse(reason);
    this.#settling.stop();
    if (state === "dropped") void this.#letGo();
  }

  rejoin(): void {
    if (this.#ended || (this.#ready && !this.out)) return;
    if (this.out) this.#become("preparing", null);
    void this.prepare();
  }

  /** Brings it to what the leader shows, after the steps that wait. null: it only says what it shows. */
  resync(screen: ScreenState | null): void {
    this.rejoin();
    this.#push(async () => {
      const ticket = { isOpen: () => !this.out, deadline: Date.now() + STEP_LATE_MS };
      const problem = screen && (await resync(this.follower, ticket, screen));
      if (problem !== null && !this.out) this.#become("stray", problem);
      else this.#frontChanged();
      this.#settling.start(this.#seq);
    });
  }

  /** The group is over. Resolves when the fence is open and the engine gone. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    for (const forget of this.#forget) forget();
    this.#settling.stop();
    this.#refuse("the group has ended");
    await this.#letGo();
  }

  tell(): void {
    this.#tell();
  }

  async #getReady(): Promise<void> {
    const { phone, epoch } = this;
    const terms = this.#terms;
    clearTimeout(this.#timer);
    await this.#leaving;
    if (this.out) return;
    const { held } = phone.custody;
    if (held.epoch !== epoch || held.phase !== "leased" || held.actor !== terms.actor) return this.#cut();
    if (phone.report.state !== "ready") return this.#become("lost", phone.report.reason ?? "It is not ready.");
    this.#become("preparing", "Its fence closes.");
    try {
      await phone.fence.enter(terms.group, { agreed: terms.agreed });
    } catch (error) {
      if (this.#ended || this.#state === "lost") return;
      this.#become("denied", words(error));
      if (!(error instanceof PhonerackError && error.code === "fence_unagreed")) this.#again();
      return;
    }
    // The first touch must not wait for the phone's side of it.
    phone.warm();
    if (this.#engine) await this.#startEngine(this.#engine);
    if (this.out || this.#isLost()) return;
    this.#ready = true;
    this.#frontChanged();
    if (!this.#working) void this.#work();
  }

  #engineFor({ aim }: MemberTerms): Engine | undefined {
    const { phone, tools } = this.#parts;
    return aim === "element" ? new Engine(phone, tools.engines, () => this.#engineChanged()) : undefined;
  }

  async #startEngine(engine: Engine): Promise<void> {
    this.#become("preparing", "Its UI automation starts.");
    await engine.start();
  }

  /** The phone was busy or slow: it is asked again, as long as the group lasts. */
  #again(): void {
    this.#timer = setTimeout(() => void this.prepare(), RETRY_MS);
  }

  #push(next: StepRun | Chore): void {
    this.#settling.stop();
    this.#queue.push(next);
    if (this.#ready && !this.#working) void this.#work();
  }

  /** Never rejects: neither steps nor chores do. */
  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      if (typeof next === "function") await next();
      else if (next.isOpen(this.phone.id)) await this.#step(next);
    }
    this.#working = false;
  }

  async #step(run: StepRun): Promise<void> {
    this.#last = run;
    this.#seq = run.order.seq;
    await perform(this.follower, run);
    if (run.order.settle && this.#queue.length === 0 && !this.out) this.#settling.start(run.order.seq);
  }

  #settled(seq: number, screen: ScreenState | null): void {
    this.#screen = screen;
    this.#seq = seq;
    this.#tell();
  }

  /** An app that is not the tenant's in front stops this phone's part at once; it goes on when that has gone. */
  #frontChanged(): void {
    if (!this.#ready || this.out || this.#isLost()) return;
    const { front } = this.phone.gate.front();
    if (front?.standing === "other" || front?.standing === "permitted") {
      const reason = `${front.package} is in front and not yours: nothing of the group is delivered.`;
      this.#become("denied", reason);
      this.#refuse(reason);
    } else this.#become("followed", this.#engine?.problem ?? null);
  }

  /** What was fenced is not: nothing more is done on it until somebody takes it in again. */
  #broken(reason: string): void {
    if (this.#ended) return;
    this.#ready = false;
    this.#settling.stop();
    this.#become("denied", reason);
    this.#refuse(reason);
  }

  #lost(): void {
    this.#ready = false;
    this.#settling.stop();
    this.#engine?.lost();
    if (this.out) return;
    const reason = this.phone.report.reason ?? "Its connection is lost.";
    this.#become("lost", reason);
    this.#clear(failed(new PhonerackError("device_not_ready", reason)));
  }

  /** Its lease is over, and with it its part. */
  #cut(): void {
    if (this.#ended) return;
    this.#become("dropped", "Its lease is over.");
    void this.end();
  }

  #refuse(reason: string): void {
    this.#clear(denied(reason));
  }

  /** What waits is not done. */
  #clear(answer: Answer): void {
    for (const next of this.#queue.splice(0)) if (typeof next !== "function") next.answer(this.phone.id, answer);
  }

  #isLost(): boolean {
    return this.#state === "lost";
  }

  #letGo(): Promise<void> {
    this.#ready = false;
    clearTimeout(this.#timer);
    this.#leaving ??= this.#open().finally(() => (this.#leaving = undefined));
    return this.#leaving;
  }

  /** Never rejects. */
  async #open(): Promise<void> {
    await this.#engine?.stop();
    try {
      await this.phone.fence.leave(this.#terms.group);
    } catch {
      // What cannot be opened now is opened by cleaning, or when the phone is back.
    }
    this.#tell();
  }

  #engineChanged(): void {
    if (this.#state === "followed") this.#become("followed", this.#engine?.problem ?? null);
    this.#tell();
  }

  #become(state: MemberState, reason: string | null): void {
    if (this.#state === state && this.#reason === reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#tell();
  }

  #tell(): void {
    this.#parts.tell({
      deviceId: this.phone.id,
      state: this.#state,
      reason: this.#reason?.slice(0, 500) ?? null,
      screen: this.#screen,
      fence: this.phone.fence.state.state,
      engine: this.#engine?.running ?? false,
      seq: this.#seq,
    });
  }

  /** The last step that it took, for a retry. */
  get last(): StepRun | undefined {
    return this.#last;
  }
}

function words(error: unknown): string {
  if (!(error instanceof PhonerackError)) return "It could not be made ready.";
  return error.detail ?? error.message;
}
