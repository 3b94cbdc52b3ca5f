/**
 * Tells agents who holds which phone, and hears from them how far they are: the lab's record and each agent's side are brought together here,
 * whatever was lost on the way. What a difference means is decided by `reconcile`; what is done about it, by those who are told.
 */
import {
  type Bus,
  CleanRecord,
  type Device,
  decodeMessage,
  encodeMessage,
  type Hold,
  PhonerackError,
  RecordOrder,
  subjects,
  type Term,
  TermsOrder,
  TermsReply,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import type { Devices } from "../devices/devices.js";
import type { Board } from "./board.js";
import type { HoldRow } from "./rows.js";

/** An agent that is there answers in milliseconds; one that is not is told again when it reports. */
const TOLD_WITHIN_MS = 2_000;
const AGAIN_MS = 1_000;
const RECORD_WITHIN_MS = 5_000;
/** An agent that has no record of what it says it cleaned is asked to do it again. */
const RECORD_TRIES = 3;
const TERMS_AT_ONCE = 500;

export interface TermsParts {
  readonly bus: Bus;
  readonly devices: Devices;
  readonly board: Board;
  readonly log: Logger;
  /** Whether phones restart between two leases: when there is more than one tenant. */
  reboot(): boolean;
  /** What an agent has to know before it hears of these tenants' leases; never fails. */
  prepare?(agentId: string, tenants: readonly string[]): Promise<void>;
  /** Whether it is a lab device, by an operator's word. */
  enrolled?(deviceId: string): boolean;
  /** Whether it gets no route out; undefined: nobody can tell yet. */
  isolated?(deviceId: string): boolean | undefined;
  /** An agent's side calls for something. */
  found(deviceId: string, what: Finding): Promise<void>;
}

/**
 * ended-by-agent: by its own clock. ahead: it knows a later epoch than we do, so our record is older than its. record: what it found after
 * cleaning. no-record: it says that it cleaned and cannot show it.
 */
export type Finding =
  | { readonly found: "ended-by-agent" | "no-record" }
  | { readonly found: "ahead"; readonly epoch: number }
  | { readonly found: "record"; readonly record: CleanRecord; readonly epoch: number };

/** What the two sides differ in. */
export type Difference = "tell" | "ended-by-agent" | "ahead" | "fetch-record" | undefined;

/** The lab's hold of a device beside its agent's. */
export function reconcile(ours: Pick<HoldRow, "epoch" | "state">, theirs: Pick<Hold, "epoch" | "phase">): Difference {
  if (theirs.epoch > ours.epoch) return "ahead";
  if (theirs.epoch < ours.epoch) return "tell";
  if (ours.state === "leased") return theirs.phase === "leased" ? undefined : "ended-by-agent";
  if (ours.state === "cleaning") return theirs.phase === "free" || theirs.phase === "dirty" ? "fetch-record" : undefined;
  return undefined;
}

export class Terms {
  readonly #parts: TermsParts;
  /** Devices about which something is under way, so that it is not done twice. */
  readonly #busy = new Map<string, Promise<void>>();
  /** Nothing is compared before our side was read: it would look older than the agents'. */
  #begun = false;
  #stopped = false;
  readonly #toldAt = new Map<string, number>();
  /** Devices whose last word did not reach their agent: it may be of the same epoch, and yet not know of an extension. */
  readonly #untold = new Set<string>();
  readonly #recordTries = new Map<string, number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stopListening: () => void;

  constructor(parts: TermsParts) {
    this.#parts = parts;
    this.#stopListening = parts.devices.onChange((id) => this.check(id));
  }

  /** Our side is known: what agents have said so far is looked at, and all that they say from now on. */
  begin(): void {
    this.#begun = true;
    for (const { id } of this.#parts.devices.all()) this.check(id);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#busy.values());
  }

  /** Tells the agents of these devices how things stand; resolves when all that are there have answered. Never fails. */
  async tell(deviceIds: readonly string[]): Promise<void> {
    const byAgent = new Map<string, Term[]>();
    const now = Date.now();
    for (const id of deviceIds) {
      const device = this.#parts.devices.get(id);
      if (!device) continue;
      this.#toldAt.set(id, now);
      const terms = byAgent.get(device.agentId);
      if (terms) terms.push(this.#termOf(id));
      else byAgent.set(device.agentId, [this.#termOf(id)]);
    }
    await Promise.all(Array.from(byAgent, ([agentId, terms]) => this.#tellAgent(agentId, terms)));
  }

  /** Looks at what the agent of a device said last, and does what it calls for. */
  check(deviceId: string): void {
    const device = this.#parts.devices.get(deviceId);
    if (!device || !this.#begun || this.#stopped || this.#busy.has(deviceId)) return;
    const ours = this.#parts.board.hold(deviceId);
    const difference = reconcile(ours, device.hold) ?? (this.#untold.has(deviceId) ? "tell" : undefined);
    if (!difference) return;
    const act = this.#act(difference, device, ours);
    if (!act) return;
    const acting = act()
      .catch((error: unknown) => {
        this.#parts.log.warn({ err: error, device: deviceId, difference }, "a lease's two sides could not be brought together");
        this.#later(deviceId);
      })
      .finally(() => this.#busy.delete(deviceId));
    this.#busy.set(deviceId, acting);
  }

  #act(difference: NonNullable<Difference>, device: Device, ours: HoldRow): (() => Promise<void>) | undefined {
    switch (difference) {
      case "tell":
        if (Date.now() - (this.#toldAt.get(device.id) ?? 0) < AGAIN_MS) {
          this.#later(device.id);
          return undefined;
        }
        return () => this.tell([device.id]);
      case "ended-by-agent":
        return () => this.#parts.found(device.id, { found: "ended-by-agent" });
      case "ahead":
        return () => this.#parts.found(device.id, { found: "ahead", epoch: device.hold.epoch });
      case "fetch-record":
        return () => this.#fetchRecord(device, ours.epoch);
    }
  }

  #later(deviceId: string): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.check(deviceId);
    }, AGAIN_MS);
    this.#timers.add(timer);
  }

  #termOf(deviceId: string): Term {
    const { board } = this.#parts;
    const { epoch, state, leaseId } = board.hold(deviceId);
    const lease = leaseId === null ? undefined : board.lease(leaseId);
    const held = state === "leased" && lease;
    const isolated = this.#parts.isolated?.(deviceId);
    return {
      deviceId,
      epoch,
      phase: held ? "leased" : state === "cleaning" ? "clean" : "free",
      actor: held ? lease.actor : "",
      until: held ? lease.until : 0,
      reboot: this.#parts.reboot(),
      tenant: held ? lease.tenant : "",
      enrolled: this.#parts.enrolled?.(deviceId) ?? false,
      ...(isolated !== undefined && { isolated }),
    };
  }

  async #tellAgent(agentId: string, terms: readonly Term[]): Promise<void> {
    for (let at = 0; at < terms.length; at += TERMS_AT_ONCE) {
      const some = terms.slice(at, at + TERMS_AT_ONCE);
      try {
        const tenants = new Set(some.flatMap(({ tenant }) => tenant || []));
        await this.#parts.prepare?.(agentId, [...tenants]);
        const order = encodeMessage(TermsOrder, { terms: [...some] });
        const reply = await this.#parts.bus.request(subjects.terms(agentId), order, { timeoutMs: TOLD_WITHIN_MS });
        for (const { deviceId } of some) this.#untold.delete(deviceId);
        for (const { deviceId, ...hold } of decodeMessage(TermsReply, reply).holds)
          this.#parts.devices.hearHold(deviceId, agentId, hold);
      } catch (error) {
        const code = error instanceof PhonerackError ? error.code : "internal";
        this.#parts.log.info(
          { agent: agentId, devices: some.length, code },
          "an agent was not told its terms; it is told when it reports",
        );
        for (const { deviceId } of some) {
          this.#untold.add(deviceId);
          this.#later(deviceId);
        }
      }
    }
  }

  async #fetchRecord(device: Device, epoch: number): Promise<void> {
    let record: CleanRecord;
    try {
      const order = encodeMessage(RecordOrder, { epoch });
      const reply = await this.#parts.bus.request(subjects.record(device), order, { timeoutMs: RECORD_WITHIN_MS });
      record = decodeMessage(CleanRecord, reply);
    } catch (error) {
      if (!(error instanceof PhonerackError) || error.code === "agent_unreachable") throw error;
      const tries = (this.#recordTries.get(device.id) ?? 0) + 1;
      this.#recordTries.set(device.id, tries);
      if (tries < RECORD_TRIES) throw error;
      this.#recordTries.delete(device.id);
      await this.#parts.found(device.id, { found: "no-record" });
      return;
    }
    this.#recordTries.delete(device.id);
    if (record.deviceId !== device.id)
      throw new PhonerackError("phone_failed", "the agent answered with another device's record");
    await this.#parts.found(device.id, { found: "record", record, epoch });
  }
}
