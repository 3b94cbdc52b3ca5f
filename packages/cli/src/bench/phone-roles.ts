/** The processes of the benches that meet phones: the phones, an agent, agent with control, and bare transports. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Agent, startAgent } from "@phonerack/agent";
import { createInProcessBus } from "@phonerack/contract/bus";
import { startControl } from "@phonerack/control";
import { startVirtualPhones } from "@phonerack/virtual-phone";
import pino from "pino";
import { BareTransports } from "./bare-transports.js";
import type { ControlAt } from "./relay-roles.js";
import type { StartRole } from "./role.js";

export interface PhonesRole {
  readonly params: {
    readonly count: number;
    /** Default none: what is measured is ours. */
    readonly latency?: "none" | "real";
    /** As the flag: `*:drop`. */
    readonly faults?: readonly string[];
  };
  readonly ready: { readonly ports: readonly number[] };
  /** Starts the game on so many phones, so that their pictures change. */
  readonly answers: { readonly play: number };
}

/** Of a run from the first connection until all are ready. */
export interface BringUp {
  readonly ms: number;
  readonly ready: number;
  readonly reasons: readonly string[];
}

export interface AgentRole {
  readonly params: { readonly control: boolean };
  readonly ready: Partial<ControlAt>;
  /** Asked with the ports. */
  readonly answers: {
    readonly bringUp: BringUp;
    readonly device: { readonly id: string; readonly width: number; readonly height: number };
    /** Bytes of the bus's third lane that went to it: files for its phones. */
    readonly bulk: number;
  };
}

export interface BareRole {
  readonly params: { readonly services: readonly string[] };
  readonly ready: Record<string, never>;
  /** again: the milliseconds that these services took over the connections that stand. */
  readonly answers: { readonly bringUp: BringUp; readonly again: number };
}

const ALL_READY_WITHIN_MS = 240_000;
const GAME = "dev.phonerack.blocks/.GameActivity";

export const startPhones: StartRole<PhonesRole> = async ({ count, latency = "none", faults = [] }) => {
  const { phones } = await startVirtualPhones({ count, port: 0, latency, faults });
  const play = (parameter: unknown) => {
    const players = phones.slice(0, Number(parameter));
    for (const { phone } of players) phone.activities.start({ component: GAME });
    return players.length;
  };
  return { ready: { ports: phones.map(({ port }) => port) }, answers: { play } };
};

/** An agent that has no phones yet, alone or with a whole control on the same bus, as in `up`. */
export const startAgentRole: StartRole<AgentRole> = async ({ control }) => {
  const dataDir = await mkdtemp(join(tmpdir(), "phonerack-bench-"));
  const bus = createInProcessBus();
  const log = pino({ level: "fatal" }, process.stderr);
  const parts = { bus, log, version: "0" };
  const at = control
    ? await startControl({ ...parts, replica: "bench", dataDir, database: { kind: "pglite" }, host: "127.0.0.1", port: 0 })
    : undefined;
  let bulk = 0;
  bus.subscribe("bulk.to.bench.*", ({ payload }) => {
    bulk += payload.length;
    return undefined;
  });
  const agent = await startAgent({ ...parts, agentId: "bench", dataDir: join(dataDir, "agent"), adb: { enabled: false } });
  return {
    ready: at ? { url: at.url, token: at.token } : {},
    answers: {
      bringUp: (ports) => bringUp(agent, ports as number[]),
      device: (port) => deviceAt(agent, Number(port)),
      bulk: () => bulk,
    },
  };
};

export const startBare: StartRole<BareRole> = async ({ services }) => {
  const transports = new BareTransports(services);
  return {
    ready: {},
    answers: {
      bringUp: (ports) => transports.bringUp(ports as number[]),
      again: (again) => transports.again(again as string[]),
    },
  };
};

async function bringUp(agent: Agent, ports: readonly number[]): Promise<BringUp> {
  const began = performance.now();
  for (const [at, port] of ports.entries()) {
    agent.connect({ host: "127.0.0.1", port, reach: "virtual", chassis: `V${Math.floor(at / 20) + 1}`, slot: (at % 20) + 1 });
  }
  let ready = 0;
  while (ready < ports.length && performance.now() - began < ALL_READY_WITHIN_MS) {
    await sleep(20);
    ready = agent.devices().filter(({ state }) => state === "ready").length;
  }
  const ms = performance.now() - began;
  const reasons = agent.devices().flatMap(({ state, reason }) => (state === "ready" ? [] : [`${state}: ${reason}`]));
  return { ms, ready, reasons: [...new Set(reasons)].slice(0, 5) };
}

function deviceAt(agent: Agent, port: number) {
  const device = agent.devices().find(({ address }) => address === `tcp:127.0.0.1:${port}`);
  if (!device?.screen) throw new Error("the agent has no such device");
  return { id: device.id, width: device.screen.width, height: device.screen.height };
}
