/** `phonerack tenants …`: how much each organisation may rent, and what that rests on. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { contract, type LabDeclaration, type Tenancy, TenantTier } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { shown } from "../audit/verify.js";
import { parseWhole } from "../flags.js";
import { clock, parseTime } from "../lease/times.js";
import { table } from "../table.js";

export function addTenantCommands(program: Command): void {
  const tenants = program
    .command("tenants")
    .summary("see and say how much each organisation may rent")
    .description("Organisations, their tiers and what these rest on. A lab of one organisation has no tiers.");
  addList(tenants);
  addOwn(tenants);
  addFacts(tenants);
  addTier(tenants);
  addReview(tenants);
  addState(tenants, { word: "pause", state: "paused", what: "lend it nothing more; what it holds goes on to its end" });
  addState(tenants, { word: "resume", state: "active", what: "let it lease again" });
  addState(tenants, { word: "end", state: "ended", what: "lend it nothing more, and end its leases" });
  addDeclare(tenants);
}

function addList(tenants: Command): void {
  command(tenants, "list", "list organisations with their tiers").action(async (flags: Flags) => {
    const found = await (await client(flags)).ask<{ declaration: LabDeclaration; items: Tenancy[] }>(
      contract.tenancies.list,
      "/tenancies",
    );
    say(flags, found, `${tierTable(found.items)}${words(found)}`.trimEnd());
  });
}

function words({ declaration, items }: { declaration: LabDeclaration; items: readonly Tenancy[] }): string {
  if (declaration.ownOnly) return "The lab serves only its own organisation: there are no tiers.";
  return items.some(({ applies }) => applies) ? "" : "The lab has one organisation: there are no tiers.";
}

function addOwn(tenants: Command): void {
  command(tenants, "own", "show your organisation's tier, and what is missing for more").action(async (flags: Flags) => {
    say1(flags, await (await client(flags)).ask<Tenancy>(contract.tenancies.own, "/tenancy"));
  });
}

interface FactFlags extends Flags {
  readonly verified?: string;
  readonly domain?: string;
  readonly responsible?: string;
  readonly email?: string;
  readonly extract?: string;
  readonly extractFile?: string;
  readonly use?: string;
}

function addFacts(tenants: Command): void {
  command(tenants, "facts", "enter what an organisation's tier rests on; what you leave out stays")
    .argument("<organisation>", "its id")
    .option("--verified <how>", "how the organisation was verified")
    .option("--domain <name>", "of its owners' e-mail addresses")
    .option("--responsible <name>", "who answers for what is done (with --email)")
    .option("--email <address>", "the responsible person's")
    .option("--extract <reference>", "where the extract of a public register is kept (with --extract-file)")
    .option("--extract-file <file>", "the document; its SHA-256 is entered, it stays where it is")
    .option("--use <words>", "what they say they use the phones for")
    .addHelpText("after", example("tenants facts acme --verified 'contract 2026-17' --domain acme.example"))
    .action(async (id: string, given: FactFlags) => {
      const { verified, domain, responsible, email, extract, extractFile, use, ...flags } = given;
      if ((responsible === undefined) !== (email === undefined))
        throw new PhonerackError("usage", "--responsible goes with --email");
      if ((extract === undefined) !== (extractFile === undefined))
        throw new PhonerackError("usage", "--extract goes with --extract-file");
      const body = {
        ...(verified !== undefined && { verified }),
        ...(domain !== undefined && { domain }),
        ...(responsible !== undefined && { responsible: { name: responsible, email } }),
        ...(extract !== undefined &&
          extractFile !== undefined && { extract: { reference: extract, sha256: await digestOf(extractFile) } }),
        ...(use !== undefined && { use }),
      };
      const path = `/tenants/${encodeURIComponent(id)}/facts`;
      say1(flags, await (await client(flags)).ask<Tenancy>(contract.tenancies.facts, path, { method: "PUT", body }));
    });
}

async function digestOf(file: string): Promise<string> {
  try {
    return createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  } catch (cause) {
    throw new PhonerackError("usage", `${file} cannot be read`, { cause });
  }
}

function addTier(tenants: Command): void {
  command(tenants, "tier", "give an organisation a tier; you vouch for it in your own name, so log in first")
    .argument("<organisation>", "its id")
    .addArgument(tenants.createArgument("<tier>", "T0, T1, T2 or T3").choices([...TenantTier.options]))
    .argument("<reason>", "why")
    .option("--phones <count>", "T3: how many at once", (text) =>
      parseWhole(text, { least: 21, most: 1_000, what: "a number of phones" }),
    )
    .option("--review <date>", "T3: when it is looked at again, within 92 days, e.g. +90d", (text) => parseTime(text))
    .addHelpText("after", example("tenants tier acme T1 'met them, contract 2026-17'"))
    .action(async (...[id, tier, reason, given]: [string, string, string, Flags & { phones?: number; review?: number }]) => {
      const { phones, review, ...flags } = given;
      const body = { tier, reason, ...(phones !== undefined && { phones }), ...(review !== undefined && { reviewDue: review }) };
      const path = `/tenants/${encodeURIComponent(id)}/tier`;
      say1(flags, await (await client(flags)).ask<Tenancy>(contract.tenancies.give, path, { method: "PUT", body }));
    });
}

function addReview(tenants: Command): void {
  command(tenants, "review", "say that a grant above 20 phones was looked at, and when it is again")
    .argument("<organisation>", "its id")
    .argument("<reason>", "what was found")
    .requiredOption("--until <date>", "within 92 days, e.g. +90d", (text) => parseTime(text))
    .action(async (...[id, reason, { until, ...flags }]: [string, string, Flags & { until: number }]) => {
      const path = `/tenants/${encodeURIComponent(id)}/review`;
      const body = { reason, reviewDue: until };
      say1(flags, await (await client(flags)).ask<Tenancy>(contract.tenancies.review, path, { method: "POST", body }));
    });
}

function addState(tenants: Command, { word, state, what }: { word: string; state: string; what: string }): void {
  command(tenants, word, what)
    .argument("<organisation>", "its id")
    .argument("<reason>", "why; whoever holds its leases reads it")
    .action(async (id: string, reason: string, flags: Flags) => {
      const path = `/tenants/${encodeURIComponent(id)}/state`;
      const body = { state, reason };
      say1(flags, await (await client(flags)).ask<Tenancy>(contract.tenancies.setState, path, { method: "PUT", body }));
    });
}

function addDeclare(tenants: Command): void {
  command(tenants, "declare", "say whether the lab serves only its own organisation: then it has no tiers")
    .addOption(new Option("--own-only", "it serves only its own, if in several teams").conflicts("others"))
    .option("--others", "it rents to others")
    .action(async ({ ownOnly, others, ...flags }: Flags & { ownOnly?: boolean; others?: boolean }) => {
      if (!ownOnly && !others) throw new PhonerackError("usage", "give --own-only or --others");
      const found = await (await client(flags)).ask<LabDeclaration>(contract.tenancies.declare, "/tenancies/declaration", {
        method: "PUT",
        body: { ownOnly: ownOnly === true },
      });
      say(flags, found, found.ownOnly ? "Declared: it serves only its own organisation." : "Declared: it rents to others.");
    });
}

function say1(flags: Flags, tenancy: Tenancy): void {
  const { next, verified, domain, ownerAtDomain, responsible, use, signedOff, grant } = tenancy;
  const lines = [
    tierTable([tenancy]).trimEnd(),
    ...(verified ? [`verified: ${shown(verified)}`] : []),
    ...(domain ? [`domain: ${shown(domain)}${ownerAtDomain ? "" : " (no owner has an address there)"}`] : []),
    ...(responsible ? [`responsible: ${shown(responsible.name)} <${shown(responsible.email)}>`] : []),
    ...(use ? [`use: ${shown(use)}`] : []),
    ...(signedOff ? [`signed off by ${shown(signedOff.name)} at ${clock(signedOff.at)}`] : []),
    ...(grant
      ? [
          `granted ${grant.phones} phones until its review on ${clock(grant.reviewDue)}${grant.overdue ? ", which is overdue" : ""}`,
        ]
      : []),
    ...(next
      ? [
          `for ${next.tier}: ${next.missing.length > 0 ? `missing ${next.missing.join(", ")}` : "nothing is missing but somebody who gives it"}`,
        ]
      : []),
  ];
  say(flags, tenancy, lines.join("\n"));
}

function tierTable(items: readonly Tenancy[]): string {
  return table(
    [
      ["ORGANISATION", ({ tenant }) => tenant],
      ["TIER", ({ applies, tier, counts }) => (!applies ? "-" : tier === counts ? tier : `${tier}, counts as ${counts}`)],
      ["STATE", ({ state }) => state],
      ["PHONES", ({ held, phones }) => (phones === null ? `${held}` : `${held} of ${phones}`)],
    ],
    items,
  );
}
