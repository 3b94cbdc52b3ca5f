/**
 * One port for two protocols: a connection that begins with TLS is https, anything else is plain HTTP and is told where https is. Knows
 * neither certificates nor pages.
 */
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

/** The first byte of a TLS record that begins a handshake (RFC 8446, 5.1). */
const HANDSHAKE = 0x16;
/** Browsers open connections before they need them; one that stays silent longer comes again. */
const FIRST_BYTE_MS = 30_000;

export interface OnePort {
  /** Ends what is not https; before the https server closes, which waits for all connections of its port. */
  stop(): void;
}

/** Takes the https server's connections over: those that are not TLS go to `plain`, which listens nowhere itself. */
export function sharePort(secure: HttpsServer, plain: HttpServer): OnePort {
  const handshake = secure.listeners("connection") as ((socket: Socket) => void)[];
  secure.removeAllListeners("connection");
  const undecided = new Set<Socket>();
  let stopped = false;
  secure.on("connection", (socket: Socket) => {
    if (stopped) return void socket.destroy();
    undecided.add(socket);
    const decide = (first: Buffer | undefined) => {
      undecided.delete(socket);
      socket.off("data", decide);
      socket.off("close", decide);
      socket.off("error", ignore);
      socket.setTimeout(0);
      socket.off("timeout", giveUp);
      if (!(first instanceof Buffer)) return;
      socket.pause();
      socket.unshift(first);
      if (first[0] === HANDSHAKE) {
        for (const begin of handshake) begin.call(secure, socket);
      } else {
        plain.emit("connection", socket);
        socket.resume();
      }
    };
    const giveUp = () => void socket.destroy();
    socket.setTimeout(FIRST_BYTE_MS, giveUp);
    socket.on("error", ignore);
    socket.on("close", decide);
    socket.on("data", decide);
  });
  return {
    stop: () => {
      stopped = true;
      for (const socket of undecided) socket.destroy();
      plain.closeAllConnections();
    },
  };
}

function ignore(): void {
  // Followed by close, where it is dealt with.
}
