/**
 * The process beside a chassis: finds its phones, keeps them prepared, mirrors them, injects what the gate allows and reports on the bus.
 * Who may use which phone is control's business; this file only puts the parts together and takes them apart again.
 */
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AgentBeat,
  BEAT_MS,
  type Bus,
  type DeviceReport,
  encodeMessage,
  PhonerackError,
  subjects,
} from "@phonerack/contract/bus";
import type { Logger } from "pino";
import { startAdbServer } from "./adb-server/adb-server.js";
import { Blobs } from "./blobs/blobs.js";
import type { CreateCleaner } from "./cleaning/cleaner.js";
import { createCleaner as ours } from "./cleaning/create-cleaner.js";
import type { AgentContext } from "./devices/context.js";
import { Keeper, type Route } from "./devices/keeper.js";
import type { Phone } from "./devices/phone.js";
import { Phones } from "./devices/phones.js";
import { subscribeIdentity } from "./devices/settling.js";
import { Fences } from "./fence/fences.js";
import { FenceJournal } from "./fence/journal.js";
import { Budgets } from "./gate/budgets.js";
import { GroundsBook, subscribeGrounds } from "./gate/grounds-book.js";
import { Groups } from "./group/groups.js";
import { Holds } from "./hold/holds.js";
import { CleanRecords } from "./hold/records.js";
import { subscribeTerms } from "./hold/terms.js";
import { Identities } from "./identity/identities.js";
import { JournalCarrier } from "./journal/carrier.js";
import { DecisionJournal } from "./journal/journal.js";
import { LIMITS } from "./limits.js";
import { loadServerJar } from "./mirror/server-jar.js";
import { TileRates } from "./mirror/tile-rates.js";
import { Permits } from "./permits.js";
import { Locations } from "./settings/locations.js";
import { startSweep } from "./sweep.js";
import { Tasks } from "./tasks/tasks.js";
import { type AdbKey, loadAdbKey } from "./transports/adb-key.js";
import { openDirectLink } from "./transports/direct-link.js";
import { startWorkDesk } from "./workbench/desk.js";

/** A phone or virtual phone that is reached directly over TCP (adbd listening on `port`), not through an adb server. */
export interface DirectTarget {
  readonly host: string;
  readonly port: number;
  /** The chassis and the numbered slot (from 1) where the phone sits, when known. */
  readonly chassis?: string;
  readonly slot?: number;
  /** Default `network`. */
  readonly reach?: "network" | "virtual";
}

/** What the agent allows itself; every field has its meaning and default in `limits.ts`. */
export type Limits = { readonly [name in keyof typeof LIMITS]: number };

/** What an agent that stops gives its phones for opening their fences. */
const OPEN_FENCES_MS = 3_000;

export interface AgentOptions {
  /** 1 to 64 of A-Z, a-z, 0-9 and -. */
  readonly agentId: string;
  readonly bus: Bus;
  /** Holds identities, the adb key and the decision journal; made when missing. */
  readonly dataDir: string;
  readonly log: Logger;
  readonly connect?: readonly DirectTarget[];
  /** USB phones through an adb server: joined when one runs at `serverPort` (default 5037), else started from `path` (default: adb in PATH). */
  readonly adb: { readonly enabled: boolean; readonly path?: string; readonly serverPort?: number };
  /** Another scrcpy-server than the one shipped, e.g. for a newer Android. `sha256` in hex is checked before it is used. */
  readonly scrcpyServer?: { readonly path: string; readonly version: string; readonly sha256: string };
  readonly version: string;
  /** Megabits per second that the pictures and sound of all its phones may take together: tiles go slower before they take more. Default: no budget. */
  readonly uplinkMbit?: number;
  /** What the lab's files that phones here need may take of the disk, in bytes. Default: 20 GiB. */
  readonly blobBytes?: number;
  readonly limits?: Partial<Limits>;
  /** Another way to clean phones than ours. */
  readonly cleaner?: CreateCleaner;
}

export interface Agent {
  /** Takes a phone on and keeps trying it until `disconnect`; a target that is already there stays as it is. */
  connect(target: DirectTarget): void;
  /** Lets go of the phone at this address and makes control forget it. */
  disconnect(target: Pick<DirectTarget, "host" | "port">): Promise<void>;
  /** The present report of every phone. */
  devices(): readonly DeviceReport[];
  /** Lifts fingers, stops mirrors, closes connections and writes the journal out. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Fails with `data_unwritable` when `dataDir` cannot be written, `usage` when the scrcpy server's hash is not the one given. A missing adb is
 * a notice in the log, not a failure.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { bus, log, agentId } = options;
  const limits = { ...LIMITS, ...options.limits };
  const context = await makeContext(options, limits, (id) => fleet.phones.get(id));
  const { holds, identities, journal, sweep, rates, key, grounds } = context;
  const fleet: Fleet = new Fleet(context, key, limits.devices);
  const terms = subscribeTerms({ agentId, bus, holds, knows: (id) => fleet.phones.get(id) !== undefined });
  const proved = subscribeGrounds({ agentId, bus, grounds });
  const identity = subscribeIdentity({ agentId, bus, identities, phones: fleet.phones });
  const groups = new Groups({ agentId, bus, phone: (id) => fleet.phones.get(id) });
  const work = await startWork(options, (id) => fleet.phones.get(id));
  const resend = bus.subscribe(subjects.resend, () => {
    fleet.phones.publishAll();
    return undefined;
  });
  const restored = bus.onRestored(() => fleet.phones.publishAll());
  const carrier = new JournalCarrier({ agentId, bus, journal, log: log.child({ part: "journal" }) });
  const beating = startBeating(options, () => ({
    devices: fleet.phones.size,
    grounds: grounds.versions(),
    journal: carrier.lag,
  }));
  for (const target of options.connect ?? []) fleet.connect(target);
  const adbServer = options.adb.enabled
    ? startAdbServer({
        port: options.adb.serverPort ?? 5037,
        path: options.adb.path ?? "adb",
        log,
        isDirect: (serial) => fleet.reachesDirectly(`tcp:${serial}`),
        onRoute: (route) => fleet.add(route),
        onRouteGone: (address, reason) => void fleet.drop(address, reason),
      })
    : undefined;
  const stop = async () => {
    await adbServer?.stop();
    await work.stop();
    await openAll(groups, fleet.phones);
    await fleet.stop();
    clearInterval(beating);
    resend.unsubscribe();
    restored.unsubscribe();
    terms.unsubscribe();
    proved.unsubscribe();
    identity.unsubscribe();
    sweep.stop();
    rates.stop();
    await holds.stop();
    await carrier.stop();
    await journal.stop();
    await Promise.all([context.budgets.stop(), context.fences.stop(), grounds.stop()]);
    await identities.stop();
  };
  let stopped: Promise<void> | undefined;
  return {
    connect: (target) => fleet.connect(target),
    disconnect: (target) => fleet.forget(addressOf(target)),
    devices: () => fleet.phones.reports(),
    stop: () => (stopped ??= stop()),
  };
}

function startBeating(
  { agentId, bus, version }: AgentOptions,
  counts: () => Pick<AgentBeat, "devices" | "grounds" | "journal">,
): NodeJS.Timeout {
  const startedAt = Date.now();
  const beat = () => {
    const message = { agentId, host: hostname(), version, startedAt, ...counts() };
    bus.publish(subjects.beat(agentId), encodeMessage(AgentBeat, message));
  };
  beat();
  return setInterval(beat, BEAT_MS);
}

/** What is done on the phones beside pictures and input. */
async function startWork(
  { agentId, bus, dataDir, log, blobBytes }: AgentOptions,
  phone: (id: string) => Phone | undefined,
): Promise<{ stop(): Promise<void> }> {
  const blobs = new Blobs({ folder: join(dataDir, "blobs"), ...(blobBytes !== undefined && { most: blobBytes }) });
  await blobs.start();
  const locations = await Locations.load({ path: join(dataDir, "locations.json"), log, phone });
  const tasks = await Tasks.load({ agentId, dataDir, bus, blobs, own: { locations }, log: log.child({ part: "tasks" }), phone });
  const desk = startWorkDesk({ agentId, bus, blobs, tasks, locations, phone });
  return {
    stop: async () => {
      desk.stop();
      await tasks.stop();
      await locations.stop();
      await blobs.stop();
    },
  };
}

/** What stays disabled is enabled at the next start. */
async function openAll(groups: Groups, phones: Phones): Promise<void> {
  const opened = Promise.all([groups.stop(), phones.openFences()]);
  await Promise.race([opened, sleep(OPEN_FENCES_MS, undefined, { ref: false })]);
}

async function makeContext(
  options: AgentOptions,
  limits: Limits,
  phone: (id: string) => Phone | undefined,
): Promise<AgentContext & { key: AdbKey }> {
  const { agentId, bus, log, dataDir, cleaner: createCleaner = ours } = options;
  const jar = await loadServerJar(options.scrcpyServer);
  const data = await openData(dataDir, log);
  const cleaner = await createCleaner({
    dataDir,
    log,
    jar,
    ready: async (id, signal) => {
      const known = phone(id);
      if (!known) throw new PhonerackError("device_not_ready", "this agent does not have it");
      return known.custody.ready(signal);
    },
  });
  return {
    ...data,
    agentId,
    bus,
    log,
    jar,
    cleaner,
    limits,
    rates: new TileRates(options.uplinkMbit),
    permits: new Permits(limits.preparingAtOnce),
    cleanings: new Permits(limits.cleaningsAtOnce),
    baselines: new Permits(limits.baselinesAtOnce),
    fencings: new Permits(limits.fencesAtOnce),
    sweep: startSweep((error) => log.error({ err: error }, "a periodic check failed")),
  };
}

async function openData(
  dataDir: string,
  log: Logger,
): Promise<
  Pick<AgentContext, "identities" | "journal" | "holds" | "records" | "grounds" | "budgets" | "fences"> & { key: AdbKey }
> {
  try {
    await makeFolder(dataDir);
    const identities = await Identities.load(dataDir, (error) => log.error({ err: error }, "identities.json"));
    const holds = await Holds.load({ dataDir, onProblem: (error) => log.error({ err: error }, "holds.json") });
    const records = await CleanRecords.open(dataDir);
    const onError = (error: unknown) => log.error({ err: error }, "the decision journal cannot be written");
    const journal = await DecisionJournal.open(dataDir, { onError });
    const grounds = await GroundsBook.load({ dataDir, onProblem: (error) => log.error({ err: error }, "grounds.json") });
    const budgets = await Budgets.load({ dataDir, onProblem: (error) => log.error({ err: error }, "budgets.log") });
    const fences = await FenceJournal.open({ dataDir, onProblem: (error) => log.error({ err: error }, "fences.json") });
    const key = await loadAdbKey(dataDir);
    log.info({ path: key.path, sharedWithAdb: key.shared }, "phones know this agent by this key");
    return { identities, holds, records, journal, grounds, budgets, fences: new Fences(fences), key };
  } catch (error) {
    if (error instanceof PhonerackError) throw error;
    throw new PhonerackError("data_unwritable", dataDir, { cause: error });
  }
}

/** Not `recursive`: Node 20's never returns for a folder under /proc. */
async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path, { mode: 0o700 });
  }
}

function addressOf({ host, port }: Pick<DirectTarget, "host" | "port">): string {
  return `tcp:${host}:${port}`;
}

/** The keepers of this agent, one per way to a phone. */
class Fleet {
  readonly phones: Phones;
  readonly #context: AgentContext;
  readonly #key: AdbKey;
  readonly #most: number;
  readonly #keepers = new Map<string, Keeper>();
  readonly #direct = new Set<string>();
  readonly #leaving = new Set<Promise<void>>();

  constructor(context: AgentContext, key: AdbKey, most: number) {
    this.phones = new Phones(context);
    this.#context = context;
    this.#key = key;
    this.#most = most;
  }

  reachesDirectly(address: string): boolean {
    return this.#direct.has(address);
  }

  connect(target: DirectTarget): void {
    const { host, port, chassis = null, slot = null, reach = "network" } = target;
    const open: Route["open"] = (signal, onUnauthorised) =>
      openDirectLink({ host, port, key: this.#key, signal, onUnauthorised });
    this.#direct.add(addressOf(target));
    this.add({ address: addressOf(target), reach, chassis, slot, open });
  }

  add(route: Route): void {
    if (this.#keepers.has(route.address)) return;
    if (this.#keepers.size >= this.#most) {
      this.#context.log.warn({ address: route.address }, `this agent takes ${this.#most} phones; this one is left out`);
      return;
    }
    const keeper = new Keeper(this.#context, this.phones, route);
    this.#keepers.set(route.address, keeper);
    keeper.start();
  }

  /** Lets go of the phone at this address; its report says lost. */
  drop(address: string, reason: string): Promise<Keeper | undefined> {
    const keeper = this.#keepers.get(address);
    this.#keepers.delete(address);
    if (!keeper) return Promise.resolve(undefined);
    const leaving = keeper.stop(reason).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    return leaving.then(() => keeper);
  }

  async forget(address: string): Promise<void> {
    this.#direct.delete(address);
    const keeper = await this.drop(address, "it was disconnected");
    keeper?.remove();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#keepers.keys()].map((address) => this.drop(address, "the agent has stopped")));
    await Promise.all(this.#leaving);
    this.phones.stop();
  }
}
