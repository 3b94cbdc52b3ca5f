/** Sits on the cable between an agent and one phone: sees what the agent asks for and when its bytes leave. Changes nothing. */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface PhoneTap {
  readonly port: number;
  /** Services the agent opened on the phone, in order. */
  readonly services: readonly string[];
  /** Called with each chunk from the agent before it goes on. */
  onChunk: (chunk: Buffer) => void;
  stop(): Promise<void>;
}

const HEADER = 24;
/** "OPEN", little-endian (AOSP, packages/modules/adb/adb.h). */
const A_OPEN = 0x4e45504f;

export async function startPhoneTap(phonePort: number): Promise<PhoneTap> {
  const sockets = new Set<Socket>();
  const services: string[] = [];
  const server = createServer((agent) => {
    const phone = connect({ host: "127.0.0.1", port: phonePort, noDelay: true });
    agent.setNoDelay(true);
    const read = openReader((service) => services.push(service));
    agent.on("data", (chunk: Buffer) => {
      tap.onChunk(chunk);
      read(chunk);
      phone.write(chunk);
    });
    phone.on("data", (chunk) => agent.write(chunk));
    for (const [socket, other] of [
      [agent, phone],
      [phone, agent],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const tap: PhoneTap = {
    port: (server.address() as AddressInfo).port,
    services,
    onChunk: () => {},
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return tap;
}

function openReader(onOpen: (service: string) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER) {
      const end = HEADER + rest.readUInt32LE(12);
      if (rest.length < end) return;
      if (rest.readUInt32LE(0) === A_OPEN) onOpen(rest.subarray(HEADER, end).toString("utf8").replace(/\0$/, ""));
      rest = rest.subarray(end);
    }
  };
}
