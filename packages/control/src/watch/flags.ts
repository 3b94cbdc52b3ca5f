/** What people do about flags: look at them, appeal, decide. A pause comes by itself; to end a lease or an organisation takes a person, a reason, and can be appealed. */
import {
  type Flag,
  type FlagDecision,
  type FlagMoment,
  type FlagPause,
  type FlagState,
  LAB_TENANT,
} from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Caller } from "../access/caller.js";
import type { RecordEvent } from "../events/events.js";
import type { LeaseDesk } from "../leases/start.js";
import { type FlagRow, momentsOf, Numbers, ruleOfRow, type WatchStore } from "./store.js";
import { wordsOf } from "./words.js";

/** A flag can be appealed anew after each decision, but not for ever. */
const MOST_APPEALS = 3;

export interface FlagParts {
  readonly store: WatchStore;
  readonly leases: Pick<LeaseDesk, "leases" | "board">;
  readonly record: RecordEvent;
  /** Tells agents what is paused now. */
  readonly paused: (tenant: string) => Promise<void>;
  readonly now?: () => number;
}

export class Flags {
  readonly #parts: FlagParts;
  readonly #now: () => number;

  constructor(parts: FlagParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
  }

  /** Of their own organisation; of all, for those who run the lab. */
  async list(
    who: Caller,
    query: { state?: string | undefined; rule?: string | undefined; tenant?: string | undefined; limit: number },
  ): Promise<{ items: Flag[]; waiting: number }> {
    const tenant = who.lab ? query.tenant : (who.tenant ?? "");
    const { store } = this.#parts;
    const found = await store.list({ ...query, tenant });
    const items = found.map((row) => this.#view(row, who));
    return { items, waiting: await store.waiting(who.lab ? undefined : (who.tenant ?? "")) };
  }

  /** Fails with `flag_not_found`. */
  async get(who: Caller, id: string): Promise<Flag> {
    return this.#view(await this.#require(who, id), who);
  }

  /** Fails with `flag_not_found`, `flag_settled`. */
  async appeal(who: Caller, id: string, reason: string): Promise<Flag> {
    const flag = await this.#require(who, id);
    if (flag.tenant !== who.tenant) throw new PhonerackError("flag_settled", "only whom it is about can appeal");
    const changed = await this.#parts.store.change(id, (row) => {
      const no = whyNotAppealable(row);
      if (no) throw new PhonerackError("flag_settled", no);
      return { state: "appealed", moments: [this.#moment(who, "appealed", reason)] };
    });
    if (!changed) throw new PhonerackError("flag_not_found", id);
    this.#record(who, changed, "flag.appealed");
    return this.#view(changed, who);
  }

  /** Fails with `flag_not_found`, `flag_settled`, `forbidden`, `bad_request`. */
  async decide(who: Caller, id: string, { verdict, reason, end }: FlagDecision): Promise<Flag> {
    if (who.kind !== "person") throw new PhonerackError("forbidden", "a person decides about flags, not a program");
    const flag = await this.#require(who, id);
    const alone = !(await this.#parts.store.isAnother(who.actor, flag.tenant));
    if (!alone) await this.#requireImpartial(who, flag);
    if (end !== "nothing") this.#requireEndable(flag, verdict, end);
    const at = this.#now();
    const changed = await this.#parts.store.change(id, (row) => decided(row, { who, verdict, end, reason, at, alone }));
    if (!changed) throw new PhonerackError("flag_not_found", id);
    this.#record(who, changed, `flag.${verdict}`);
    if (end !== "nothing") await this.#end(who, changed, { end, reason });
    await this.#parts.paused(changed.tenant);
    return this.#view(changed, who);
  }

  #view(row: FlagRow, who: Caller): Flag {
    return viewOf(row, who, row.lease !== null && this.#parts.leases.board.lease(row.lease) !== undefined);
  }

  async #require(who: Caller, id: string): Promise<FlagRow> {
    const row = await this.#parts.store.get(id);
    if (!row || (!who.lab && row.tenant !== who.tenant)) throw new PhonerackError("flag_not_found", id);
    return row;
  }

  /** Nobody decides about what they or their own organisation did, unless there is nobody else. */
  async #requireImpartial(who: Caller, { lease, tenant }: FlagRow): Promise<void> {
    if (tenant === LAB_TENANT) return;
    const { store } = this.#parts;
    if (await store.isMember(who.actor, tenant))
      throw new PhonerackError("forbidden", "it is about an organisation of yours: another person decides");
    if (lease !== null && (await store.holderOf(lease)) === who.actor)
      throw new PhonerackError("forbidden", "it is about your own lease: another person decides");
  }

  #requireEndable({ lease, tenant }: FlagRow, verdict: FlagDecision["verdict"], end: FlagDecision["end"]): void {
    if (verdict !== "upheld") throw new PhonerackError("bad_request", "only a flag that is upheld ends anything");
    if (end === "lease" && lease === null) throw new PhonerackError("bad_request", "it is about no lease");
    if (end === "organisation" && tenant === LAB_TENANT)
      throw new PhonerackError("bad_request", "the lab's own organisation cannot be ended");
  }

  async #end(who: Caller, flag: FlagRow, { end, reason }: { end: FlagDecision["end"]; reason: string }): Promise<void> {
    const { leases, board } = this.#parts.leases;
    const asker = { actor: who.actor, name: who.name, tenant: who.tenant, role: who.role, lab: who.lab };
    const all = end === "lease" ? [flag.lease] : board.open.filter(({ tenant }) => tenant === flag.tenant).map(({ id }) => id);
    for (const id of all)
      if (id !== null)
        // What is over meanwhile is what was wanted.
        await leases.kick(asker, id, `flag ${flag.id}: ${reason}`).catch((error: unknown) => {
          if (!(error instanceof PhonerackError) || error.code !== "lease_over") throw error;
        });
  }

  #moment(who: Caller, what: FlagMoment["what"], reason: string): FlagMoment {
    return { at: this.#now(), what, by: { actor: who.actor, name: who.name }, reason };
  }

  #record(who: Caller, { id, tenant, rule }: FlagRow, kind: string): void {
    this.#parts.record({ actor: who.actor, tenant, kind, subject: id, detail: { rule } });
  }
}

interface Deciding {
  readonly who: Caller;
  readonly verdict: FlagDecision["verdict"];
  readonly end: FlagDecision["end"];
  readonly reason: string;
  readonly at: number;
  /** There is nobody else who could. */
  readonly alone: boolean;
}

function decided(row: FlagRow, { who, verdict, end, reason, at, alone }: Deciding) {
  if (row.state === "cleared") throw new PhonerackError("flag_settled", "it was cleared");
  if (row.state === "upheld" && verdict === "upheld" && end === "nothing")
    throw new PhonerackError("flag_settled", "it was upheld already");
  const before = momentsOf(row)
    .filter(({ what }) => what === "upheld" || what === "cleared")
    .at(-1);
  if (row.state === "appealed" && before?.by?.actor === who.actor && !alone)
    throw new PhonerackError("forbidden", "you decided it before: another person decides about an appeal");
  const by = { actor: who.actor, name: who.name };
  const moments: FlagMoment[] = [{ at, what: verdict, by, reason }];
  if (end !== "nothing") moments.push({ at, what: `${end}-ended`, by, reason });
  // Whoever was ended gets no more until another person clears it.
  const pauses: FlagPause | undefined = end === "organisation" ? "organisation" : undefined;
  return { state: verdict satisfies FlagState, moments, ...(pauses !== undefined && { pauses }) };
}

function whyNotAppealable(row: FlagRow): string | undefined {
  if (row.state === "cleared") return "it was cleared: nothing is paused by it";
  if (row.state === "appealed") return "it was appealed already; a person will decide";
  const appeals = momentsOf(row).filter(({ what }) => what === "appealed").length;
  return appeals >= MOST_APPEALS ? `it was appealed ${MOST_APPEALS} times; write to the lab` : undefined;
}

/** `held`: the lease that it is about is not over. */
function viewOf(row: FlagRow, who: Caller, held: boolean): Flag {
  const { pauses, measured } = Numbers.parse(row.numbers);
  const rule = ruleOfRow(row);
  return {
    id: row.id,
    rule,
    tenant: row.tenant,
    lease: row.lease,
    deviceId: row.deviceId,
    at: row.at.getTime(),
    leaves: row.leaves,
    // With whom an organisation has something in common is not for it to know.
    measured: who.lab || rule !== "linked" ? measured : {},
    why: who.lab || rule !== "linked" ? wordsOf(rule, measured) : LINKED,
    pauses,
    paused: pauses !== "nothing" && row.state !== "cleared" && (row.state !== "upheld" || pauses !== "lease" || held),
    state: row.state,
    appealable: row.tenant === who.tenant && whyNotAppealable(row) === undefined,
    history: momentsOf(row).map((moment) => seenBy(who, row, moment)),
  };
}

const LINKED = "Organisations that have something in common with yours hold more phones together than one may.";
const THE_LAB = { actor: "lab", name: "The lab" };

function seenBy(who: Caller, { tenant }: FlagRow, moment: FlagMoment): FlagMoment {
  if (who.lab || moment.by === null || moment.what === "appealed" || tenant === LAB_TENANT) return moment;
  return { ...moment, by: THE_LAB };
}
