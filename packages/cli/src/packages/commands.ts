/** Commands about the apps on phones: install, uninstall, launch, stop, clear, permission, and packages, which lists them. */
import { type Build, BuildId, contract, DeviceAction, type InstalledPackage, type PackageDetail } from "@phonerack/contract/api";
import type { Command } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags } from "../api/command.js";
import { sizeWords } from "../apps/build-commands.js";
import { doJob, fits, type JobFlags, jobCommand } from "../jobs/do.js";
import { table } from "../table.js";
import { bringBuild, type Progress } from "./bring-build.js";

export function addPackageCommands(program: Command): void {
  addInstall(program);
  addUninstall(program);
  addLaunch(program);
  addPlain(program, "stop", "stop an app on phones, with all that it runs");
  addPlain(program, "clear", "delete an app's data on phones, as if it had just been installed");
  addPermission(program);
  addPackages(program);
}

interface InstallFlags extends JobFlags {
  readonly grant?: boolean;
  readonly downgrade?: boolean;
  readonly note: string;
}

function addInstall(program: Command): void {
  jobCommand(program, "install", "install an app on phones: an APK, a base and its splits, or a build that is in the lab")
    .argument("<what...>", "APK files of one app, or a build's id")
    .option("--grant", "give it every permission that it asks for")
    .option("--downgrade", "also over a newer version; Android lets only debuggable apps")
    .option("--note <words>", "what this build is, e.g. a commit; shown with it", "")
    .addHelpText(
      "after",
      `\nThe files go into the lab once, and once to each host, however many phones get them.\n${example(
        "install app-release.apk --lease l-abcdefghij",
        "install base.apk config.arm64_v8a.apk --chassis V01 --wave 5",
        "install b-abcdefghij --devices V01-01,V01-02 --grant",
      )}`,
    )
    .action(async (what: readonly string[], flags: InstallFlags) => {
      const build = await buildOf(await client(flags), what, flags);
      const { grant = false, downgrade = false } = flags;
      await doJob(flags, { type: "install", package: build.package, files: build.files, grant, downgrade });
    });
}

async function buildOf(api: ApiClient, what: readonly string[], { note }: InstallFlags): Promise<Build> {
  const [first = ""] = what;
  if (what.length === 1 && BuildId.safeParse(first).success) return api.ask<Build>(contract.builds.get, `/builds/${first}`);
  const shown = process.stderr.isTTY;
  const progress: Progress = (name, part) => {
    if (shown) process.stderr.write(`\r\u001b[K${name}: ${Math.floor(part * 100)} % in the lab`);
  };
  try {
    return await bringBuild(api, what, { note, progress });
  } finally {
    if (shown) process.stderr.write("\r\u001b[K");
  }
}

function addUninstall(program: Command): void {
  jobCommand(program, "uninstall", "take an app away from phones")
    .argument("<package>", "e.g. com.example.app")
    .option("--keep-data", "its data stay for when it is installed again")
    .addHelpText("after", example("uninstall com.example.app --lease l-abcdefghij"))
    .action(async (name: string, flags: JobFlags & { keepData?: boolean }) => {
      const { keepData = false } = flags;
      await doJob(flags, fits(DeviceAction, { type: "uninstall", package: name, keepData }));
    });
}

function addLaunch(program: Command): void {
  jobCommand(program, "launch", "bring an app to the front on phones, as its icon does")
    .argument("<package>", "e.g. com.example.app")
    .option("--activity <name>", "this one instead of what its icon opens")
    .addHelpText("after", example("launch com.example.app --devices V01-01", "launch com.example.app --activity .Settings --all"))
    .action(async (name: string, flags: JobFlags & { activity?: string }) => {
      const { activity } = flags;
      await doJob(flags, fits(DeviceAction, { type: "launch", package: name, ...(activity !== undefined && { activity }) }));
    });
}

function addPlain(program: Command, type: "stop" | "clear", summary: string): void {
  jobCommand(program, type, summary)
    .argument("<package>", "e.g. com.example.app")
    .addHelpText("after", example(`${type} com.example.app --chassis V01`))
    .action(async (name: string, flags: JobFlags) => doJob(flags, fits(DeviceAction, { type, package: name })));
}

function addPermission(program: Command): void {
  jobCommand(program, "permission", "give an app a permission on phones, or take it away")
    .argument("<package>", "e.g. com.example.app")
    .argument("<permission>", "e.g. android.permission.CAMERA, or CAMERA alone")
    .option("--revoke", "take it away")
    .addHelpText("after", example("permission com.example.app CAMERA --all", "permission com.example.app CAMERA --revoke --all"))
    .action(async (name: string, wanted: string, flags: JobFlags & { revoke?: boolean }) => {
      const permission = wanted.includes(".") ? wanted : `android.permission.${wanted}`;
      await doJob(flags, fits(DeviceAction, { type: "permission", package: name, permission, granted: !flags.revoke }));
    });
}

function addPackages(program: Command): void {
  command(program, "packages", "list the apps on a phone that you hold, or show one of them")
    .argument("<device>", "its id or name")
    .argument("[package]", "everything about this one")
    .option("--system", "also those that came with the phone")
    .addHelpText("after", example("packages V01-01", "packages V01-01 com.example.app --json"))
    .action(async (device: string, name: string | undefined, flags: Flags & { system?: boolean }) => {
      const api = await client(flags);
      const path = `/devices/${await api.idOf(device)}/packages`;
      if (name === undefined) {
        const { items }: { items: InstalledPackage[] } = await api.ask(contract.devices.packages, path);
        const shown = items.filter((one) => flags.system || !one.system);
        process.stdout.write(flags.json ? `${JSON.stringify({ items: shown })}\n` : packageTable(shown));
        return;
      }
      const one = await api.ask<PackageDetail>(contract.devices.package, `${path}/${encodeURIComponent(name)}`);
      process.stdout.write(flags.json ? `${JSON.stringify(one)}\n` : detailWords(one));
    });
}

const COLUMNS: readonly [title: string, cell: (one: InstalledPackage) => string][] = [
  ["PACKAGE", ({ package: name }) => name],
  ["VERSION", ({ versionName, versionCode }) => `${versionName ?? "?"} (${versionCode ?? "?"})`],
  ["WHOSE", ({ standing }) => standing],
  ["STATE", stateWords],
];

function packageTable(packages: readonly InstalledPackage[]): string {
  if (packages.length === 0) return "No apps beside those that came with the phone; --system shows these.\n";
  return table(COLUMNS, packages);
}

function stateWords({ fenced, enabled, running }: InstalledPackage): string {
  if (fenced) return "fenced";
  if (!enabled) return "disabled";
  return running ? "running" : "";
}

function detailWords(one: PackageDetail): string {
  const { size, permissions, splits } = one;
  const lines: readonly [string, string | null][] = [
    ["version", `${one.versionName ?? "?"} (${one.versionCode ?? "?"})`],
    ["whose", one.standing],
    ["state", stateWords(one) || null],
    ["signer", one.signer],
    ["sdk", one.minSdk === null ? null : `${one.minSdk} and later, made for ${one.targetSdk ?? "?"}`],
    ["debuggable", one.debuggable ? "yes" : null],
    ["installed", one.installedAt],
    ["updated", one.updatedAt],
    ["installer", one.installer],
    ["opens", one.launcher],
    ["splits", splits.join(", ") || null],
    ["size", size && `${sizeWords(size.code)} code, ${sizeWords(size.data)} data, ${sizeWords(size.cache)} cache`],
    ...permissions.map(({ name, granted }): [string, string] => [
      "permission",
      `${name}: ${granted ? "granted" : "not granted"}`,
    ]),
  ];
  const words = lines.filter(([, value]) => value !== null).map(([title, value]) => `  ${title.padEnd(11)} ${value ?? ""}`);
  return `${one.package}\n${words.join("\n")}\n`;
}
