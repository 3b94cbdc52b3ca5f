/** The processes of the push bench: the laptop's end of a tunnel, and a bare pump between two sockets. */
import { type AddressInfo, connect, createServer } from "node:net";
import { openTunnel } from "../adb/tunnel.js";
import type { StartRole } from "./role.js";

export interface TunnelRole {
  readonly params: { readonly url: string; readonly token: string; readonly deviceId: string };
  readonly ready: { readonly port: number };
  readonly answers: Record<string, never>;
}

export const startTunnel: StartRole<TunnelRole> = async ({ url, token, deviceId }) => {
  const control = { url, token };
  const tunnel = await openTunnel({ control, deviceId, agreed: false, port: 0, onEnd: (error) => error && console.error(error) });
  return { ready: { port: tunnel.port } };
};

export interface PumpRole {
  readonly params: { readonly port: number };
  readonly ready: { readonly port: number };
  readonly answers: Record<string, never>;
}

export const startPump: StartRole<PumpRole> = async ({ port }) => {
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: "127.0.0.1", port, noDelay: true });
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { ready: { port: (server.address() as AddressInfo).port } };
};
