/** One process of a bench: becomes the role it is told and answers until its parent is gone. */
import type { FromRole, Memory, Role, StartRole, ToRole, Usage } from "./role.js";
import type { Roles } from "./roles.js";

const STARTERS: { readonly [Name in keyof Roles]: () => Promise<StartRole<Roles[Name]>> } = {
  source: async () => (await import("./relay-roles.js")).startSource,
  pipe: async () => (await import("./relay-roles.js")).startPipe,
  lab: async () => (await import("./relay-roles.js")).startLab,
  natsAgent: async () => (await import("./relay-roles.js")).startNatsAgent,
  natsControl: async () => (await import("./relay-roles.js")).startNatsControl,
  bareNats: async () => (await import("./relay-roles.js")).startBareNats,
  phones: async () => (await import("./phone-roles.js")).startPhones,
  agent: async () => (await import("./phone-roles.js")).startAgentRole,
  bare: async () => (await import("./phone-roles.js")).startBare,
  groupAgent: async () => (await import("./group-agent.js")).startGroupAgent,
  raceAgent: async () => (await import("./race-agent.js")).startRaceAgent,
  hop: async () => (await import("./hop.js")).startHop,
  leaseLab: async () => (await import("./lease-roles.js")).startLeaseLab,
  leaseActors: async () => (await import("./lease-roles.js")).startLeaseActors,
  bareLeases: async () => (await import("./lease-roles.js")).startBareLeases,
  wallLab: async () => (await import("./wall-role.js")).startWallLab,
  tunnel: async () => (await import("./push-roles.js")).startTunnel,
  pump: async () => (await import("./push-roles.js")).startPump,
  clients: async () => (await import("./clients.js")).startClients,
};

type AnyRole = Role<unknown, Record<string, unknown>>;

let role: AnyRole | undefined;

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMs: (user + system) / 1_000 };
}

function memory(): Memory {
  globalThis.gc?.();
  return { rss: process.memoryUsage.rss() };
}

async function obey(message: ToRole): Promise<unknown> {
  if (message.type === "start") {
    // Parameters and starter belong together by the role's name: `BenchProcess.start` has checked it.
    const start = (await STARTERS[message.role as keyof Roles]()) as (params: unknown) => Promise<AnyRole>;
    role = await start(message.params);
    return role.ready;
  }
  if (message.name === "usage") return usage();
  if (message.name === "memory") return memory();
  return role?.answers?.[message.name]?.(message.parameter);
}

process.on("message", (message: ToRole) => {
  const id = message.type === "start" ? 0 : message.id;
  obey(message).then(
    (answer) => process.send?.({ type: "answer", id, answer } satisfies FromRole),
    (error: unknown) =>
      process.send?.({
        type: "failed",
        id,
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies FromRole),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});
