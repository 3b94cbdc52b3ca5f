/** The API's flows: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Flows } from "./flows.js";

export function flowProcedures(flows: Flows) {
  const { flows: of } = api;
  return {
    save: of.save.handler(({ input, context }) => flows.save(known(context.caller), input)),
    list: of.list.handler(async ({ context }) => ({ items: await flows.list(known(context.caller)) })),
    get: of.get.handler(({ input, context }) => flows.get(known(context.caller), input.id)),
    remove: of.remove.handler(async ({ input, context }) => {
      await flows.remove(known(context.caller), input.id);
      return { id: input.id };
    }),
  };
}
