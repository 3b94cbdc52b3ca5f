/** Which phones a command is about, when it may be many: named, or all that you hold of a chassis, a label, a lease, or at all. */
import type { Device } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import type { ApiClient } from "../api/api-client.js";
import { collect } from "../flags.js";

export interface ChoiceFlags {
  readonly devices?: readonly string[];
  readonly chassis?: string;
  readonly label?: readonly string[];
  readonly lease?: string;
  readonly all?: boolean;
}

/** The flags that say which phones. */
export function withChoice(command: Command): Command {
  return command
    .option("--devices <list>", "these, by id or name, with commas between; repeatable", collectList)
    .option("--chassis <name>", "all that you hold of this chassis")
    .option("--label <label>", "all that you hold with this label; repeatable: with all of them", collect)
    .option("--lease <id>", "all of this lease")
    .option("--all", "all that you hold");
}

/** Fails with `usage` when none is said, `device_not_found`, or `lease_required` when you hold no such phone. */
export async function chosenDevices(api: ApiClient, flags: ChoiceFlags): Promise<Device[]> {
  const { devices: named, chassis, label, lease, all } = flags;
  const wide = [chassis, label, lease, all].some((flag) => flag !== undefined);
  if (named === undefined && !wide)
    throw new PhonerackError("usage", "say which phones: --devices, --chassis, --label, --lease or --all");
  if (named !== undefined && wide) throw new PhonerackError("usage", "--devices goes with no other choice of phones");
  if (named !== undefined)
    return named.length > 3 ? namedAmong(await api.devices(), named) : Promise.all(named.map((one) => api.deviceOf(one)));
  const { actor } = await api.session();
  const found = (await api.devices()).filter(
    (device) =>
      device.holder?.actor === actor &&
      (chassis === undefined || device.chassis === chassis) &&
      (lease === undefined || device.holder.lease === lease) &&
      (label ?? []).every((one) => device.labels.includes(one)),
  );
  if (found.length > 0) return found;
  throw new PhonerackError("lease_required", "you hold no such phone");
}

/** A thousand names are not asked for one by one. */
function namedAmong(all: readonly Device[], names: readonly string[]): Device[] {
  const byId = new Map(all.map((device) => [device.id, device]));
  return names.map((name) => {
    const called = all.filter((device) => device.name.toLowerCase() === name.toLowerCase());
    const found = byId.get(name) ?? (called.length === 1 ? called[0] : undefined);
    if (!found) throw new PhonerackError("device_not_found", name);
    return found;
  });
}

export function collectList(text: string, before: readonly string[] = []): string[] {
  return [
    ...before,
    ...text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  ];
}
