/** The API's register: each procedure hands over to one function. */
import { PhonerackError } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import { listRegister } from "./listing.js";
import type { RegisterDesk } from "./start.js";
import { summaryOf } from "./summary.js";

export function registerProcedures({ register, shelf, now }: RegisterDesk) {
  return {
    list: api.register.list.handler(({ input }) => listRegister(register.all(), input, now())),
    summary: api.register.summary.handler(({ input }) => summaryOf(register.all(), input.site, now())),
    get: api.register.get.handler(async ({ input }) => ({ ...register.get(input.id), evidence: await shelf.of(input.id) })),
    put: api.register.put.handler(({ input, context }) => register.put(known(context.caller), input.id, input.record)),
    remove: api.register.remove.handler(({ input, context }) => register.remove(known(context.caller), input.id)),
    confirm: api.register.confirm.handler(({ input, context }) => register.confirm(known(context.caller), input)),
    import: api.register.import.handler(({ input, context }) => register.import(known(context.caller), input.text, input.dryRun)),
    schemes: api.register.schemes.handler(() => register.schemes),
    putSchemes: api.register.putSchemes.handler(({ input, context }) => register.putSchemes(known(context.caller), input)),
    removeEvidence: api.register.removeEvidence.handler(({ input, context }) => shelf.remove(known(context.caller), input.id)),
    // Answered by routes of their own, for the sake of their bytes.
    addEvidence: api.register.addEvidence.handler(() => {
      throw new PhonerackError("internal");
    }),
    evidence: api.register.evidence.handler(() => {
      throw new PhonerackError("internal");
    }),
  };
}
