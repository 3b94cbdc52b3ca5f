/**
 * One phone's gate: knows what is in front and what it is to the holder's tenant, gathers the facts, asks policy, journals the answer, counts budgets and
 * denials. Nothing else may decide whether an input reaches the phone. How the front is known is `front.ts`'s, what the phone says of apps `installed.ts`'s.
 */
import { type DeviceReport, type ErrorCode, PhonerackError } from "@phonerack/contract/bus";
import {
  decide,
  type GateAction,
  type GateDecision,
  type GateFacts,
  type GateMode,
  type GateRule,
  type Judged,
  KNOWN_MS,
  reachOf,
  standingOf,
} from "@phonerack/policy";
import type { Foreground } from "../foreground/events.js";
import type { Held } from "../hold/held.js";
import type { DecisionJournal } from "../journal/journal.js";
import type { PhoneLink } from "../transports/link.js";
import type { Budgets } from "./budgets.js";
import { Denials } from "./denials.js";
import { FrontWatch } from "./front-watch.js";
import type { GroundsBook } from "./grounds-book.js";
import { Installed } from "./installed.js";

export interface PhoneGateParts {
  readonly id: string;
  readonly context: { readonly journal: DecisionJournal; readonly grounds: GroundsBook; readonly budgets: Budgets };
  held(): Held;
  fence(): GateFacts["fence"];
  /** What kind of phone it is. */
  report(): Pick<DeviceReport, "sdk" | "reach">;
  /** What the phone's report says. */
  show(change: Pick<Partial<DeviceReport>, "foreground" | "denials">): void;
}

/** What somebody wants to do. */
export interface Asked {
  readonly mode: GateMode;
  readonly action: GateAction;
  readonly actor: string;
  readonly epoch: number;
  /** This device is one of those on which this person may freely drive others' apps today. */
  readonly trial?: boolean;
  /** The app that a launch, stop, deep link or installation is about. */
  readonly target?: Judged | null;
  /** What was seen when the device was asked at this very step. */
  readonly look?: Look;
  /** What is opened, by its name, or what a guard does: for the journal, never content. */
  readonly service?: string;
}

/** The answer of a device that was asked what is in front. It holds until the next event. */
export interface Look {
  readonly front: Judged | null;
  /** When the question left, by `performance.now()`. */
  readonly at: number;
  readonly changes: number;
}

export interface GateAnswer extends GateDecision {
  /** What people are told when it is denied: its detail is the reason. */
  readonly error?: PhonerackError;
}

export interface Front {
  /** null: not known. */
  readonly front: Judged | null;
  /** How long ago the phone last proved that it would have told of a change, in milliseconds; null: it does not tell. */
  readonly knownMs: number | null;
}

export class PhoneGate {
  readonly #parts: PhoneGateParts;
  readonly #watch: FrontWatch;
  readonly #denials: Denials;
  readonly #judged = new Map<string, { app: Judged; until: number }>();
  readonly #listeners = new Set<(front: Judged | null) => void>();
  readonly #forget: () => void;
  #installed: Installed | undefined;
  #tenant = "";
  #scrolled = 0;
  #seen: Pick<Held, "epoch" | "phase"> = { epoch: -1, phase: "free" };

  constructor(parts: PhoneGateParts) {
    this.#parts = parts;
    this.#denials = new Denials((denials) => parts.show({ denials }));
    this.#watch = new FrontWatch({ onChange: () => this.#onFront(), onProcess: (name) => this.doubt(name) });
    this.#forget = parts.context.grounds.onChange((tenant) => {
      if (tenant === this.#tenant) this.#rejudge();
    });
  }

  /** The phone is connected. */
  attach(link: PhoneLink): void {
    this.#installed = new Installed(link, () => this.#parts.report().sdk ?? 0);
    this.#judged.clear();
    this.#watch.attach(link);
    this.#onFront();
  }

  detach(): void {
    this.#watch.detach();
    this.#installed = undefined;
    this.#judged.clear();
  }

  stop(): void {
    this.detach();
    this.#forget();
    this.#denials.stop();
  }

  /** Somebody else holds the phone, or nobody. */
  changedHands(): void {
    const { epoch, phase } = this.#parts.held();
    if (this.#seen.epoch === epoch && this.#seen.phase === phase) return;
    this.#seen = { epoch, phase };
    this.#denials.begin(epoch);
    this.#onFront();
  }

  /** The phone's event stream says what is in front; null: it has ended. */
  resumed(foreground: Foreground | null): void {
    this.#watch.resumed(foreground);
  }

  /** The phone's event stream says whose window has the focus; null: the app's in front. */
  focused(name: string | null): void {
    this.#watch.focused(name);
  }

  /**
   * A process of this package was started, or it was installed: it may be another one by now. Not while it is in front: to be exchanged it would have to
   * leave first, and further processes of it mean nothing.
   */
  doubt(name: string): void {
    if (this.#watch.state().packages?.includes(name)) return;
    this.#installed?.doubt(name);
    this.#judged.delete(name);
  }

  /** May this happen now? Journalled, counted, and to be asked right before it happens. */
  ask(asked: Asked): GateAnswer {
    const { id, context } = this.#parts;
    const facts = this.#factsOf(asked);
    const decision = decide(facts);
    const { rule } = decision;
    const now = Date.now();
    const { service } = asked;
    const entry = { at: now, device: id, facts, decision: decision.decision, rule, ...(service !== undefined && { service }) };
    if (!context.journal.add(entry)) {
      return { ...decision, decision: "deny", error: new PhonerackError("unrecorded") };
    }
    if (decision.decision === "allow") {
      if (rule === "hand-budget") this.#spend(asked.action, now);
      return decision;
    }
    if (codeOf(rule) === "denied") this.#denials.count(facts.leaseEpoch, decision.reason);
    return { ...decision, error: new PhonerackError(codeOf(rule), decision.reason) };
  }

  /** The same decision without a trace, for what goes on after it was allowed: the moves of a swipe. */
  weigh(asked: Asked): GateDecision {
    return decide(this.#factsOf(asked));
  }

  /** Asks the device first. Where it does not answer, what is in front is not known. */
  async askFresh(asked: Asked): Promise<GateAnswer> {
    const look = await this.look();
    return this.ask(look ? { ...asked, look } : asked);
  }

  /** Whether this needs a `look` first: the fence has a gap, or the phone does not tell by itself what is in front. */
  needsLook({ mode }: Pick<Asked, "mode">): boolean {
    const { front, knownMs } = this.front();
    if (mode === "unicast") return front === null;
    const fence = this.#parts.fence();
    const { packages } = this.#watch.state();
    const untold = front === null || knownMs === null || knownMs > KNOWN_MS;
    // A second window in front may have gone without a word.
    return fence !== "open" && (untold || fence === "leaky" || (packages !== null && packages.length > 1));
  }

  /** Asks the device what is in front: resumed activities and focused window. undefined when it does not say. */
  async look(): Promise<Look | undefined> {
    const seen = await this.#watch.look();
    if (!seen) return undefined;
    const all = await Promise.all(seen.packages.map((name) => this.judge(name).catch(() => unread(name))));
    return { front: worst(all), at: seen.at, changes: seen.changes };
  }

  /** What an app on this phone is to the tenant that holds it. Fails as `runShell` does, or with `device_not_ready`. */
  async judge(name: string): Promise<Judged> {
    const known = this.#known(name);
    if (known) return known;
    if (!this.#installed) throw new PhonerackError("device_not_ready");
    const signed = this.#parts.context.grounds.namesOwned(this.#tenantNow()).has(name);
    const app = await this.#installed.read(name, signed);
    return this.#keep(name, standingOf(app, this.#grounds(), this.#context()));
  }

  /** What an app that is to come onto this phone would be to the tenant that holds it, by its file's own words. */
  judgeFile({ package: name, signer }: { package: string; signer: string }): Judged {
    const app = { package: name, signer, image: false, role: null };
    return standingOf(app, this.#grounds(), this.#context());
  }

  /** Whether an operator has approved that this app reaches so far beyond itself, or what it instruments is as much theirs. */
  mayReach({ by, signer }: Judged, finding: { readonly code: string; readonly target?: string | undefined }): boolean {
    const { target } = finding;
    if (target !== undefined && signer !== null && this.judgeFile({ package: target, signer }).standing === "owned") return true;
    return by !== null && this.#parts.context.grounds.isApproved(this.#parts.held().tenant, by, reachOf(finding));
  }

  /** What is known of the front at this moment, and how well. */
  front(): Front {
    const { packages, knownMs } = this.#watch.state();
    if (packages === null) return { front: null, knownMs };
    const all = packages.map((name) => this.#known(name));
    if (all.some((one) => one === undefined)) return { front: null, knownMs };
    return { front: worst(all as Judged[]), knownMs };
  }

  /** A flag has paused the lease that holds the phone. */
  get paused(): boolean {
    const { tenant, epoch, phase } = this.#parts.held();
    return phase === "leased" && this.#parts.context.grounds.isPaused(tenant, this.#parts.id, epoch);
  }

  /** Calls `listener` when another app is in front, or is judged otherwise; null: not known. @returns forgets it. */
  onFront(listener: (front: Judged | null) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A group, script or fence session needs to know the front within 5 s at any time. @returns ends that need; safe to call twice. */
  demand(): () => void {
    return this.#watch.demand();
  }

  #spend(action: GateAction, now: number): void {
    if (!COUNTED.has(action)) return;
    // A wheel's turns come in dozens; they are one movement.
    const turning = action === "scroll" && now - this.#scrolled < SCROLL_MS;
    if (action === "scroll") this.#scrolled = now;
    if (!turning) this.#parts.context.budgets.spend(this.#parts.id, now);
  }

  #factsOf({ mode, action, actor, epoch, trial = false, target = null, look }: Asked): GateFacts {
    const { epoch: leaseEpoch, phase, actor: holder } = this.#parts.held();
    const known = this.front();
    const fresh = look !== undefined && look.changes === this.#watch.state().changes;
    const front = fresh ? look.front : known.front;
    const knownMs = fresh ? Math.round(performance.now() - look.at) : known.knownMs;
    const budget = { trial, ...this.#parts.context.budgets.spent(this.#parts.id, Date.now()) };
    const fence = this.#parts.fence();
    const paused = this.paused ? ({ paused: true } as const) : {};
    return { mode, action, actor, epoch, leaseEpoch, phase, holder, front, knownMs, fresh, target, fence, budget, ...paused };
  }

  /** From memory; undefined: it must be read first. */
  #known(name: string): Judged | undefined {
    const tenant = this.#tenantNow();
    const kept = this.#judged.get(name);
    const now = Date.now();
    if (kept && now < kept.until) return kept.app;
    const signed = this.#parts.context.grounds.namesOwned(tenant).has(name);
    const app = this.#installed?.known(name, signed);
    return app && this.#keep(name, standingOf(app, this.#grounds(), this.#context()));
  }

  #keep(name: string, app: Judged): Judged {
    const permit = this.#grounds().permits.filter((one) => one.package === name && one.until > Date.now());
    const until = Math.min(Number.POSITIVE_INFINITY, ...permit.map((one) => one.until));
    this.#judged.set(name, { app, until });
    return app;
  }

  #grounds() {
    return this.#parts.context.grounds.of(this.#tenantNow());
  }

  #context() {
    return { deviceId: this.#parts.id, virtual: this.#parts.report().reach === "virtual", now: Date.now() };
  }

  /** Another tenant has other grounds. */
  #tenantNow(): string {
    const { tenant } = this.#parts.held();
    if (tenant !== this.#tenant) {
      this.#tenant = tenant;
      this.#judged.clear();
    }
    return tenant;
  }

  #rejudge(): void {
    this.#judged.clear();
    this.#onFront();
  }

  /** Something else may be in front: it is judged, shown, and told to whoever listens. */
  #onFront(): void {
    const { packages, foreground } = this.#watch.state();
    const tell = () => {
      const { front } = this.front();
      const { phase } = this.#parts.held();
      const judged = phase === "leased" && front?.package === foreground?.package ? front : null;
      const more = judged ? { standing: judged.standing, signer: judged.signer } : {};
      this.#parts.show({ foreground: foreground && { ...foreground, ...more } });
      for (const listener of this.#listeners) listener(front);
    };
    tell();
    // Of a phone that nobody holds nothing needs to be read.
    const held = this.#parts.held().phase === "leased" && this.#installed;
    const unread = held ? (packages ?? []).filter((name) => !this.#known(name)) : [];
    if (unread.length === 0) return;
    const { changes } = this.#watch.state();
    Promise.all(unread.map((name) => this.judge(name))).then(
      () => changes === this.#watch.state().changes && tell(),
      () => undefined,
    );
  }
}

const SCROLL_MS = 1_000;
/** What costs budget in apps that are nobody's here. */
const COUNTED: ReadonlySet<GateAction> = new Set(["tap", "swipe", "scroll"]);

/** What people are told to do about a denial. */
export function codeOf(rule: GateRule): ErrorCode {
  switch (rule) {
    case "stale-epoch":
      return "epoch_stale";
    case "no-lease":
    case "other-holder":
      return "lease_required";
    default:
      return "denied";
  }
}

const RANK = { other: 0, permitted: 1, system: 2, owned: 3 } as const;

/** Of several apps in front the one that least may be done in. */
function worst(all: readonly Judged[]): Judged | null {
  return all.reduce<Judged | null>((low, one) => (low && RANK[low.standing] <= RANK[one.standing] ? low : one), null);
}

/** An app of which the phone does not say who signed it is nobody's. */
function unread(name: string): Judged {
  return { package: name, signer: null, standing: "other", by: null };
}
