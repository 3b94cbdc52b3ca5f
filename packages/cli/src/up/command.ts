import type { DirectTarget } from "@phonerack/agent";
import { type Command, Option } from "commander";
import { type AdbFlag, chooseAdb } from "../adb-program.js";
import { addHttpsFlags, type HttpsFlags, httpsOptions, trustLines } from "../control/https-flags.js";
import { collect, collectTarget, defaultDataDir, parseCount, parseFolder, parsePort } from "../flags.js";
import { foreground } from "../foreground.js";
import { createLog } from "../log.js";

interface UpFlags extends HttpsFlags {
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly storage?: string;
  readonly virtual: number;
  readonly latency: "none" | "real";
  readonly fault?: readonly string[];
  readonly connect?: readonly DirectTarget[];
  readonly adb?: AdbFlag;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export const DEFAULT_PORT = 7171;

export function addUp(program: Command): void {
  addHttpsFlags(program.command("up"))
    .summary("the whole lab on this machine")
    .description(
      "Starts everything on this machine: control, an agent for the phones here, and a chassis of virtual phones. Prints a link that opens the console. Runs until Ctrl-C.",
    )
    .option("-p, --port <port>", "port of the console and the API; 0 takes a free one", parsePort, DEFAULT_PORT)
    .option("--host <host>", "address to listen on; https unless it is this machine's own, e.g. 127.0.0.1", "127.0.0.1")
    .option("-d, --data <folder>", "where the database, the token and the keys are kept", parseFolder, defaultDataDir())
    .addOption(
      new Option(
        "--storage <place>",
        "where files and artifacts lie: a folder, or s3://bucket/prefix?endpoint=https://…&region=…; default: in the data folder",
      ).env("PHONERACK_STORAGE"),
    )
    .option("-n, --virtual <count>", "virtual phones, 20 in a chassis; 0 for none", parseCount, 20)
    .addOption(
      new Option("--latency <kind>", "virtual phones as slow as real ones, or not").choices(["none", "real"]).default("none"),
    )
    .option("--fault <slot:fault>", "a virtual phone's fault, e.g. 3:drop; repeatable", collect)
    .option("--connect <host:port>", "a network board, e.g. 10.0.0.7:5555 or 10.0.0.7:5555@A1/3; repeatable", collectTarget)
    .option("--adb [path]", "insist on adb for USB phones; default: used when it is installed")
    .option("--no-adb", "no USB phones")
    .option("--json", "one JSON line when ready")
    .option("-v, --verbose", "log what happens on stderr")
    .addHelpText(
      "after",
      `
Examples:
  phonerack up                              20 virtual phones, and USB phones if adb is installed
  phonerack up --virtual 0 --adb            only phones on USB
  phonerack up --connect 10.0.0.7:5555      and a board on the network
  phonerack up --host 0.0.0.0               for other machines too, over https
  phonerack up --port 0 --json              for scripts: prints {"url","token","console"} when ready`,
    )
    .action(up);
}

async function up(flags: UpFlags): Promise<void> {
  const running = foreground();
  // Loaded when needed: 'phonerack tap' must not wait for a database to be read from disk.
  const { startUp } = await import("./up.js");
  const lab = await startUp({
    dataDir: flags.data,
    host: flags.host,
    port: flags.port,
    storage: flags.storage,
    virtual: flags.virtual,
    latency: flags.latency,
    faults: flags.fault ?? [],
    connect: flags.connect ?? [],
    adb: chooseAdb(flags.adb, false),
    log: createLog(flags),
    https: httpsOptions(flags),
  });
  const { url, token } = lab.control;
  if (flags.json) process.stdout.write(`${JSON.stringify({ url, token, console: lab.console })}\n`);
  else
    process.stdout.write(
      `phonerack runs: open ${lab.console} (works once, 'phonerack link' prints another; Ctrl-C stops)\n${trustLines(lab.control)}`,
    );
  await running.end(() => lab.stop());
}
