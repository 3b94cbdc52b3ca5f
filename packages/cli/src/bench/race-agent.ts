/** The agent of the race bench: all its phones in one group, on which it taps without end. Control's part is played. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Agent, startAgent } from "@phonerack/agent";
import {
  type Bus,
  createInProcessBus,
  type DeviceReport,
  decodeMessage,
  encodeMessage,
  GroundsOrder,
  GroupNews,
  GroupOrder,
  type StepAnswer,
  subjects,
  TermsOrder,
} from "@phonerack/contract/bus";
import pino from "pino";
import type { StartRole } from "./role.js";

export interface OwnedApp {
  readonly package: string;
  readonly signer: string;
}

/** How the taps went, over all phones. */
export type TapCounts = Readonly<Record<StepAnswer["outcome"], number>>;

export interface RaceAgentRole {
  readonly params: { readonly ports: readonly number[]; readonly owned: readonly OwnedApp[]; readonly tapsPerSecond: number };
  /** What the fences of the phones had disabled when the group was ready. */
  readonly ready: { readonly fenced: readonly string[] };
  readonly answers: {
    /** true: taps from now on. false: no more; answers when all were answered. */
    readonly tap: TapCounts;
  };
}

const AGENT = "bench";
const ACTOR = "u-1";
const TENANT = "t-1";
const GROUP = "g-abcdefghij";
const READY_WITHIN_MS = 120_000;
const ANSWERED_WITHIN_MS = 11_000;

export const startRaceAgent: StartRole<RaceAgentRole> = async ({ ports, owned, tapsPerSecond }) => {
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
  const bus = createInProcessBus();
  const log = pino({ level: "fatal" }, process.stderr);
  const agent = await startAgent({ bus, log, version: "0", agentId: AGENT, dataDir, adb: { enabled: false } });
  for (const port of ports) agent.connect({ host: "127.0.0.1", port, reach: "virtual" });
  await until(() => agent.devices().filter(({ state }) => state === "ready").length === ports.length);
  const ids = agent.devices().map(({ id }) => id);
  await lend(bus, ids, owned);
  const taps = new Taps(bus, agent, tapsPerSecond);
  await taps.start();
  const fenced = new Set(agent.devices().flatMap(({ fence }) => fence?.disabled ?? []));
  return { ready: { fenced: [...fenced].sort() }, answers: { tap: (on) => taps.go(on === true) } };
};

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("the phones of the race did not get ready");
    await sleep(50);
  }
}

async function lend(bus: Bus, ids: readonly string[], owned: readonly OwnedApp[]): Promise<void> {
  const grounds = { tenant: TENANT, version: 1, owned: owned.map((app, at) => ({ id: `a-${at}`, ...app })), permits: [] };
  await bus.request(subjects.grounds(AGENT), encodeMessage(GroundsOrder, { grounds: [grounds] }), { timeoutMs: 10_000 });
  const lease = {
    epoch: 1,
    phase: "leased",
    actor: ACTOR,
    tenant: TENANT,
    until: Date.now() + 3_600_000,
    reboot: false,
  } as const;
  const terms = ids.map((deviceId) => ({ deviceId, ...lease }));
  await bus.request(subjects.terms(AGENT), encodeMessage(TermsOrder, { terms }), { timeoutMs: 60_000 });
}

/** Group taps at random places, so many a second. */
class Taps {
  readonly #bus: Bus;
  readonly #agent: Agent;
  readonly #pauseMs: number;
  readonly #states = new Map<string, string>();
  readonly #counts: Record<StepAnswer["outcome"], number> = {
    applied: 0,
    delivered: 0,
    "not-found": 0,
    denied: 0,
    late: 0,
    failed: 0,
  };
  #seq = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(bus: Bus, agent: Agent, tapsPerSecond: number) {
    this.#bus = bus;
    this.#agent = agent;
    this.#pauseMs = 1_000 / tapsPerSecond;
    bus.subscribe(subjects.groupNews(AGENT), ({ payload }) => {
      const { members, steps } = decodeMessage(GroupNews, payload);
      for (const { deviceId, state, reason } of members) this.#states.set(deviceId, `${state} ${reason ?? ""}`);
      for (const { answers } of steps) for (const { outcome } of answers) this.#counts[outcome]++;
      return undefined;
    });
  }

  /** Resolves when all members follow. */
  async start(): Promise<void> {
    const members = this.#devices.map(({ id }) => ({ deviceId: id, epoch: 1 }));
    const order = { order: "start", group: GROUP, actor: ACTOR, mode: "group", aim: "point", agreed: false, members } as const;
    await this.#order(order);
    await until(
      () => this.#states.size === members.length && [...this.#states.values()].every((state) => state.startsWith("followed")),
    );
  }

  async go(on: boolean): Promise<TapCounts> {
    clearInterval(this.#timer);
    if (on) this.#timer = setInterval(() => void this.#tap(), this.#pauseMs);
    else {
      const deadline = Date.now() + ANSWERED_WITHIN_MS;
      while (this.#answered < this.#seq * this.#devices.length && Date.now() < deadline) await sleep(50);
    }
    return this.#counts;
  }

  get #devices(): readonly DeviceReport[] {
    return this.#agent.devices();
  }

  get #answered(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0);
  }

  async #tap(): Promise<void> {
    const [leader] = this.#devices;
    const { width = 1, height = 1 } = leader?.screen ?? {};
    const at = {
      x: Math.round(width * (0.1 + 0.8 * Math.random())),
      y: Math.round(height * (0.15 + 0.7 * Math.random())),
      width,
      height,
    };
    const by = { group: GROUP, seq: ++this.#seq, actor: ACTOR, mode: "group", aim: "point", leader: leader?.id ?? "" } as const;
    const step = { type: "tap", at } as const;
    await this.#order({ order: "step", ...by, step, element: null, notAfter: Date.now() + 2_000, except: [], settle: false });
  }

  async #order(order: GroupOrder): Promise<void> {
    await this.#bus.request(subjects.group(AGENT), encodeMessage(GroupOrder, order), { timeoutMs: 10_000 });
  }
}
