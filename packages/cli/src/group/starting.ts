/** `phonerack group start`: which phones, and whether their other apps may be disabled meanwhile. */
import { createInterface } from "node:readline/promises";
import type { Device, FencePreview, Group, GroupRequest } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import { type Command, Option } from "commander";
import { command, example, type Flags, say } from "../api/command.js";
import type { GroupApi } from "../api/groups.js";
import { type ChoiceFlags, chosenDevices, withChoice } from "../devices/choice.js";
import { parseWhole } from "../flags.js";
import { groups } from "./group-flags.js";
import { groupStatus, namesOf } from "./group-table.js";

export interface StartFlags extends Flags, ChoiceFlags {
  readonly leader?: string;
  readonly name?: string;
  readonly aim?: "element" | "point";
  readonly rate?: number;
  readonly agree?: boolean;
}

const APPS_SHOWN = 20;

export function addStart(group: Command): void {
  withPhones(command(group, "start", "drive phones of one lease of yours together"))
    .option("--leader <device>", "who leads; else the first")
    .option("--name <words>", "what people call it")
    .option("--rate <number>", "steps a second at most", (text) =>
      parseWhole(text, { least: 1, most: 30, what: "a number of steps" }),
    )
    .addHelpText(
      "after",
      example("group start --lease l-abcdefghij", "group start --chassis V01 --aim point", "group start --devices V01-01,V01-02"),
    )
    .action(async (flags: StartFlags) => {
      const api = await groups(flags);
      const started = await startGroup(api, flags);
      say(flags, started, groupStatus(started, namesOf(await api.api.devices())).trimEnd());
    });
}

/** The flags that say which phones, and what goes with starting a group of them. */
export function withPhones(command_: Command): Command {
  return withChoice(command_)
    .addOption(new Option("--aim <how>", "by what a touch finds its place on the others").choices(["element", "point"]))
    .option("--agree", "other apps may be disabled on phones that no operator has enrolled");
}

/** Asks whoever sits at the terminal before apps are disabled. Fails with `usage`, `fence_unagreed`, and with what keeps it from starting. */
export async function startGroup(api: GroupApi, flags: StartFlags): Promise<Group> {
  const devices = await chosenDevices(api.api, flags);
  const leader = flags.leader === undefined ? undefined : (await api.api.deviceOf(flags.leader)).id;
  const request: Partial<GroupRequest> = {
    devices: devices.map(({ id }) => id),
    ...(leader !== undefined && { leader }),
    ...(flags.name !== undefined && { name: flags.name }),
    ...(flags.aim !== undefined && { aim: flags.aim }),
    ...(flags.rate !== undefined && { stepsPerSecond: flags.rate }),
    ...(flags.agree && { agreeToFence: true }),
  };
  try {
    return await api.start(request);
  } catch (error) {
    if (!(error instanceof PhonerackError) || error.code !== "fence_unagreed") throw error;
    await agree(api, devices, { flags, refused: error });
    return await api.start({ ...request, agreeToFence: true });
  }
}

export interface Refused {
  readonly flags: Pick<Flags, "json">;
  readonly refused: PhonerackError;
}

/** Shows what would be disabled and asks whoever sits at the terminal. Fails with `fence_unagreed`. */
export async function agree(api: GroupApi, devices: readonly Device[], { flags, refused }: Refused): Promise<void> {
  const asked = (await api.preview(devices.map(({ id }) => id))).filter(({ ask }) => ask);
  process.stderr.write(fenceWords(asked, namesOf(devices)));
  if (flags.json || !process.stdin.isTTY || !process.stderr.isTTY)
    throw new PhonerackError("fence_unagreed", `${refused.detail ?? ""}; with --agree you agree`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("Disable them meanwhile? [y/N] ").finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw refused;
}

/** Which apps the fence would disable, and on how many phones. */
export function fenceWords(previews: readonly FencePreview[], nameOf: (id: string) => string): string {
  const where = new Map<string, string[]>();
  for (const { deviceId, packages } of previews) {
    for (const { package: app, label } of packages) {
      const name = label === null ? app : `${label} (${app})`;
      where.set(name, [...(where.get(name) ?? []), nameOf(deviceId)]);
    }
  }
  const apps = [...where].sort(([, a], [, b]) => b.length - a.length);
  const lines = apps.slice(0, APPS_SHOWN).map(([name, on]) => `  ${name}: ${on.length === 1 ? on[0] : `${on.length} phones`}\n`);
  if (apps.length > APPS_SHOWN) lines.push(`  and ${apps.length - APPS_SHOWN} more\n`);
  return `While the group lasts these apps are disabled, and enabled again after:\n${lines.join("") || "  none\n"}`;
}
