/** `phonerack group tap|text|key …`: one thing done on all; how each phone took it is the answer. */
import { GroupStep, type StepTarget } from "@phonerack/contract/api";
import { PhonerackError } from "@phonerack/contract/bus";
import type { Command } from "commander";
import { example, say } from "../api/command.js";
import type { GroupApi } from "../api/groups.js";
import { parseCoordinate, parseMs, parseWhole } from "../flags.js";
import { type GroupFlags, groupCommand, names, opened } from "./group-flags.js";
import { stepWords } from "./group-table.js";

interface AtFlags extends GroupFlags {
  readonly id?: string;
  readonly text?: string;
  readonly description?: string;
  readonly index?: number;
  readonly hidden?: boolean;
  readonly ms?: number;
}

export function addSteps(group: Command): void {
  addAimed(group, "tap", "tap a place or an element");
  addAimed(group, "press", "press a place or an element long");
  addAimed(group, "doubletap", "tap a place or an element twice");
  addSwipe(group);
  addWords(group);
  addApps(group);
  addAssert(group);
}

function withElement(command: Command): Command {
  return command
    .option("--id <id>", "the element with this resource id, with or without its package")
    .option("--text <text>", "the element with this text")
    .option("--description <text>", "the element with this description")
    .option("--index <number>", "the how-manieth of those that fit, from 0", (text) =>
      parseWhole(text, { least: 0, most: 999, what: "an index" }),
    );
}

const AIMED = { tap: "tap", press: "longPress", doubletap: "doubleTap" } as const;

function addAimed(group: Command, name: keyof typeof AIMED, summary: string): void {
  withElement(groupCommand(group, name, summary))
    .argument("[x]", "from the left on the leader, in device pixels", parseCoordinate)
    .argument("[y]", "from the top", parseCoordinate)
    .addHelpText("after", example(`group ${name} 540 1200`, `group ${name} --id save`, `group ${name} --text "Save"`))
    .action(async (x: number | undefined, y: number | undefined, flags: AtFlags) => {
      await act(flags, async (api, leader) => ({ type: AIMED[name], at: await targetOf(api, leader, { x, y, flags }) }));
    });
}

function addSwipe(group: Command): void {
  groupCommand(group, "swipe", "swipe from one place to another, in the leader's device pixels")
    .argument("<x>", "from the left", parseCoordinate)
    .argument("<y>", "from the top", parseCoordinate)
    .argument("<toX>", "to, from the left", parseCoordinate)
    .argument("<toY>", "to, from the top", parseCoordinate)
    .option("--ms <ms>", "how long it takes", parseMs, 300)
    .addHelpText("after", example("group swipe 540 1600 540 600"))
    .action(async (...words: unknown[]) => {
      const [x, y, toX, toY, flags] = words as [number, number, number, number, AtFlags];
      await act(flags, async (api, leader) => {
        const size = await screenOf(api, leader);
        return { type: "swipe", from: { x, y, ...size }, to: { x: toX, y: toY, ...size }, ms: flags.ms };
      });
    });
}

function addWords(group: Command): void {
  groupCommand(group, "text", "type a text into the field that has the focus")
    .argument("<text>", "what to type; any script")
    .addHelpText("after", example('group text "hello, 世界"'))
    .action((text: string, flags: GroupFlags) => act(flags, () => ({ type: "text", text })));
  groupCommand(group, "paste", "paste a text into the field that has the focus")
    .argument("<text>", "what to paste")
    .action((text: string, flags: GroupFlags) => act(flags, () => ({ type: "paste", text })));
  groupCommand(group, "clear", "empty the field that has the focus").action((flags: GroupFlags) =>
    act(flags, () => ({ type: "clear" })),
  );
  groupCommand(group, "key", "press a key by Android's name")
    .argument("<key>", "HOME, BACK, ENTER …")
    .addHelpText("after", example("group key BACK"))
    .action((key: string, flags: GroupFlags) => act(flags, () => ({ type: "key", key })));
}

function addApps(group: Command): void {
  groupCommand(group, "launch", "start an app")
    .argument("<package>", "e.g. org.example.notes")
    .action((app: string, flags: GroupFlags) => act(flags, () => ({ type: "launch", package: app })));
  groupCommand(group, "stop", "stop an app")
    .argument("<package>", "e.g. org.example.notes")
    .action((app: string, flags: GroupFlags) => act(flags, () => ({ type: "stop", package: app })));
  groupCommand(group, "link", "open a deep link")
    .argument("<url>", "e.g. notes://new")
    .action((url: string, flags: GroupFlags) => act(flags, () => ({ type: "link", url })));
}

function addAssert(group: Command): void {
  withElement(groupCommand(group, "assert", "see whether an element is there, and touch nothing"))
    .option("--hidden", "that it is not there")
    .option("--ms <ms>", "how long to wait for it", parseMs, 5_000)
    .addHelpText("after", example('group assert --text "Saved"'))
    .action((flags: AtFlags) =>
      act(flags, () => ({ type: "assert", at: selectorOf(flags), visible: !flags.hidden, ms: flags.ms })),
    );
}

/** Exit code 1 when somebody did not take it. */
async function act(flags: GroupFlags, stepOf: (api: GroupApi, leader: string) => unknown): Promise<void> {
  const { api, group } = await opened(flags);
  const read = GroupStep.safeParse(await stepOf(api, group.leader));
  if (!read.success) throw new PhonerackError("usage", read.error.issues.map(({ message }) => message).join("; "));
  const record = await api.step(group.id, read.data);
  say(flags, record, stepWords(record, await names(api)));
  if (record.answers.length > 0 || record.waiting > 0) process.exitCode = 1;
}

async function targetOf(
  api: GroupApi,
  leader: string,
  { x, y, flags }: { x: number | undefined; y: number | undefined; flags: AtFlags },
): Promise<StepTarget> {
  if (x === undefined) return selectorOf(flags);
  if (y === undefined) throw new PhonerackError("usage", "a place is two numbers: x and y");
  return { x, y, ...(await screenOf(api, leader)) };
}

function selectorOf({ id, text, description, index }: AtFlags): StepTarget {
  const selector = {
    ...(id !== undefined && { id }),
    ...(text !== undefined && { text }),
    ...(description !== undefined && { description }),
    ...(index !== undefined && { index }),
  };
  if (Object.keys(selector).some((key) => key !== "index")) return selector;
  throw new PhonerackError("usage", "say where: x and y, or --id, --text or --description");
}

async function screenOf(api: GroupApi, leader: string): Promise<{ width: number; height: number }> {
  const { screen, name } = await api.api.deviceOf(leader);
  if (!screen) throw new PhonerackError("device_not_ready", `${name} has no screen yet`);
  return { width: screen.width, height: screen.height };
}
