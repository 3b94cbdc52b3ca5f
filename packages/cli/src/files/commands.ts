/** `phonerack files …`: look at a phone's files, fetch them, and put, move and remove them. */
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DeviceAction, FileEntry } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { bytes } from "../artifacts/artifact-words.js";
import { chosenDevices } from "../devices/choice.js";
import { doJob, type JobDone, type JobFlags, jobCommand, requireOneChoice, runJob } from "../jobs/do.js";
import { bringFile } from "../packages/bring-build.js";
import { table } from "../table.js";
import { fetchPath } from "./fetch.js";
import { below, PhoneFiles, phonePath } from "./phone-files.js";

export function addFileCommands(program: Command): void {
  const files = program
    .command("files")
    .summary("the files of phones: look, fetch, put, move, remove, keep")
    .description("Shared storage (/sdcard, SD cards) and /data/local/tmp of phones that you hold.");
  addList(files);
  addGet(files);
  addPut(files);
  addMove(files);
  for (const deed of DEEDS) addDeed(files, deed);
}

function addList(files: Command): void {
  command(files, "ls", "list a folder")
    .argument("<device>", "its id or name")
    .argument("[path]", "the folder", "/sdcard")
    .addHelpText("after", example("files ls V01-03", "files ls V01-03 /sdcard/Download --json | jq -r .entries[].name"))
    .action(async (name: string, ...rest: unknown[]) => {
      const [path, flags] = rest as [string, Flags];
      const api = await client(flags);
      const list = await new PhoneFiles(api, await api.idOf(name)).list(phonePath(path));
      if (flags.json) return void process.stdout.write(`${JSON.stringify(list)}\n`);
      const free = list.free === null ? "" : `${bytes(list.free)} free\n`;
      process.stdout.write(`${list.entries.length === 0 ? "nothing\n" : table(COLUMNS, list.entries)}${free}`);
    });
}

const COLUMNS: readonly [title: string, cell: (entry: FileEntry) => string][] = [
  ["NAME", ({ name, kind, target }) => `${name}${kind === "folder" ? "/" : kind === "link" ? ` -> ${target ?? "?"}` : ""}`],
  ["SIZE", ({ kind, size }) => (kind === "file" ? bytes(size) : "")],
  ["MODIFIED", ({ modifiedAt }) => new Date(modifiedAt).toISOString().slice(0, 16).replace("T", " ")],
];

function addGet(files: Command): void {
  command(files, "get", "fetch a file, or a folder with all that is in it")
    .argument("<device>", "its id or name")
    .argument("<path>", "on the phone")
    .argument("[to]", "a folder or a name on this machine", ".")
    .addHelpText(
      "after",
      `\nA connection that breaks is gone on with; a file is there whole or not at all.\n${example(
        "files get V01-03 /sdcard/Download/report.pdf",
        "files get V01-03 /sdcard/DCIM pictures/",
      )}`,
    )
    .action(async (name: string, ...rest: unknown[]) => {
      const [path, to, flags] = rest as [string, string, Flags];
      const api = await client(flags);
      const fetched: { path: string; bytes: number }[] = [];
      const skipped: { path: string; why: string }[] = [];
      const onProgress = progressLine();
      await fetchPath(
        {
          api,
          id: await api.idOf(name),
          onProgress,
          onFile: (file, size) => void fetched.push({ path: file, bytes: size }),
          onSkipped: (file, why) => void skipped.push({ path: file, why }),
        },
        phonePath(path),
        to,
      ).finally(() => process.stderr.isTTY && process.stderr.write("\r\u001b[K"));
      for (const { path: file, why } of flags.json ? [] : skipped)
        process.stderr.write(`phonerack: ${file} was left out: ${why}\n`);
      say(
        flags,
        { files: fetched, skipped },
        fetched.map(({ path: file, bytes: size }) => `${file}: ${bytes(size)}`).join("\n") || "nothing",
      );
    });
}

/** For people at a terminal. */
function progressLine(): (name: string, part: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (name, part) => void process.stderr.write(`\r\u001b[K${name}: ${Math.floor(part * 100)} %`);
}

function addPut(files: Command): void {
  jobCommand(files, "put", "put files or folders onto phones; each enters the lab once")
    .argument("<what...>", "files or folders of this machine, then a path on the phones")
    .addHelpText(
      "after",
      `\nEach file or folder is a job; --json prints one as {job, outcomes}, several as {jobs: […]}, also those that were done before one that could not begin.\n${example(
        "files put photo.jpg /sdcard/DCIM/ --devices V01-03",
        "files put level.json assets /sdcard/Android/data/com.example.game/files/ --all",
      )}`,
    )
    .action(async (words: readonly string[], flags: JobFlags) => {
      const path = phonePath(words.at(-1) ?? "");
      const sources = words.slice(0, -1);
      if (sources.length === 0) throw new PhonerackError("usage", "say what to put, and then where on the phones");
      const api = await client(flags);
      const [first] = await chosenDevices(api, flags);
      const into = path.endsWith("/") || sources.length > 1 || (first && (await new PhoneFiles(api, first.id).isFolder(path)));
      const done: JobDone[] = [];
      const print = (what: object) => flags.json && process.stdout.write(`${JSON.stringify(what)}\n`);
      try {
        for (const source of sources) {
          for (const action of await actionsFor(api, source, into ? below(path, basename(source)) : path))
            done.push(await runJob(flags, action));
        }
      } catch (error) {
        // What was done stays done, and is said though the rest could not begin.
        if (done.length > 0) print({ jobs: done });
        throw error;
      }
      print(done.length === 1 && done[0] ? done[0] : { jobs: done });
    });
}

/** A folder first, then what is in it. Links of this machine are not followed. */
async function actionsFor(api: ApiClient, source: string, path: string): Promise<DeviceAction[]> {
  const facts = await stat(source).catch((cause: Error) => {
    throw new PhonerackError("usage", `${source} cannot be read: ${cause.message}`, { cause });
  });
  if (!facts.isDirectory()) {
    const sha256 = await bringFile(api, source, progressLine()).finally(
      () => process.stderr.isTTY && process.stderr.write("\r\u001b[K"),
    );
    return [{ type: "put", path, sha256, size: facts.size }];
  }
  const inside = (await readdir(source, { withFileTypes: true })).filter((entry) => entry.isFile() || entry.isDirectory());
  const below_: DeviceAction[] = [];
  for (const { name } of inside) below_.push(...(await actionsFor(api, join(source, name), below(path, name))));
  return [{ type: "make-folder", path }, ...below_];
}

function addMove(files: Command): void {
  jobCommand(files, "mv", "give a file or folder another name or place; nothing is replaced")
    .argument("<what...>", "a phone, unless the options say which; what; its new path")
    .addHelpText("after", example("files mv V01-03 /sdcard/a.txt /sdcard/b.txt", "files mv /sdcard/a.txt /sdcard/b.txt --all"))
    .action(async (words: readonly string[], flags: JobFlags) => {
      const { on, paths } = onPhones(words, flags, 2);
      const [path = "", to = ""] = paths;
      await doJob(on, { type: "move", path, to });
    });
}

/** What is done with one path on one phone or on many. */
const DEEDS = [
  {
    name: "rm",
    summary: "remove a file, or a folder with all that is in it",
    of: "the path",
    examples: ["files rm V01-03 /sdcard/Download/old", "files rm /sdcard/Download/old --all"],
    type: "remove",
  },
  {
    name: "keep",
    summary: "keep a file, or a folder as .tar, of each as an artifact of its lease",
    of: "the path",
    examples: ["files keep V01-03 /sdcard/results.json", "files keep /sdcard/results --all"],
    type: "get",
  },
  {
    name: "mkdir",
    summary: "make a folder",
    of: "the folder",
    examples: ["files mkdir V01-03 /sdcard/Download/new", "files mkdir /sdcard/Download/new --chassis V01"],
    type: "make-folder",
  },
] as const;

function addDeed(files: Command, { name, summary, of, examples, type }: (typeof DEEDS)[number]): void {
  jobCommand(files, name, summary)
    .argument("<what...>", `a phone, unless the options say which; ${of}`)
    .addHelpText("after", example(...examples))
    .action(async (words: readonly string[], flags: JobFlags) => {
      const { on, paths } = onPhones(words, flags, 1);
      const [path = ""] = paths;
      await doJob(on, { type, path });
    });
}

/** `V01-03 PATH …`, or paths alone with the options that say which phones. Fails with `usage`. */
function onPhones(words: readonly string[], flags: JobFlags, count: number): { on: JobFlags; paths: string[] } {
  const paths = words.slice(-count).map(phonePath);
  const [name, ...more] = words.slice(0, -count);
  if (paths.length < count || more.length > 0)
    throw new PhonerackError("usage", count === 1 ? "say which phone, and the path" : "say which phone, what, and its new path");
  if (name === undefined) return { on: flags, paths };
  requireOneChoice(name, flags);
  return { on: { ...flags, devices: [name] }, paths };
}
