/** `phonerack record …`, `artifacts …` and `retention`: what is kept of leases. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Artifact, ArtifactId, ArtifactKind, KEEP_LAST_MAX_S, LOG_TAIL_MAX, LogLevel } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import { ArtifactApi } from "../api/artifacts.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { parseWhole } from "../flags.js";
import { doJob, type JobFlags, jobCommand, requireOneChoice } from "../jobs/do.js";
import { artifactLine, artifactTable, bytes, recordingWords, retentionWords } from "./artifact-words.js";

const SECONDS = { least: 1, most: KEEP_LAST_MAX_S, what: "a number of seconds" } as const;

export function addArtifactCommands(program: Command): void {
  addRecord(program.command("record").summary("record the picture and sound of a device that you hold"));
  const artifacts = program
    .command("artifacts")
    .summary("recordings, screenshots, logs, files and crashes that were kept")
    .description("What was kept of your organisation's leases. It outlives them, for as long as the lab lets it.");
  addLog(artifacts);
  addList(artifacts);
  addGet(artifacts);
  addRemove(artifacts);
  addRetention(program);
}

async function api(flags: Flags): Promise<ArtifactApi> {
  return new ArtifactApi(await client(flags));
}

function addRecord(record: Command): void {
  jobCommand(record, "start", "begin to record; it goes on until it is stopped or the lease ends")
    .argument("[device]", "its id or name; without it, the options say which")
    .option("--no-sound", "the picture alone")
    .addHelpText("after", example("record start V01-03", "record start V01-03 --no-sound", "record start --all"))
    .action(async (device: string | undefined, flags: JobFlags & { sound: boolean }) => {
      if (device === undefined) return doJob(flags, { type: "record", on: true, sound: flags.sound });
      requireOneChoice(device, flags);
      const of = await api(flags);
      const recording = await of.record(await of.api.idOf(device), { record: true, sound: flags.sound });
      say(flags, recording, recordingWords(recording));
    });
  jobCommand(record, "stop", "end the recording; it is an artifact then")
    .argument("[device]", "its id or name; without it, the options say which")
    .option("-o, --output <path>", "also fetch it, into this file or folder")
    .addHelpText("after", example("record stop V01-03", "record stop V01-03 -o films/", "record stop --all"))
    .action(async (device: string | undefined, flags: JobFlags & { output?: string }) => {
      if (device === undefined && flags.output !== undefined)
        throw new PhonerackError("usage", "-o is for one device, which is named without an option");
      if (device === undefined) return doJob(flags, { type: "record", on: false, sound: true });
      requireOneChoice(device, flags);
      const of = await api(flags);
      await show(of, await of.stopRecording(await of.api.idOf(device)), flags);
    });
  jobCommand(record, "last", "save the last seconds of picture, of a device that is kept or watched")
    .argument("[device]", "its id or name; without it, the options say which")
    .option("--seconds <seconds>", "how many", (text) => parseWhole(text, SECONDS), 120)
    .option("-o, --output <path>", "also fetch it, into this file or folder")
    .addHelpText("after", example("record last V01-03 --seconds 30 -o crash.mp4", "record last --all"))
    .action(async (device: string | undefined, flags: JobFlags & { seconds: number; output?: string }) => {
      if (device === undefined && flags.output !== undefined)
        throw new PhonerackError("usage", "-o is for one device, which is named without an option");
      if (device === undefined) return doJob(flags, { type: "save-last", seconds: flags.seconds });
      requireOneChoice(device, flags);
      const of = await api(flags);
      await show(of, await of.saveLast(await of.api.idOf(device), flags.seconds), flags);
    });
  jobCommand(record, "keep", "keep the last seconds in memory from now on, to be saved by 'record last'; 0: not any more")
    .argument("[device]", "its id or name; without it, the options say which")
    .option("--seconds <seconds>", "how many", (text) => parseWhole(text, { ...SECONDS, least: 0 }), 120)
    .addHelpText("after", example("record keep V01-03", "record keep --all --seconds 60", "record keep V01-03 --seconds 0"))
    .action(async (device: string | undefined, flags: JobFlags & { seconds: number }) => {
      const { seconds } = flags;
      if (device === undefined) return doJob(flags, { type: "keep-last", seconds });
      requireOneChoice(device, flags);
      const of = await api(flags);
      const recording = await of.record(await of.api.idOf(device), { keepSeconds: seconds });
      say(flags, recording, recordingWords(recording));
    });
  command(record, "status", "what is recorded of a device now")
    .argument("<device>", "its id or name")
    .action(async (device: string, flags: Flags) => {
      const of = await api(flags);
      const recording = await of.recording(await of.api.idOf(device));
      say(flags, recording, recordingWords(recording));
    });
}

function addLog(artifacts: Command): void {
  const parseTail = (text: string) => parseWhole(text, { least: 1, most: LOG_TAIL_MAX, what: "a number of lines" });
  jobCommand(artifacts, "log", "keep what the log of devices has now, of each as an artifact of its lease")
    .argument("[device]", "its id or name; without it, the options say which")
    .option("--tail <lines>", "the newest, so many", parseTail, LOG_TAIL_MAX)
    .addOption(new Option("--level <level>", "this level and above").choices([...LogLevel.options]).default("V"))
    .option("--package <name>", "only of this app's processes")
    .addHelpText("after", example("artifacts log V01-03", "artifacts log --all --level W --package org.example.game"))
    .action(async (device: string | undefined, given: JobFlags & { tail: number; level: LogLevel; package?: string }) => {
      const { tail, level, package: app } = given;
      if (device !== undefined) requireOneChoice(device, given);
      const flags = device === undefined ? given : { ...given, devices: [device] };
      await doJob(flags, { type: "log", tail, level, ...(app !== undefined && { package: app }) });
    });
}

function addList(artifacts: Command): void {
  command(artifacts, "list", "list what was kept, newest first")
    .option("--device <device>", "only of this one, by id or name")
    .option("--lease <id>", "only of this lease")
    .addOption(new Option("--kind <kind>", "only of this kind").choices(ArtifactKind.options))
    .option("--limit <number>", "at most so many", (text) => parseWhole(text, { least: 1, most: 1_000, what: "a number" }))
    .addHelpText("after", example("artifacts list --device V01-03 --kind recording", "artifacts list --json | jq -r .items[].id"))
    .action(async (flags: Flags & { device?: string; lease?: string; kind?: ArtifactKind; limit?: number }) => {
      const of = await api(flags);
      const { lease, kind, limit } = flags;
      const device = flags.device === undefined ? undefined : await of.api.idOf(flags.device);
      const found = await of.list({
        ...(device !== undefined && { device }),
        ...(lease !== undefined && { lease }),
        ...(kind !== undefined && { kind }),
        ...(limit !== undefined && { limit }),
      });
      say(flags, found, artifactTable(found.items).trimEnd());
    });
}

function addGet(artifacts: Command): void {
  command(artifacts, "get", "fetch an artifact into a file")
    .argument("<id>", "the artifact's id", parseId)
    .option("-o, --output <path>", "into this file or folder", ".")
    .addHelpText("after", example("artifacts get r-abcdefghij", "artifacts get r-abcdefghij -o film.mp4"))
    .action(async (id: string, flags: Flags & { output: string }) => {
      const of = await api(flags);
      await show(of, await of.get(id), flags);
    });
}

function addRemove(artifacts: Command): void {
  command(artifacts, "rm", "remove artifacts, for good")
    .argument("<ids...>", "the artifacts' ids", collectIds)
    .addHelpText("after", example("artifacts rm r-abcdefghij"))
    .action(async (ids: readonly string[], flags: Flags) => {
      const of = await api(flags);
      for (const id of ids) await of.remove(id);
      say(flags, { removed: ids }, `${ids.join(", ")}: removed`);
    });
}

function addRetention(program: Command): void {
  command(program, "retention", "how long an organisation's artifacts stay, and their room; the lab's operators set it")
    .argument("<organisation>", "its id")
    .option("--days <days>", "they stay so long; 'none': until somebody removes them", parseDays)
    .option("--room <size>", "with its builds they take at most this, e.g. 50GB, then the oldest go; 'none': no limit", parseSize)
    .addHelpText("after", example("retention acme", "retention acme --days 14 --room 50GB", "retention acme --days none"))
    .action(async (tenant: string, flags: Flags & { days?: number | null; room?: number | null }) => {
      const of = await api(flags);
      const now = await of.retention(tenant);
      const { days = now.days, room = now.bytes } = flags;
      const set = flags.days === undefined && flags.room === undefined ? now : await of.retain(tenant, { days, bytes: room });
      say(flags, set, retentionWords(set));
    });
}

/** Says what it is, and fetches it where somebody wants it. */
async function show(of: ArtifactApi, artifact: Artifact, flags: Flags & { output?: string }): Promise<void> {
  if (flags.output === undefined) return say(flags, artifact, artifactLine(artifact));
  const file = fileFor(artifact, flags.output);
  await of.fetch(artifact, file);
  say(flags, { ...artifact, file }, `${file}: ${bytes(artifact.size)}`);
}

/** In a folder it is called as in the lab, whose names hold no path. */
export function fileFor({ name }: Pick<Artifact, "name">, output: string): string {
  if (existsSync(output) && statSync(output).isDirectory()) return join(output, name.replaceAll(/[/\\]/g, "-"));
  if (/[/\\]$/.test(output)) throw new PhonerackError("usage", `there is no folder ${output}`);
  return output;
}

function parseId(text: string): string {
  if (!ArtifactId.safeParse(text).success)
    throw new InvalidArgumentError(`'${text}' is no artifact's id; 'phonerack artifacts list' has them.`);
  return text;
}

/** Undefined before the first. */
function collectIds(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), parseId(text)];
}

function parseDays(text: string): number | null {
  return text === "none" ? null : parseWhole(text, { least: 1, most: 3_650, what: "a number of days" });
}

const FACTORS: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 };

export function parseSize(text: string): number | null {
  if (text === "none") return null;
  const [, number = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?) ?(kb|mb|gb|tb)$/i.exec(text) ?? [];
  const size = Math.round(Number(number) * (FACTORS[unit.toLowerCase()] ?? 0));
  if (size === 0) throw new InvalidArgumentError(`'${text}' is no size; give one like 500MB or 50GB.`);
  return size;
}
