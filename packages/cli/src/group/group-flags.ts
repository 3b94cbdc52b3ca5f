/** What the commands on a group have in common: which group, and how to get at it. */
import type { Group } from "@phonerack/contract/api";
import type { Command } from "commander";
import { client, command, type Flags } from "../api/command.js";
import { GroupApi } from "../api/groups.js";
import { type NameOf, namesOf } from "./group-table.js";

export interface GroupFlags extends Flags {
  readonly group?: string;
}

export function groupCommand(group: Command, name: string, summary: string): Command {
  return command(group, name, summary).option("-g, --group <id>", "which group, by id or name; needed when you drive several");
}

export async function groups(flags: Flags): Promise<GroupApi> {
  return new GroupApi(await client(flags));
}

export async function opened(flags: GroupFlags): Promise<{ api: GroupApi; group: Group }> {
  const api = await groups(flags);
  return { api, group: await api.groupOf(flags.group) };
}

export async function names(api: GroupApi): Promise<NameOf> {
  return namesOf(await api.api.devices());
}
