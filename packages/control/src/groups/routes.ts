/** The API's groups and flows: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { api } from "../http/api.js";

const notYet = (): never => {
  throw new PhonerackError("not_found");
};

export function groupProcedures() {
  const { groups, flows } = api;
  return {
    groups: {
      start: groups.start.handler(notYet),
      list: groups.list.handler(notYet),
      get: groups.get.handler(notYet),
      change: groups.change.handler(notYet),
      end: groups.end.handler(notYet),
      step: groups.step.handler(notYet),
      answers: groups.answers.handler(notYet),
      member: groups.member.handler(notYet),
      recorded: groups.recorded.handler(notYet),
      replay: groups.replay.handler(notYet),
    },
    flows: {
      save: flows.save.handler(notYet),
      list: flows.list.handler(notYet),
      get: flows.get.handler(notYet),
      remove: flows.remove.handler(notYet),
    },
  };
}
