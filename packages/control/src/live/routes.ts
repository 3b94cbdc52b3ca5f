/** The door of the live socket, `/api/v1/live`: one per browser tab, compressed by nothing, held open by pings. */
import type { Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { API_PREFIX } from "@phonerack/contract/api";
import type { Rule } from "@phonerack/contract/bus";
import type { FastifyInstance } from "fastify";
import type { Access } from "../access/access.js";
import { type LiveParts, LiveSocket } from "./live-socket.js";

const WATCHERS: Rule = { who: "viewer", scope: "read" };

/** How often each socket is asked for a sign of life. */
const PROBE_MS = 20_000;
/** How often those behind the sockets are looked at: who was logged out, or may do less now, is out within a second. */
const REVIEW_MS = 700;

/** For a browser to say goodbye when phonerack stops; one that does not read is not waited for. */
const GOODBYE_MS = 300;

export interface LiveDoor {
  stop(): Promise<void>;
}

export function liveRoute(server: FastifyInstance, access: Access, parts: LiveParts): LiveDoor {
  const sockets = new Set<LiveSocket>();
  server.get(`${API_PREFIX}/live`, { websocket: true, config: { rule: WATCHERS } }, (socket, request) => {
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
  const watching = parts.devices.onAccess((id) => {
    for (const live of sockets) live.recheck(id);
  });
  const probe = setInterval(() => {
    for (const live of sockets) live.probe();
  }, PROBE_MS);
  let reviewing = false;
  const review = setInterval(() => {
    if (reviewing || sockets.size === 0) return;
    reviewing = true;
    void dismiss(sockets, access).finally(() => {
      reviewing = false;
    });
  }, REVIEW_MS);
  return {
    stop: async () => {
      clearInterval(probe);
      clearInterval(review);
      watching();
      for (const live of sockets) live.close(1001, "phonerack stops");
      for (const end = Date.now() + GOODBYE_MS; sockets.size > 0 && Date.now() < end; ) await setTimeout(10);
      for (const live of sockets) live.cut();
    },
  };
}

/** Closes the sockets of those who are logged out or may do something else by now; as long as the database is silent, nobody's. */
async function dismiss(sockets: ReadonlySet<LiveSocket>, access: Access): Promise<void> {
  const present = [...sockets];
  const unchanged = await access.unchanged(present.map(({ caller }) => caller)).catch(() => undefined);
  if (!unchanged) return;
  for (const live of present) if (!unchanged.has(live.caller)) live.close(4401, "the session is over");
}
