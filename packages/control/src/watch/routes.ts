/** The API's flags: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Flags } from "./flags.js";

export function flagProcedures(flags: Flags) {
  return {
    list: api.flags.list.handler(({ input, context }) => flags.list(known(context.caller), input)),
    get: api.flags.get.handler(({ input, context }) => flags.get(known(context.caller), input.id)),
    appeal: api.flags.appeal.handler(({ input, context }) => flags.appeal(known(context.caller), input.id, input.reason)),
    decide: api.flags.decide.handler(({ input, context }) => flags.decide(known(context.caller), input.id, input)),
  };
}
