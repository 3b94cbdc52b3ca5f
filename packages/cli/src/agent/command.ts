import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { DirectTarget } from "@phonerack/agent";
import { AgentName } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Logger } from "pino";
import { type AdbFlag, chooseAdb } from "../adb-program.js";
import { findControl, findPlace } from "../api/find-control.js";
import { claimFolder } from "../data-folder.js";
import { collectTarget, defaultDataDir, parseFolder, parseUrl, parseWhole } from "../flags.js";
import { foreground } from "../foreground.js";
import { createLog } from "../log.js";
import { Undo } from "../undo.js";
import { VERSION } from "../version.js";
import * as membership from "./membership.js";
import type { Reached } from "./reach-lab.js";

interface AgentFlags {
  readonly bus?: string;
  readonly join?: string;
  readonly fingerprint?: string;
  readonly control?: string;
  readonly token?: string;
  readonly ca?: string;
  readonly data: string;
  readonly name?: string;
  readonly uplink?: number;
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
      "Finds the phones of this machine and joins them to a control: one running here, or the lab that this machine joined with a code. Runs until Ctrl-C.",
    )
    .addOption(new Option("--join <code>", "join a lab for good, with the one-time code from its console").conflicts("bus"))
    .option("--connect <host:port>", "a network board, e.g. 10.0.0.7:5555 or 10.0.0.7:5555@A1/3; repeatable", collectTarget)
    .addOption(
      new Option("--control <url>", "control's address; default: the one running with the data folder")
        .env("PHONERACK_URL")
        .argParser(parseUrl(["http:", "https:"])),
    )
    .addOption(new Option("--token <token>", "control's admin token; default: from the data folder").env("PHONERACK_TOKEN"))
    .addOption(new Option("--ca <file>", "the CA of control's certificate, in PEM, when it is its own").env("PHONERACK_CA"))
    .option("--fingerprint <sha256>", "with --join: of the lab's own CA, as its console shows it")
    .addOption(
      new Option("--bus <url>", "NATS servers without joining, e.g. nats://10.0.0.2:4222")
        .argParser(parseUrl(["nats:", "tls:"]))
        .conflicts("control"),
    )
    .option(
      "--name <name>",
      `this agent's name, unique in the lab; default: the one that joined, else ${defaultName()}`,
      parseName,
    )
    .addOption(
      new Option(
        "--uplink <mbit>",
        "Mbit/s that pictures may take on their way out; tiles go slower before they take more",
      ).argParser((text) => parseWhole(text, { least: 1, most: 100_000, what: "a number of Mbit/s" })),
    )
    .option("-d, --data <folder>", "where keys, identities and the journal are kept", parseFolder, defaultDataDir())
    .option("--adb [path]", "phones on USB too; default: on, unless --connect is given")
    .option("--no-adb", "no USB phones")
    .option("--json", "one JSON line when joined")
    .option("-v, --verbose", "log what happens on stderr")
    .addHelpText(
      "after",
      `
Examples:
  phonerack agent --connect 10.0.0.7:5555     adds a network board to the phonerack that runs here
  phonerack agent --join CODE --control https://lab:7171   joins this machine to a lab, once
  phonerack agent                             from then on`,
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
    const name = flags.name ?? (await nameIn(flags.data, flags.join !== undefined));
    const dataDir = join(flags.data, "agents", name);
    undo.add("the data folder", await claimFolder(dataDir));
    const { bus, at, stop } = await reach(flags, { name, dataDir, log });
    undo.add("the bus", stop);
    const { startAgent } = await import("@phonerack/agent");
    const started = await startAgent({
      agentId: name,
      bus,
      dataDir,
      log,
      connect,
      adb,
      version: VERSION,
      ...(flags.uplink === undefined ? {} : { uplinkMbit: flags.uplink }),
    });
    undo.add("the agent", () => started.stop());
    if (flags.json) process.stdout.write(`${JSON.stringify({ agent: name, control: at })}\n`);
    else process.stdout.write(`Agent ${name} joined ${at} (Ctrl-C stops)\n`);
  } catch (error) {
    await undo.run(log);
    throw error;
  }
  await running.end(() => undo.run(log));
}

interface Self {
  readonly name: string;
  readonly dataDir: string;
  readonly log: Logger;
}

/** NATS that is named, the lab that this agent joins or has joined, or else the control that runs here or is named. */
async function reach(flags: AgentFlags, { name, dataDir, log }: Self): Promise<Reached> {
  const onError = (err: unknown, subject: string) => log.error({ err, subject }, "a message was not dealt with");
  if (flags.bus !== undefined) {
    const { connectNats } = await import("../bus/connect-nats.js");
    const { protocol, host } = new URL(flags.bus);
    const bus = await connectNats({ url: flags.bus, name: `agent ${name}`, onError });
    // Without the password that the address may hold: it is printed.
    return { bus, at: `${protocol}//${host}`, stop: () => bus.stop() };
  }
  const member = flags.join === undefined ? await memberOf(flags, dataDir) : await joinLab(flags, name, dataDir);
  if (member) {
    const { reachLab } = await import("./reach-lab.js");
    return reachLab(member, { folder: dataDir, log, onError });
  }
  const { url, token, ca } = await findControl(flags);
  const { connectLink } = await import("../bus/connect-link.js");
  const bus = await connectLink({ url, token, agent: name, log, onError, ...(ca === undefined ? {} : { ca }) });
  return { bus, at: url, stop: () => bus.stop() };
}

async function joinLab(flags: AgentFlags, name: string, dataDir: string): Promise<membership.Membership> {
  const { place } = await findPlace(flags);
  const { trustOnFirstUse } = await import("../login/trust.js");
  const ca = place.ca ?? (await trustOnFirstUse(place.url, flags.fingerprint));
  const lab = { url: place.url, ...(ca === undefined ? {} : { ca }) };
  const joined = await membership.join(lab, { code: flags.join ?? "", name });
  await membership.writeMembership(dataDir, joined);
  return joined;
}

/** The lab of last time, unless another is asked for. */
async function memberOf({ control }: AgentFlags, dataDir: string) {
  const member = await membership.readMembership(dataDir);
  return control === undefined || (member && new URL(member.lab.url).origin === new URL(control).origin) ? member : undefined;
}

/** The one agent here that has joined a lab, whatever it was called then; else this machine's name. */
async function nameIn(data: string, joining: boolean): Promise<string> {
  const name = defaultName();
  if (joining) return name;
  const names = await readdir(join(data, "agents")).catch(() => []);
  const members: string[] = [];
  for (const each of names) {
    const member = AgentName.safeParse(each).success && (await membership.readMembership(join(data, "agents", each)));
    if (member) members.push(each);
  }
  return members.length === 1 && !members.includes(name) ? (members[0] ?? name) : name;
}

function defaultName(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9-]/g, "-")
      .slice(0, 64) || "agent"
  );
}

function parseName(text: string): string {
  if (!AgentName.safeParse(text).success || text === "local") {
    throw new InvalidArgumentError("a name is 1 to 64 of A-Z, a-z, 0-9 and -, and not 'local'.");
  }
  return text;
}
