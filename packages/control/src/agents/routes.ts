/** The API's hosts: each procedure hands over to one function. */
import { known } from "../access/caller.js";
import type { Devices } from "../devices/devices.js";
import { api } from "../http/api.js";
import type { JoinedAgents } from "./joined-agents.js";
import { agentViews } from "./listing.js";

export interface AgentRouteParts {
  readonly joined: JoinedAgents;
  readonly devices: Devices;
  /** Of the lab's own certificate authority, which a host does not know yet. */
  readonly fingerprint: string | undefined;
}

export function agentProcedures({ joined, devices, fingerprint }: AgentRouteParts) {
  return {
    list: api.agents.list.handler(() => ({ items: agentViews(joined.all, devices.agents) })),
    code: api.agents.code.handler(async ({ context }) => {
      const made = await joined.newCode(known(context.caller).actor);
      const trust = fingerprint === undefined ? "" : ` --fingerprint ${fingerprint}`;
      return { ...made, command: `phonerack agent --join ${made.code} --control ${context.baseUrl}${trust}` };
    }),
    join: api.agents.join.handler(({ input }) => joined.join(input)),
    renew: api.agents.renew.handler(({ input }) => joined.renew(input.token)),
    remove: api.agents.remove.handler(async ({ input, context }) => {
      await joined.remove(input.id, known(context.caller).actor);
      return { id: input.id };
    }),
  };
}
