/** The API's tenancies: each procedure hands over to one function. */
import { known, tenantOf } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Tenancies } from "./tenancies.js";

export function tenancyProcedures(tenancies: Tenancies) {
  return {
    list: api.tenancies.list.handler(() => tenancies.list()),
    declare: api.tenancies.declare.handler(({ input, context }) => tenancies.declare(known(context.caller), input.ownOnly)),
    own: api.tenancies.own.handler(({ context }) => tenancies.of(tenantOf(context.caller))),
    facts: api.tenancies.facts.handler(({ input: { id, ...facts }, context }) =>
      tenancies.enter(known(context.caller), id, facts),
    ),
    give: api.tenancies.give.handler(({ input: { id, ...gift }, context }) => tenancies.give(known(context.caller), id, gift)),
    review: api.tenancies.review.handler(({ input, context }) => tenancies.review(known(context.caller), input.id, input)),
    setState: api.tenancies.setState.handler(({ input, context }) => tenancies.setState(known(context.caller), input.id, input)),
  };
}
