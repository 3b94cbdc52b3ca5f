/** `phonerack watching …`: what the lab's watching found, what it paused, and what people decide about it. */
import { contract, type Flag } from "@phonerack/contract/api";
import type { Command } from "commander";
import { client, command, example, type Flags, say } from "../api/command.js";
import { shown } from "../audit/verify.js";
import { table } from "../table.js";

export function addWatchingCommands(program: Command): void {
  const watching = program
    .command("watching")
    .summary("see what the lab's watching flagged, appeal, decide")
    .description(
      "What the watching over the lab's log found. A flag pauses by itself; a person decides, and can be appealed to.",
    );
  addList(watching);
  addShow(watching);
  addAppeal(watching);
  addDecide(watching);
}

interface ListFlags extends Flags {
  readonly state?: string;
  readonly rule?: string;
  readonly tenant?: string;
}

function addList(watching: Command): void {
  command(watching, "list", "list flags, those that wait for a person first")
    .option("--state <state>", "open, appealed, upheld or cleared")
    .option("--rule <rule>", "budget, fan-out, resets, accounts, linked or duty")
    .option("--tenant <id>", "of this organisation, for those who run the lab")
    .action(async ({ state, rule, tenant, ...flags }: ListFlags) => {
      const query = new URLSearchParams({ ...(state && { state }), ...(rule && { rule }), ...(tenant && { tenant }) });
      const found = await (await client(flags)).ask<{ items: Flag[] }>(contract.flags.list, `/flags?${query}`);
      say(flags, found, found.items.length === 0 ? "No flag." : flagTable(found.items).trimEnd());
    });
}

function addShow(watching: Command): void {
  command(watching, "show", "show one flag: why, the leaves of the log that it rests on, what was decided")
    .argument("<flag>", "its id")
    .action(async (id: string, flags: Flags) => {
      const found = await (await client(flags)).ask<Flag>(contract.flags.get, path(id));
      say(flags, found, words(found));
    });
}

function addAppeal(watching: Command): void {
  command(watching, "appeal", "disagree with a flag of your organisation; another person decides")
    .argument("<flag>", "its id")
    .argument("<reason>", "why it is wrong")
    .addHelpText("after", example("watching appeal w-abcdefghijklmnop 'a test of the limit, see ticket 42'"))
    .action(async (id: string, reason: string, flags: Flags) => {
      const body = { reason };
      const found = await (await client(flags)).ask<Flag>(contract.flags.appeal, `${path(id)}/appeal`, { method: "POST", body });
      say(flags, found, words(found));
    });
}

function addDecide(watching: Command): void {
  command(watching, "decide", "clear or uphold a flag; a person only, so log in first ('phonerack login')")
    .argument("<flag>", "its id")
    .argument("<verdict>", "cleared or upheld")
    .argument("<reason>", "why; whom it is about reads it")
    .option("--end <what>", "an upheld one also ends: nothing, lease or organisation", "nothing")
    .addHelpText("after", example("watching decide w-abcdefghijklmnop upheld 'a program in a person’s name' --end lease"))
    .action(async (...[id, verdict, reason, { end, ...flags }]: [string, string, string, Flags & { end: string }]) => {
      const body = { verdict, reason, end };
      const found = await (await client(flags)).ask<Flag>(contract.flags.decide, `${path(id)}/decision`, {
        method: "POST",
        body,
      });
      say(flags, found, words(found));
    });
}

function path(id: string): string {
  return `/flags/${encodeURIComponent(id)}`;
}

function flagTable(flags: readonly Flag[]): string {
  return table(
    [
      ["ID", ({ id }) => id],
      ["STATE", ({ state }) => state],
      ["RULE", ({ rule }) => rule],
      ["ORGANISATION", ({ tenant }) => tenant],
      ["PAUSED", ({ paused, pauses }) => (paused ? pauses : "-")],
      ["SINCE", ({ at }) => new Date(at).toISOString()],
    ],
    flags,
  );
}

function words(flag: Flag): string {
  const about = [flag.lease && `lease ${flag.lease}`, flag.deviceId && `device ${flag.deviceId}`].filter(Boolean).join(", ");
  const leaves = `rests on ${flag.leaves.length === 1 ? "leaf" : "leaves"} ${ranges(flag.leaves)} of the log`;
  const history = flag.history.map(({ at, what, by, reason }) => {
    const who = by ? shown(by.name) : "the watching";
    return `\n  ${new Date(at).toISOString()} ${what} by ${who}${reason ? `: ${shown(reason)}` : ""}`;
  });
  return `${flagTable([flag])}${shown(flag.why)}\n${about ? `${about}; ` : ""}${leaves}${history.join("")}`;
}

/** 3, 5–9 */
function ranges(leaves: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const leaf of leaves) {
    const last = runs.at(-1);
    if (last && leaf === last[1] + 1) last[1] = leaf;
    else runs.push([leaf, leaf]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}
