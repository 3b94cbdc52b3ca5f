/**
 * The door for agents without NATS: `/api/v1/bus`, a WebSocket on which they say and hear what is theirs. Only for the admin token in
 * the Authorization header: a browser's session may watch phones, not bring some.
 */
import { API_PREFIX } from "@phonerack/contract/api";
import { agentAllowance, type Bus, type LinkServer, PhonerackError, serveBusLink } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";

export interface BusLinkDoor {
  stop(): void;
}

export function busLinkRoute(server: FastifyInstance, bus: Bus, log: Logger): BusLinkDoor {
  const links = new Set<LinkServer>();
  server.get(
    `${API_PREFIX}/bus`,
    {
      websocket: true,
      config: { rule: { who: "lab-owner", scope: "operate" } },
      onRequest: async (request) => {
        if (request.headers.authorization === undefined)
          throw new PhonerackError("unauthorised", "an agent needs the admin token");
      },
    },
    (socket, request) => {
      if (!request.caller) {
        socket.terminate();
        return;
      }
      const from = request.ip;
      log.info({ from }, "an agent's link opened");
      const link = serveBusLink(bus, socket, {
        allow: agentAllowance("*"),
        onClosed: (code, reason) => {
          links.delete(link);
          log.info({ from, code, reason }, "an agent's link closed");
        },
      });
      links.add(link);
    },
  );
  return {
    stop: () => {
      for (const link of links) link.stop();
    },
  };
}
