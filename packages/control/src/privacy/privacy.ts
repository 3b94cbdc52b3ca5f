/** What people may know and have deleted of what the lab keeps of them; and what it deletes by itself. */
import { randomBytes } from "node:crypto";
import { type Erasure, HANDS_DAYS, type Kept, KeptKind, type PersonalData, PrivacyDays } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Caller } from "../access/caller.js";
import { FIRST_OWNER } from "../access/store.js";
import type { RecordEvent } from "../events/events.js";
import type { Person, PrivacyStore } from "./store.js";

const SWEEP_MS = 3_600_000;
/** What waited for the log when somebody was erased has been appended by then, by a name that must not stay. */
const FORGET_AGAIN_MS = [5_000, 60_000] as const;

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
}

export class Privacy {
  readonly #parts: PrivacyParts;
  readonly #timers = new Set<NodeJS.Timeout>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(parts: PrivacyParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#sweep = setInterval(() => void this.sweep(), SWEEP_MS);
  }

  stop(): void {
    clearInterval(this.#sweep);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  async kept({ actor }: Caller): Promise<{ days: PrivacyDays; items: Kept[] }> {
    const [days, counts] = [await this.days(), await this.#parts.store.counts(actor)];
    const own: Partial<Record<KeptKind, number>> = { ...days, hands: HANDS_DAYS, trials: 2 };
    const items = KeptKind.options.map((kind) => ({
      kind,
      days: own[kind] ?? null,
      count: kind === "account" ? 1 : (counts[kind] ?? 0),
    }));
    return { days, items };
  }

  async export(who: Caller): Promise<PersonalData> {
    const person = await this.#person(who);
    const { store } = this.#parts;
    const { records, cut } = await store.records(person);
    const { id, name, email, tenants } = person;
    this.#record(who, "privacy.exported");
    return {
      at: Date.now(),
      person: { id, name, email, organisations: tenants },
      pseudonym: await store.pseudonym(id),
      leaves: await store.leaves(id),
      records,
      cut,
    };
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
    if (who.kind === "key") throw new PhonerackError("forbidden", "a person erases people, not a program");
    const person = await this.#parts.store.person(id);
    if (!person?.tenants.includes(who.tenant ?? "")) throw new PhonerackError("member_not_found", id);
    if (person.tenants.length > 1)
      throw new PhonerackError("bad_request", "they belong to other organisations, too: remove them from yours instead");
    return this.#erase(who, person);
  }

  async days(): Promise<PrivacyDays> {
    return PrivacyDays.catch(PrivacyDays.parse({})).parse((await this.#parts.facts.read()) ?? {});
  }

  async setDays(who: Caller, days: PrivacyDays): Promise<PrivacyDays> {
    await this.#parts.facts.write(days, who.actor);
    this.#record(who, "privacy.days");
    return this.days();
  }

  /** Never fails. */
  async sweep(): Promise<void> {
    try {
      const days = await this.days();
      while ((await this.#parts.store.sweep(days)) >= SWEPT_FULL);
    } catch (error) {
      this.#parts.log.warn({ err: error }, "what is old could not be deleted; it is tried again in an hour");
    }
  }

  async #person({ actor, kind }: Caller): Promise<Person> {
    if (kind === "key") throw new PhonerackError("forbidden", "a person asks for this, not a program");
    const person = await this.#parts.store.person(actor);
    if (!person) throw new PhonerackError("member_not_found", actor);
    return person;
  }

  async #erase(who: Caller, person: Person): Promise<Erasure> {
    const { store, endLeases, accessChanged, forget, log } = this.#parts;
    if (person.id === FIRST_OWNER)
      throw new PhonerackError("last_owner", "the account that made the lab stays; give it another name instead");
    for (const tenant of person.tenants)
      for (const actor of [person.id, ...person.keys.map((key) => `key:${key}`)]) await endLeases(tenant, actor);
    const erased = await store.erase(person, `erased-${randomBytes(6).toString("hex")}`);
    accessChanged();
    const subjects = [person.id, ...person.keys.map((key) => `key:${key}`)];
    forget(subjects);
    for (const ms of FORGET_AGAIN_MS) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        forget(subjects);
        store
          .forget(undefined, subjects)
          .catch((error: unknown) => log.warn({ err: error }, "a pseudonym could not be forgotten"));
      }, ms);
      this.#timers.add(timer);
    }
    // By whom: their own name is gone.
    const actor = who.actor === person.id ? erased.alias : who.actor;
    this.#parts.record({
      actor,
      tenant: who.tenant,
      kind: "privacy.erased",
      subject: erased.alias,
      detail: { held: erased.held.length },
    });
    return erased;
  }

  #record({ actor, tenant }: Caller, kind: string): void {
    this.#parts.record({ actor, tenant, kind, subject: actor, detail: {} });
  }
}

/** A pass that took so much has left something. */
const SWEPT_FULL = 500;
