/**
 * Who may rent how much: operators enter what an organisation's tier rests on, give it, pause and end. What leases are held to is asked of the database in their own
 * transactions (`limit.ts`); here is only what people do, and what the lab's clock must know without asking.
 */
import {
  LAB_TENANT,
  type LabDeclaration,
  REVIEW_MOST_MS,
  type Tenancy,
  type TenancyFacts,
  type TenancyState,
  type TierGift,
} from "@phonerack/contract/api";
import { type Bus, ControlChanged, decodeMessage, encodeMessage, PhonerackError, subjects } from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Caller } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import type { Asker } from "../leases/leases.js";
import type { TenancyRow, TenancyStore } from "./store.js";
import { missingFor, phonesOf, type Standing, type StoredFacts, tierAfter, tierNow } from "./tier.js";

/** What another replica changed may not be heard. */
const AGAIN_MS = 60_000;

export interface TenanciesParts {
  readonly store: TenancyStore;
  readonly bus: Bus;
  readonly replica: string;
  readonly record: RecordEvent;
  readonly log: Logger;
  readonly hasTenant: (id: string) => Promise<boolean>;
  /** Ends all open leases of an organisation. */
  readonly endLeases: (who: Asker, tenant: string, reason: string) => Promise<void>;
  readonly now?: () => number;
}

export class Tenancies {
  readonly #parts: TenanciesParts;
  readonly #now: () => number;
  readonly #undo: (() => void)[];
  #tiers = false;

  constructor(parts: TenanciesParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    const heard = parts.bus.subscribe(subjects.changed, ({ payload }) => {
      if (decodeMessage(ControlChanged, payload).access) this.#readSoon();
      return undefined;
    });
    const timer = setInterval(() => this.#readSoon(), AGAIN_MS);
    this.#undo = [() => heard.unsubscribe(), () => clearInterval(timer)];
  }

  async start(): Promise<void> {
    this.#tiers = await this.#parts.store.hasTiers();
  }

  stop(): void {
    for (const step of this.#undo) step();
  }

  /** Whether tiers count for it, as far as this control knows. */
  readonly applies = (tenant: string): boolean => this.#tiers && tenant !== LAB_TENANT;

  async list(): Promise<{ declaration: LabDeclaration; items: Tenancy[] }> {
    const { store } = this.#parts;
    const [declaration, all] = [await store.declaration(), await store.all()];
    return { declaration, items: all.map((row) => this.#view(row)) };
  }

  async of(tenant: string): Promise<Tenancy> {
    return this.#view(await this.#parts.store.get(tenant));
  }

  /** Fails with `forbidden` for a program. */
  async declare(who: Caller, ownOnly: boolean): Promise<LabDeclaration> {
    requirePerson(who);
    await this.#parts.store.declare(ownOnly, { by: who.actor, at: this.#now() });
    this.#changed(who, { tenant: LAB_TENANT, kind: "lab.declared", detail: { ownOnly } });
    await this.start();
    return this.#parts.store.declaration();
  }

  /** Fails with `tenant_not_found`. */
  async enter(who: Caller, tenant: string, facts: TenancyFacts): Promise<Tenancy> {
    return this.#change(who, tenant, {
      make: ({ standing }) => ({ facts: { ...standing.facts, ...given(facts) } }),
      event: { kind: "tenant.facts", detail: { entered: Object.keys(given(facts)) } },
    });
  }

  /** Fails with `tenant_not_found`, `tier_unmet`, `bad_request`, or `forbidden` for a program. */
  async give(who: Caller, tenant: string, { tier, reason, phones, reviewDue }: TierGift): Promise<Tenancy> {
    requirePerson(who);
    const now = this.#now();
    if (tier === "T3" && (phones === undefined || reviewDue === undefined))
      throw new PhonerackError("bad_request", "T3: say how many phones, and when it is looked at again");
    if (tier !== "T3" && (phones !== undefined || reviewDue !== undefined))
      throw new PhonerackError("bad_request", "only T3 has a number of phones and a review");
    if (reviewDue !== undefined) requireQuarter(reviewDue, now);
    return this.#change(who, tenant, {
      make: ({ standing }) => {
        const signs = tier === "T2" || tier === "T3";
        const facts: StoredFacts = {
          ...standing.facts,
          signedOff: signs ? { by: who.actor, name: who.name, at: now } : null,
          grant: phones === undefined ? null : { phones },
        };
        const next: Standing = { ...standing, tier, facts, reviewDue: reviewDue ?? null };
        const missing = missingFor(tier, next, now);
        if (missing.length > 0) throw new PhonerackError("tier_unmet", `${tier} needs: ${missing.join(", ")}`);
        return next;
      },
      event: { kind: "tenant.tier", detail: { tier, reason, ...(phones !== undefined && { phones }) } },
    });
  }

  /** Fails with `tenant_not_found`, `tier_unmet` for one that has no grant, `bad_request`, or `forbidden` for a program. */
  async review(who: Caller, tenant: string, { reviewDue, reason }: { reviewDue: number; reason: string }): Promise<Tenancy> {
    requirePerson(who);
    requireQuarter(reviewDue, this.#now());
    return this.#change(who, tenant, {
      make: ({ standing }) => {
        if (standing.tier !== "T3" || standing.facts.grant === null)
          throw new PhonerackError("tier_unmet", "it has no grant above 20");
        return { reviewDue };
      },
      event: { kind: "tenant.reviewed", detail: { reason } },
    });
  }

  /** Fails with `tenant_not_found`, `bad_request` for the lab's own, or `forbidden` for a program. */
  async setState(who: Caller, tenant: string, { state, reason }: { state: TenancyState; reason: string }): Promise<Tenancy> {
    requirePerson(who);
    if (tenant === LAB_TENANT) throw new PhonerackError("bad_request", "the lab's own organisation is neither paused nor ended");
    const done = await this.#change(who, tenant, {
      make: () => ({ state }),
      event: { kind: `tenant.${state === "active" ? "resumed" : state}`, detail: { reason } },
    });
    if (state !== "ended") return done;
    await this.#parts.endLeases(who, tenant, reason);
    return this.of(tenant);
  }

  async #change(
    who: Caller,
    tenant: string,
    {
      make,
      event,
    }: {
      make: Parameters<TenancyStore["change"]>[2];
      event: { kind: string; detail: Record<string, unknown> };
    },
  ): Promise<Tenancy> {
    const { store, hasTenant } = this.#parts;
    if (!(await hasTenant(tenant))) throw new PhonerackError("tenant_not_found", tenant);
    await store.change(tenant, { by: who.actor, at: this.#now() }, make);
    this.#changed(who, { tenant, ...event });
    return this.of(tenant);
  }

  /** Written down, and said to the other replicas. */
  #changed(who: Caller, { tenant, kind, detail }: { tenant: string; kind: string; detail: Record<string, unknown> }): void {
    const { bus, replica, record } = this.#parts;
    record({ actor: who.actor, tenant, kind, subject: tenant, detail });
    bus.publish(subjects.changed, encodeMessage(ControlChanged, { replica, access: true }));
  }

  #view({ tenant, standing, state, applies, held }: TenancyRow): Tenancy {
    const now = this.#now();
    const { tier, facts, reviewDue, ownsApp, ownerAtDomain } = standing;
    const { verified, domain, responsible, extract, use, signedOff, grant } = facts;
    const counts = tierNow(standing, now);
    const next = tierAfter(counts);
    return {
      tenant,
      applies,
      tier,
      counts,
      state,
      phones: applies ? phonesOf(standing, now) : null,
      held,
      verified,
      domain,
      ownerAtDomain,
      responsible,
      extract,
      use,
      signedOff: signedOff && { name: signedOff.name, at: signedOff.at },
      ownsApp,
      grant: grant && reviewDue !== null ? { phones: grant.phones, reviewDue, overdue: reviewDue <= now } : null,
      next: next && applies ? { tier: next, missing: missingFor(next, standing, now) } : null,
    };
  }

  #readSoon(): void {
    this.start().catch((error: unknown) => this.#parts.log.warn({ err: error }, "whether the lab has tiers could not be read"));
  }
}

function given(facts: TenancyFacts): Partial<StoredFacts> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

function requirePerson({ kind }: Caller): void {
  if (kind === "key") throw new PhonerackError("forbidden", "a person decides who may rent how much, not a program");
}

function requireQuarter(reviewDue: number, now: number): void {
  if (reviewDue <= now || reviewDue > now + REVIEW_MOST_MS)
    throw new PhonerackError("bad_request", "a grant above 20 phones is looked at again within 92 days");
}
