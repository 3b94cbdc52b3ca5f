/** All commands of `phonerack` and what they have in common: help that teaches, exit codes, failures in one sentence. */
import { PhonerackError } from "@phonerack/contract/bus";
import { Command, CommanderError } from "commander";
import { addAdbCommands } from "./adb/commands.js";
import { addAgent } from "./agent/command.js";
import { addAppCommands } from "./apps/commands.js";
import { addPermitCommands } from "./apps/permit-commands.js";
import { addArtifactCommands } from "./artifacts/commands.js";
import { addAuditCommands } from "./audit/commands.js";
import { addBench } from "./bench/command.js";
import { addBusKeys } from "./bus-keys/command.js";
import { addControl } from "./control/command.js";
import { addDeviceCommands } from "./devices/commands.js";
import { addDoctor } from "./doctor/command.js";
import { addFaceCommands } from "./face/commands.js";
import { describeFailure, EXIT, exitCodeOf } from "./failure.js";
import { addFileCommands } from "./files/commands.js";
import { addFlowCommands } from "./flow/commands.js";
import { addGroupCommands } from "./group/commands.js";
import { addJobCommands } from "./jobs/commands.js";
import { addLabCommands } from "./lab/commands.js";
import { addLeaseCommands } from "./lease/commands.js";
import { addLogInCommands } from "./login/commands.js";
import { addLogCommands } from "./logs/commands.js";
import { addPackageCommands } from "./packages/commands.js";
import { addPrivacyCommands } from "./privacy/commands.js";
import { addRegisterCommands } from "./register/commands.js";
import { addShell } from "./shell/commands.js";
import { addTenantCommands } from "./tenants/commands.js";
import { addUp } from "./up/command.js";
import { VERSION } from "./version.js";
import { addVirtual } from "./virtual/command.js";
import { addWatchingCommands } from "./watching/commands.js";
import { addWitness } from "./witness/commands.js";

export function createProgram(): Command {
  const program = new Command("phonerack");
  // Commands made from here on take these settings over.
  program
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(true);
  program
    .description("Racks of Android phones as one lab: seen live, driven and tested on from one console.")
    .version(VERSION, "-V, --version", "print the version")
    .addHelpText(
      "after",
      `
Start here:
  phonerack up                  the whole lab on this machine, 20 virtual phones included
  phonerack devices             what it has
  phonerack COMMAND --help      what a command takes, with examples

Exit codes: 0 done, 1 failed, 2 the command's words are off.`,
    );
  addUp(program);
  addControl(program);
  addBusKeys(program);
  addAgent(program);
  addVirtual(program);
  addDeviceCommands(program);
  addAdbCommands(program);
  addShell(program);
  addFileCommands(program);
  addLabCommands(program);
  addDoctor(program);
  addLeaseCommands(program);
  addAppCommands(program);
  addPermitCommands(program);
  addGroupCommands(program);
  addFlowCommands(program);
  addPackageCommands(program);
  addJobCommands(program);
  addLogCommands(program);
  addArtifactCommands(program);
  addAuditCommands(program);
  addWitness(program);
  addFaceCommands(program);
  addRegisterCommands(program);
  addTenantCommands(program);
  addPrivacyCommands(program);
  addWatchingCommands(program);
  addLogInCommands(program);
  addBench(program);
  return program;
}

/** Runs one command line (without node and script); resolves to the exit code and never rejects. */
export async function runCli(words: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...words], { from: "user" });
    // A command that did its work may still have bad news: the doctor's.
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    // Commander prints the whole help when no command is given; that is the answer already.
    if (error instanceof CommanderError && error.code === "commander.help") return EXIT.usage;
    const failure = error instanceof CommanderError ? new PhonerackError("usage", inWords(error)) : error;
    const view = { json: words.includes("--json"), verbose: words.includes("--verbose") || words.includes("-v") };
    process.stderr.write(describeFailure(failure, view));
    return exitCodeOf(failure);
  }
}

function inWords(error: CommanderError): string {
  return error.message.replace(/^error: /, "");
}
