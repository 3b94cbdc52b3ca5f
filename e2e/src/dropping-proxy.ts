/** A cable that can be cut: forwards TCP connections, and while it is cut lets nothing through in either direction, without a word. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface DroppingProxy {
  readonly port: number;
  cut(): void;
  mend(): void;
  stop(): void;
}

/** To a port of 127.0.0.1. */
export async function startDroppingProxy(to: number): Promise<DroppingProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(to, "127.0.0.1");
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, other] of [pair, [far, near] as const]) {
      from.on("data", (chunk) => {
        // What was on the cable is lost: its connection is dead, also when the cable is mended.
        if (isCut) lost.add(pair);
        if (!lost.has(pair)) other.write(chunk);
      });
      from.on("error", () => undefined);
      from.on("close", () => {
        pairs.delete(pair);
        if (!isCut) other.destroy();
      });
    }
    if (isCut) lost.add(pair);
  });
  const lost = new Set<readonly [Socket, Socket]>();
  server.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
      for (const pair of lost) for (const socket of pair) socket.destroy();
      lost.clear();
    },
    stop: () => {
      server.close();
      for (const pair of pairs) for (const socket of pair) socket.destroy();
    },
  };
}
