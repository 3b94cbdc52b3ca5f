/** `phonerack group …`: many phones of one lease driven as one. */
import { setTimeout as sleep } from "node:timers/promises";
import type { MemberAction } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { command, example, type Flags, say } from "../api/command.js";
import type { GroupChange } from "../api/groups.js";
import { type GroupFlags, groupCommand, groups, names, opened } from "./group-flags.js";
import { groupStatus, groupTable } from "./group-table.js";
import { addStart } from "./starting.js";
import { addSteps } from "./steps.js";

const WATCH_MS = 1_000;

export function addGroupCommands(program: Command): void {
  const group = program
    .command("group")
    .summary("drive many phones as one")
    .description("What is done on the leader of a group happens on all its phones, each asked by the gate on its own.");
  addStart(group);
  addList(group);
  addStatus(group);
  addSteps(group);
  addChanges(group);
  addMembers(group);
  addRecord(group);
  groupCommand(group, "end", "end it; what was disabled is enabled again").action(async (flags: GroupFlags) => {
    const { api, group: found } = await opened(flags);
    say(flags, await api.end(found.id), `${found.name || found.id}: ended`);
  });
}

function addList(group: Command): void {
  command(group, "list", "list your organisation's groups")
    .option("--ended", "those that ended too")
    .action(async (flags: Flags & { ended?: boolean }) => {
      const items = await (await groups(flags)).list(flags.ended ?? false);
      process.stdout.write(flags.json ? `${JSON.stringify({ items })}\n` : groupTable(items));
    });
}

function addStatus(group: Command): void {
  groupCommand(group, "status", "how its phones are, the last steps, and who strays and why")
    .option("--watch", "again every second, until Ctrl-C or its end")
    .addHelpText(
      "after",
      example("group status --watch", "group status --json | jq '.members[] | select(.state != \"followed\")'"),
    )
    .action(async (flags: GroupFlags & { watch?: boolean }) => {
      const { api, group: found } = await opened(flags);
      const nameOf = await names(api);
      for (let shown = found; ; shown = await api.get(found.id)) {
        const words = groupStatus(shown, nameOf).trimEnd();
        // From the top of the terminal, so that what changed is seen to change.
        const clear = flags.watch && !flags.json && process.stdout.isTTY ? "\u001b[H\u001b[2J" : "";
        say(flags, shown, clear + words);
        if (!flags.watch || shown.endedAt !== null) return;
        await sleep(WATCH_MS);
      }
    });
}

function addChanges(group: Command): void {
  groupCommand(group, "pause", "take no steps until it goes on").action((flags: GroupFlags) =>
    apply(flags, { paused: true }, "paused"),
  );
  groupCommand(group, "resume", "go on after a pause").action((flags: GroupFlags) => apply(flags, { paused: false }, "goes on"));
  groupCommand(group, "leader", "make another phone the leader")
    .argument("<device>", "by id or name")
    .action(async (device: string, flags: GroupFlags) => {
      const { id, name } = await (await groups(flags)).api.deviceOf(device);
      await apply(flags, { leader: id }, `${name} leads`);
    });
  groupCommand(group, "aim", "how touches find their place on the others")
    .argument("<how>", "element or point")
    .action(async (aim: string, flags: GroupFlags) => {
      if (aim !== "element" && aim !== "point") throw new PhonerackError("usage", "aim by element or by point");
      await apply(flags, { aim }, `aims by ${aim}`);
    });
}

async function apply(flags: GroupFlags, change: GroupChange, done: string): Promise<void> {
  const { api, group } = await opened(flags);
  say(flags, await api.change(group.id, change), `${group.name || group.id}: ${done}`);
}

const MEMBERS: readonly (readonly [action: MemberAction, summary: string])[] = [
  ["retry", "do the last step again on one phone"],
  ["resync", "bring one phone to what the leader shows"],
  ["take-over", "drive one phone by hand, without the group"],
  ["drop", "leave one phone out"],
  ["rejoin", "take one phone back in"],
];

function addMembers(group: Command): void {
  for (const [action, summary] of MEMBERS) {
    groupCommand(group, action, summary)
      .argument("<device...>", "by id or name")
      .action(async (devices: readonly string[], flags: GroupFlags) => {
        const { api, group: found } = await opened(flags);
        let after = found;
        for (const device of devices) after = await api.member(found.id, await api.api.idOf(device), action);
        say(flags, after, groupStatus(after, await names(api)).trimEnd());
      });
  }
}

function addRecord(group: Command): void {
  const record = group.command("record").summary("write down what is done, as a Maestro flow");
  groupCommand(record, "start", "begin anew; what is typed is written down too").action((flags: GroupFlags) =>
    apply(flags, { recording: true }, "records"),
  );
  groupCommand(record, "stop", "record no more").action((flags: GroupFlags) =>
    apply(flags, { recording: false }, "records no more"),
  );
  groupCommand(record, "show", "the flow so far").action(async (flags: GroupFlags) => {
    const { api, group: found } = await opened(flags);
    const flow = await api.recorded(found.id);
    say(flags, flow, flow.yaml.trimEnd());
  });
  groupCommand(record, "save", "keep the flow under a name")
    .argument("<name>", "what people call it")
    .addHelpText(
      "after",
      example("group record start", "group record save 'log in'", "flow replay 'log in' --lease l-abcdefghij"),
    )
    .action(async (name: string, flags: GroupFlags) => {
      const { api, group: found } = await opened(flags);
      const flow = await api.saveFlow(name, (await api.recorded(found.id)).yaml);
      say(flags, flow, `${flow.id}: ${flow.name}, about ${flow.appId}`);
    });
}
