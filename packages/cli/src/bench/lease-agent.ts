/**
 * An agent's side of a thousand leases without phones: takes terms as a real one does, cleans in no time, and notices what must never be, a term
 * that grants a device under an epoch it had before. The leases bench measures control and its database, not cleaning.
 */
import {
  AgentBeat,
  BEAT_MS,
  type Bus,
  CleanRecord,
  DeviceReport,
  decodeMessage,
  encodeMessage,
  type Hold,
  subjects,
  type Term,
  TermsOrder,
  TermsReply,
} from "@phonerack/contract/bus";
import { deviceId, reportOf } from "./stand-in-agent.js";

const AGENT = "bench";

export class LeaseAgent {
  readonly #bus: Bus;
  readonly #holds: Map<string, Hold>;
  readonly #numbers = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  /** Terms that granted a device under an epoch that was not above all before. */
  regressions = 0;
  granted = 0;

  constructor(bus: Bus, count: number) {
    this.#bus = bus;
    const ids = Array.from({ length: count }, (_, n) => deviceId(n));
    for (const [n, id] of ids.entries()) this.#numbers.set(id, n);
    this.#holds = new Map(ids.map((id) => [id, { epoch: 0, phase: "free", note: null }]));
    const all = { agentId: AGENT, id: "*" };
    bus.subscribe(subjects.terms(AGENT), ({ payload }) => this.#take(decodeMessage(TermsOrder, payload).terms));
    bus.subscribe(subjects.record(all), ({ subject }) => this.#record(subject.split(".")[2] ?? ""));
    bus.subscribe(subjects.resend, () => {
      for (const id of this.#holds.keys()) this.#report(id);
      return undefined;
    });
    this.#timer = setInterval(() => this.#beat(), BEAT_MS);
    this.#beat();
    for (const id of this.#holds.keys()) this.#report(id);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #take(terms: readonly Term[]): Uint8Array {
    const holds = terms.map((term) => ({ deviceId: term.deviceId, ...this.#takeOne(term) }));
    return encodeMessage(TermsReply, { holds });
  }

  #takeOne({ deviceId: id, epoch, phase }: Term): Hold {
    const before = this.#holds.get(id) ?? { epoch: 0, phase: "free" as const, note: null };
    if (epoch <= before.epoch) {
      if (phase === "leased" && before.phase !== "leased") this.regressions++;
      return before;
    }
    if (phase === "leased") this.granted++;
    const hold: Hold = { epoch, phase: phase === "clean" ? "cleaning" : phase, note: null };
    this.#holds.set(id, hold);
    if (phase === "clean")
      setImmediate(() => {
        this.#holds.set(id, { ...hold, phase: "free" });
        this.#report(id);
      });
    return hold;
  }

  #record(id: string): Uint8Array {
    const at = Date.now();
    const epoch = this.#holds.get(id)?.epoch ?? 0;
    return encodeMessage(CleanRecord, { deviceId: id, epoch, startedAt: at, endedAt: at, clean: true, reason: null, items: [] });
  }

  #beat(): void {
    const beat = { agentId: AGENT, host: AGENT, version: "0", startedAt: 0, devices: this.#holds.size };
    this.#bus.publish(subjects.beat(AGENT), encodeMessage(AgentBeat, beat));
  }

  #report(id: string): void {
    const hold = this.#holds.get(id);
    const report = { ...reportOf(this.#numbers.get(id) ?? 0), ...(hold && { hold }) };
    this.#bus.publish(subjects.report(AGENT, id), encodeMessage(DeviceReport, report));
  }
}
