/** What people may know and have deleted of what the lab keeps of them; and what it deletes by itself. */
import { randomBytes } from "node:crypto";
import { type Erasure, HANDS_DAYS, type Kept, KeptKind, type PersonalData, PrivacyDays } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Caller } from "../access/caller.js";
import { FIRST_OWNER } from "../access/store.js";
import type { RecordEvent } from "../events/events.js";
import { actorsOf, type Person, subjectsOf } from "./person.js";
import type { PrivacyStore } from "./store.js";

const SWEEP_MS = 3_600_000;
/** A control that is started again and again deletes, too. */
const FIRST_SWEEP_MS = 20_000;
/** As often as one sweep goes on while there is more; the rest goes an hour later. */
const MOST_PASSES = 200;
/** What was under way when somebody was erased has come in by then, by ids that must not stay. */
const AGAIN_MS = [5_000, 60_000] as const;
const HOUR_MS = 3_600_000;
/** Of one person in an hour: each looks through the whole database. */
const MOST_EXPORTS = 5;

export interface PrivacyParts {
  readonly store: PrivacyStore;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly facts: { read(): Promise<unknown>; write(days: PrivacyDays, by: string): Promise<void> };
  /** Ends all leases of somebody in an organisation. */
  readonly endLeases: (tenant: string, actor: string) => Promise<void>;
  /** Nobody is believed any more for who they were. */
  readonly accessChanged: () => void;
  /** The log forgets how it called these. */
  readonly forget: (subjects: readonly string[]) => void;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

export class Privacy {
  readonly #parts: PrivacyParts;
  readonly #now: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** When each of who asked lately did. */
  readonly #asked = new Map<string, number[]>();
  #exporting = false;
  #sweep: NodeJS.Timeout | undefined;

  constructor(parts: PrivacyParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  start(): void {
    this.#sweep = setInterval(() => void this.sweep(), SWEEP_MS);
    this.#later(FIRST_SWEEP_MS, () => this.sweep());
  }

  stop(): void {
    clearInterval(this.#sweep);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** A program has no account: of it nothing is counted. */
  async kept({ actor }: Caller): Promise<{ days: PrivacyDays; items: Kept[] }> {
    const { store } = this.#parts;
    const [days, person] = [await this.days(), await store.person(actor)];
    const counts = person ? await store.counts(person) : {};
    const own: Partial<Record<KeptKind, number>> = { ...days, hands: HANDS_DAYS, trials: 2 };
    const items = KeptKind.options.map((kind) => ({
      kind,
      days: own[kind] ?? null,
      count: kind === "account" ? Number(person !== undefined) : (counts[kind] ?? 0),
    }));
    return { days, items };
  }

  /** Fails with `forbidden` for a program, `too_many`. */
  async export(who: Caller): Promise<PersonalData> {
    return this.#export(who, await this.#person(who));
  }

  /** Fails with `member_not_found`, `bad_request` for who belongs to others too, `forbidden` for a program, `too_many`. */
  async exportMember(who: Caller, id: string): Promise<PersonalData> {
    return this.#export(who, await this.#member(who, id));
  }

  /** Fails with `last_owner` for who made the lab, `bad_request` unless it is their own address, `forbidden` for a program. */
  async erase(who: Caller, email: string): Promise<Erasure> {
    const person = await this.#person(who);
    if (email.trim().toLowerCase() !== person.email.toLowerCase())
      throw new PhonerackError("bad_request", "email: that is not your own address, so nothing was erased");
    return this.#erase(who, person);
  }

  /** Fails with `member_not_found`, `last_owner`, `bad_request` for who belongs to others too, `forbidden` for a program. */
  async eraseMember(who: Caller, id: string): Promise<Erasure> {
    return this.#erase(who, await this.#member(who, id));
  }

  async days(): Promise<PrivacyDays> {
    return PrivacyDays.catch(PrivacyDays.parse({})).parse((await this.#parts.facts.read()) ?? {});
  }

  async setDays(who: Caller, days: PrivacyDays): Promise<PrivacyDays> {
    await this.#parts.facts.write(days, who.actor);
    this.#record(who, "privacy.days", who.actor);
    return this.days();
  }

  /** Never fails. */
  async sweep(): Promise<void> {
    const { store, log } = this.#parts;
    try {
      const [days, now] = [await this.days(), this.#now()];
      await store.settle(now);
      for (let pass = 0; pass < MOST_PASSES && (await store.sweep(days, now)); pass++);
    } catch (error) {
      log.warn({ err: error }, "what is old could not be deleted; it is tried again in an hour");
    }
  }

  async #person({ actor, kind }: Caller): Promise<Person> {
    if (kind === "key") throw new PhonerackError("forbidden", "a person asks for this, not a program");
    const person = await this.#parts.store.person(actor);
    if (!person) throw new PhonerackError("member_not_found", actor);
    return person;
  }

  async #member(who: Caller, id: string): Promise<Person> {
    if (who.kind === "key") throw new PhonerackError("forbidden", "a person asks for this, not a program");
    const person = await this.#parts.store.person(id);
    if (!person?.tenants.includes(who.tenant ?? "")) throw new PhonerackError("member_not_found", id);
    if (person.tenants.length > 1)
      throw new PhonerackError("bad_request", "they belong to other organisations, too, so they alone can ask for this");
    return person;
  }

  /** One at a time. */
  async #export(who: Caller, person: Person): Promise<PersonalData> {
    this.#roomFor(who.actor);
    this.#exporting = true;
    try {
      const { id, name, email, tenants } = person;
      const kept = await this.#parts.store.kept(person, who.actor === id);
      this.#record(who, "privacy.exported", id);
      return { at: this.#now(), person: { id, name, email, organisations: tenants }, ...kept };
    } finally {
      this.#exporting = false;
    }
  }

  #roomFor(actor: string): void {
    const since = this.#now() - HOUR_MS;
    for (const [asker, times] of this.#asked) if ((times.at(-1) ?? 0) < since) this.#asked.delete(asker);
    const lately = (this.#asked.get(actor) ?? []).filter((at) => at > since);
    if (lately.length >= MOST_EXPORTS) throw new PhonerackError("too_many", `${MOST_EXPORTS} in an hour are enough`);
    if (this.#exporting) throw new PhonerackError("too_many", "somebody else's is being gathered; ask again in a moment");
    this.#asked.set(actor, [...lately, this.#now()]);
  }

  async #erase(who: Caller, person: Person): Promise<Erasure> {
    const { store, accessChanged, forget } = this.#parts;
    if (person.id === FIRST_OWNER)
      throw new PhonerackError("last_owner", "the account that made the lab stays; give it another name instead");
    const alias = `erased-${randomBytes(6).toString("hex")}`;
    await this.#endLeases(person, actorsOf(person));
    const erased = await store.erase(person.id, { alias, now: this.#now() });
    accessChanged();
    // Taken while the others ended.
    await this.#endLeases(person, [...actorsOf(person), alias, `${alias}-key`]);
    for (const ms of [0, ...AGAIN_MS])
      this.#later(ms, async () => {
        forget(subjectsOf(person));
        await store.eraseAgain(person, alias);
        await store.settle(this.#now());
      });
    // By whom: their own name is gone.
    const actor = who.actor === person.id ? alias : who.actor;
    const detail = { held: erased.held.length };
    this.#parts.record({ actor, tenant: who.tenant, kind: "privacy.erased", subject: alias, detail });
    return erased;
  }

  async #endLeases({ tenants }: Person, actors: readonly string[]): Promise<void> {
    for (const tenant of tenants) for (const actor of actors) await this.#parts.endLeases(tenant, actor);
  }

  #later(ms: number, what: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      what().catch((error: unknown) => this.#parts.log.warn({ err: error }, "an erasure is brought to its end later"));
    }, ms);
    this.#timers.add(timer);
  }

  #record({ actor, tenant }: Caller, kind: string, subject: string): void {
    this.#parts.record({ actor, tenant, kind, subject, detail: {} });
  }
}
