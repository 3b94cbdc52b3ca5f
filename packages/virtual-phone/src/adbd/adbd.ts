/**
 * The phone's debug daemon: listens on TCP as a phone does after `adb tcpip`, one transport for each host that connects.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { AdbdFault } from "./faults.js";
import type { AdbdParts } from "./services.js";
import { Transport } from "./transport.js";

export interface AdbdOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Hosts at once; more are closed at the door. Default 16. */
  maxConnections?: number;
}

export interface Adbd {
  readonly host: string;
  readonly port: number;
  /** Hosts connected now. */
  connections(): number;
  /** Breaks the daemon on purpose, or mends it. See `adbdFaults`. */
  setFault(fault: AdbdFault | undefined): void;
  /** Drops every host, as a restarting daemon does; they may come back at once. */
  dropConnections(): void;
  /** Closes the port and every connection. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a daemon. Rejects with the system's error (EADDRINUSE) when the port cannot be had. */
export async function startAdbd(parts: AdbdParts, options: AdbdOptions = {}): Promise<Adbd> {
  const transports = new Set<Transport>();
  let fault: AdbdFault | undefined;
  const server = createServer((socket: Socket) => {
    const transport = new Transport(socket, parts, fault);
    transports.add(transport);
    socket.once("close", () => transports.delete(transport));
  });
  server.maxConnections = options.maxConnections ?? 16;
  const { host, port } = await listen(server, { host: options.host ?? "127.0.0.1", port: options.port ?? 0 });
  const dropConnections = (): void => {
    for (const transport of transports) transport.destroy();
  };
  let stopped: Promise<void> | undefined;
  return {
    host,
    port,
    connections: () => transports.size,
    setFault: (next) => {
      fault = next;
      for (const transport of transports) transport.setFault(next);
    },
    dropConnections,
    stop: () => {
      stopped ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        dropConnections();
      });
      return stopped;
    },
  };
}

function listen(server: Server, at: { host: string; port: number }): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, () => {
      server.removeListener("error", reject);
      // A socket that could not be accepted (too many files) is that host's loss only.
      server.on("error", () => undefined);
      const address = server.address();
      resolve({ host: at.host, port: typeof address === "object" && address ? address.port : at.port });
    });
  });
}
