/**
 * One phone's guard, shared by all its adb sessions and shells: the fence is closed while any is open, they stand still while somebody else's app is in front, and
 * they end together. When that is, is `standstill.ts`'s to say; what is done to processes, `freezer.ts`'s.
 */
import { PhonerackError } from "@phonerack/contract/bus";
import { KNOWN_MS } from "@phonerack/policy";
import { runShell } from "../transports/shell.js";
import type { PhoneAtWork } from "../workbench/phone-at-work.js";
import { Freezer } from "./freezer.js";
import type { Entrant } from "./guard.js";
import { Member } from "./member.js";
import { type Sight, Standstill } from "./standstill.js";

const TICK_MS = 100;
/** Until a phone whose fence has just closed tells what is in front. */
const SETTLE_MS = 5_000;
const AWAY_MS = 5_000;
const MOST_WORDS = 500;
const PAUSED = "A flag has paused this lease: adb and shells stay closed until a person has decided.";

export class PhoneGuard {
  readonly #phone: PhoneAtWork;
  readonly #freezer: Freezer;
  readonly #members = new Set<Member>();
  readonly #settled = new Set<() => void>();
  #standstill: Standstill;
  #entered = 0;
  /** What the last one left behind is being ended; nobody comes in meanwhile. */
  #ending: Promise<void> | undefined;
  /** The connection was lost under an open session: what survived that on the phone is to be ended. */
  #unfinished = false;
  #forget: (() => void)[] = [];
  /** Who is told in the journal to be stalled. */
  #last: Pick<Entrant, "actor" | "epoch"> = { actor: "", epoch: 0 };

  constructor(phone: PhoneAtWork) {
    this.#phone = phone;
    this.#standstill = this.#newStandstill();
    this.#freezer = new Freezer({ link: () => phone.link(), onProblem: (error) => this.#unstoppable(error) });
    // For good: it is told of what happens after the last one has left too.
    phone.watch({ cut: () => this.#cut(), lost: () => this.#lost(), ready: () => this.#ready() });
    phone.fence.onBroken(({ sessions, reason }) => {
      if ([...this.#members].some(({ session }) => sessions.includes(session))) this.#close(reason);
    });
  }

  /** Fails as `PhoneFence.enter` does. */
  async enter({ kind, actor, epoch, agreed }: Entrant): Promise<Member> {
    await this.#ending;
    if (this.#phone.gate.paused) throw new PhonerackError("adb_closed", PAUSED);
    const session = `${kind}-${++this.#entered}`;
    const member = new Member({ session, kind, actor, epoch, guard: this, phone: this.#phone });
    this.#begin(member);
    try {
      await this.#phone.fence.enter(session, { agreed });
      await this.#whenKnown();
      member.requireOpen();
    } catch (error) {
      member.leave();
      throw error;
    }
    this.#report();
    return member;
  }

  get stalled(): string | null {
    return this.#standstill.reason;
  }

  get open(): boolean {
    return this.#standstill.open;
  }

  /** A service was opened while it began to stand still: what it runs is stopped too. */
  opened(): void {
    if (this.#standstill.reason !== null) this.#freezer.freeze();
  }

  left(member: Member): void {
    if (!this.#members.delete(member)) return;
    const { fence } = this.#phone;
    this.#report();
    if (this.#members.size > 0) return void fence.leave(member.session);
    this.#rest();
    // What it left running must not meet an open fence.
    const ending = this.#freezer
      .end()
      .then(() => void fence.leave(member.session))
      .finally(() => {
        if (this.#ending === ending) this.#ending = undefined;
      });
    this.#ending = ending;
  }

  #newStandstill(): Standstill {
    return new Standstill({
      now: () => performance.now(),
      onChange: (reason) => this.#changed(reason),
      expel: (name) => void this.#expel(name),
      close: (reason) => this.#close(reason),
    });
  }

  #begin(member: Member): void {
    this.#last = member;
    this.#members.add(member);
    if (this.#members.size > 1) return;
    this.#standstill = this.#newStandstill();
    const { gate } = this.#phone;
    const timer = setInterval(() => this.#see(), TICK_MS);
    this.#forget = [gate.demand(), gate.onFront(() => this.#see()), () => clearInterval(timer)];
    this.#see();
  }

  #rest(): void {
    for (const forget of this.#forget.splice(0)) forget();
    this.#settle();
  }

  #see(): void {
    if (this.#phone.gate.paused) return this.#close(PAUSED);
    this.#standstill.see(sightOf(this.#phone.gate.front()));
    if (!this.#standstill.open) return;
    this.#settle();
    for (const member of this.#members) member.goOn();
  }

  /** Resolves when what is in front is known, or after some seconds: then it stands still from its beginning. */
  async #whenKnown(): Promise<void> {
    if (this.#standstill.open || this.#standstill.reason !== null) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(done, SETTLE_MS);
      const settled = this.#settled;
      function done() {
        clearTimeout(late);
        settled.delete(done);
        resolve();
      }
      settled.add(done);
    });
  }

  #settle(): void {
    for (const resolve of this.#settled) resolve();
  }

  #changed(reason: string | null): void {
    if (reason === null) this.#freezer.thaw();
    else {
      this.#freezer.freeze();
      this.#journal("stalled");
    }
    this.#settle();
    for (const member of this.#members) member.stall(reason);
    this.#report();
  }

  async #expel(name: string): Promise<void> {
    this.#journal(`sent away ${name}`);
    try {
      // Home first: an app that is stopped in front may be started again by its own task.
      const command = `input keyevent HOME; am force-stop ${name}`;
      await runShell(this.#phone.link(), command, { timeoutMs: AWAY_MS });
      await this.#phone.gate.look();
      this.#phone.fence.forgive(name);
    } catch {
      // Who is still there after that is seen by the clock.
    }
  }

  #journal(what: string): void {
    const { actor, epoch } = this.#last;
    this.#phone.gate.ask({ mode: "script", action: "shell", actor, epoch, service: what });
  }

  /** What cannot be made to stand still is ended: a stream that closes ends its processes, as far as they let it. */
  #unstoppable(error: unknown): void {
    if (this.#standstill.reason === null || this.#members.size === 0) return;
    const why = error instanceof PhonerackError ? (error.detail ?? error.message) : "something unexpected happened";
    this.#close(`${this.#standstill.reason} What runs on the phone could not be made to stand still: ${why}`);
  }

  /** Everything ends: what runs on the phone at once, and each session with the reason. */
  #close(reason: string): void {
    this.#endAll(new PhonerackError("adb_closed", reason));
  }

  #endAll(error: PhonerackError): void {
    for (const member of this.#members) member.end(error);
  }

  #cut(): void {
    // The last one that is ended so has what runs on the phone ended too, in this very turn: the cleaning comes only once the fence is open.
    this.#endAll(new PhonerackError("epoch_stale"));
  }

  #lost(): void {
    this.#unfinished ||= this.#members.size > 0 || this.#ending !== undefined;
    this.#freezer.lost();
    this.#endAll(new PhonerackError("device_not_ready", this.#phone.report.reason ?? "its connection is over"));
  }

  #ready(): void {
    if (!this.#unfinished) return;
    this.#unfinished = false;
    if (this.#members.size === 0) void this.#freezer.end();
  }

  #report(): void {
    const kinds = [...this.#members].map(({ kind }) => kind);
    const adb = kinds.filter((kind) => kind === "adb").length;
    const stalled = this.#standstill.reason?.slice(0, MOST_WORDS) ?? null;
    const work = kinds.length > 0 ? { adb, shells: kinds.length - adb, stalled } : undefined;
    if (JSON.stringify(work) !== JSON.stringify(this.#phone.report.work)) this.#phone.reporter.update({ work });
  }
}

function sightOf({ front, knownMs }: ReturnType<PhoneAtWork["gate"]["front"]>): Sight {
  if (front?.standing === "other") return { kind: "stranger", package: front.package };
  if (front === null || knownMs === null || knownMs > KNOWN_MS) return { kind: "unknown" };
  return { kind: "fine" };
}
