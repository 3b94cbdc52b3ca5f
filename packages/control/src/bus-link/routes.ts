/**
 * The door for agents without NATS: `/api/v1/bus`, a WebSocket on which an agent says and hears what is its own. It opens to the token that
 * the agent got when it joined, and to the admin token for the agent whose name is stated (`x-phonerack-agent`); never to a browser's
 * session, which may watch phones, not bring some.
 */
import { API_PREFIX } from "@phonerack/contract/api";
import { AgentName, agentAllowance, type Bus, type LinkServer, PhonerackError, serveBusLink } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { obey } from "../access/caller.js";
import { OPEN } from "../access/guard.js";
import type { JoinedAgents } from "../agents/joined-agents.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The agent that opens a link. */
    linkingAgent: string;
  }
}

export interface BusLinkDoor {
  stop(): void;
}

export interface BusLinkParts {
  readonly bus: Bus;
  readonly joined: JoinedAgents;
  readonly log: Logger;
}

export function busLinkRoute(server: FastifyInstance, { bus, joined, log }: BusLinkParts): BusLinkDoor {
  const links = new Map<LinkServer, string>();
  server.decorateRequest("linkingAgent", "");
  server.get(
    `${API_PREFIX}/bus`,
    {
      websocket: true,
      // Who may is weighed below: agents are no callers of the API.
      config: { rule: OPEN, greets: true },
      onRequest: async (request) => {
        request.linkingAgent = await agentOf(request, joined);
      },
    },
    (socket, request) => {
      const { ip: from, linkingAgent: agent } = request;
      log.info({ from, agent }, "an agent's link opened");
      const link = serveBusLink(bus, socket, {
        allow: agentAllowance(agent),
        onClosed: (code, reason) => {
          links.delete(link);
          log.info({ from, agent, code, reason }, "an agent's link closed");
        },
      });
      links.set(link, agent);
    },
  );
  const forget = joined.onRemoved((id) => {
    for (const [link, agent] of links) if (agent === id) link.stop("the agent was removed from the lab");
  });
  return {
    stop: () => {
      forget();
      for (const link of links.keys()) link.stop();
    },
  };
}

/** Fails with `unauthorised`, `bad_request` (a name is missing) or `agent_not_found` (the lab does not hear that one). */
async function agentOf(request: FastifyRequest, joined: JoinedAgents): Promise<string> {
  const { authorization, "x-phonerack-agent": stated } = request.headers;
  if (authorization === undefined) throw new PhonerackError("unauthorised", "an agent needs its token, or the admin token");
  if (!request.caller) {
    const agent = await joined.byToken(/^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? "");
    if (!agent || (stated !== undefined && stated !== agent.id)) throw new PhonerackError("unauthorised");
    return agent.id;
  }
  obey({ who: "lab-owner", scope: "operate" }, request.caller);
  const name = AgentName.safeParse(stated);
  if (!name.success || name.data === "local")
    throw new PhonerackError("bad_request", "x-phonerack-agent: state the agent's name");
  if (!joined.hears(name.data))
    throw new PhonerackError("agent_not_found", `${name.data} has not joined this lab: join it with a code`);
  return name.data;
}
