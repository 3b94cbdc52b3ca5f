/** An agent with real virtual phones over TCP, for tests; control is played by a few subscriptions. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Bus,
  createInProcessBus,
  DeviceReport,
  decodeMessage,
  encodeMessage,
  type Frame,
  type Hold,
  type Input,
  InputOrder,
  InputReply,
  type PhoneAddress,
  readFrame,
  STREAM_CREDIT,
  StreamOrder,
  subjects,
  type Term,
  TermsOrder,
  TermsReply,
  type Tier,
} from "@phonerack/contract/bus";
import { startVirtualPhones, type VirtualPhone, type VirtualPhones } from "@phonerack/virtual-phone";
import { pino } from "pino";
import type { CreateCleaner } from "../src/cleaning/cleaner.js";
import { type Agent, type AgentOptions, type Limits, startAgent } from "../src/index.js";

export const AGENT = "agent-1";
export const REPLICA = "control-1";
/** Where the agent listens for this phone. */
export const at = (id: string): PhoneAddress => ({ agentId: AGENT, id });
/** Of each order on its own: the present epoch is `Lab.order`'s to add. */
type OrderWithoutEpoch = StreamOrder extends infer Order
  ? Order extends StreamOrder
    ? Omit<Order, "epoch"> & { epoch?: number }
    : never
  : never;
export const SOON_MS = 15_000;
const LOOK_MS = 100;
/** Who acts unless a test says otherwise. */
export const ACTOR = "u-1";
const cleanups: (() => Promise<unknown>)[] = [];

/** Ends all labs of a test. */
export async function closeLabs(): Promise<void> {
  for (const clean of cleanups.splice(0).reverse()) await clean();
}

export class Lab {
  readonly reports = new Map<string, DeviceReport>();
  readonly gone: string[] = [];
  readonly #changed = new Set<() => void>();
  readonly #epochs = new Map<string, number>();

  readonly bus: Bus;

  constructor(
    readonly virtual: VirtualPhones,
    readonly options: AgentOptions,
    public agent: Agent,
  ) {
    const { bus } = options;
    this.bus = bus;
    bus.subscribe(subjects.report(AGENT, "*"), ({ payload }) => {
      const report = decodeMessage(DeviceReport, payload);
      this.reports.set(report.id, report);
      this.wake();
      return undefined;
    });
    bus.subscribe(subjects.gone(AGENT, "*"), ({ subject }) => {
      this.gone.push(subject.split(".")[3] ?? "");
      return undefined;
    });
  }

  /** The phone in this slot, from 1. */
  phone(slot = 1): VirtualPhone {
    const phone = this.virtual.phones[slot - 1];
    if (!phone) throw new Error(`no slot ${slot}`);
    return phone;
  }

  /** The report of the phone in this slot. */
  report(slot = 1): DeviceReport | undefined {
    const address = `tcp:127.0.0.1:${this.phone(slot).port}`;
    return [...this.reports.values()].find((report) => report.address === address);
  }

  wake(): void {
    for (const check of this.#changed) check();
  }

  /** Waits until `find` gives something: looks at each report and message, and in between for what says nothing when it changes. */
  async until<T>(find: () => T | undefined | false, ms = SOON_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#changed.delete(check);
        clearInterval(looking);
        reject(new Error(`not within ${ms} ms; reports: ${JSON.stringify([...this.reports.values()], undefined, 1)}`));
      }, ms);
      const check = () => {
        const found = find();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        clearInterval(looking);
        this.#changed.delete(check);
        resolve(found);
      };
      const looking = setInterval(check, LOOK_MS);
      this.#changed.add(check);
      check();
    });
  }

  state(state: DeviceReport["state"], slot = 1): Promise<DeviceReport> {
    return this.until(() => {
      const report = this.report(slot);
      return report?.state === state && report;
    });
  }

  /** The epoch that orders carry unless a test says otherwise: the one of the last term. */
  epochOf(id: string): number {
    return this.#epochs.get(id) ?? 0;
  }

  /** Tells the agent who has the phone from now on, at the next epoch unless told otherwise. */
  async term(id: string, change: Partial<Term>): Promise<Hold> {
    const epoch = change.epoch ?? this.epochOf(id) + 1;
    const term = { deviceId: id, epoch, phase: "free", actor: "", until: 0, reboot: false, ...change } as const;
    const order = encodeMessage(TermsOrder, { terms: [term] });
    const reply = await this.bus.request(subjects.terms(AGENT), order, { timeoutMs: SOON_MS });
    const [hold] = decodeMessage(TermsReply, reply).holds;
    if (!hold) throw new Error(`the agent does not know ${id}`);
    this.#epochs.set(id, hold.epoch);
    return hold;
  }

  /** Lends the phone to ACTOR. */
  lease(id: string, change: Partial<Term> = {}): Promise<Hold> {
    return this.term(id, { phase: "leased", actor: ACTOR, until: Date.now() + 3_600_000, ...change });
  }

  /** A phone that is ready and lent. */
  async leased(slot = 1): Promise<DeviceReport> {
    const report = await this.state("ready", slot);
    await this.lease(report.id);
    return report;
  }

  /** Stops the agent and starts it again with the same data. */
  async restart(change: Partial<AgentOptions> = {}): Promise<void> {
    await this.agent.stop();
    this.reports.clear();
    this.agent = await startAgent({ ...this.options, ...change });
  }

  order(id: string, order: OrderWithoutEpoch): void {
    this.bus.publish(subjects.stream(at(id)), encodeMessage(StreamOrder, { epoch: this.epochOf(id), ...order } as StreamOrder));
  }

  /** Watches a stream as control does and gives credit for what it gets, unless told not to. */
  watch(id: string, tier: Tier, options: { credit?: number; consume?: boolean } = {}): Frame[] {
    const { credit = STREAM_CREDIT, consume = true } = options;
    const frames: Frame[] = [];
    this.bus.subscribe(subjects.media(REPLICA, at(id), tier), ({ payload }) => {
      const frame = readFrame(payload);
      if (frame) frames.push(frame);
      if (consume) this.order(id, { order: "credit", replica: REPLICA, tier, bytes: payload.length });
      this.wake();
      return undefined;
    });
    this.order(id, { order: "watch", replica: REPLICA, tier, credit });
    return frames;
  }

  async input(id: string, inputs: Input[], change: Partial<InputOrder> = {}): Promise<InputReply["results"]> {
    const epoch = this.epochOf(id);
    const notAfter = Date.now() + 2_000;
    const order = { actor: ACTOR, mode: "unicast", epoch, notAfter, inputs, trial: true, ...change } as const;
    const reply = await this.bus.request(subjects.input(at(id)), encodeMessage(InputOrder, order), { timeoutMs: SOON_MS });
    return decodeMessage(InputReply, reply).results;
  }
}

export interface LabOptions {
  count?: number;
  models?: string[];
  faults?: string[];
  auth?: boolean;
  connect?: boolean;
  cleaner?: CreateCleaner;
  limits?: Partial<Limits>;
  /** Bytes of a phone's storage. */
  capacity?: number;
}

export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const { count = 1, models = ["v1"], faults, auth, connect = true, cleaner, limits, capacity } = options;
  const virtual = await startVirtualPhones({
    count,
    models,
    ...(faults && { faults }),
    ...(auth && { auth }),
    ...(capacity && { capacity }),
  });
  cleanups.push(() => virtual.stop());
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-agent-"));
  cleanups.push(() => rm(dataDir, { recursive: true }));
  const bus = createInProcessBus();
  cleanups.push(() => bus.stop());
  const targets = virtual.phones.map(({ port, slot }) => ({
    host: "127.0.0.1",
    port,
    chassis: "chassis-1",
    slot,
    reach: "virtual" as const,
  }));
  const agentOptions: AgentOptions = {
    agentId: AGENT,
    bus,
    dataDir,
    log: pino({ level: "silent" }),
    connect: connect ? targets : [],
    adb: { enabled: false },
    version: "0.1.0",
    ...(cleaner && { cleaner }),
    ...(limits && { limits }),
  };
  const lab = new Lab(virtual, agentOptions, await startAgent(agentOptions));
  cleanups.push(() => lab.agent.stop());
  return lab;
}
