/** The agent of the group bench: all its phones in one group of a tenant that owns Notes. Control's part is played, but for the lab's log: that is real, in this process as in `phonerack up`. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Agent, startAgent } from "@phonerack/agent";
import {
  type Bus,
  createInProcessBus,
  decodeMessage,
  encodeMessage,
  GroundsOrder,
  GroupNews,
  GroupOrder,
  GroupReply,
  type GroupStep,
  type StepAnswer,
  subjects,
  TermsOrder,
} from "@phonerack/contract/bus";
import { NOTES, SAMPLES_SIGNER } from "@phonerack/virtual-phone";
import pino from "pino";
import { bareTap, idleCleaner } from "./bare-touch.js";
import { startBenchLog } from "./bench-log.js";
import type { StartRole } from "./role.js";

type StepOrder = Extract<GroupOrder, { order: "step" }>;
type CleanerParts = Parameters<Parameters<typeof idleCleaner>[0]>[0];

/** One round: a group tap, then the same written bare. */
export interface Round {
  /** From the order until the last phone had it, and until all had told, in milliseconds. */
  readonly ours: number;
  readonly told: number;
  readonly bare: number;
  readonly outcomes: Readonly<Record<string, number>>;
}
/** One element step: when the leader had it, and each follower, in milliseconds from the order. */
export interface ElementRound {
  readonly leader: number;
  readonly followers: readonly number[];
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface GroupAgentRole {
  readonly params: { readonly ports: readonly number[]; readonly aim: "point" | "element" };
  /** How long the fences took to close and what was launched to be in front. */
  readonly ready: { readonly readyMs: number; readonly groupMs: number; readonly launched: Readonly<Record<string, number>> };
  readonly answers: {
    /** Asked with the number of phones. */
    readonly round: Round;
    /** Leaves in the lab's log so far. */
    readonly logged: number;
    readonly element: ElementRound;
  };
}

const AGENT = "bench";
const ACTOR = "u-1";
const TENANT = "t-1";
const GROUP = "g-abcdefghij";
const WITHIN_MS = 240_000;
const STEP_WITHIN_MS = 15_000;
/** On the title of Notes, where nothing takes it. */
const QUIET = { x: 0.45, y: 0.08 };

export const startGroupAgent: StartRole<GroupAgentRole> = async ({ ports, aim }) => {
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
  const bus = createInProcessBus();
  const log = pino({ level: "fatal" }, process.stderr);
  const sealed = await startBenchLog(bus, { dataDir: await mkdtemp(join(tmpdir(), "phonerack-bench-log-")), log });
  let links: CleanerParts | undefined;
  const cleaner = idleCleaner((parts) => (links = parts));
  const agent = await startAgent({ bus, log, version: "0", agentId: AGENT, dataDir, adb: { enabled: false }, cleaner });
  const began = performance.now();
  for (const port of ports) agent.connect({ host: "127.0.0.1", port, reach: "virtual" });
  await until(() => agent.devices().filter(({ state }) => state === "ready").length === ports.length, "to get ready");
  const readyMs = Math.round(performance.now() - began);
  const group = new GroupBench(bus, agent, aim);
  const groupMs = await group.start();
  const launched = group.count((await group.step({ type: "launch", package: NOTES })).answers);
  if (!links) throw new Error("the agent made no cleaner");
  // Starts the agent's own sessions, and brings scrcpy's server to the phones.
  if (aim === "point") await group.round(ports.length, []);
  const taps = aim === "point" ? await prepareBare(links, agent) : [];
  return {
    ready: { readyMs, groupMs, launched },
    answers: {
      round: (count) => group.round(Number(count), taps),
      element: () => group.element(),
      logged: () => sealed.size(),
    },
  };
};

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`the phones took too long ${what}`);
    await sleep(20);
  }
}

/** A few at a time, as the agent itself connects them. */
async function prepareBare(links: CleanerParts, agent: Agent): Promise<(() => Promise<void>)[]> {
  const taps: (() => Promise<void>)[] = [];
  const devices = agent.devices();
  for (let from = 0; from < devices.length; from += 32) {
    const some = devices.slice(from, from + 32).map(({ id, screen }) => {
      const { width, height } = screen ?? { width: 1, height: 1 };
      return bareTap(links, id, { x: width * QUIET.x, y: height * QUIET.y, width, height });
    });
    taps.push(...(await Promise.all(some)));
  }
  return taps;
}

class GroupBench {
  readonly #bus: Bus;
  readonly #agent: Agent;
  readonly #aim: "point" | "element";
  readonly #states = new Map<string, string>();
  readonly #answers = new Map<number, StepAnswer[]>();
  #onAnswer: () => void = () => undefined;
  #seq = 0;

  constructor(bus: Bus, agent: Agent, aim: "point" | "element") {
    this.#bus = bus;
    this.#agent = agent;
    this.#aim = aim;
    bus.subscribe(subjects.groupNews(AGENT), ({ payload }) => {
      const { members, steps } = decodeMessage(GroupNews, payload);
      for (const { deviceId, state } of members) this.#states.set(deviceId, state);
      for (const { seq, answers } of steps) this.#answers.set(seq, [...(this.#answers.get(seq) ?? []), ...answers]);
      this.#onAnswer();
      return undefined;
    });
  }

  /** @returns how long it took until all followed, in milliseconds. */
  async start(): Promise<number> {
    const owned = [{ id: "a-abcdefghij", package: NOTES, signer: SAMPLES_SIGNER }];
    const grounds = { tenant: TENANT, version: 1, owned, permits: [] };
    await this.#ask(subjects.grounds(AGENT), encodeMessage(GroundsOrder, { grounds: [grounds] }));
    const expires = Date.now() + 3_600_000;
    const lease = { epoch: 1, phase: "leased", actor: ACTOR, tenant: TENANT, until: expires, reboot: false } as const;
    const terms = this.#ids.map((deviceId) => ({ deviceId, ...lease }));
    await this.#ask(subjects.terms(AGENT), encodeMessage(TermsOrder, { terms }));
    const began = performance.now();
    const members = this.#ids.map((deviceId) => ({ deviceId, epoch: 1 }));
    const by = { group: GROUP, actor: ACTOR, mode: "group", aim: this.#aim, agreed: false } as const;
    await this.#order({ order: "start", ...by, members });
    await until(() => this.#ids.every((id) => this.#states.get(id) === "followed"), "to follow");
    return Math.round(performance.now() - began);
  }

  async round(count: number, taps: readonly (() => Promise<void>)[]): Promise<Round> {
    const { width = 1, height = 1 } = this.#leader.screen ?? {};
    const at = { x: width * QUIET.x, y: height * QUIET.y, width, height };
    const began = performance.now();
    const { answers } = await this.step({ type: "tap", at }, { only: this.#ids.slice(0, count) });
    const told = performance.now() - began;
    const ours = Math.max(...answers.map(({ ms }) => ms));
    const bareBegan = performance.now();
    await Promise.all(taps.slice(0, count).map((tap) => tap()));
    const bare = performance.now() - bareBegan;
    return { ours, told, bare, outcomes: this.count(answers) };
  }

  /** Opens a new note and leaves it again: what is found by its id, on screens that differ. */
  async element(): Promise<ElementRound> {
    const { answers } = await this.step({ type: "tap", at: { id: "add" } }, {});
    await this.step({ type: "key", key: "BACK" }, {});
    const leader = answers.find(({ deviceId }) => deviceId === this.#leader.id)?.ms ?? 0;
    const followers = answers.filter(({ deviceId }) => deviceId !== this.#leader.id).map(({ ms }) => ms);
    return { leader, followers, outcomes: this.count(answers) };
  }

  /** Waits until all have answered, or it is late. */
  async step(step: GroupStep, change: Partial<StepOrder> = {}): Promise<{ answers: readonly StepAnswer[] }> {
    const seq = ++this.#seq;
    const wanted = change.only?.length ?? this.#ids.length;
    const by = { group: GROUP, seq, actor: ACTOR, mode: "group", aim: this.#aim, leader: this.#leader.id } as const;
    const told = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("a step was not answered")), STEP_WITHIN_MS);
      this.#onAnswer = () => {
        if ((this.#answers.get(seq)?.length ?? 0) < wanted) return;
        clearTimeout(timer);
        resolve();
      };
    });
    const notAfter = Date.now() + 2_000;
    await this.#order({ order: "step", ...by, step, element: null, notAfter, except: [], settle: false, ...change });
    await told;
    return { answers: this.#answers.get(seq) ?? [] };
  }

  count(answers: readonly StepAnswer[]): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome, error } of answers) {
      const name = error ? `${outcome}: ${error.detail ?? error.message}` : outcome;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  get #ids(): string[] {
    return this.#agent.devices().map(({ id }) => id);
  }

  get #leader() {
    const [leader] = this.#agent.devices();
    if (!leader) throw new Error("there are no phones");
    return leader;
  }

  async #order(order: GroupOrder): Promise<void> {
    decodeMessage(GroupReply, await this.#ask(subjects.group(AGENT), encodeMessage(GroupOrder, order)));
  }

  #ask(subject: string, message: Uint8Array): Promise<Uint8Array> {
    return this.#bus.request(subject, message, { timeoutMs: 60_000 });
  }
}
