/** `phonerack permits …` and `phonerack enrol`: what an operator lets others do, and which devices are lab devices. */
import { contract, type Permit } from "@phonerack/contract/api";
import { type Command, Option } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { collect, parseWhole } from "../flags.js";
import { clock, parseDuration } from "../lease/times.js";
import { table } from "../table.js";

export function addPermitCommands(program: Command): void {
  const permits = program
    .command("permits")
    .summary("let an organisation drive an app that is not its own, by hand")
    .description("A permit names one app, at most five devices, and an end. It never lets a group or a script.");
  addList(permits);
  addAdd(permits);
  addRemove(permits);
  addTrials(permits);
  addEnrol(program);
}

function addList(permits: Command): void {
  command(permits, "list", "list the permits that have not ended").action(async (flags: Flags) => {
    const { items } = await (await client(flags)).ask<{ items: Permit[] }>(contract.permits.list, "/permits");
    process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : permitTable(items));
  });
}

interface AddFlags extends Flags {
  readonly tenant: string;
  readonly device: readonly string[];
  readonly for: number;
  readonly reason: string;
}

function addAdd(permits: Command): void {
  command(permits, "add", "permit an app, as an operator of the lab")
    .argument("<package>", "the app's package")
    .requiredOption("--tenant <id>", "the organisation")
    .requiredOption("--device <device>", "by id or name; repeatable, at most 5", collect)
    .addOption(new Option("--for <time>", "how long, e.g. 8h").argParser(parseDuration).makeOptionMandatory())
    .requiredOption("--reason <words>", "why")
    .addHelpText(
      "after",
      example('permits add com.other.app --tenant acme --device V01-03 --for 8h --reason "their bug report 7"'),
    )
    .action(async (name: string, flags: AddFlags) => {
      const api = await client(flags);
      const devices = await Promise.all(flags.device.map((device) => api.idOf(device)));
      const { tenant, reason } = flags;
      const body = { tenant, package: name, devices, until: Date.now() + flags.for, reason };
      const permit = await api.ask<Permit>(contract.permits.create, "/permits", { method: "POST", body });
      say(flags, permit, `${permit.id}: ${name} for ${tenant} until ${clock(permit.until)}`);
    });
}

function addRemove(permits: Command): void {
  command(permits, "remove", "take a permit back; it ends at once")
    .argument("<id>", "the permit's id")
    .action(async (id: string, flags: Flags) => {
      const api = await client(flags);
      const path = `/permits/${encodeURIComponent(id)}`;
      const gone = await api.ask<{ id: string }>(contract.permits.remove, path, { method: "DELETE", body: {} });
      say(flags, gone, `${gone.id}: taken back`);
    });
}

function addTrials(permits: Command): void {
  command(permits, "trials", "set on how many devices a day an organisation's people freely try others' apps by hand")
    .argument("<tenant>", "the organisation's id")
    .argument("<devices>", "how many", (words: string) => parseWhole(words, { least: 0, most: 100, what: "a number of devices" }))
    .action(async (tenant: string, devicesPerDay: number, flags: Flags) => {
      const api = await client(flags);
      const path = `/tenants/${encodeURIComponent(tenant)}/trials`;
      const set = await api.ask<{ devicesPerDay: number; usedToday: number }>(contract.permits.trials, path, {
        method: "PUT",
        body: { devicesPerDay },
      });
      say(flags, set, `${tenant}: ${set.devicesPerDay} devices a day, ${set.usedToday} used today`);
    });
}

function addEnrol(program: Command): void {
  command(program, "enrol", "say, as an operator, that a device is a lab device: its fence closes without asking")
    .argument("<device>", "its id or name")
    .option("--withdraw", "say that it is none any more")
    .addHelpText("after", example("enrol V01-03", "enrol V01-03 --withdraw"))
    .action(async (device: string, flags: Flags & { withdraw?: boolean }) => {
      const api = await client(flags);
      const path = `/devices/${await api.idOf(device)}/enrolment`;
      const body = { enrolled: flags.withdraw !== true };
      const set = await api.ask<{ id: string; enrolled: boolean }>(contract.fences.enrol, path, { method: "PUT", body });
      say(flags, set, `${device}: ${set.enrolled ? "a lab device" : "asks before its fence closes"}`);
    });
}

const COLUMNS: readonly [title: string, cell: (permit: Permit) => string][] = [
  ["ID", ({ id }) => id],
  ["PACKAGE", ({ package: name }) => name],
  ["TENANT", ({ tenant }) => tenant],
  ["DEVICES", ({ devices }) => devices.join(", ")],
  ["UNTIL", ({ until }) => clock(until)],
  ["REASON", ({ reason }) => reason],
];

function permitTable(permits: readonly Permit[]): string {
  return permits.length === 0 ? "No permits.\n" : table(COLUMNS, permits);
}
