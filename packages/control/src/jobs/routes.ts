/** The API's jobs: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Jobs } from "./jobs.js";

export function jobProcedures(jobs: Jobs) {
  const { jobs: of } = api;
  return {
    create: of.create.handler(({ input, context }) => jobs.create(known(context.caller), input)),
    list: of.list.handler(async ({ input, context }) => ({ items: await jobs.list(known(context.caller), input) })),
    get: of.get.handler(({ input, context }) => jobs.get(known(context.caller), input.id)),
    tasks: of.tasks.handler(async ({ input: { id, ...query }, context }) => ({
      items: await jobs.tasks(known(context.caller), id, query),
    })),
    outcomes: of.outcomes.handler(async ({ input, context }) => ({
      items: await jobs.outcomes(known(context.caller), input.id),
    })),
    cancel: of.cancel.handler(({ input, context }) => jobs.cancel(known(context.caller), input.id)),
    retry: of.retry.handler(({ input, context }) => jobs.retry(known(context.caller), input.id, input.devices)),
  };
}
