/** Finds a bench by its name and runs it; a bench is loaded only when asked for. */
import { PhonerackError } from "@phonerack/contract/bus";
import { BENCHES, type BenchName, type BenchOptions, type BenchResult } from "./benches.js";

const RUNNERS: { readonly [Name in BenchName]: (options: BenchOptions) => Promise<BenchResult> } = {
  relay: async (options) => (await import("./relay.js")).relayBench(options),
  wall: async (options) => (await import("./wall.js")).wallBench(options),
  log: async (options) => (await import("./log.js")).logBench(options),
  logflood: async (options) => (await import("./logflood.js")).logFloodBench(options),
  leases: async (options) => (await import("./leases.js")).leasesBench(options),
  bringup: async (options) => (await import("./bringup.js")).bringupBench(options),
  idle: async (options) => (await import("./idle.js")).idleBench(options),
  group: async (options) => (await import("./group.js")).groupBench(options),
  jobs: async (options) => (await import("./jobs.js")).jobsBench(options),
  race: async (options) => (await import("./race.js")).raceBench(options),
  install: async (options) => (await import("./install.js")).installBench(options),
  push: async (options) => (await import("./push.js")).pushBench(options),
  logcat: async (options) => (await import("./logcat.js")).logcatBench(options),
  touch: async (options) => (await import("./touch.js")).touchBench(options),
};

export async function runBench(name: string, options: BenchOptions): Promise<BenchResult> {
  if (!isBench(name))
    throw new PhonerackError("usage", `there is no bench '${name}'; there are ${Object.keys(BENCHES).join(", ")}`);
  return RUNNERS[name](options);
}

function isBench(name: string): name is BenchName {
  return Object.hasOwn(BENCHES, name);
}
