/** The doors of pipes: WebSockets below `/api/v1/devices/{id}/`. Who is logged out, or may do less now, is out within a second. */
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { API_PREFIX, DeviceId } from "@phonerack/contract/api";
import { PhonerackError, type Pipe, type PipeMessage, type Rule } from "@phonerack/contract/bus";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import type { Access } from "../access/access.js";
import { type Caller, known } from "../access/caller.js";
import { type SocketOptions, servePipe } from "./pipe-socket.js";

const HOLDERS: Rule = { who: "member", scope: "drive" };
const REVIEW_MS = 700;
const GOODBYE_MS = 300;

export interface Door extends SocketOptions {
  /** The last word of its address, e.g. `shell`. */
  readonly name: string;
  open(who: Caller, deviceId: string, request: FastifyRequest): Promise<Pipe>;
  /** Takes what the agent says in it, e.g. for the log. */
  hear?(who: Caller, deviceId: string, pipe: Pipe): (message: PipeMessage) => void;
}

export interface PipeDoors {
  stop(): Promise<void>;
}

export function pipeDoors(server: FastifyInstance, access: Pick<Access, "unchanged">, doors: readonly Door[]): PipeDoors {
  const open = new Map<WebSocket, Caller>();
  for (const door of doors) {
    server.get(`${API_PREFIX}/devices/:id/${door.name}`, { websocket: true, config: { rule: HOLDERS } }, (socket, request) => {
      const who = known(request.caller);
      (request.raw.socket as Socket).setNoDelay(true);
      open.set(socket, who);
      socket.once("close", () => open.delete(socket));
      const begin = async () => door.open(who, idIn(request), request);
      const hearing = door.hear && ((pipe: Pipe) => door.hear?.(who, idIn(request), pipe) ?? (() => undefined));
      void servePipe(socket, begin, { raw: door.raw, hearing });
    });
  }
  let reviewing = false;
  const review = setInterval(() => {
    if (reviewing || open.size === 0) return;
    reviewing = true;
    void dismiss(open, access).finally(() => {
      reviewing = false;
    });
  }, REVIEW_MS);
  return {
    stop: async () => {
      clearInterval(review);
      for (const socket of open.keys()) socket.close(1001, "phonerack stops");
      for (const end = Date.now() + GOODBYE_MS; open.size > 0 && Date.now() < end; ) await sleep(10);
      for (const socket of open.keys()) socket.terminate();
    },
  };
}

function idIn(request: FastifyRequest): string {
  const { id } = request.params as { id?: unknown };
  const parsed = DeviceId.safeParse(id);
  if (!parsed.success) throw new PhonerackError("device_not_found", String(id));
  return parsed.data;
}

async function dismiss(open: ReadonlyMap<WebSocket, Caller>, access: Pick<Access, "unchanged">): Promise<void> {
  const present = [...open];
  const unchanged = await access.unchanged(present.map(([, caller]) => caller)).catch(() => undefined);
  if (!unchanged) return;
  for (const [socket, caller] of present) if (!unchanged.has(caller)) socket.close(4401, "the session is over");
}
