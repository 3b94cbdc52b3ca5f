/** `phonerack apps …`: uploaded, proved to be one's own, approved, given up. */
import { existsSync } from "node:fs";
import { type App, AppId, contract } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { table } from "../table.js";
import { addBuildCommands } from "./build-commands.js";
import { prove } from "./proof.js";
import { readSigningKey } from "./signing-key.js";

const APK_TYPE = "application/vnd.android.package-archive";

export function addAppCommands(program: Command): void {
  const apps = program
    .command("apps")
    .summary("your apps: upload them, prove that they are yours")
    .description("What is proved to be yours may be driven by groups, scripts and adb; everything else by hand alone.");
  addList(apps);
  addUpload(apps);
  addProve(apps);
  addApprove(apps);
  addDisown(apps);
  addRemove(apps);
  addBuildCommands(apps);
}

function addList(apps: Command): void {
  command(apps, "list", "list your organisation's apps, and whose word they are yours by")
    .option("--package <name>", "only that one")
    .addHelpText("after", example("apps list", "apps list --package com.example.app --json | jq -r .items[].id"))
    .action(async (flags: Flags & { package?: string }) => {
      const items = await listed(await client(flags), flags.package);
      process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : appTable(items));
    });
}

function addUpload(apps: Command): void {
  command(apps, "upload", "upload an APK: it is read, and its signatures are verified")
    .argument("<file>", "the APK")
    .addHelpText("after", example("apps upload app-release.apk"))
    .action(async (file: string, flags: Flags) => {
      const app = await upload(await client(flags), file);
      say(flags, app, appLine(app));
    });
}

interface KeyFlags {
  readonly key?: string;
  readonly keystore?: string;
  readonly alias?: string;
  readonly pass: string;
}

function addProve(apps: Command): void {
  command(apps, "prove", "prove that an app is yours, by signing a message with its key")
    .argument("<app>", "an APK file, which is uploaded first; or the id or package of one that was")
    .option("--key <file>", "the app's signing key: PEM, or PKCS #8 as DER")
    .addOption(new Option("--keystore <file>", "or the keystore with it: PKCS #12 or JKS").conflicts("key"))
    .option("--alias <name>", "its name in the keystore, when there are several")
    .addOption(
      new Option("--pass <password>", "the key's or the keystore's password").env("PHONERACK_KEY_PASS").default("", "none"),
    )
    .addHelpText(
      "after",
      `\nThe key does not leave this machine: control gets the signature alone.\n${example(
        "apps prove app-release.apk --keystore release.jks --alias app",
        "apps prove com.example.app --key key.pem",
      )}`,
    )
    .action(async (what: string, flags: Flags & KeyFlags) => {
      const path = flags.key ?? flags.keystore;
      if (path === undefined) throw new PhonerackError("usage", "give the app's signing key with --key or --keystore");
      const key = await readSigningKey(path, { pass: flags.pass, alias: flags.alias });
      const api = await client(flags);
      const app = await prove(api, existsSync(what) ? await upload(api, what) : await find(api, what), key);
      say(flags, app, appLine(app));
    });
}

function addApprove(apps: Command): void {
  command(apps, "approve", "say, as an operator, that an app is its organisation's own")
    .argument("<app>", "its id or package")
    .requiredOption("--reason <words>", "why; it is shown with the app")
    .addHelpText("after", example('apps approve a-abcdefghij --reason "signed by Play, contract of 3 May"'))
    .action(async (what: string, flags: Flags & { reason: string }) => {
      const api = await client(flags);
      const { id } = await find(api, what);
      const body = { reason: flags.reason };
      const app = await api.ask<App>(contract.apps.approve, `/apps/${id}/approval`, { method: "POST", body });
      say(flags, app, appLine(app));
    });
}

function addDisown(apps: Command): void {
  command(apps, "disown", "give up that an app is yours; as an operator, take it away")
    .argument("<app>", "its id or package")
    .option("--reason <words>", "why; needed for another organisation's")
    .action(async (what: string, flags: Flags & { reason?: string }) => {
      const api = await client(flags);
      const { id } = await find(api, what);
      const body = flags.reason === undefined ? {} : { reason: flags.reason };
      const app = await api.ask<App>(contract.apps.disown, `/apps/${id}/ownership`, { method: "DELETE", body });
      say(flags, app, appLine(app));
    });
}

function addRemove(apps: Command): void {
  command(apps, "remove", "forget an app, and that it was yours")
    .argument("<app>", "its id or package")
    .action(async (what: string, flags: Flags) => {
      const api = await client(flags);
      const app = await find(api, what);
      const gone = await api.ask<{ id: string }>(contract.apps.remove, `/apps/${app.id}`, { method: "DELETE", body: {} });
      say(flags, gone, `${app.package}: forgotten`);
    });
}

async function listed(api: ApiClient, name: string | undefined): Promise<App[]> {
  const query = name === undefined ? "?limit=1000" : `?limit=1000&package=${encodeURIComponent(name)}`;
  return (await api.ask<{ items: App[] }>(contract.apps.list, `/apps${query}`)).items;
}

function upload(api: ApiClient, path: string): Promise<App> {
  return api.sendFile<App>(contract.apps.upload, "/apps", { path, type: APK_TYPE });
}

/** By id, or by package where that names one app alone. */
async function find(api: ApiClient, what: string): Promise<App> {
  if (AppId.safeParse(what).success) return api.ask<App>(contract.apps.get, `/apps/${what}`);
  const found = await listed(api, what);
  const [only] = found;
  if (!only) throw new PhonerackError("app_not_found", what);
  if (found.length > 1)
    throw new PhonerackError("usage", `${what} is ${found.length} apps by their signers; give an id: ${ids(found)}`);
  return only;
}

function ids(apps: readonly App[]): string {
  return apps.map(({ id }) => id).join(", ");
}

const COLUMNS: readonly [title: string, cell: (app: App) => string][] = [
  ["ID", ({ id }) => id],
  ["PACKAGE", ({ package: name }) => name],
  ["VERSION", ({ versionName }) => versionName],
  ["SIGNER", ({ signer }) => signer.slice(0, 16)],
  ["OWNED", ownedWords],
];

function appTable(apps: readonly App[]): string {
  if (apps.length === 0) return "No apps. 'phonerack apps upload FILE.apk' brings one.\n";
  return table(COLUMNS, apps);
}

function ownedWords({ ownership, obstacles }: App): string {
  if (!ownership) return obstacles.length === 0 ? "no" : `no: ${obstacles.map(({ code }) => code).join(", ")}`;
  const by = { key: "by its key", approved: `approved by ${ownership.byName}`, demo: "on virtual phones" };
  return by[ownership.how];
}

function appLine(app: App): string {
  const { id, package: name, versionName, ownership, obstacles } = app;
  const what = `${name} ${versionName} (${id})`;
  if (ownership) return `${what}: yours, ${ownedWords(app)}`;
  const [obstacle] = obstacles;
  if (obstacle) return `${what}: not yours yet. ${obstacle.message}`;
  return `${what}: not yours yet; 'phonerack apps prove ${id} --keystore FILE' proves it`;
}
