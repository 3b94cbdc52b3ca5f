/** `phonerack up`: control, an agent and a chassis of virtual phones put together on one machine, on the in-process bus. */
import { join } from "node:path";
import { type Agent, type AgentOptions, type DirectTarget, startAgent } from "@phonerack/agent";
import { createInProcessBus } from "@phonerack/contract/bus";
import { type Control, type ControlOptions, readStorage, startControl } from "@phonerack/control";
import type { Logger } from "pino";
import { makeDataFolder, removeRun, runOf, writeRun } from "../data-folder.js";
import { Undo } from "../undo.js";
import { VERSION } from "../version.js";
import { type ChassisProcess, startChassisProcess } from "../virtual/chassis-process.js";
import { consoleFiles } from "./console-files.js";
import { DEMO_APPS } from "./demo-apps.js";

export interface UpOptions {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Where files and artifacts lie, as on a command line; default: in the data folder. */
  readonly storage?: string | undefined;
  /** Virtual phones, 20 in a chassis. */
  readonly virtual: number;
  readonly latency: "none" | "real";
  readonly faults: readonly string[];
  readonly connect: readonly DirectTarget[];
  readonly adb: AgentOptions["adb"];
  readonly https: Pick<ControlOptions, "tlsFiles" | "publicUrl" | "insecureHttp">;
  readonly log: Logger;
}

export interface Up {
  readonly control: Control;
  readonly agent: Agent;
  readonly chassis: ChassisProcess | undefined;
  /** The link that opens the console logged in, once. */
  readonly console: string;
  stop(): Promise<void>;
}

const PHONES_IN_CHASSIS = 20;
/** This process's names on its own bus. */
const LOCAL = { replica: "local", agentId: "local" } as const;

/** Starts all parts; when one fails, those that run are stopped before the failure is passed on. */
export async function startUp(options: UpOptions): Promise<Up> {
  const undo = new Undo();
  try {
    return await compose(options, undo);
  } catch (error) {
    await undo.run(options.log);
    throw error;
  }
}

async function compose(options: UpOptions, undo: Undo): Promise<Up> {
  const { dataDir, host, port, log } = options;
  await makeDataFolder(dataDir);
  const bus = createInProcessBus({ onError: (err, subject) => log.error({ err, subject }, "a message was not dealt with") });
  undo.add("the bus", () => bus.stop());
  // The phones need a second to boot: they do it while control opens its database.
  const booting = startPhones(options);
  undo.add("the virtual phones", async () => (await booting.catch(() => undefined))?.stop());
  const control = await startControl({
    bus,
    replica: LOCAL.replica,
    dataDir,
    database: { kind: "pglite" },
    host,
    port,
    version: VERSION,
    log: log.child({ part: "control" }),
    demoApps: DEMO_APPS,
    ...(options.storage === undefined ? {} : { storage: readStorage(options.storage) }),
    ...options.https,
    ...consoleFiles(),
  });
  undo.add("control", () => control.stop());
  const chassis = await booting;
  const agent = await startAgent({
    agentId: LOCAL.agentId,
    bus,
    dataDir: join(dataDir, "agent"),
    log: log.child({ part: "agent" }),
    connect: [...virtualTargets(chassis), ...options.connect],
    adb: options.adb,
    version: VERSION,
  });
  undo.add("the agent", () => agent.stop());
  await writeRun(dataDir, runOf(control));
  undo.add("run.json", () => removeRun(dataDir));
  return { control, agent, chassis, console: await control.consoleLink(), stop: () => undo.run(log) };
}

function startPhones(options: UpOptions): Promise<ChassisProcess | undefined> {
  if (options.virtual === 0) return Promise.resolve(undefined);
  const starting = startChassisProcess({
    count: options.virtual,
    host: "127.0.0.1",
    port: 0,
    latency: options.latency,
    faults: options.faults,
    dataDir: join(options.dataDir, "virtual"),
    controlPort: 0,
    log: options.log,
  });
  // Awaited only after control has started: a failure before that must not count as unhandled.
  starting.catch(() => {});
  return starting;
}

function virtualTargets(chassis: ChassisProcess | undefined): DirectTarget[] {
  return (chassis?.phones ?? []).map(({ slot, port }) => ({
    host: "127.0.0.1",
    port,
    reach: "virtual",
    chassis: `V${String(Math.ceil(slot / PHONES_IN_CHASSIS)).padStart(2, "0")}`,
    slot: ((slot - 1) % PHONES_IN_CHASSIS) + 1,
  }));
}
