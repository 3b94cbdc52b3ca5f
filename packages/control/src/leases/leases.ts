/**
 * Who may use which devices, until when: asked for, granted whole or not at all, extended, handed over, ended. The rules and the clock; what
 * must never happen is refused by the database (`store.ts`), what agents are told of it stands in `terms.ts`.
 */
import {
  ControlChanged,
  type ErrorCode,
  encodeMessage,
  type Lease,
  type LeaseEnd,
  type LeaseRequest,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import { newRow, wishOf } from "./asked.js";
import { type Board, durationOf } from "./board.js";
import { type Choosing, chooseLater, chooseNow, estimate, freeSoFar, unavailable } from "./choice.js";
import type { LeaseParts } from "./parts.js";
import type { HoldRow, LeaseRow } from "./rows.js";
import type { EndOrder, Granted } from "./store.js";
import type { Refusal } from "./transaction.js";
import type { Onlooker } from "./visibility.js";
import { at, readWish, requireTimes, type Wish } from "./wish.js";

/** Another replica or another request was quicker: chosen anew so many times before somebody is told that there is nothing. */
const TRIES = 8;
/** Queued and booked leases of one organisation. */
const MOST_WAITING = 500;

/** Who asks: an onlooker with the name that people read. */
export interface Asker extends Onlooker {
  readonly name: string;
}

export class Leases {
  readonly #parts: LeaseParts;
  readonly #board: Board;
  /** Devices of grants under way here: two requests at once need not choose the same. */
  readonly #inFlight = new Set<string>();

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#board = parts.board;
  }

  /** Fails with what keeps it from being granted; then nothing was taken. */
  create(who: Asker, request: LeaseRequest): Promise<Lease> {
    return this.#noting(who, () => this.#createWithin(who, request));
  }

  /** Where the tier allows no phone that was chosen and the wish leaves it open, virtual ones do. */
  async #createWithin(who: Asker, request: LeaseRequest): Promise<Lease> {
    try {
      return await this.#create(who, request);
    } catch (error) {
      if (!isOfTier(error) || request.devices || request.where?.reach) throw error;
      const virtual: LeaseRequest = { ...request, where: { ...request.where, reach: "virtual" } };
      return this.#create(who, virtual).catch((next: unknown) => {
        throw next instanceof PhonerackError && next.code === "no_device_matches" ? error : next;
      });
    }
  }

  async #create(who: Asker, request: LeaseRequest): Promise<Lease> {
    const tenant = who.tenant ?? fail("forbidden", "act for an organisation");
    const now = this.#parts.now();
    const wish = readWish(request, now);
    if (wish.later || wish.wait) this.#requireRoom(tenant);
    const row = newRow({ who, tenant, wish, now });
    if (wish.later) return this.#view(await this.#book(who, wish, row));
    const choosing = () => ({ ...this.#choosing(tenant, this.#reserved(row)), who });
    const taken = await this.#take(
      row,
      () => chooseNow(wish, wish.until, choosing()),
      (whole) => this.#parts.store.grant(whole),
    );
    if (taken) return this.#view(taken);
    if (!wish.wait) throw unavailable(wish, choosing());
    return this.#view(await this.#enqueue(row));
  }

  /** Those that they may see: open ones from memory, ended ones that overlap the time from the database. Newest first. */
  async list(
    who: Onlooker,
    query: {
      phase?: string | undefined;
      mine?: boolean | undefined;
      device?: string | undefined;
      from?: number | undefined;
      until?: number | undefined;
      limit: number;
    },
  ): Promise<Lease[]> {
    const { from = this.#parts.now() - 86_400_000, until = Infinity, phase, device } = query;
    const wanted = (lease: LeaseRow) =>
      (phase === undefined || lease.phase === phase) &&
      (!query.mine || lease.actor === who.actor) &&
      (device === undefined || lease.devices.some(({ id }) => id === device)) &&
      mayRead(who, lease);
    const open = this.#board.open.filter((lease) => lease.from <= until && lease.until >= from);
    const last = Number.isFinite(until) ? until : this.#parts.now();
    const ended =
      phase !== undefined && phase !== "ended"
        ? []
        : await this.#parts.store.ended({ from, until: last, limit: query.limit, device });
    const found = [...open.reverse(), ...ended].filter(wanted).slice(0, query.limit);
    return found.map((lease) => this.#view(lease));
  }

  async get(who: Onlooker, id: string): Promise<Lease> {
    return this.#view(await this.#require(who, id));
  }

  extend(who: Onlooker, id: string, until: number): Promise<Lease> {
    return this.#noting(who, () => this.#extend(who, id, until));
  }

  async #extend(who: Onlooker, id: string, until: number): Promise<Lease> {
    const lease = await this.#requireMine(who, id);
    if (lease.phase === "queued") throw new PhonerackError("bad_request", "it still waits in the queue; release it and ask anew");
    requireTimes({ now: this.#parts.now(), from: lease.from, until });
    // Whoever extends is not idle: to the same end, it only keeps what nothing was done with.
    const now = this.#parts.now();
    const done = await this.#parts.store.extend(id, until, now);
    if ("refused" in done) throw this.#refusal(done);
    const next = { ...lease, until, activeAt: now };
    this.#apply({ leases: [next] });
    await this.#parts.terms.tell(heldBy(next));
    this.#record(who, { kind: "lease.extended", lease: next, detail: { until: at(until) } });
    return this.#view(next);
  }

  /** The new holder gets it under new epochs: what the old one has under way is refused from then on. */
  handOver(who: Onlooker, id: string, to: string): Promise<Lease> {
    return this.#noting(who, () => this.#handOver(who, id, to));
  }

  async #handOver(who: Onlooker, id: string, to: string): Promise<Lease> {
    const lease = await this.#requireMine(who, id);
    const heir = await this.#parts.memberOf(lease.tenant, to);
    if (!heir || heir.role === "viewer") throw new PhonerackError("member_not_found", to);
    const done = await this.#parts.store.handOver(id, { actor: heir.actor, actorName: heir.name }, this.#parts.now());
    if ("refused" in done) throw this.#refusal(done);
    this.#apply({ leases: [done.lease], holds: done.holds });
    await this.#parts.terms.tell(heldBy(done.lease));
    this.#record(who, { kind: "lease.handed-over", lease: done.lease, detail: { to: heir.actor } });
    return this.#view(done.lease);
  }

  /** Their word, as a person, that the group or script on it may go on for another while. Fails with `forbidden` for a program. */
  async confirm(who: Asker, id: string, isPerson: boolean): Promise<Lease> {
    if (!isPerson)
      throw new PhonerackError(
        "forbidden",
        "a person confirms a lease, in the console or logged in at a terminal, not a program",
      );
    const lease = await this.#requireMine(who, id);
    const done = await this.#parts.store.confirm(lease.id, who.actor, this.#parts.now());
    if (!done) throw new PhonerackError("lease_over", id);
    this.#apply({ leases: [done] });
    this.#record(who, { kind: "lease.confirmed", lease: done, detail: {} });
    return this.#view(done);
  }

  /** Ends it, or gives some of its devices back. */
  async release(who: Onlooker, id: string, devices?: readonly string[]): Promise<Lease> {
    const lease = await this.#requireMine(who, id);
    const foreign = devices?.find((device) => !lease.devices.some((own) => own.id === device));
    if (foreign !== undefined) throw new PhonerackError("device_not_found", `${foreign} is not in this lease`);
    const reason = lease.phase === "active" ? "released" : "cancelled";
    const ended = await this.end({ leaseId: id, reason, note: null, ...(devices && { devices }) }, who);
    if (!ended) throw new PhonerackError("lease_over", id);
    return this.#view(ended);
  }

  async kick(who: Asker, id: string, reason: string): Promise<Lease> {
    const lease = await this.#require(who, id);
    if (lease.phase === "ended") throw new PhonerackError("lease_over", id);
    const ended = await this.end({ leaseId: id, reason: "kicked", note: `${who.name}: ${reason}` }, who);
    if (!ended) throw new PhonerackError("lease_over", id);
    return this.#view(ended);
  }

  /** Ends it for whatever reason, and has its devices cleaned. Undefined: it was over, or is not due after all. */
  async end(order: Omit<EndOrder, "at">, who?: Onlooker): Promise<LeaseRow | undefined> {
    const ended = await this.#parts.store.end({ ...order, at: this.#parts.now() });
    if (!ended) return undefined;
    this.#apply({ leases: [ended.lease], holds: ended.holds });
    await this.#parts.terms.tell(ended.holds.map(({ deviceId }) => deviceId));
    const { reason, note } = order;
    const devices = ended.holds.map(({ deviceId }) => deviceId);
    this.#record(who, { kind: "lease.ended", lease: ended.lease, detail: { reason, ...(note !== null && { note }), devices } });
    return ended.lease;
  }

  /** Ends all open leases of an organisation, in an operator's name. */
  async endTenant(who: Asker, tenant: string, reason: string): Promise<void> {
    const note = `${who.name}: ${reason}`;
    for (const { id } of this.#board.open.filter((lease) => lease.tenant === tenant))
      await this.end({ leaseId: id, reason: "kicked", note }, who);
  }

  /** Ends all open leases of somebody, e.g. because they are no member any more. */
  async endAllOf(tenant: string, actor: string, note: string): Promise<void> {
    const theirs = this.#board.open.filter((lease) => lease.tenant === tenant && lease.actor === actor);
    for (const { id } of theirs) await this.end({ leaseId: id, reason: "kicked" satisfies LeaseEnd, note });
  }

  /** Somebody uses it, or a group or script does. Written now and then, see `clock.ts`. */
  touch(leaseId: string, automated: boolean): void {
    const lease = this.#board.lease(leaseId);
    if (lease) this.#board.touched(lease, this.#parts.now(), automated);
  }

  /** Begins a booking whose time has come; takes other devices that fit where those it booked cannot be had. */
  async beginBooked(lease: LeaseRow): Promise<void> {
    const named = lease.wanted.where === null && !lease.wanted.wholeChassis;
    const whole: LeaseRow = { ...lease, phase: "active", activeAt: this.#parts.now(), automatedSince: null };
    const own = lease.devices.map(({ id }) => id);
    const choosing = this.#choosing(lease.tenant, new Set());
    const begin = (row: LeaseRow) => this.#parts.store.begin(row, "booked");
    // Its own booking is not in its way: asked as if those devices were named.
    const without = new Set<string>();
    const begun = await withinQuota(
      this.#take(
        whole,
        () => (without.size === 0 ? own : undefined),
        async (row) => {
          const done = await begin(row);
          if ("refused" in done && "devices" in done) for (const id of done.devices) without.add(id);
          return done;
        },
      ),
    );
    if (begun || named) return;
    const wish = { ...lease.wanted, where: lease.wanted.where ?? {}, devices: undefined };
    const choose = () => this.#orNone(() => chooseNow(wish, lease.until, { ...choosing, without }));
    await withinQuota(this.#take(whole, choose, begin));
  }

  /** Grants what waits, in the order in which it came, as far as there are devices. */
  async serveQueue(): Promise<void> {
    const reserved = new Set<string>();
    for (const lease of this.#board.open.filter(({ phase }) => phase === "queued")) {
      const now = this.#parts.now();
      const whole: LeaseRow = { ...lease, phase: "active", from: now, until: now + durationOf(lease), activeAt: now };
      const wish = wishOf(lease);
      const grant = (what: typeof wish) => {
        const choose = () => this.#orNone(() => chooseNow(what, whole.until, this.#choosing(lease.tenant, reserved)));
        return withinQuota(this.#take(whole, choose, (row) => this.#parts.store.begin(row, "queued")));
      };
      const granted = await grant(wish);
      // What the tier does not allow of phones may be there of virtual ones.
      if (granted === "over" && !wish.devices && !wish.where.reach)
        await grant({ ...wish, where: { ...wish.where, reach: "virtual" } });
      // Who may not have more waits, but keeps nothing from others.
      if (granted === undefined) for (const id of this.#claim(lease, reserved)) reserved.add(id);
    }
  }

  /** What those that wait will get next: nobody else does. `except`: and that comes later in the queue. */
  #reserved(except: LeaseRow): Set<string> {
    const reserved = new Set(this.#inFlight);
    for (const lease of this.#board.open) {
      if (lease.phase !== "queued" || lease.createdAt > except.createdAt) continue;
      for (const id of this.#claim(lease, reserved)) reserved.add(id);
    }
    return reserved;
  }

  /** The free devices that a waiting lease holds on to, as many as it wants. */
  #claim(lease: LeaseRow, without: ReadonlySet<string>): string[] {
    const choosing = this.#choosing(lease.tenant, without);
    return this.#orNone(() => freeSoFar(wishOf(lease), choosing.now + durationOf(lease), choosing)) ?? [];
  }

  /** What waits is looked at every second by every control: one organisation must not fill it. */
  #requireRoom(tenant: string): void {
    const waiting = this.#board.open.filter((lease) => lease.tenant === tenant && lease.phase !== "active");
    if (waiting.length >= MOST_WAITING)
      throw new PhonerackError("quota_exceeded", `at most ${MOST_WAITING} leases of an organisation wait or are booked`);
  }

  async #book(who: Asker, wish: Wish, row: LeaseRow): Promise<LeaseRow> {
    const choosing = () => ({ ...this.#choosing(row.tenant, new Set(this.#inFlight)), who });
    const booked = await this.#take(
      row,
      () => chooseLater(wish, choosing()),
      (whole) => this.#parts.store.grant(whole),
    );
    if (!booked) throw unavailable(wish, choosing());
    this.#record(who, { kind: "lease.booked", lease: booked, detail: { from: at(booked.from), until: at(booked.until) } });
    return booked;
  }

  async #enqueue(row: LeaseRow): Promise<LeaseRow> {
    const queued: LeaseRow = { ...row, phase: "queued" };
    const refused = await this.#parts.store.enqueue(queued);
    if (refused) throw this.#refusal(refused);
    this.#apply({ leases: [queued] });
    return queued;
  }

  /** Chooses and takes until it is taken whole; undefined when there is nothing (left) to choose from. */
  async #take(
    row: LeaseRow,
    choose: () => string[] | undefined,
    take: (whole: LeaseRow) => Promise<Granted | Refusal>,
  ): Promise<LeaseRow | undefined> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const chosen = choose();
      if (!chosen) return undefined;
      for (const id of chosen) this.#inFlight.add(id);
      let done: Granted | Refusal;
      try {
        done = await take({ ...row, devices: chosen.map((id) => ({ id, epoch: 0 })) });
      } finally {
        for (const id of chosen) this.#inFlight.delete(id);
      }
      if (!("refused" in done)) return this.#taken(done);
      if (done.refused === "over") return undefined;
      if (!("devices" in done)) throw this.#refusal(done);
      // What we thought to be free is not: learn what it is.
      await this.#parts.refresh({ devices: done.devices });
    }
    return undefined;
  }

  async #taken({ lease, holds }: Granted): Promise<LeaseRow> {
    this.#apply({ leases: [lease], holds });
    if (lease.phase !== "active") return lease;
    await this.#parts.terms.tell(heldBy(lease));
    const { actor, tenant, purpose } = lease;
    this.#parts.record({
      actor,
      tenant,
      kind: "lease.granted",
      subject: lease.id,
      detail: { until: at(lease.until), devices: heldBy(lease), ...(purpose && { purpose }) },
    });
    return lease;
  }

  /** What the lab itself refuses an organisation stands in its log, whoever was refused what. */
  async #noting<T>(who: Onlooker, doing: () => Promise<T>): Promise<T> {
    try {
      return await doing();
    } catch (error) {
      if (error instanceof PhonerackError && NOTED.has(error.code))
        this.#parts.record({
          actor: who.actor,
          tenant: who.tenant,
          kind: "lease.refused",
          subject: who.tenant ?? "",
          detail: { code: error.code, why: error.detail ?? "" },
        });
      throw error;
    }
  }

  /** Here, and at the other replicas. */
  #apply(change: { leases?: LeaseRow[]; holds?: readonly HoldRow[] }): void {
    this.#board.apply(change);
    const { bus, replica } = this.#parts;
    const changed = {
      replica,
      leases: (change.leases ?? []).map(({ id }) => id),
      devices: (change.holds ?? []).map(({ deviceId }) => deviceId),
    };
    bus.publish(subjects.changed, encodeMessage(ControlChanged, changed));
  }

  async #require(who: Onlooker, id: string): Promise<LeaseRow> {
    const lease = this.#board.lease(id) ?? (await this.#parts.store.leases([id]))[0];
    if (!lease || !mayRead(who, lease)) throw new PhonerackError("lease_not_found", id);
    return lease;
  }

  /** Fails unless they hold it, or are set over who holds it. */
  async #requireMine(who: Onlooker, id: string): Promise<LeaseRow> {
    const lease = await this.#require(who, id);
    const over = who.lab || (lease.tenant === who.tenant && (who.role === "operator" || who.role === "owner"));
    if (lease.actor !== who.actor && !over) throw new PhonerackError("forbidden", `${lease.actorName} holds it`);
    if (lease.phase === "ended") throw new PhonerackError("lease_over", id);
    return lease;
  }

  #choosing(tenant: string, without: ReadonlySet<string>): Choosing {
    const { devices, now } = this.#parts;
    return { devices, board: this.#board, tenant, now: now(), without };
  }

  /** What cannot be granted ever, e.g. since its device was forgotten, waits on. */
  #orNone(choose: () => string[] | undefined): string[] | undefined {
    try {
      return choose();
    } catch (error) {
      if (error instanceof PhonerackError) return undefined;
      throw error;
    }
  }

  #view(lease: LeaseRow): Lease {
    if (lease.phase !== "queued") return this.#board.view(lease);
    const waiting = this.#board.open.filter(({ phase }) => phase === "queued");
    const position = waiting.findIndex(({ id }) => id === lease.id) + 1 || waiting.length + 1;
    const choosing = this.#choosing(lease.tenant, new Set());
    const ahead = waiting.slice(0, position - 1).reduce((sum, { wanted }) => sum + wanted.count, 0);
    const wish = wishOf(lease);
    let when: number | undefined;
    try {
      when = estimate({ ...wish, count: wish.count + (wish.devices ? 0 : ahead) }, durationOf(lease), choosing);
    } catch (error) {
      if (!(error instanceof PhonerackError)) throw error;
    }
    return this.#board.view(lease, { position, estimate: when ?? null });
  }

  #refusal(refusal: Refusal): PhonerackError {
    if (refusal.refused === "tier") return new PhonerackError("tier_exceeded", refusal.detail);
    if (refusal.refused === "suspended") return new PhonerackError("organisation_paused", refusal.detail);
    if (refusal.refused === "paused") return new PhonerackError("paused", refusal.detail);
    if (refusal.refused === "quota") return new PhonerackError("quota_exceeded", refusal.detail);
    if (refusal.refused === "over") return new PhonerackError("lease_over");
    if (refusal.devices.length === 0) return new PhonerackError("lease_unavailable", "somebody else was quicker");
    const names = refusal.devices.slice(0, 3).map((id) => this.#parts.devices.get(id)?.name ?? id);
    const booked = refusal.devices.flatMap((id) => this.#board.leasesOf(id)).filter(({ phase }) => phase === "booked");
    const from = Math.min(...booked.map((lease) => lease.from));
    const when = Number.isFinite(from) ? ` from ${at(from)}` : "";
    return new PhonerackError("lease_unavailable", `${names.join(", ")} ${names.length === 1 ? "is" : "are"} booked${when}`);
  }

  #record(who: Onlooker | undefined, what: { kind: string; lease: LeaseRow; detail: Record<string, unknown> }): void {
    const { kind, lease, detail } = what;
    this.#parts.record({ actor: who?.actor ?? "phonerack", tenant: lease.tenant, kind, subject: lease.id, detail });
  }
}

/** What an organisation may not have at this moment, whatever is free. */
const BEYOND: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["quota_exceeded", "tier_exceeded", "organisation_paused", "paused"]);

const NOTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["tier_exceeded", "organisation_paused", "paused", "device_leads_out"]);

const isOfTier = (error: unknown) => error instanceof PhonerackError && error.code === "tier_exceeded";

/** "over": the tenant may not have more at this moment. One who is not served must not keep the rest from being served. */
async function withinQuota(taking: Promise<LeaseRow | undefined>): Promise<LeaseRow | "over" | undefined> {
  try {
    return await taking;
  } catch (error) {
    if (error instanceof PhonerackError && BEYOND.has(error.code)) return "over";
    throw error;
  }
}

function mayRead(who: Onlooker, lease: LeaseRow): boolean {
  return who.lab !== null || lease.tenant === who.tenant;
}

function heldBy(lease: LeaseRow): string[] {
  return lease.devices.map(({ id }) => id);
}

function fail(code: "forbidden", detail: string): never {
  throw new PhonerackError(code, detail);
}
