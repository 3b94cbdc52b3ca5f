/** The API's artifacts: each procedure hands over to one function. Their bytes are streamed: `content-route.ts`. */
import { PhonerackError } from "@phonerack/contract/bus";
import { known } from "../access/caller.js";
import { api } from "../http/api.js";
import type { Artifacts } from "./artifacts.js";
import type { Retentions } from "./retention.js";

export interface ArtifactProcedureParts {
  readonly artifacts: Artifacts;
  readonly retentions: Retentions;
  readonly hasTenant: (id: string) => Promise<boolean>;
}

export function artifactProcedures({ artifacts, retentions, hasTenant }: ArtifactProcedureParts) {
  return {
    list: api.artifacts.list.handler(({ input, context }) => artifacts.list(known(context.caller), input)),
    get: api.artifacts.get.handler(({ input, context }) => artifacts.get(known(context.caller), input.id)),
    // The bytes are streamed: content-route.ts answers before a request comes here.
    content: api.artifacts.content.handler(() => {
      throw new PhonerackError("not_found");
    }),
    remove: api.artifacts.remove.handler(({ input, context }) => artifacts.remove(known(context.caller), input.id)),
    retention: api.artifacts.retention.handler(async ({ input, context }) => {
      const who = known(context.caller);
      if (!(who.lab || who.tenant === input.id) || !(await hasTenant(input.id)))
        throw new PhonerackError("tenant_not_found", input.id);
      return retentions.of(input.id);
    }),
    retain: api.artifacts.retain.handler(async ({ input: { id, ...retention } }) => {
      if (!(await hasTenant(id))) throw new PhonerackError("tenant_not_found", id);
      return retentions.set(id, retention);
    }),
  };
}
