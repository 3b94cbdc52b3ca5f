/** The door of the live socket, `/api/v1/live`: one per browser tab, compressed by nothing, held open by pings. */
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { API_PREFIX } from "@phonerack/contract/api";
import type { FastifyInstance } from "fastify";
import type { Access } from "../access/access.js";
import { type LiveParts, LiveSocket } from "./live-socket.js";

const PROBE_MS = 20_000;

/** For a browser to say goodbye when phonerack stops; one that does not read is not waited for. */
const GOODBYE_MS = 300;

export interface LiveDoor {
  stop(): Promise<void>;
}

export function liveRoute(server: FastifyInstance, access: Access, parts: LiveParts): LiveDoor {
  const sockets = new Set<LiveSocket>();
  server.get(`${API_PREFIX}/live`, { websocket: true }, (socket, request) => {
    const { caller } = request;
    if (!caller) {
      socket.terminate();
      return;
    }
    // A touch's answer is a few bytes that must not wait for more (Nagle); pictures are large anyway.
    (request.raw.socket as Socket).setNoDelay(true);
    const live = new LiveSocket(socket, caller, parts);
    sockets.add(live);
    socket.once("close", () => sockets.delete(live));
  });
  const probe = setInterval(() => {
    for (const live of sockets) void probeOne(live, access);
  }, PROBE_MS);
  return {
    stop: async () => {
      clearInterval(probe);
      for (const live of sockets) live.close(1001, "phonerack stops");
      for (const end = Date.now() + GOODBYE_MS; sockets.size > 0 && Date.now() < end; ) await setTimeout(10);
      for (const live of sockets) live.cut();
    },
  };
}

/** Also notices a session that ended or expired meanwhile: who logged out sees nothing any more. */
async function probeOne(live: LiveSocket, access: Access): Promise<void> {
  live.probe();
  const valid = await access.stillValid(live.caller).catch(() => true);
  if (!valid) live.close(4401, "the session is over");
}
