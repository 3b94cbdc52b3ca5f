/** The API's privacy: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Privacy } from "./privacy.js";

export function privacyProcedures(privacy: Privacy) {
  return {
    kept: api.privacy.kept.handler(({ context }) => privacy.kept(known(context.caller))),
    export: api.privacy.export.handler(({ context }) => privacy.export(known(context.caller))),
    erase: api.privacy.erase.handler(({ input, context }) => privacy.erase(known(context.caller), input.email)),
    exportMember: api.privacy.exportMember.handler(({ input, context }) => privacy.exportMember(known(context.caller), input.id)),
    eraseMember: api.privacy.eraseMember.handler(({ input, context }) => privacy.eraseMember(known(context.caller), input.id)),
    setDays: api.privacy.setDays.handler(({ input, context }) => privacy.setDays(known(context.caller), input)),
  };
}
