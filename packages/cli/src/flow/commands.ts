/** `phonerack flow …`: Maestro flow files, kept and replayed on groups. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Group } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { command, example, type Flags, say } from "../api/command.js";
import type { GroupApi } from "../api/groups.js";
import { groups, names } from "../group/group-flags.js";
import { groupStatus } from "../group/group-table.js";
import { type StartFlags, startGroup, withPhones } from "../group/starting.js";
import { clock } from "../lease/times.js";
import { table } from "../table.js";

const LOOK_MS = 500;

export function addFlowCommands(program: Command): void {
  const flow = program
    .command("flow")
    .summary("recorded sessions as Maestro flows: kept, shown, replayed")
    .description("Flow files in Maestro's format, as 'phonerack group record' writes them or people do.");
  addKept(flow);
  addSave(flow);
  addReplay(flow);
}

function addKept(flow: Command): void {
  command(flow, "list", "list your organisation's flows").action(async (flags: Flags) => {
    const items = await (await groups(flags)).flows();
    if (flags.json) return void process.stdout.write(`${JSON.stringify({ items })}\n`);
    if (items.length === 0) return void process.stdout.write("No flows. 'phonerack group record save NAME' keeps one.\n");
    const rows = table(
      [
        ["ID", ({ id }) => id],
        ["NAME", ({ name }) => name],
        ["APP", ({ appId }) => appId],
        ["WHO", ({ createdBy }) => createdBy],
        ["WHEN", ({ createdAt }) => clock(createdAt)],
      ],
      items,
    );
    process.stdout.write(rows);
  });
  command(flow, "show", "print a flow")
    .argument("<flow>", "by id or name")
    .option("-o, --output <file>", "into this file")
    .action(async (name: string, flags: Flags & { output?: string }) => {
      const found = await (await groups(flags)).flowOf(name);
      if (flags.output !== undefined) await writeFile(flags.output, found.yaml);
      say(flags, found, flags.output === undefined ? found.yaml.trimEnd() : `${flags.output}: ${found.name}`);
    });
  command(flow, "remove", "forget a flow")
    .argument("<flow>", "by id or name")
    .action(async (name: string, flags: Flags) => {
      const api = await groups(flags);
      const { id, name: called } = await api.flowOf(name);
      say(flags, await api.removeFlow(id), `${called}: removed`);
    });
}

function addSave(flow: Command): void {
  command(flow, "save", "keep a flow file; it is refused when it cannot be replayed")
    .argument("<file>", "a Maestro flow")
    .option("--name <words>", "what people call it; else the file's name")
    .addHelpText("after", example("flow save login.yaml --name 'log in'"))
    .action(async (file: string, flags: Flags & { name?: string }) => {
      const api = await groups(flags);
      const saved = await api.saveFlow(flags.name ?? basename(file).replace(/\.ya?ml$/i, ""), await read(file));
      say(flags, saved, `${saved.id}: ${saved.name}, about ${saved.appId}`);
    });
}

function addReplay(flow: Command): void {
  withPhones(command(flow, "replay", "replay a flow on phones that you hold, like a test on each"))
    .argument("<flow>", "a file, or a kept flow by id or name")
    .option("-g, --group <id>", "on this group, which stays; else one is made and ended")
    .addHelpText("after", example("flow replay login.yaml --chassis V01", "flow replay 'log in' --group smoke --json"))
    .action(async (flow_: string, flags: StartFlags & { group?: string }) => {
      const api = await groups(flags);
      const what = existsSync(flow_) ? { yaml: await read(flow_) } : { flow: (await api.flowOf(flow_)).id };
      const own = flags.group === undefined && wantsOwn(flags);
      const group = own ? await startGroup(api, flags) : await api.groupOf(flags.group);
      try {
        await replay(api, { group, what, flags });
      } finally {
        if (own) await api.end(group.id).catch(() => undefined);
      }
    });
}

function wantsOwn({ devices, chassis, label, lease }: StartFlags): boolean {
  return devices !== undefined || chassis !== undefined || label !== undefined || lease !== undefined;
}

/** Exit code 1 when it failed on somebody. */
async function replay(
  api: GroupApi,
  { group, what, flags }: { group: Group; what: { yaml: string } | { flow: string }; flags: Flags },
): Promise<void> {
  await prepared(api, group);
  const { commands } = await api.replay(group.id, what);
  let after = await api.get(group.id);
  while (after.mode === "replay" && after.endedAt === null) {
    await sleep(LOOK_MS);
    after = await api.get(group.id);
  }
  const within = after.members.filter(({ state }) => state !== "dropped" && state !== "taken-over");
  const passed = within.filter(({ reason, state }) => state !== "lost" && !reason?.startsWith("Failed at line"));
  const words = `${commands} commands: ${passed.length} of ${within.length} phones passed`;
  say(flags, { commands, passed: passed.length, failed: within.length - passed.length, group: after }, words);
  if (!flags.json && passed.length < within.length) process.stdout.write(groupStatus(after, await names(api)));
  if (passed.length < within.length || after.endedAt !== null) process.exitCode = 1;
}

/** Fences close and engines start for a moment after a group was made. */
async function prepared(api: GroupApi, group: Group): Promise<void> {
  for (let now = group; now.members.some(({ state }) => state === "preparing"); now = await api.get(group.id)) {
    if (now.endedAt !== null) throw new PhonerackError("group_over", now.endReason ?? undefined);
    if (Date.now() - group.createdAt > 60_000) return;
    await sleep(LOOK_MS);
  }
}

async function read(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: Error) => {
    throw new PhonerackError("usage", `the file cannot be read: ${cause.message}`, { cause });
  });
}
