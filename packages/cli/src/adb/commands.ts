/** `phonerack adb` and `phonerack adb-keys`. */
import { type AdbKey, AdbKeyId, contract, type Device } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { findControl } from "../api/find-control.js";
import { GroupApi } from "../api/groups.js";
import { describeFailure } from "../failure.js";
import { parsePort } from "../flags.js";
import { foreground } from "../foreground.js";
import { agree } from "../group/starting.js";
import { table } from "../table.js";
import { LocalAdb, publicKeyLine } from "./local-adb.js";
import { openTunnel, type Tunnel } from "./tunnel.js";

/** For adb to log in, a fence that closes first included. */
const READY_MS = 75_000;
/** A connection that broke is made anew, but not in a tight circle. */
const AGAIN_MS = 1_000;

interface AdbFlags extends Flags {
  readonly port: number;
  readonly connect: boolean;
  readonly agree?: boolean;
}

export function addAdbCommands(program: Command): void {
  command(program, "adb", "let any adb tool on this machine use a phone that you hold")
    .argument("<device>", "its id or name")
    .argument("[words...]", "after --: an adb command to run on it, whose exit code becomes this one's")
    .option("-p, --port <port>", "the local port; 0 takes a free one", parsePort, 0)
    .option("--no-connect", "do not tell the adb of this machine")
    .option("--agree", "other apps may be disabled meanwhile on a phone that no operator has enrolled")
    .addHelpText(
      "after",
      example("adb V01-03", "adb V01-03 -- shell getprop ro.product.model", "adb V01-03 --port 5600 --no-connect"),
    )
    .action(adb);
  addKeys(program);
}

async function adb(name: string, words: string[], flags: AdbFlags): Promise<void> {
  const control = await findControl(flags);
  const api = new ApiClient(control);
  const device = await api.deviceOf(name);
  const local = LocalAdb.find();
  if (words.length > 0 && (!local || !flags.connect)) throw new PhonerackError("adb_missing", "an adb command needs adb");
  await enrol(api, local);
  const agreed = flags.agree === true || (await consent(api, device, flags));
  const process_ = words.length > 0 ? undefined : foreground();
  const session = new Session({ device, local: flags.connect ? local : undefined, flags });
  const tunnel = await openTunnel({
    control,
    deviceId: device.id,
    agreed,
    port: flags.port,
    onEnd: (error) => session.ended(error),
  });
  session.tunnel = tunnel;
  const ready = await session.connect();
  if (process_ === undefined) {
    const code = ready ? await local?.attached(["-s", session.serial, ...words]) : 1;
    await session.stop();
    process.exitCode = code ?? 1;
    return;
  }
  session.announce(ready);
  await process_.end(() => session.stop());
}

/** The key of this machine's adb is this person's from now on. */
async function enrol(api: ApiClient, local: LocalAdb | undefined): Promise<void> {
  const key = local ? await local.publicKey() : await publicKeyLine();
  if (key !== undefined) await api.ask<AdbKey>(contract.adbKeys.add, "/adb-keys", { method: "POST", body: { key } });
}

/** @returns whether somebody agreed; false: nobody needs to be asked. */
async function consent(api: ApiClient, device: Device, flags: AdbFlags): Promise<boolean> {
  const groups = new GroupApi(api);
  const [preview] = await groups.preview([device.id]);
  if (!preview?.ask) return false;
  await agree(groups, [device], { flags, refused: new PhonerackError("fence_unagreed") });
  return true;
}

interface SessionParts {
  readonly device: Device;
  /** To be told of the port. */
  readonly local: LocalAdb | undefined;
  readonly flags: AdbFlags;
}

/** One device at the adb of this machine, for as long as the command runs. */
class Session {
  tunnel: Tunnel | undefined;
  readonly #parts: SessionParts;
  readonly #refused = new AbortController();
  #stopping = false;
  #again: NodeJS.Timeout | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get serial(): string {
    return `127.0.0.1:${this.tunnel?.port ?? 0}`;
  }

  /** @returns whether adb has it for use */
  async connect(): Promise<boolean> {
    const { local } = this.#parts;
    if (!local) return false;
    await local.run("connect", this.serial);
    return local.isThere(this.serial, { withinMs: READY_MS, signal: this.#refused.signal });
  }

  announce(ready: boolean): void {
    const { device, local, flags } = this.#parts;
    const { port } = this.tunnel ?? { port: 0 };
    const use = ready
      ? `adb -s ${this.serial} shell`
      : local
        ? `adb could not use it; try: adb connect ${this.serial}`
        : `adb connect ${this.serial}`;
    say(
      flags,
      { id: device.id, serial: this.serial, port, ready },
      `${device.name} is ${this.serial} for adb until Ctrl-C. ${use}`,
    );
  }

  /** A connection of adb's has ended. */
  ended(error: PhonerackError | undefined): void {
    if (this.#stopping || !error) return;
    process.stderr.write(describeFailure(error, { json: this.#parts.flags.json ?? false, verbose: false }));
    // adb would try again by itself only after ten seconds.
    clearTimeout(this.#again);
    if (error.code !== "control_unreachable" && error.code !== "pipe_broken") this.#refused.abort();
    if (error.code === "control_unreachable" || error.code === "pipe_broken")
      this.#again = setTimeout(() => void this.#reconnect(), AGAIN_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    await this.#parts.local?.run("disconnect", this.serial);
    await this.tunnel?.stop();
  }

  async #reconnect(): Promise<void> {
    const { local } = this.#parts;
    if (!local || this.#stopping || (this.tunnel?.connections ?? 0) > 0) return;
    await local.run("disconnect", this.serial);
    if (!this.#stopping) await local.run("connect", this.serial);
  }
}

function addKeys(program: Command): void {
  const keys = program
    .command("adb-keys")
    .summary("the adb keys that phones of the lab take for yours")
    .description("'phonerack adb' enrols the key of the adb on its machine by itself; here are all of them.");
  command(keys, "list", "list them").action(async (flags: Flags) => {
    const items = await listed(await client(flags));
    if (flags.json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
    process.stdout.write(items.length === 0 ? "none\n" : table(COLUMNS, items));
  });
  command(keys, "add", "enrol one")
    .argument("[file]", "its public key; else that of this machine's adb")
    .addHelpText("after", example("adb-keys add", "adb-keys add laptop/adbkey.pub"))
    .action(async (file: string | undefined, flags: Flags) => {
      const key = await publicKeyLine(file);
      if (key === undefined) throw new PhonerackError("adb_key_invalid", `there is no ${file ?? "~/.android/adbkey.pub"}`);
      const api = await client(flags);
      const added = await api.ask<AdbKey>(contract.adbKeys.add, "/adb-keys", { method: "POST", body: { key } });
      say(flags, added, `${added.id}  ${added.name}  ${added.fingerprint}`);
    });
  command(keys, "remove", "forget one; what it has open ends")
    .argument("<key>", "its id, name or fingerprint")
    .action(async (what: string, flags: Flags) => {
      const api = await client(flags);
      const id = AdbKeyId.safeParse(what).success ? what : await idOf(api, what);
      say(flags, await api.ask(contract.adbKeys.remove, `/adb-keys/${id}`, { method: "DELETE", body: {} }), `${what}: forgotten`);
    });
}

const COLUMNS: readonly [title: string, cell: (key: AdbKey) => string][] = [
  ["ID", ({ id }) => id],
  ["NAME", ({ name }) => name],
  ["FINGERPRINT", ({ fingerprint }) => fingerprint],
  ["USED", ({ usedAt }) => (usedAt === null ? "never" : new Date(usedAt).toISOString())],
];

async function listed(api: ApiClient): Promise<AdbKey[]> {
  return (await api.ask<{ items: AdbKey[] }>(contract.adbKeys.list, "/adb-keys")).items;
}

async function idOf(api: ApiClient, what: string): Promise<string> {
  const found = (await listed(api)).filter(({ name, fingerprint }) => name === what || fingerprint === what);
  const [only] = found;
  if (!only || found.length > 1) throw new PhonerackError("adb_key_not_found", what);
  return only.id;
}
