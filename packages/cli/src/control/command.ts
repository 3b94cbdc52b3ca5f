import { hostname } from "node:os";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import type { Logger } from "pino";
import { makeDataFolder, removeRun, runOf, writeRun } from "../data-folder.js";
import { defaultDataDir, parseFolder, parsePort, parseUrl } from "../flags.js";
import { foreground } from "../foreground.js";
import { createLog } from "../log.js";
import { Undo } from "../undo.js";
import { DEFAULT_PORT } from "../up/command.js";
import { consoleFiles } from "../up/console-files.js";
import { VERSION } from "../version.js";
import { addHttpsFlags, type HttpsFlags, httpsOptions, trustLines } from "./https-flags.js";

interface ControlFlags extends HttpsFlags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly database?: string;
  readonly bus: string;
  readonly busKeys?: string;
  readonly agentsBus?: readonly string[];
  readonly storage?: string;
  readonly replica?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function addControl(program: Command): void {
  addHttpsFlags(program.command("control"))
    .summary("the control plane of a lab, without phones of its own")
    .description(
      "Starts one control of a lab: console, API, database. Agents beside the phones reach it over NATS. Runs until Ctrl-C.",
    )
    .addOption(
      new Option("--bus <url>", "the lab's NATS servers, e.g. nats://10.0.0.2:4222")
        .env("PHONERACK_BUS")
        .argParser(parseUrl(["nats:", "tls:"]))
        .makeOptionMandatory(),
    )
    .option(
      "--bus-keys <folder>",
      "what 'phonerack bus-keys' made: agents that join get NATS credentials of their own",
      parseFolder,
    )
    .option("--agents-bus <url>", "NATS servers as agents reach them; repeatable; default: those of --bus", collectBus)
    .addOption(
      new Option("--database <url>", "PostgreSQL, e.g. postgres://user:password@10.0.0.2/rack; default: one in the data folder")
        .env("PHONERACK_DATABASE")
        .argParser(parseUrl(["postgres:", "postgresql:"])),
    )
    .option("-p, --port <port>", "port of the console and the API; 0 takes a free one", parsePort, DEFAULT_PORT)
    .option("--host <host>", "address to listen on; https unless it is this machine's own, e.g. 127.0.0.1", "127.0.0.1")
    .option("-d, --data <folder>", "where the token (and the database) are kept", parseFolder, defaultDataDir())
    .addOption(
      new Option(
        "--storage <place>",
        "where files and artifacts lie: a folder, or s3://bucket/prefix?endpoint=https://…&region=…; default: in the data folder",
      ).env("PHONERACK_STORAGE"),
    )
    .option("--replica <name>", "this control's name, unique in the lab; default: host and process")
    .option("--json", "one JSON line when ready")
    .option("-v, --verbose", "log what happens on stderr")
    .addHelpText(
      "after",
      `
Examples:
  phonerack control --bus nats://127.0.0.1:4222
  phonerack control --bus nats://10.0.0.2:4222 --bus-keys /etc/phonerack/bus --database postgres://rack:secret@10.0.0.2/rack --host 0.0.0.0
Environment, which other users of the machine cannot see, as they can a command line:
  PHONERACK_DATABASE, PHONERACK_BUS, PHONERACK_STORAGE
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY   for --storage s3://…
  PHONERACK_TOKEN   the admin token, the same for all controls of a lab (default: made in the data folder)`,
    )
    .action(control);
}

async function control(flags: ControlFlags): Promise<void> {
  const running = foreground();
  const log = createLog(flags);
  const undo = new Undo();
  try {
    await makeDataFolder(flags.data);
    const replica =
      flags.replica ??
      `${hostname()
        .replaceAll(/[^A-Za-z0-9-]/g, "-")
        .slice(0, 40)}-${process.pid}`;
    const { bus, agentBus } = await reachBus(flags, replica, log);
    undo.add("the bus", () => bus.stop());
    const { readStorage, startControl } = await import("@phonerack/control");
    const started = await startControl({
      bus,
      ...(agentBus ? { agentBus } : {}),
      replica,
      dataDir: flags.data,
      database: flags.database ? { kind: "postgres", url: flags.database } : { kind: "pglite" },
      host: flags.host,
      port: flags.port,
      version: VERSION,
      log,
      demoApps: (await import("../up/demo-apps.js")).DEMO_APPS,
      ...(flags.storage === undefined ? {} : { storage: readStorage(flags.storage) }),
      ...httpsOptions(flags),
      ...consoleFiles(),
      ...(process.env.PHONERACK_TOKEN ? { adminToken: process.env.PHONERACK_TOKEN } : {}),
    });
    undo.add("control", () => started.stop());
    await writeRun(flags.data, runOf(started));
    undo.add("run.json", () => removeRun(flags.data));
    const link = await started.consoleLink();
    if (flags.json) process.stdout.write(`${JSON.stringify({ url: started.url, token: started.token, console: link })}\n`);
    else process.stdout.write(`phonerack control runs: open ${link} (works once; Ctrl-C stops)\n${trustLines(started)}`);
  } catch (error) {
    await undo.run(log);
    throw error;
  }
  await running.end(() => undo.run(log));
}

/** With bus keys, control is who they say, and signs for the agents that join. */
async function reachBus({ bus: url, busKeys, agentsBus }: ControlFlags, replica: string, log: Logger) {
  if (busKeys === undefined && agentsBus !== undefined) throw new PhonerackError("usage", "--agents-bus needs --bus-keys");
  const { connectNats } = await import("../bus/connect-nats.js");
  const target = { url, name: `control ${replica}`, inboxPrefix: `_INBOX_control-${replica}` };
  if (busKeys === undefined) return { bus: await connectNats(target), agentBus: undefined };
  const { BusKeys } = await import("@phonerack/control");
  const keys = await BusKeys.read(busKeys);
  const bus = await connectNats({ ...target, credentials: () => keys.control });
  const { protocol, host, hostname: name } = new URL(url);
  if (agentsBus === undefined && /^(localhost|127\.|\[::1\])/.test(name))
    log.warn({ bus: host }, "hosts elsewhere do not reach NATS at this address: say with --agents-bus how they do");
  return { bus, agentBus: { keys, servers: agentsBus ?? [`${protocol}//${host}`] } };
}

function collectBus(text: string, before: readonly string[] = []): string[] {
  return [...before, parseUrl(["nats:", "tls:"])(text)];
}
