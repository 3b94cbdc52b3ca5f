/** The API's groups: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { type Caller, known } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import type { Flows } from "../flows/flows.js";
import { readFlow } from "../flows/read.js";
import { commandsOf, writeFlow } from "../flows/write.js";
import { api } from "../http/api.js";
import type { GroupDesk } from "./start.js";

/** For a group whose leader's screen is not known. */
const ANY_SCREEN = { width: 1_080, height: 2_400 };

export interface GroupDoors {
  readonly desk: GroupDesk;
  readonly flows: Flows;
  readonly devices: Devices;
}

export function groupProcedures(doors: GroupDoors) {
  const { groups } = doors.desk;
  const { groups: of } = api;
  return {
    start: of.start.handler(({ input, context }) => groups.start(known(context.caller), input)),
    list: of.list.handler(async ({ input, context }) => ({ items: await groups.list(known(context.caller), input) })),
    get: of.get.handler(({ input, context }) => groups.get(known(context.caller), input.id)),
    change: of.change.handler(({ input: { id, ...change }, context }) => groups.change(known(context.caller), id, change)),
    end: of.end.handler(async ({ input, context }) => {
      await groups.end(known(context.caller), input.id);
      return { id: input.id };
    }),
    step: of.step.handler(({ input: { id, ...wish }, context }) => groups.step(known(context.caller), id, wish)),
    answers: of.answers.handler(({ input, context }) => groups.answers(known(context.caller), input.id, input.seq)),
    member: of.member.handler(({ input: { id, ...wish }, context }) => groups.member(known(context.caller), id, wish)),
    recorded: of.recorded.handler(({ input, context }) => recordedOf(doors, known(context.caller), input.id)),
    replay: of.replay.handler(({ input, context }) => replay(doors, known(context.caller), input)),
  };
}

async function recordedOf({ desk }: GroupDoors, caller: Caller, id: string): Promise<{ yaml: string; steps: number }> {
  const { steps, group } = await desk.groups.recorded(caller, id);
  const fallback = group.screenOf(group.row.leader)?.package ?? "com.example.app";
  return { yaml: writeFlow(steps, { name: group.row.name, fallback }), steps: commandsOf(steps) };
}

async function replay(
  { desk, flows, devices }: GroupDoors,
  caller: Caller,
  { id, flow, yaml }: { id: string; flow?: string | undefined; yaml?: string | undefined },
): Promise<{ group: string; commands: number }> {
  if ((flow === undefined) === (yaml === undefined)) throw new PhonerackError("bad_request", "give either flow or yaml");
  const group = await desk.groups.requireMine(caller, id);
  const text = yaml ?? (await flows.get(caller, flow ?? "")).yaml;
  const read = readFlow(text, devices.get(group.row.leader)?.screen ?? ANY_SCREEN);
  return { group: id, commands: await desk.replays.start(caller, id, read) };
}
