import { hostname } from "node:os";
import { join } from "node:path";
import type { DirectTarget } from "@phonerack/agent";
import type { Bus } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Logger } from "pino";
import { type AdbFlag, chooseAdb } from "../adb-program.js";
import { findControl } from "../api/find-control.js";
import { claimFolder } from "../data-folder.js";
import { collectTarget, defaultDataDir, parseFolder, parseUrl } from "../flags.js";
import { foreground } from "../foreground.js";
import { createLog } from "../log.js";
import { Undo } from "../undo.js";
import { VERSION } from "../version.js";

interface AgentFlags {
  readonly bus?: string;
  readonly control?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly data: string;
  readonly name: string;
  readonly connect?: readonly DirectTarget[];
  readonly adb?: AdbFlag;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function addAgent(program: Command): void {
  program
    .command("agent")
    .summary("the process beside a chassis, joined to a running control")
    .description(
      "Finds the phones of this machine and joins them to a control: one running here, one elsewhere, or a lab's. Runs until Ctrl-C.",
    )
    .option("--connect <host:port>", "a network board, e.g. 10.0.0.7:5555 or 10.0.0.7:5555@A1/3; repeatable", collectTarget)
    .addOption(
      new Option("--control <url>", "control's address; default: the one running with the data folder")
        .env("PHONERACK_URL")
        .argParser(parseUrl(["http:", "https:"])),
    )
    .addOption(new Option("--token <token>", "control's admin token; default: from the data folder").env("PHONERACK_TOKEN"))
    .addOption(new Option("--ca <file>", "the CA of control's certificate, in PEM, when it is its own").env("PHONERACK_CA"))
    .addOption(
      new Option("--bus <url>", "a lab's NATS servers instead, e.g. nats://10.0.0.2:4222")
        .argParser(parseUrl(["nats:", "tls:"]))
        .conflicts("control"),
    )
    .option("--name <name>", "this agent's name, unique in the lab", parseName, defaultName())
    .option("-d, --data <folder>", "where keys, identities and the journal are kept", parseFolder, defaultDataDir())
    .option("--adb [path]", "phones on USB too; default: on, unless --connect is given")
    .option("--no-adb", "no USB phones")
    .option("--json", "one JSON line when joined")
    .option("-v, --verbose", "log what happens on stderr")
    .addHelpText(
      "after",
      `
Examples:
  phonerack agent --connect 10.0.0.7:5555          adds a network board to the phonerack that runs here
  phonerack agent --control http://lab:7171 --token …   joins this machine's phones to another machine's phonerack
  phonerack agent --bus nats://10.0.0.2:4222      joins a lab`,
    )
    .action(agent);
}

async function agent(flags: AgentFlags): Promise<void> {
  const running = foreground();
  const log = createLog(flags);
  const connect = flags.connect ?? [];
  // With boards to connect, an agent without adb has work to do.
  const adb = chooseAdb(flags.adb ?? (connect.length > 0 ? false : undefined), true);
  const undo = new Undo();
  try {
    const dataDir = join(flags.data, "agents", flags.name);
    undo.add("the data folder", await claimFolder(dataDir));
    const { bus, at } = await joinBus(flags, log);
    undo.add("the bus", () => bus.stop());
    const { startAgent } = await import("@phonerack/agent");
    const started = await startAgent({ agentId: flags.name, bus, dataDir, log, connect, adb, version: VERSION });
    undo.add("the agent", () => started.stop());
    if (flags.json) process.stdout.write(`${JSON.stringify({ agent: flags.name, control: at })}\n`);
    else process.stdout.write(`Agent ${flags.name} joined ${at} (Ctrl-C stops)\n`);
  } catch (error) {
    await undo.run(log);
    throw error;
  }
  await running.end(() => undo.run(log));
}

async function joinBus(flags: AgentFlags, log: Logger): Promise<{ bus: Bus; at: string }> {
  const onError = (err: unknown, subject: string) => log.error({ err, subject }, "a message was not dealt with");
  if (flags.bus) {
    const { connectNats } = await import("../bus/connect-nats.js");
    const { protocol, host } = new URL(flags.bus);
    // Without the password that the address may hold: it is printed.
    return { bus: await connectNats({ url: flags.bus, name: `agent ${flags.name}`, onError }), at: `${protocol}//${host}` };
  }
  const { url, token, ca } = await findControl(flags);
  const { connectLink } = await import("../bus/connect-link.js");
  return { bus: await connectLink({ url, token, log, onError, ...(ca === undefined ? {} : { ca }) }), at: url };
}

function defaultName(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9-]/g, "-")
      .slice(0, 64) || "agent"
  );
}

function parseName(text: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(text) || text === "local") {
    throw new InvalidArgumentError("a name is 1 to 64 of A-Z, a-z, 0-9 and -, and not 'local'.");
  }
  return text;
}
