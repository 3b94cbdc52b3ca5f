/** Puts the parts of the workbench together: what people do on a device that they hold, beside looking and touching. */
import { LogWish, PhonerackError, TerminalSize, type LogWish as Wish } from "@phonerack/contract/api";
import type { Bus } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import type { Access } from "../access/access.js";
import { AdbKeys } from "../adb/adb-keys.js";
import { adbKeyProcedures } from "../adb/routes.js";
import { AdbKeyStore } from "../adb/store.js";
import type { AppDesk } from "../apps/start.js";
import { contentRoute } from "../artifacts/content-route.js";
import { artifactProcedures } from "../artifacts/routes.js";
import { type ArtifactDesk, createArtifactDesk } from "../artifacts/start.js";
import { uploadProcedures } from "../blobs/routes.js";
import { sendRoute } from "../blobs/send-route.js";
import { buildProcedures } from "../builds/routes.js";
import { type BuildDesk, createBuildDesk } from "../builds/start.js";
import { Crashes } from "../crashes/crashes.js";
import { crashProcedures } from "../crashes/routes.js";
import { CrashStore } from "../crashes/store.js";
import type { Db } from "../database/database.js";
import type { Devices } from "../devices/devices.js";
import type { Screenshots } from "../devices/screenshots.js";
import type { RecordEvent } from "../events/events.js";
import { fileContentRoute } from "../files/content-route.js";
import type { ContractRoute } from "../http/api.js";
import { Keeper } from "../jobs/keeper.js";
import { jobProcedures } from "../jobs/routes.js";
import { createJobDesk, type JobDesk } from "../jobs/start.js";
import { recordingProcedures } from "../recordings/routes.js";
import { createRecordingDesk, type RecordingDesk } from "../recordings/start.js";
import type { Relay } from "../relay/relay.js";
import type { ObjectStore } from "../storage/object-store.js";
import { Asks } from "./asks.js";
import { type PipeDoors, pipeDoors } from "./pipe-door.js";
import { Pipes } from "./pipes.js";
import { askProcedures } from "./routes.js";

export interface WorkbenchParts {
  readonly bus: Bus;
  readonly replica: string;
  /** May still be opening. */
  readonly db: Promise<Db>;
  readonly dataDir: string;
  /** Where blobs and artifacts lie. */
  readonly objects: ObjectStore;
  readonly devices: Devices;
  readonly relay: Relay;
  readonly screenshots: Screenshots;
  readonly apps: AppDesk;
  readonly record: RecordEvent;
  readonly log: Logger;
  /** What idleness of a lease is counted from. */
  readonly used: (leaseId: string, automated?: boolean) => void;
  /** Whether what this agent says is to be heard at all. */
  readonly hears: (agentId: string) => boolean;
  readonly hasTenant: (id: string) => Promise<boolean>;
}

export interface Workbench {
  readonly pipes: Pipes;
  readonly asks: Asks;
  readonly artifactDesk: ArtifactDesk;
  readonly recordingDesk: RecordingDesk;
  readonly hasTenant: (id: string) => Promise<boolean>;
  readonly jobs: JobDesk;
  readonly buildDesk: BuildDesk;
  readonly crashes: Crashes;
  readonly adbKeys: AdbKeys;
  /** To be awaited before anything is answered. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createWorkbench(parts: WorkbenchParts): Workbench {
  const pipes = new Pipes(parts);
  const asks = new Asks(parts);
  const artifactDesk = createArtifactDesk(parts);
  const recordingDesk = createRecordingDesk({ ...parts, artifactDesk });
  const { artifacts } = artifactDesk;
  const { recordings } = recordingDesk;
  const crashes = new Crashes({ ...parts, store: new CrashStore(parts.db), artifacts, recordings });
  const keeper = new Keeper({ ...parts, pipes, asks, artifacts, recordings });
  const { apps, trials, fences, grounds } = parts.apps;
  const requireRoom = (tenant: string, bytes: number) => artifactDesk.retentions.requireRoom(tenant, bytes);
  const buildDesk = createBuildDesk({ ...parts, apps, requireRoom });
  const jobs = createJobDesk({
    ...parts,
    trials,
    grounds,
    isEnrolled: (id) => fences.isEnrolled(id),
    ensure: (agentId, files) => buildDesk.blobs.ensure(agentId, files),
    keeper,
  });
  const adbKeys = new AdbKeys({ ...parts, store: new AdbKeyStore(parts.db) });
  return {
    pipes,
    asks,
    adbKeys,
    artifactDesk,
    recordingDesk,
    hasTenant: parts.hasTenant,
    jobs,
    buildDesk,
    crashes,
    start: async () => {
      await artifactDesk.start(await recordingDesk.start());
      await buildDesk.start();
      await jobs.start();
      await crashes.start();
    },
    stop: async () => {
      await crashes.stop();
      adbKeys.stop();
      await jobs.stop();
      pipes.stop();
      await recordingDesk.stop();
      await buildDesk.stop();
      await artifactDesk.stop();
    },
  };
}

export function workProcedures({ asks, adbKeys, artifactDesk, recordingDesk, buildDesk, hasTenant, jobs, crashes }: Workbench) {
  return {
    devices: { ...askProcedures(asks), ...recordingProcedures(recordingDesk.recordings) },
    nouns: {
      jobs: jobProcedures(jobs.jobs),
      uploads: uploadProcedures(buildDesk.uploads),
      builds: buildProcedures(buildDesk.builds),
      artifacts: artifactProcedures({ ...artifactDesk, hasTenant }),
      crashes: crashProcedures(crashes),
      adbKeys: adbKeyProcedures(adbKeys),
    },
  };
}

/** Routes whose bodies are streamed, by name. */
export function workRoutes(
  server: FastifyInstance,
  { artifactDesk, asks, buildDesk, pipes }: Workbench,
): Readonly<Record<string, (route: ContractRoute) => Promise<void>>> {
  return {
    "artifacts.content": async (route) => contentRoute(server, route, artifactDesk.artifacts),
    "devices.fileContent": async (route) => fileContentRoute(server, route, { asks, pipes }),
    "uploads.send": (route) => sendRoute(server, route, buildDesk.uploads),
  };
}

export function workDoors(server: FastifyInstance, access: Pick<Access, "unchanged">, workbench: Workbench): PipeDoors {
  const { pipes, adbKeys } = workbench;
  return pipeDoors(server, access, [
    {
      name: "shell",
      raw: false,
      open: (who, id, request) => pipes.open(who, id, { type: "shell", ...shellOf(request) }),
    },
    { name: "logs", raw: false, open: (who, id, request) => pipes.open(who, id, { type: "log", wish: wishOf(request) }) },
    {
      name: "adb",
      raw: true,
      open: async (who, id, request) => {
        const { agreed } = parsed(Agreed, request.query);
        return pipes.open(who, id, { type: "adb", keys: await adbKeys.keysOf(who), agreed });
      },
      hear: (who, id, pipe) => adbKeys.follow(who, id, pipe),
    },
  ]);
}

/** In the address: the fence may close on a phone that nobody enrolled. */
const Agreed = z.object({ agreed: z.stringbool().default(false) });

/** In the address: `command`, `rows`, `columns`, `term`, `agreed`. */
const ShellQuery = z.object({
  command: z.string().max(100_000).optional(),
  rows: z.coerce.number().optional(),
  columns: z.coerce.number().optional(),
  term: z.string().optional(),
  agreed: z.stringbool().default(false),
});

function shellOf(request: FastifyRequest) {
  const { command = null, rows, columns, term = "xterm-256color", agreed } = parsed(ShellQuery, request.query);
  const size = rows === undefined && columns === undefined ? null : parsed(TerminalSize, { rows, columns });
  return { command, terminal: size && { ...size, term }, agreed };
}

/** In the address: `wish`, as JSON. */
function wishOf(request: FastifyRequest): Wish {
  const { wish = "{}" } = request.query as { wish?: string };
  try {
    return parsed(LogWish, JSON.parse(wish));
  } catch (cause) {
    if (cause instanceof PhonerackError) throw cause;
    throw new PhonerackError("bad_request", "wish: not JSON", { cause });
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new PhonerackError("bad_request", z.prettifyError(result.error).slice(0, 300));
  return result.data;
}
