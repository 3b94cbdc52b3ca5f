/** The bare hop of the touch bench: what comes on a WebSocket is written to a socket. */
import { type AddressInfo, connect } from "node:net";
import { WebSocketServer } from "ws";
import type { StartRole } from "./role.js";

export interface HopRole {
  readonly params: { readonly port: number };
  readonly ready: { readonly port: number };
  readonly answers: Record<string, never>;
}

export const startHop: StartRole<HopRole> = async ({ port }) => {
  const out = connect({ host: "127.0.0.1", port, noDelay: true });
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (socket) => socket.on("message", (data) => out.write(data as Buffer)));
  await new Promise((resolve) => server.once("listening", resolve));
  return { ready: { port: (server.address() as AddressInfo).port } };
};
