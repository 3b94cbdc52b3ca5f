/** `phonerack logs` and `phonerack crashes`: a phone's live log on this terminal or in a file, and the apps that crashed. */
import { type Crash, CrashId, contract, LOG_TAIL_MAX, LogBuffer, LogLevel, type LogWish } from "@phonerack/contract/api";
import { PhonerackError, readable } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import { client, command, example, type Flags } from "../api/command.js";
import { findControl } from "../api/find-control.js";
import { collect, parseWhole } from "../flags.js";
import { table } from "../table.js";
import { readLog } from "./read-log.js";

const SHOWN = 100;

export interface LogFlags extends Flags {
  readonly package?: string;
  readonly tag?: readonly string[];
  readonly level?: LogLevel;
  readonly buffer?: readonly LogBuffer[];
  readonly grep?: string;
  readonly regex?: RegExp;
  readonly tail: number;
  readonly dump?: boolean;
  readonly output?: string;
}

export function addLogCommands(program: Command): void {
  addLogs(program);
  const crashes = program
    .command("crashes")
    .summary("apps of yours that crashed or did not respond")
    .description("What was caught of owned apps: when, where, and with which stack.");
  addCrashList(crashes);
  addCrash(crashes);
}

function addLogs(program: Command): void {
  command(program, "logs", "read the log of a phone that you hold, as it comes")
    .argument("<device>", "by id or name")
    .option("--package <name>", "only this app's processes, also those that begin later")
    .option("--tag <tag>", "only this tag; repeatable", collect)
    .addOption(new Option("--level <level>", "this level and above").choices([...LogLevel.options]))
    .option("--buffer <name>", `only this one of the log's: ${LogBuffer.options.join(", ")}; repeatable`, collectBuffer)
    .addOption(new Option("--grep <text>", "only lines with this text, in small or capital letters").conflicts("regex"))
    .option("--regex <pattern>", "only lines that this JavaScript regular expression fits", parsePattern)
    .option(
      "--tail <lines>",
      "so many from before",
      (text: string) => parseWhole(text, { least: 0, most: LOG_TAIL_MAX, what: "a number of lines" }),
      1_000,
    )
    .option("--dump", "only what the phone has now, instead of following it")
    .option("-o, --output <file>", "into this file")
    .addHelpText(
      "after",
      example(
        "logs V01-03 --package org.example.game --level W",
        "logs V01-03 --tag ActivityManager --grep 'start proc'",
        "logs V01-03 --dump --tail 5000 -o before.txt",
        "logs V01-03 --json | jq -r 'select(.level == \"E\") | .text'",
      ),
    )
    .action(async (device: string, flags: LogFlags) => {
      const api = await client(flags);
      await readLog({ address: await findControl(flags), deviceId: await api.idOf(device), wish: wishOf(flags) }, flags);
    });
}

function wishOf({ package: name, tag, level, buffer, tail, dump }: LogFlags): Partial<LogWish> {
  return {
    tail,
    ...(dump && { follow: false }),
    ...(name !== undefined && { package: name }),
    ...(tag && { tags: [...tag] }),
    ...(level && { level }),
    ...(buffer && { buffers: [...buffer] }),
  };
}

function addCrashList(crashes: Command): void {
  command(crashes, "list", "list the crashes, the newest first")
    .option("--device <device>", "only of this device, by id or name")
    .option("--package <name>", "only of this app")
    .addHelpText("after", example("crashes list --device V01-03", "crashes list --json | jq -r .items[].signature"))
    .action(async (flags: Flags & { device?: string; package?: string }) => {
      const api = await client(flags);
      const query = new URLSearchParams({ limit: String(SHOWN) });
      if (flags.device !== undefined) query.set("device", await api.idOf(flags.device));
      if (flags.package !== undefined) query.set("package", flags.package);
      const found = await api.ask<{ items: Crash[] }>(contract.crashes.list, `/crashes?${query.toString()}`);
      process.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : crashTable(found.items));
    });
}

function addCrash(crashes: Command): void {
  command(crashes, "show", "show one crash with its stack")
    .argument("<id>", "the crash's id", parseId)
    .addHelpText("after", example("crashes show c-abcdefghij"))
    .action(async (id: string, flags: Flags) => {
      const crash = await (await client(flags)).ask<Crash>(contract.crashes.get, `/crashes/${id}`);
      process.stdout.write(flags.json ? `${JSON.stringify(crash)}\n` : crashWords(crash));
    });
}

function crashTable(items: readonly Crash[]): string {
  if (items.length === 0) return "No app of yours has crashed.\n";
  const columns = [
    ["ID", ({ id }: Crash) => id],
    ["AT", ({ at }: Crash) => new Date(at).toLocaleString()],
    ["DEVICE", ({ deviceName }: Crash) => deviceName],
    ["APP", (crash: Crash) => [crash.package, crash.versionName].filter(Boolean).join(" ")],
    ["KIND", ({ kind }: Crash) => kind],
    ["CAUSE", ({ exception, message }: Crash) => [exception, message].filter(Boolean).join(": ").slice(0, 80)],
  ] as const;
  return table(columns, items);
}

function crashWords(crash: Crash): string {
  const kept = [
    ["screenshot", crash.screenshot],
    ["picture", crash.recording],
    ["whole stack", crash.stackArtifact],
  ].flatMap(([what, id]) => (id ? `${what}: ${id}\n` : []));
  return `${crashTable([crash])}signature: ${crash.signature}\n${kept.join("")}\n${readable(crash.stack)}\n`;
}

function parseId(text: string): string {
  if (!CrashId.safeParse(text).success)
    throw new InvalidArgumentError(`'${text}' is no crash's id; 'phonerack crashes list' has them.`);
  return text;
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, "iu");
  } catch (cause) {
    throw new PhonerackError("usage", `--regex: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function collectBuffer(text: string, before: readonly LogBuffer[] = []): readonly LogBuffer[] {
  const read = LogBuffer.safeParse(text);
  if (!read.success) throw new InvalidArgumentError(`'${text}' is none of ${LogBuffer.options.join(", ")}.`);
  return [...before, read.data];
}
