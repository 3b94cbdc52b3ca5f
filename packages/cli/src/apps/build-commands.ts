/** `phonerack apps builds` and `apps remove-build`: the versions whose files lie in the lab. How one gets there and onto phones is `packages/`'s. */
import { type Build, BuildId, contract } from "@phonerack/contract/api";
import { type Command, InvalidArgumentError } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { table } from "../table.js";

const MIB = 1024 * 1024;

export function addBuildCommands(apps: Command): void {
  command(apps, "builds", "list the versions whose files lie in the lab, newest first")
    .option("--package <name>", "only of that app")
    .addHelpText("after", example("apps builds", "apps builds --package com.example.app --json | jq -r .items[0].id"))
    .action(async (flags: Flags & { package?: string }) => {
      const query = flags.package === undefined ? "" : `&package=${encodeURIComponent(flags.package)}`;
      const { items }: { items: Build[] } = await (await client(flags)).ask(contract.builds.list, `/builds?limit=1000${query}`);
      process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : buildTable(items));
    });
  command(apps, "remove-build", "forget a build; its files go when nothing else needs them")
    .argument("<build>", "its id", parseBuild)
    .action(async (id: string, flags: Flags) => {
      const api = await client(flags);
      const gone = await api.ask<{ id: string }>(contract.builds.remove, `/builds/${id}`, { method: "DELETE", body: {} });
      say(flags, gone, `${gone.id}: forgotten`);
    });
}

export function parseBuild(text: string): string {
  if (!BuildId.safeParse(text).success)
    throw new InvalidArgumentError(`'${text}' is no build's id; 'phonerack apps builds' has them.`);
  return text;
}

export function sizeWords(bytes: number): string {
  return bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / MIB).toFixed(1)} MiB`;
}

const COLUMNS: readonly [title: string, cell: (build: Build) => string][] = [
  ["ID", ({ id }) => id],
  ["PACKAGE", ({ package: name }) => name],
  ["VERSION", ({ versionName, versionCode }) => `${versionName} (${versionCode})`],
  ["SIZE", ({ size, files }) => `${sizeWords(size)}${files.length > 1 ? ` in ${files.length} files` : ""}`],
  ["ABIS", ({ abis }) => abis.join(" ") || "any"],
  ["BY", ({ uploadedByName }) => uploadedByName],
  ["NOTE", ({ note }) => note],
];

function buildTable(builds: readonly Build[]): string {
  if (builds.length === 0)
    return "No builds. 'phonerack install FILE.apk --devices …' brings one, and so does 'phonerack apps upload'.\n";
  return table(COLUMNS, builds);
}
