/** The API's groups: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { GroupDesk } from "./start.js";

const notYet = (): never => {
  throw new PhonerackError("not_found");
};

export function groupProcedures({ groups }: GroupDesk) {
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
    recorded: of.recorded.handler(notYet),
    replay: of.replay.handler(notYet),
  };
}

export function flowProcedures() {
  const { flows } = api;
  return {
    save: flows.save.handler(notYet),
    list: flows.list.handler(notYet),
    get: flows.get.handler(notYet),
    remove: flows.remove.handler(notYet),
  };
}
