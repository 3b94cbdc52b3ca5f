/** `phonerack lease …`: phones taken, looked at, kept longer, given on and given back. */
import { type Lease, LeaseId, LeasePhase } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { LeaseApi } from "../api/leases.js";
import { collect } from "../flags.js";
import { leaseDetails, leaseLine, leaseTable } from "./lease-table.js";
import { addTake } from "./take.js";
import { clock, parseDuration, parseTime } from "./times.js";

export function addLeaseCommands(program: Command): void {
  const lease = program
    .command("lease")
    .summary("take phones, keep them longer, give them back")
    .description("A lease is the right to drive phones, for you alone and for a time.");
  addTake(lease);
  addList(lease);
  addShow(lease);
  addExtend(lease);
  addHandOver(lease);
  addConfirm(lease);
  addRelease(lease);
  addKick(lease);
}

async function leases(flags: Flags): Promise<LeaseApi> {
  return new LeaseApi(await client(flags));
}

function parseId(text: string): string {
  if (!LeaseId.safeParse(text).success)
    throw new InvalidArgumentError(`'${text}' is no lease's id; 'phonerack lease list' has them.`);
  return text;
}

function sayLease(flags: Flags, lease: Lease, words = leaseLine(lease)): void {
  say(flags, lease, words);
}

function addList(lease: Command): void {
  command(lease, "list", "list the leases: those that are on, wait, are booked, and ended in the last day")
    .option("--mine", "only your own")
    .addOption(new Option("--phase <phase>", "only those").choices([...LeasePhase.options]))
    .addHelpText("after", example("lease list --mine", "lease list --phase active --json | jq -r .items[].id"))
    .action(async (flags: Flags & { mine?: boolean; phase?: string }) => {
      const items = await (await leases(flags)).list(flags);
      process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : leaseTable(items));
    });
}

function addShow(lease: Command): void {
  command(lease, "show", "show one lease in full")
    .argument("<id>", "the lease's id", parseId)
    .action(async (id: string, flags: Flags) => {
      const found = await (await leases(flags)).get(id);
      sayLease(flags, found, leaseDetails(found));
    });
}

function addExtend(lease: Command): void {
  command(lease, "extend", "make a lease end later")
    .argument("<id>", "the lease's id", parseId)
    .option("--for <time>", "that much later than it would, e.g. 30m", parseDuration)
    .addOption(new Option("--until <time>", "at that time, e.g. 18:30").argParser(parseTimeWord).conflicts("for"))
    .addHelpText("after", example("lease extend l-abcdefghij --for 30m", "lease extend l-abcdefghij --until 18:30"))
    .action(async (id: string, flags: Flags & { for?: number; until?: number }) => {
      if (flags.for === undefined && flags.until === undefined) throw new PhonerackError("usage", "give --for or --until");
      const api = await leases(flags);
      const until = flags.until ?? (await api.get(id)).until + (flags.for ?? 0);
      sayLease(flags, await api.extend(id, until));
    });
}

function addHandOver(lease: Command): void {
  command(lease, "handover", "give a lease to a colleague, as it is")
    .argument("<id>", "the lease's id", parseId)
    .requiredOption("--to <mail>", "the colleague's e-mail address or id")
    .addHelpText("after", example("lease handover l-abcdefghij --to erika@lab.example"))
    .action(async (id: string, flags: Flags & { to: string }) => {
      const given = await (await leases(flags)).handOver(id, flags.to);
      sayLease(flags, given, `${given.id}: ${given.actorName} has it until ${clock(given.until)}`);
    });
}

function addConfirm(lease: Command): void {
  command(lease, "confirm", "say, as a person, that the group or script at work on a lease may go on for another 150 minutes")
    .argument("<id>", "the lease's id", parseId)
    .action(async (id: string, flags: Flags) => {
      const confirmed = await (await leases(flags)).confirm(id);
      sayLease(flags, confirmed);
    });
}

function addRelease(lease: Command): void {
  command(lease, "release", "end a lease, or leave the queue")
    .argument("[id]", "the lease's id", parseId)
    .option("--all", "all of yours")
    .option("--device <device>", "only this device of it, by id or name; repeatable", collect)
    .addHelpText(
      "after",
      example("lease release l-abcdefghij", "lease release l-abcdefghij --device V01-03", "lease release --all"),
    )
    .action(async (id: string | undefined, flags: Flags & { all?: boolean; device?: readonly string[] }) => {
      if ((id === undefined) === (flags.all === undefined)) throw new PhonerackError("usage", "give a lease's id or --all");
      if (flags.all && flags.device) throw new PhonerackError("usage", "--device goes with a lease's id");
      if (id === undefined) return releaseAll(flags);
      const api = await client(flags);
      const devices = await Promise.all((flags.device ?? []).map((device) => api.idOf(device)));
      const ended = await new LeaseApi(api).release(id, devices);
      sayLease(flags, ended);
    });
}

async function releaseAll(flags: Flags): Promise<void> {
  const api = await leases(flags);
  const mine = (await api.list({ mine: true })).filter(({ phase }) => phase !== "ended");
  const items: Lease[] = [];
  for (const { id } of mine) items.push(await api.release(id));
  say(flags, { items }, items.length === 0 ? "You hold nothing." : items.map((item) => leaseLine(item)).join("\n"));
}

function addKick(lease: Command): void {
  command(lease, "kick", "end somebody's lease, as an operator; they see the reason")
    .argument("<id>", "the lease's id", parseId)
    .requiredOption("--reason <words>", "why")
    .addHelpText("after", example('lease kick l-abcdefghij --reason "the rack is moved at noon"'))
    .action(async (id: string, flags: Flags & { reason: string }) => {
      sayLease(flags, await (await leases(flags)).kick(id, flags.reason));
    });
}

/** Commander gives the value before as a second argument, which is no clock. */
function parseTimeWord(text: string): number {
  return parseTime(text);
}
