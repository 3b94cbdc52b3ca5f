/** `phonerack privacy …`: what is kept of you, all of it as a file, and its erasure. */
import { writeFile } from "node:fs/promises";
import { contract, type Erasure, type Kept, type PersonalData, type PrivacyDays } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { parseWhole } from "../flags.js";
import { table } from "../table.js";

export function addPrivacyCommands(program: Command): void {
  const privacy = program
    .command("privacy")
    .summary("see what the lab keeps of you, take it away, erase it")
    .description("What is kept of people, for how long, and what they can have of it (docs/privacy.md).");
  addShow(privacy);
  addExport(privacy);
  addExportMember(privacy);
  addErase(privacy);
  addEraseMember(privacy);
  addDays(privacy);
}

function addShow(privacy: Command): void {
  command(privacy, "show", "list what is kept of you, and for how long").action(async (flags: Flags) => {
    const found = await (await client(flags)).ask<{ items: Kept[] }>(contract.privacy.kept, "/privacy");
    const words = table(
      [
        ["WHAT", ({ kind }: Kept) => kind],
        ["OF YOU", ({ count }) => String(count)],
        ["DAYS", ({ days }) => (days === null ? "-" : String(days))],
      ],
      found.items,
    );
    say(flags, found, words.trimEnd());
  });
}

function addExport(privacy: Command): void {
  command(privacy, "export", "write all that is kept of you into a file")
    .argument("<file>", "where to; must not be there yet")
    .addHelpText("after", example("privacy export me.json"))
    .action(async (file: string, flags: Flags) => {
      const found = await (await client(flags)).ask<PersonalData>(contract.privacy.export, "/privacy/export");
      await writeData(flags, file, found);
    });
}

function addExportMember(privacy: Command): void {
  command(privacy, "export-member", "the same of a member who belongs to your organisation alone, without how they log in")
    .argument("<member>", "their id; 'phonerack log' and the console show it")
    .argument("<file>", "where to; must not be there yet")
    .action(async (id: string, file: string, flags: Flags) => {
      const path = `/members/${encodeURIComponent(id)}/privacy`;
      await writeData(flags, file, await (await client(flags)).ask<PersonalData>(contract.privacy.exportMember, path));
    });
}

async function writeData(flags: Flags, file: string, data: PersonalData): Promise<void> {
  await writeFile(file, `${JSON.stringify(data, undefined, 1)}\n`, { flag: "wx", mode: 0o600 }).catch((cause: unknown) => {
    throw new PhonerackError("data_unwritable", file, { cause });
  });
  const count = Object.values(data.records).reduce((sum, all) => sum + all.length, 0);
  const more = data.cut.length > 0 ? `; of ${data.cut.join(", ")} there is more than fits, the newest are in it` : "";
  say(flags, { file, records: count, hands: data.hands.length, cut: data.cut }, `${count} records in ${file}${more}`);
}

function addErase(privacy: Command): void {
  command(privacy, "erase", "erase your account and your name everywhere; it cannot be undone")
    .requiredOption("--email <address>", "your own, as a word that you mean it")
    .action(async ({ email, ...flags }: Flags & { email: string }) => {
      const body = { email };
      sayErased(
        flags,
        await (await client(flags)).ask<Erasure>(contract.privacy.erase, "/privacy/erasure", { method: "POST", body }),
      );
    });
}

function addEraseMember(privacy: Command): void {
  command(privacy, "erase-member", "the same for a member who belongs to your organisation alone")
    .argument("<member>", "their id; 'phonerack log' and the console show it")
    .action(async (id: string, flags: Flags) => {
      const path = `/members/${encodeURIComponent(id)}/erasure`;
      sayErased(
        flags,
        await (await client(flags)).ask<Erasure>(contract.privacy.eraseMember, path, { method: "POST", body: {} }),
      );
    });
}

function sayErased(flags: Flags, erased: Erasure): void {
  const { alias, changed, bulks, held } = erased;
  const rest = held.length > 0 ? `; what hands did in ${held.join(", ")} stays until somebody has decided about it` : "";
  say(flags, erased, `Erased: ${alias} stands in ${changed} records, ${bulks} bulks of the log are gone${rest}.`);
}

function addDays(privacy: Command): void {
  const days = (least: number) => (text: string) => parseWhole(text, { least, most: 3_650, what: "a number of days" });
  command(privacy, "days", "say after how many days the lab deletes what is over")
    .option("--leases <days>", "leases that have ended", days(30))
    .option("--events <days>", "events", days(30))
    .option("--work <days>", "jobs and groups that are over", days(7))
    .option("--cases <days>", "what platforms asked and what watching found, once decided", days(30))
    .action(async ({ leases, events, work, cases, ...flags }: Flags & Partial<PrivacyDays>) => {
      const api = await client(flags);
      const now = await api.ask<{ days: PrivacyDays }>(contract.privacy.kept, "/privacy");
      const wanted = { ...(leases && { leases }), ...(events && { events }), ...(work && { work }), ...(cases && { cases }) };
      const body = { ...now.days, ...wanted };
      const set = await api.ask<PrivacyDays>(contract.privacy.setDays, "/privacy/days", { method: "PUT", body });
      say(
        flags,
        set,
        Object.entries(set)
          .map(([kind, count]) => `${kind}: ${count} days`)
          .join("\n"),
      );
    });
}
