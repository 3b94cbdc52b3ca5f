/**
 * One phone's fence: while a session (a group, a script) is open, every app that can be launched and is not owned, permitted or system is disabled, so
 * that nothing that is on its way over the cable can land in one. What is to be disabled is on disk first; it is enabled again when the last session
 * leaves, when the agent starts, and before the phone is cleaned, whichever comes first. One pass at a time, and each begins by looking:
 * whatever was lost in between is found, and may be done twice.
 */
import { type Fence, type FencePreview, PackageName, PhonerackError } from "@phonerack/contract/bus";
import { Contact } from "../cleaning/contact.js";
import { Accessibility } from "./accessibility.js";
import { disable, enable, type Launchables, lookAgain, lookAround, restore } from "./launchables.js";
import type { Broken, FenceParts } from "./parts.js";

/** One pass over one phone, however slow it is. */
const PASS_MS = 120_000;
/** What a session waits for its fence, a lost connection included. */
const ENTER_MS = 60_000;
/** What is launchable again although it was disabled is tried so often. */
const ROUNDS = 3;
const RETRY_MS = [1_000, 5_000, 15_000, 60_000] as const;

interface Waiting {
  readonly session: string;
  settle(error?: unknown): void;
}

/** As many as a report holds. */
const MOST_NAMED = 2_000;
const MOST_LEFT = 200;
const INTRUSION = "it came in front although the fence was closed";
const OPEN: Fence = { state: "open", disabled: [], left: [] };

export class PhoneFence {
  readonly #parts: FenceParts;
  readonly #sessions = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  readonly #listeners = new Set<(broken: Broken) => void>();
  readonly #passed = new Set<() => void>();
  readonly #forget: (() => void)[];
  readonly #stopping = new AbortController();
  #state: Fence = OPEN;
  /** Ends what is demanded of the gate while sessions are open. */
  #undemand: (() => void) | undefined;
  /** A pass is needed: something changed since the last one began. */
  #stale = false;
  #working = false;
  /** Apps that came in front all the same: what no icon opens, or what a phone only feigns to disable. */
  readonly #intruders = new Set<string>();
  readonly #accessibility = new Accessibility();
  /** What counts as owned has changed: what is disabled is judged anew too. */
  #judgeAll = false;
  #failures = 0;
  #due = Number.POSITIVE_INFINITY;

  constructor(parts: FenceParts) {
    this.#parts = parts;
    this.#forget = [
      parts.gate.onFront((front) => {
        if (front?.standing === "other" && this.facts !== "open") this.#intruded(front.package);
      }),
      parts.context.grounds.onChange((tenant) => {
        if (tenant === parts.hold().tenant) this.#reground();
      }),
    ];
    const ours = this.#ours;
    if (ours.size > 0) this.#state = { state: "opening", disabled: [...ours], left: [] };
  }

  get state(): Fence {
    return this.#state;
  }

  /** What the gate weighs. */
  get facts(): "open" | "closed" | "leaky" {
    const { state } = this.#state;
    return state === "closed" || state === "leaky" ? state : "open";
  }

  /**
   * Closes it for this session, or joins those that have. Resolves when it was seen to be closed, or leaky. Fails with `fence_unagreed`, `data_unwritable`,
   * `epoch_stale` (nobody holds the phone), `device_not_ready`, `device_timeout` or `phone_failed`; the session is then not in.
   */
  enter(session: string, { agreed }: { agreed: boolean }): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.reject(this.#stopping.signal.reason);
    const { leased, enrolled } = this.#parts.hold();
    if (!leased) return Promise.reject(new PhonerackError("epoch_stale"));
    if (!agreed && !enrolled) return Promise.reject(new PhonerackError("fence_unagreed"));
    this.#sessions.add(session);
    this.#undemand ??= this.#parts.gate.demand();
    if (this.facts !== "open" && !this.#stale) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        void this.leave(session);
        waiting.settle(new PhonerackError("device_timeout", "its fence did not close in time"));
      }, ENTER_MS);
      const waiting: Waiting = {
        session,
        settle: (error) => {
          clearTimeout(late);
          this.#waiting.delete(waiting);
          if (error === undefined) resolve();
          else reject(error);
        },
      };
      this.#waiting.add(waiting);
      this.#again("closing");
    });
  }

  /**
   * The session is over; the last one opens the fence. From this moment on the gate takes it for open. Resolves when the phone is as it was, or could
   * not be made so now; never fails.
   */
  leave(session: string): Promise<void> {
    if (!this.#sessions.delete(session)) return Promise.resolve();
    for (const waiting of this.#waiting)
      if (waiting.session === session) waiting.settle(new PhonerackError("device_not_ready", "the session has ended"));
    if (this.#sessions.size === 0) {
      this.#rest();
      this.#again("opening");
    }
    return this.whenOpen();
  }

  /** Whoever had the phone has it no more: every session ends. */
  cut(): void {
    for (const session of this.#sessions) void this.leave(session);
  }

  /** What closing it would disable. Fails with `device_not_ready`, `device_timeout` or `phone_failed`. */
  async preview(): Promise<FencePreview> {
    const { id } = this.#parts;
    const seen = await lookAgain(this.#contact(AbortSignal.timeout(ENTER_MS)));
    const names = new Set([...this.#ours, ...(await this.#strange(seen.launchable)).filter(isPackage)]);
    const packages = [...names].slice(0, MOST_NAMED).map((name) => ({ package: name, label: null }));
    return { deviceId: id, packages, ask: !this.#parts.hold().enrolled };
  }

  /** Calls when somebody else opened it. @returns forgets the listener. */
  onBroken(listener: (broken: Broken) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Resolves when nothing of ours is disabled any more, or could not be enabled at this time; with open sessions at once. Never fails. */
  async whenOpen(): Promise<void> {
    if (this.#sessions.size > 0 || this.#stopping.signal.aborted) return;
    if (this.#ours.size > 0 && !this.#working) this.#again("opening");
    if (!this.#working) return;
    await new Promise<void>((resolve) => this.#passed.add(resolve));
  }

  /** The phone is connected and prepared: what is journalled is enabled again, or the fence looked after. */
  prepared(): void {
    this.#failures = 0;
    if (this.#sessions.size > 0) this.#again("closing");
    else if (this.#ours.size > 0) this.#again("opening");
  }

  /** While nobody can look, it is not known to be closed. */
  lost(): void {
    if (this.facts !== "open") this.#show({ ...this.#state, state: "closing" });
  }

  tick(now: number): void {
    if (now < this.#due) return;
    this.#due = Number.POSITIVE_INFINITY;
    if (this.#sessions.size > 0 || this.#ours.size > 0) this.#again();
  }

  stop(): void {
    const reason = new PhonerackError("device_not_ready", "the agent stops");
    this.#stopping.abort(reason);
    for (const waiting of this.#waiting) waiting.settle(reason);
    this.#passEnds();
    this.#rest();
    for (const forget of this.#forget) forget();
    this.#parts.context.fences.count(this.#parts.id, false);
  }

  /** The fence has a gap, whatever the phone says of it: from now on each step looks first. */
  #intruded(name: string): void {
    if (!this.#intruders.has(name)) {
      this.#intruders.add(name);
      const others = this.#state.left.filter((one) => one.package !== name);
      this.#show({ ...this.#state, state: "leaky", left: [...others, intrusion(name)].slice(-MOST_LEFT) });
    }
    this.#again();
  }

  /** This intruder was sent away, and whoever did it watches that it stays away. */
  forgive(name: string): void {
    if (!this.#intruders.delete(name)) return;
    this.#show({ ...this.#state, left: this.#state.left.filter((one) => one.package !== name || one.reason !== INTRUSION) });
    if (this.#sessions.size > 0) this.#again();
  }

  /** No session is open: what is in front need not be known. */
  #rest(): void {
    this.#undemand?.();
    this.#undemand = undefined;
    this.#intruders.clear();
  }

  /** What apps are owned or permitted has changed. */
  #reground(): void {
    this.#judgeAll = true;
    if (this.#sessions.size > 0) this.#again();
  }

  get #ours(): ReadonlySet<string> {
    return this.#parts.context.fences.journal.of(this.#parts.id);
  }

  #contact(signal: AbortSignal): Contact {
    return new Contact({ ready: (wait) => this.#parts.ready(wait), signal: AbortSignal.any([signal, this.#stopping.signal]) });
  }

  #show(fence: Fence): void {
    this.#state = fence;
    const { fences } = this.#parts.context;
    fences.count(this.#parts.id, this.facts !== "open");
    this.#parts.onChange(fence);
  }

  /** Has another pass made, at once or after the one under way. */
  #again(state?: Fence["state"]): void {
    if (state && this.#state.state !== state) this.#show({ ...this.#state, state });
    this.#stale = true;
    if (!this.#working && !this.#stopping.signal.aborted) void this.#work();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    this.#working = true;
    while (this.#stale && !this.#stopping.signal.aborted) {
      this.#stale = false;
      const closing = this.#sessions.size > 0;
      try {
        await this.#once(closing);
        this.#failures = 0;
        if (closing) this.#due = Date.now() + this.#parts.context.fences.checkMs;
      } catch (error) {
        this.#failed(error, closing);
      }
      this.#passEnds();
    }
    this.#working = false;
  }

  #passEnds(): void {
    for (const resolve of this.#passed) resolve();
    this.#passed.clear();
  }

  async #once(closing: boolean): Promise<void> {
    const contact = this.#contact(AbortSignal.timeout(PASS_MS));
    // A phone that is not there keeps nobody waiting behind it.
    await contact.link(PASS_MS);
    if (closing) await this.#parts.undisturbed()?.catch(() => undefined);
    const release = await this.#parts.context.fencings.take(contact.signal);
    try {
      await (closing ? this.#close(contact) : this.#open(contact));
    } finally {
      release();
    }
  }

  #failed(error: unknown, closing: boolean): void {
    const { context, id } = this.#parts;
    if (this.#stopping.signal.aborted) return;
    context.log.warn({ device: id, err: error }, closing ? "the fence could not be closed" : "the fence could not be opened");
    const wait = RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)] ?? 0;
    this.#due = Date.now() + wait;
    // Nobody looks after it now.
    if (closing) this.lost();
    for (const waiting of this.#waiting) {
      this.#sessions.delete(waiting.session);
      waiting.settle(error);
    }
    if (this.#sessions.size > 0) return;
    this.#rest();
    // Nothing holds it closed any more, although no pass has said so.
    if (this.#ours.size === 0) this.#show(OPEN);
    else if (closing) this.#again("opening");
  }

  async #close(contact: Contact): Promise<void> {
    let seen = await (this.facts === "open" ? lookAround(contact) : lookAgain(contact));
    const why = this.#enabledByOthers(seen) ?? (await this.#helpedByOthers(seen));
    if (why !== undefined) return this.#break(why);
    if (this.#judgeAll) await this.#release(contact, seen);
    // What came in front may be one that can be disabled: it is tried like any other.
    const before = this.#state.left.filter((one) => one.reason !== INTRUSION);
    const left = new Map(before.map((one) => [one.package, one.reason]));
    for (const user of seen.users) left.set(`user ${user}`, "another user of this phone runs; its apps are not fenced");
    for (let round = 0; ; round++) {
      const strange = await this.#strange(seen.launchable);
      for (const name of left.keys()) if (!strange.includes(name) && !name.startsWith("user ")) left.delete(name);
      for (const name of strange) if (!isPackage(name)) left.set(name, "its name is not one of Android's");
      const open = strange.filter((name) => !left.has(name));
      if (open.length === 0) break;
      if (round > 0 && this.facts !== "open") this.#show({ ...this.#state, state: "closing" });
      if (round === ROUNDS) for (const name of open) left.set(name, "it is enabled again each time");
      else seen = await this.#disable(contact, open, left);
    }
    if (this.#sessions.size > 0) this.#closed(left);
  }

  async #disable(contact: Contact, names: readonly string[], left: Map<string, string>): Promise<Launchables> {
    const { context, id } = this.#parts;
    // Something was open, whatever was thought before.
    this.#show({ ...this.#state, state: "closing" });
    await context.fences.journal.add(id, names);
    const seen = await disable(contact, names);
    for (const [name, reason] of seen.refused) if (seen.launchable.includes(name)) left.set(name, reason);
    const still = names.filter((name) => seen.launchable.includes(name) && left.has(name));
    context.fences.journal.remove(id, still);
    return seen;
  }

  #closed(left: ReadonlyMap<string, string>): void {
    const known = [...left].map(([name, reason]) => ({ package: name, reason }));
    const list = [...known, ...[...this.#intruders].filter((name) => !left.has(name)).map(intrusion)].slice(0, MOST_LEFT);
    const next: Fence = {
      state: list.length > 0 ? "leaky" : "closed",
      disabled: [...this.#ours].slice(0, MOST_NAMED),
      left: list,
    };
    if (JSON.stringify(next) !== JSON.stringify(this.#state)) this.#show(next);
    for (const waiting of this.#waiting) waiting.settle();
  }

  /** What the fence had disabled and somebody has enabled ends every session. @returns why. */
  #enabledByOthers({ launchable }: Launchables): string | undefined {
    if (this.facts === "open") return undefined;
    const found = [...this.#ours].filter((name) => launchable.includes(name));
    return found.length > 0 ? `${found.join(", ")} was enabled on it although the fence was closed.` : undefined;
  }

  /** So does an accessibility service: it may touch whatever is in front. @returns why. */
  async #helpedByOthers({ services }: Launchables): Promise<string | undefined> {
    if (this.facts === "open") this.#accessibility.forget();
    const found = await this.#accessibility.strange(services, (name) => this.#parts.gate.judge(name));
    return found.length > 0 ? `The accessibility service ${found.join(", ")} is enabled on it.` : undefined;
  }

  #break(reason: string): void {
    const sessions = [...this.#sessions];
    for (const waiting of this.#waiting) waiting.settle(new PhonerackError("denied", reason));
    this.cut();
    for (const listener of this.#listeners) listener({ sessions, reason });
  }

  /** What has become owned, permitted or system since it was disabled is given back. */
  async #release(contact: Contact, { disabled }: Launchables): Promise<void> {
    this.#judgeAll = false;
    const ours = [...this.#ours].filter((name) => disabled.has(name));
    const strange = new Set(await this.#strange(ours));
    const free = ours.filter((name) => !strange.has(name));
    if (free.length > 0) await this.#giveBack(contact, free);
  }

  async #open(contact: Contact): Promise<void> {
    const ours = [...this.#ours];
    const left = ours.length > 0 ? await this.#giveBack(contact, ours) : [];
    if (this.#sessions.size > 0) return;
    if (left.length === 0) return this.#show(OPEN);
    const why = left.map((name) => ({ package: name, reason: "it could not be enabled again" })).slice(0, MOST_LEFT);
    this.#show({ state: "opening", disabled: left.slice(0, MOST_NAMED), left: why });
    throw new PhonerackError("phone_failed", `it leaves ${left.length} apps disabled`);
  }

  /** @returns those that are still disabled. */
  async #giveBack(contact: Contact, names: readonly string[]): Promise<string[]> {
    const still = ({ disabled }: Launchables) => names.filter((name) => disabled.has(name));
    let left = still(await restore(contact, names));
    if (left.length > 0) left = still(await enable(contact, left));
    const kept = new Set(left);
    this.#parts.context.fences.journal.remove(
      this.#parts.id,
      names.filter((name) => !kept.has(name)),
    );
    return left;
  }

  async #strange(packages: readonly string[]): Promise<string[]> {
    const judged = await Promise.all(packages.map((name) => this.#parts.gate.judge(name)));
    return judged.filter(({ standing }) => standing === "other").map((one) => one.package);
  }
}

function intrusion(name: string): { package: string; reason: string } {
  return { package: name, reason: INTRUSION };
}

function isPackage(name: string): boolean {
  return PackageName.safeParse(name).success;
}
