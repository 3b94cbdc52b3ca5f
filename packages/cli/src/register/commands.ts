/** `phonerack register …`: what each device is, its licences, and what shows them. */
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import {
  Country,
  contract,
  type Evidence,
  EvidenceId,
  type LicenceEntry,
  type RegisterDevice,
  type RegisterEntry,
  type RegisterImport,
  type RegisterRecord,
  type RegisterSchemes,
  Scheme,
} from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { client, command, example, type Flags, say } from "../api/command.js";
import { parseWhole } from "../flags.js";
import { deviceWords, importWords, registerTable, schemesWords } from "./register-words.js";

type OneDevice = RegisterDevice & { readonly evidence: Evidence[] };

/** What they are is read from their bytes. */
const BYTES = "application/octet-stream";

export function addRegisterCommands(program: Command): void {
  const register = program
    .command("register")
    .summary("what each device is, its licences and its network class")
    .description("A device without the licences that its site's country asks for is isolated: it gets no route out.");
  addList(register);
  addShow(register);
  addImport(register);
  addAttach(register);
  addDocument(register);
  addConfirm(register);
  addRemove(register);
  addSchemes(register);
}

interface ListFlags extends Flags {
  readonly class?: string;
  readonly reason?: string;
  readonly site?: string;
  readonly endsWithin?: number;
  readonly virtual?: boolean;
}

function addList(register: Command): void {
  command(register, "list", "list devices with their network class, and why")
    .addOption(new Option("--class <class>", "only these").choices(["public", "isolated"]))
    .option("--reason <code>", "only those isolated for this reason, e.g. expired")
    .option("--site <name>", "only those of this site")
    .option("--ends-within <days>", "only those with a licence that ends so soon", (words) =>
      parseWhole(words, { least: 1, most: 3_650, what: "a number of days" }),
    )
    .option("--virtual", "virtual phones, too, which need no licence")
    .addHelpText("after", example("register list --class isolated", "register list --ends-within 60 --json | jq -r .items[].id"))
    .action(async (flags: ListFlags) => {
      const items = await listed(await client(flags), {
        ...(flags.class !== undefined && { class: flags.class }),
        ...(flags.reason !== undefined && { reason: flags.reason }),
        ...(flags.site !== undefined && { site: flags.site }),
        ...(flags.endsWithin !== undefined && { endsWithin: String(flags.endsWithin) }),
        ...(flags.virtual && { virtual: "true" }),
      });
      process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : registerTable(items));
    });
}

async function listed(api: ApiClient, query: Readonly<Record<string, string>>): Promise<RegisterDevice[]> {
  const found: RegisterDevice[] = [];
  let cursor: string | null = null;
  do {
    const words = new URLSearchParams({ ...query, limit: "1000", ...(cursor === null ? {} : { cursor }) });
    const page: { items: RegisterDevice[]; next: string | null } = await api.ask(
      contract.register.list,
      `/register/devices?${words.toString()}`,
    );
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

function addShow(register: Command): void {
  command(register, "show", "one device's record, licences and documents")
    .argument("<device>", "its id or name")
    .addHelpText("after", example("register show V01-03"))
    .action(async (named: string, flags: Flags) => {
      const api = await client(flags);
      const device = await shown(api, await api.idOf(named));
      say(flags, device, deviceWords(device));
    });
}

function shown(api: ApiClient, id: string): Promise<OneDevice> {
  return api.ask(contract.register.get, `/register/devices/${id}`);
}

function addImport(register: Command): void {
  command(register, "import", "enter records from a file; nothing is changed unless all of it can be")
    .argument("<file>", "CSV with a column 'device', or YAML; - is stdin")
    .option("--dry-run", "only say what would change")
    .addHelpText("after", example("register import phones.csv --dry-run", "register import phones.yaml"))
    .action(async (file: string, flags: Flags & { dryRun?: boolean }) => {
      const words = file === "-" ? await text(process.stdin) : await readFile(file, "utf8").catch(unreadable);
      const body = { text: words, dryRun: flags.dryRun ?? false };
      const api = await client(flags);
      const done = await api.ask<RegisterImport>(contract.register.import, "/register/imports", { method: "POST", body });
      say(flags, done, importWords(done));
      if (done.problems.length > 0) process.exitCode = 1;
    });
}

function unreadable(cause: Error): never {
  throw new PhonerackError("usage", `the file cannot be read: ${cause.message}`, { cause });
}

function addAttach(register: Command): void {
  command(register, "attach", "attach a photo or PDF to a device, and to a licence of its")
    .argument("<device>", "its id or name")
    .argument("<file>", "JPEG, PNG, WebP or PDF, at most 10 MiB")
    .option("--scheme <scheme>", "the licence that it shows, e.g. nal", parseScheme)
    .addHelpText("after", example("register attach V01-03 label.jpg --scheme nal"))
    .action(async (named: string, file: string, flags: Flags & { scheme?: string }) => {
      const api = await client(flags);
      const id = await api.idOf(named);
      const { record } = await shown(api, id);
      const { scheme } = flags;
      if (scheme !== undefined && !record?.licences[scheme])
        throw new PhonerackError("record_not_found", `${named} has no ${scheme}`);
      const evidence = await attach(api, id, file);
      if (scheme !== undefined && record) {
        const entry = withDocument(record, scheme, evidence.id);
        await api.ask(contract.register.put, `/register/devices/${id}`, { method: "PUT", body: { record: entry } });
      }
      say(flags, evidence, `${evidence.id}: ${evidence.name}, SHA-256 ${evidence.sha256}`);
    });
}

function attach(api: ApiClient, id: string, path: string): Promise<Evidence> {
  const name = encodeURIComponent(path.split(/[/\\]/).at(-1)?.slice(-150) ?? "");
  return api.sendFile(contract.register.addEvidence, `/register/devices/${id}/evidence?name=${name}`, { path, type: BYTES });
}

/** What a person would enter to have this record with the document. */
function withDocument({ at: _at, by: _by, licences, ...rest }: RegisterRecord, scheme: string, evidence: string): RegisterEntry {
  const entries = Object.entries(licences).map(
    ([name, { level: _level, confirmed: _confirmed, ...licence }]): [string, LicenceEntry] => [
      name,
      name === scheme ? { ...licence, evidence } : licence,
    ],
  );
  return { ...rest, licences: Object.fromEntries(entries) };
}

function addDocument(register: Command): void {
  command(register, "document", "save a photo or PDF; its digest is compared on the way")
    .argument("<id>", "its id, as 'register show' has it", parseEvidence)
    .argument("<file>", "where to")
    .addHelpText("after", example("register document e-abcdefgh234567ab label.jpg"))
    .action(async (id: string, path: string, flags: Flags) => {
      await (await client(flags)).receiveFile(`/register/evidence/${id}`, { path });
      say(flags, { id, path }, path);
    });
}

interface ConfirmFlags extends Flags {
  readonly devices?: string;
  readonly evidence?: string;
  readonly screenshot?: string;
}

function addConfirm(register: Command): void {
  command(register, "confirm", "say that you looked a licence up in its registry, with what you saw there")
    .argument("<scheme>", "e.g. nal", parseScheme)
    .argument("<number>", "as the registry has it")
    .option("--devices <names>", "ids or names, with commas; default: all whose record has this number")
    .addOption(new Option("--screenshot <file>", "a picture or PDF of what the registry says").conflicts("evidence"))
    .option("--evidence <id>", "or one that is in the register already", parseEvidence)
    .addHelpText("after", example("register confirm nal 00-D710-208871 --screenshot tenaa.png"))
    .action(async (scheme: string, number: string, flags: ConfirmFlags) => {
      const api = await client(flags);
      const devices = await confirmable(api, { scheme, number, named: flags.devices });
      const [first] = devices;
      if (first === undefined) throw new PhonerackError("record_not_found", `no record has ${scheme} ${number}`);
      if (flags.evidence === undefined && flags.screenshot === undefined)
        throw new PhonerackError("usage", "give what you saw with --screenshot FILE or --evidence ID");
      const evidence = flags.evidence ?? (await attach(api, first, flags.screenshot ?? "")).id;
      const body = { scheme, number, devices, evidence };
      const done = await api.ask<{ confirmed: string[] }>(contract.register.confirm, "/register/confirmations", {
        method: "POST",
        body,
      });
      say(flags, done, `${scheme} ${number}: confirmed for ${done.confirmed.length} devices`);
    });
}

async function confirmable(
  api: ApiClient,
  { scheme, number, named }: { scheme: string; number: string; named: string | undefined },
): Promise<string[]> {
  if (named !== undefined) return Promise.all(named.split(",").map((one) => api.idOf(one.trim())));
  const found = await listed(api, { q: number, record: "true" });
  return found.filter(({ record }) => record?.licences[scheme]?.number === number).map(({ id }) => id);
}

function addRemove(register: Command): void {
  command(register, "remove", "take a device's record out of the register")
    .argument("<device>", "its id or name; of one that is gone, its id")
    .action(async (named: string, flags: Flags) => {
      const api = await client(flags);
      const id = await api.idOf(named).catch((error: unknown) => {
        if (error instanceof PhonerackError && error.code === "device_not_found") return named;
        throw error;
      });
      const gone = await api.ask<{ id: string }>(contract.register.remove, `/register/devices/${encodeURIComponent(id)}`, {
        method: "DELETE",
        body: {},
      });
      say(flags, gone, `${gone.id}: no record any more`);
    });
}

function addSchemes(register: Command): void {
  command(register, "schemes", "show or set which licences devices need, by country")
    .option("--country <code>", "two letters, or 'else' for every other country")
    .option("--needs <schemes>", "with commas, or 'none'")
    .addHelpText("after", example("register schemes", "register schemes --country DE --needs ce"))
    .action(async (flags: Flags & { country?: string; needs?: string }) => {
      const api = await client(flags);
      const now = await api.ask<RegisterSchemes>(contract.register.schemes, "/register/schemes");
      if (flags.country === undefined && flags.needs === undefined) return say(flags, now, schemesWords(now));
      if (flags.country === undefined || flags.needs === undefined)
        throw new PhonerackError("usage", "give --country and --needs together");
      const needs = flags.needs === "none" ? [] : flags.needs.split(",").map((one) => parseScheme(one.trim()));
      const body = withCountry(now, flags.country, needs);
      const set = await api.ask<RegisterSchemes>(contract.register.putSchemes, "/register/schemes", { method: "PUT", body });
      say(flags, set, schemesWords(set));
    });
}

function withCountry(now: RegisterSchemes, country: string, needs: string[]): RegisterSchemes {
  if (country === "else") return { ...now, otherwise: needs };
  if (!Country.safeParse(country).success) throw new PhonerackError("usage", `'${country}' is no country's code; write e.g. DE`);
  return { ...now, byCountry: { ...now.byCountry, [country]: needs } };
}

function parseScheme(words: string): string {
  if (!Scheme.safeParse(words).success) throw new InvalidArgumentError(`'${words}' is no scheme, e.g. nal, srrc, ccc.`);
  return words;
}

function parseEvidence(words: string): string {
  if (!EvidenceId.safeParse(words).success)
    throw new InvalidArgumentError(`'${words}' is no document's id; 'register show' has them.`);
  return words;
}
