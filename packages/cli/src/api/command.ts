/** What the commands that talk to a running control have in common: its address and token, `--json`, examples. */
import { readable } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import { defaultDataDir, parseFolder, parseUrl } from "../flags.js";
import { ApiClient } from "./api-client.js";
import { type ControlFlags, findControl } from "./find-control.js";

export interface Flags extends ControlFlags {
  readonly json?: boolean;
}

const ON = "Works on the phonerack that runs with the data folder, else on the one logged in to; --control names another.";

export function command(program: Command, name: string, summary: string): Command {
  return program
    .command(name)
    .summary(summary)
    .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}. ${ON}`)
    .addOption(new Option("--control <url>", "control's address").env("PHONERACK_URL").argParser(parseUrl(["http:", "https:"])))
    .addOption(new Option("--token <token>", "an API key, or control's admin token").env("PHONERACK_TOKEN"))
    .addOption(new Option("--ca <file>", "the CA of its certificate, in PEM, when no browser knows it").env("PHONERACK_CA"))
    .option("-d, --data <folder>", "the data folder of the running phonerack", parseFolder, defaultDataDir())
    .option("--json", "the result as one JSON line");
}

export function example(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  phonerack ${line}`).join("\n")}`;
}

export async function client(flags: ControlFlags): Promise<ApiClient> {
  return new ApiClient(await findControl(flags));
}

/** The result, for a script or for people. */
export function say(flags: Flags, result: object, words: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(result) : readable(words)}\n`);
}
