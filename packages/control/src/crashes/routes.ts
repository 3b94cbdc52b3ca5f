/** The API's crashes: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Crashes } from "./crashes.js";

export function crashProcedures(crashes: Crashes) {
  return {
    list: api.crashes.list.handler(({ input, context }) => crashes.list(known(context.caller), input)),
    get: api.crashes.get.handler(({ input, context }) => crashes.get(known(context.caller), input.id)),
  };
}
