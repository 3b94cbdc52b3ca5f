/** `phonerack face …` and `phonerack cases …`: what the lab says of itself, and what platforms asked. */
import { resolve4, resolve6, reverse } from "node:dns/promises";
import { type AbuseCase, contract, type EgressPrefix, type Face } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { shown } from "../audit/verify.js";
import { parseWhole } from "../flags.js";
import { table } from "../table.js";
import { checkNames } from "./names.js";

export function addFaceCommands(program: Command): void {
  const face = program
    .command("face")
    .summary("say who runs the lab, and which addresses are its own")
    .description("What the lab says of itself to the world, signed with its log's key.");
  addShow(face);
  addSet(face);
  addEgress(face);
  addCheck(face);
  addCases(program);
}

function addShow(face: Command): void {
  command(face, "show", "show what the lab says of itself").action(async (flags: Flags) => {
    const found = await (await client(flags)).ask<Face>(contract.face.get, "/face");
    say(flags, found, words(found));
  });
}

function words({ settings, egress }: Face): string {
  const who = settings
    ? `${shown(settings.operator)} · ${shown(settings.abuseEmail)} · answers within ${settings.responseHours} h`
    : "Nobody has said who runs this lab; 'phonerack face set' does.";
  const lines = egress.map(
    ({ prefix, from, until }) => `  ${prefix} from ${iso(from)}${until === null ? "" : ` until ${iso(until)}`}`,
  );
  return [who, ...(lines.length > 0 ? lines : ["  no addresses of its own"])].join("\n");
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

interface SetFlags extends Flags {
  readonly operator: string;
  readonly abuseEmail: string;
  readonly abuseUrl?: string;
  readonly ptrSuffix?: string;
  readonly responseHours: number;
}

function addSet(face: Command): void {
  command(face, "set", "say who runs the lab and where people complain; published and signed at /.well-known/phonerack.json")
    .requiredOption("--operator <name>", "who runs it")
    .requiredOption("--abuse-email <address>", "where people complain")
    .option("--abuse-url <url>", "a page about it")
    .option("--ptr-suffix <name>", "all its addresses have a name below this one")
    .option(
      "--response-hours <hours>",
      "within which a case is answered",
      (text) => parseWhole(text, { least: 1, most: 168, what: "a number of hours" }),
      72,
    )
    .addHelpText(
      "after",
      example("face set --operator 'Acme Device Lab' --abuse-email abuse@lab.example --ptr-suffix egress.lab.example"),
    )
    .action(async ({ operator, abuseEmail, abuseUrl, ptrSuffix, responseHours, ...flags }: SetFlags) => {
      const body = { operator, abuseEmail, abuseUrl: abuseUrl ?? null, ptrSuffix: ptrSuffix ?? null, responseHours };
      const found = await (await client(flags)).ask<Face>(contract.face.put, "/face", { method: "PUT", body });
      say(flags, found, words(found));
    });
}

function addEgress(face: Command): void {
  command(face, "egress", "announce the addresses that the lab will have; takes effect a day later")
    .argument("[prefix...]", "all that there are to be, e.g. 81.2.69.0/28; none: the lab has no addresses of its own")
    .addHelpText("after", example("face egress 81.2.69.0/28 2a00:1450::/48"))
    .action(async (prefixes: readonly string[], flags: Flags) => {
      const api = await client(flags);
      const found = await api.ask<{ items: EgressPrefix[] }>(contract.face.egress, "/face/egress", {
        method: "PUT",
        body: { prefixes },
      });
      const settings = null;
      say(flags, found, words({ settings, egress: found.items }).split("\n").slice(1).join("\n"));
    });
}

function addCheck(face: Command): void {
  command(face, "check", "ask DNS whether each address has a name below the suffix that leads back to it").action(
    async (flags: Flags) => {
      const { settings, egress } = await (await client(flags)).ask<Face>(contract.face.get, "/face");
      const { ptrSuffix } = settings ?? {};
      if (!ptrSuffix) throw new PhonerackError("usage", "no --ptr-suffix was set ('phonerack face set')");
      const resolver = {
        reverse,
        addresses: async (name: string) => [...(await resolve4(name).catch(() => [])), ...(await resolve6(name).catch(() => []))],
      };
      const checked = await checkNames(
        egress.filter(({ until }) => until === null).map(({ prefix }) => prefix),
        ptrSuffix,
        resolver,
      );
      const bad = checked.filter(({ wrong }) => wrong !== null);
      say(
        flags,
        { checked },
        `${checked.length - bad.length} of ${checked.length} addresses are named${bad.map(({ address, wrong }) => `\n  ${address}: ${wrong}`).join("")}`,
      );
      process.exitCode = bad.length > 0 ? 1 : 0;
    },
  );
}

function addCases(program: Command): void {
  const cases = program
    .command("cases")
    .summary("see what platforms asked about traffic of the lab, and answer")
    .description("A platform that asked about traffic of the lab has a case, which the lab must answer in time.");
  command(cases, "list", "list cases, those that wait first")
    .option("--state <state>", "open, answered or closed")
    .action(async (flags: Flags & { state?: string }) => {
      const query = flags.state === undefined ? "" : `?state=${encodeURIComponent(flags.state)}`;
      const found = await (await client(flags)).ask<{ items: AbuseCase[] }>(contract.cases.list, `/cases${query}`);
      say(flags, found, found.items.length === 0 ? "No case." : caseTable(found.items).trimEnd());
    });
  command(cases, "show", "show one case")
    .argument("<case>", "its id")
    .action(async (id: string, flags: Flags) => {
      const found = await (await client(flags)).ask<AbuseCase>(contract.cases.get, `/cases/${encodeURIComponent(id)}`);
      const leases = found.leases.map(({ reference, lease, tenant }) => `\n  ${reference} is lease ${lease} of ${shown(tenant)}`);
      const said = found.messages.map(({ at, by, text }) => `\n${iso(at)} ${by}: ${shown(text)}`);
      say(flags, found, `${caseTable([found]).trimEnd()}${leases.join("")}${said.join("")}`);
    });
  command(cases, "answer", "answer a case; whoever asked reads it")
    .argument("<case>", "its id")
    .argument("<text>", "what whoever asked will read")
    .option("--close", "and close it")
    .addHelpText(
      "after",
      example("cases answer case-0123456789abcdef0123 'A tenant tested its own app; the lease was ended.' --close"),
    )
    .action(async (id: string, text: string, flags: Flags & { close?: boolean }) => {
      const body = { text, close: flags.close === true };
      const found = await (await client(flags)).ask<AbuseCase>(contract.cases.answer, `/cases/${encodeURIComponent(id)}/answer`, {
        method: "POST",
        body,
      });
      say(flags, found, `${found.id}: ${found.state}`);
    });
}

function caseTable(items: readonly AbuseCase[]): string {
  return table(
    [
      ["CASE", ({ id }) => id],
      ["STATE", ({ state, overdue }) => (overdue ? `${state}, OVERDUE` : state)],
      ["ANSWER BY", ({ answerBy }) => iso(answerBy)],
      ["ADDRESS", ({ ip }) => ip],
      ["SEEN", ({ time }) => iso(time)],
      ["LEASES", ({ leases }) => String(leases.length)],
    ],
    items,
  );
}
