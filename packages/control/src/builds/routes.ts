/** The API's builds: each procedure hands over to one function. */
import { api } from "../http/api.js";
import type { Builds } from "./builds.js";

export function buildProcedures(builds: Builds) {
  return {
    create: api.builds.create.handler(({ input, context }) => builds.create(context.caller, input)),
    list: api.builds.list.handler(({ input, context }) => builds.list(context.caller, input)),
    get: api.builds.get.handler(({ input, context }) => builds.get(context.caller, input.id)),
    remove: api.builds.remove.handler(async ({ input, context }) => {
      await builds.remove(context.caller, input.id);
      return { id: input.id };
    }),
  };
}
