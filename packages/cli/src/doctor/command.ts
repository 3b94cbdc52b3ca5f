/** `phonerack doctor`: looks at this machine and at what it must reach, and says of each thing what to do. Changes nothing. */
import { type Command, Option } from "commander";
import { command, example, type Flags } from "../api/command.js";
import { EXIT } from "../failure.js";
import { parseFolder, parsePort, parseUrl } from "../flags.js";
import { DEFAULT_PORT } from "../up/command.js";
import { type Finding, fail } from "./finding.js";
import { bus, control, database } from "./lab.js";
import { dataFolder, inotify, node, openFiles, port, timeService } from "./machine.js";
import { adb, udev } from "./usb.js";

interface DoctorFlags extends Flags {
  readonly port: number;
  readonly database?: string;
  readonly bus?: string;
  readonly busKeys?: string;
}

export function addDoctor(program: Command): void {
  command(program, "doctor", "look at this machine and what it must reach, and say what to mend")
    .option("-p, --port <port>", "the port that control is to have here", parsePort, DEFAULT_PORT)
    .addOption(
      new Option("--database <url>", "the lab's PostgreSQL, too")
        .env("PHONERACK_DATABASE")
        .argParser(parseUrl(["postgres:", "postgresql:"])),
    )
    .addOption(
      new Option("--bus <url>", "the lab's NATS servers, too").env("PHONERACK_BUS").argParser(parseUrl(["nats:", "tls:"])),
    )
    .option("--bus-keys <folder>", "what 'phonerack bus-keys' made, when the servers ask for it", parseFolder)
    .addHelpText(
      "after",
      `${example(
        "doctor",
        "doctor --database postgres://rack:secret@10.0.0.2/rack --bus nats://10.0.0.2:4222",
        "doctor --json | jq '.findings[] | select(.state != \"ok\")'",
      )}\n\nIts exit code is 1 when something fails; a warning leaves it 0.`,
    )
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const findings = (await Promise.all(checks(flags).map(guarded))).flat();
  process.stdout.write(flags.json ? `${JSON.stringify({ findings })}\n` : inWords(findings));
  if (findings.some(({ state }) => state === "fail")) process.exitCode = EXIT.failed;
}

type Check = readonly [name: string, look: () => Promise<Finding | Finding[]> | Finding];

function checks(flags: DoctorFlags): Check[] {
  const { database: databaseUrl, bus: busUrl } = flags;
  return [
    ["node", () => node()],
    ["data folder", () => dataFolder(flags.data)],
    ["port", () => port(flags.port, flags.data)],
    ["open files", () => openFiles()],
    ["inotify", () => inotify()],
    ["time service", timeService],
    ["adb", adb],
    ["udev rules", () => udev()],
    ...(databaseUrl === undefined ? [] : [["database", () => database(databaseUrl)] as const]),
    ...(busUrl === undefined ? [] : [["bus", () => bus(busUrl, flags.busKeys)] as const]),
    ["control", () => control(flags)],
  ];
}

/** A check that breaks is a finding, too, and keeps no other from being told. */
async function guarded([name, look]: Check): Promise<Finding[]> {
  try {
    return [await look()].flat();
  } catch (error) {
    return [fail(name, `could not be looked at: ${error instanceof Error ? error.message : String(error)}`, "see why")];
  }
}

function inWords(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(
    ({ check, state, says, todo }) =>
      `${state.padEnd(4)}  ${check.padEnd(width)}  ${says}${todo === undefined ? "" : `\n      ${"".padEnd(width)}  → ${todo}`}`,
  );
  const count = (wanted: Finding["state"]) => findings.filter(({ state }) => state === wanted).length;
  return `${lines.join("\n")}\n${count("ok")} ok, ${count("warn")} warnings, ${count("fail")} failures\n`;
}
