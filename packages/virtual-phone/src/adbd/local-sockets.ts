/**
 * The sockets inside one phone: Unix abstract names ("localabstract:NAME") and the phone's own TCP ports ("tcp:PORT"). Apps of the phone
 * listen and connect here, `adb forward` and `adb reverse` end here. Nothing here touches the machine's network: a host that asks
 * for "tcp:22" reaches only what this phone itself listens on.
 */
import { type BytePipe, bytePipe } from "./byte-pipe.js";

/** One end of a connection inside the phone. */
export interface LocalSocket {
  /** What the other end wrote; ends when it ended or closed. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when the other end has room (at once below 256 KiB in flight). Ignored after either end closed. */
  write(data: Uint8Array): Promise<void>;
  /** No more will be written by this end. */
  end(): void;
  /** As a process that exits: what it wrote can still be read, and what is written to it goes nowhere. */
  finish(): void;
  /** Closes both directions at once; the other end sees the end of input. Idempotent. */
  close(): void;
  /** Resolves when the connection is over, whoever closed it. */
  readonly closed: Promise<void>;
  /** Bytes written by this end that the other has not read yet: for senders that drop rather than wait. */
  readonly buffered: number;
}

export interface LocalListener {
  readonly address: string;
  close(): void;
}

type Accept = (socket: LocalSocket) => void;

/** The names bound in one phone. */
export class LocalSockets {
  #listeners = new Map<string, Accept>();

  /** Binds an address ("localabstract:NAME" or "tcp:PORT"). Throws if it is taken. */
  listen(address: string, accept: Accept): LocalListener {
    if (this.#listeners.has(address)) throw new Error(`${address} is already in use on this phone`);
    this.#listeners.set(address, accept);
    return {
      address,
      close: () => {
        if (this.#listeners.get(address) === accept) this.#listeners.delete(address);
      },
    };
  }

  /** Connects to whoever listens, or `undefined` if nobody does. */
  connect(address: string): LocalSocket | undefined {
    const accept = this.#listeners.get(address);
    if (!accept) return undefined;
    const [client, server] = socketPair();
    accept(server);
    return client;
  }

  isBound(address: string): boolean {
    return this.#listeners.has(address);
  }

  /** A port of this phone nobody listens on, for `adb reverse tcp:0`. */
  freePort(): number {
    for (let port = 32768; port < 61000; port++) if (!this.#listeners.has(`tcp:${port}`)) return port;
    throw new Error("no free port on this phone");
  }
}

/** Two connected ends. */
export function socketPair(): [LocalSocket, LocalSocket] {
  const forth = bytePipe();
  const back = bytePipe();
  const close = (): void => {
    forth.close();
    back.close();
  };
  const closed = Promise.all([forth.closed, back.closed]).then(() => undefined);
  return [socketEnd(back, forth, { close, closed }), socketEnd(forth, back, { close, closed })];
}

function socketEnd(incoming: BytePipe, outgoing: BytePipe, both: { close: () => void; closed: Promise<void> }): LocalSocket {
  return {
    input: incoming.source,
    write: (data) => outgoing.write(data),
    end: () => outgoing.end(),
    finish: () => {
      outgoing.end();
      incoming.close();
    },
    close: both.close,
    closed: both.closed,
    get buffered() {
      return outgoing.buffered;
    },
  };
}

/**
 * A socket specification as adb writes it, in the form used here; `undefined` for what a phone does not have. "tcp:PORT" and
 * "tcp:PORT:localhost" are the phone's own ports; "tcp:PORT:HOST" would lead out of the phone and is refused.
 */
export function normaliseAddress(specification: string): string | undefined {
  const tcp = /^tcp:(?:(?:localhost|127\.0\.0\.1):)?(\d{1,5})(?::(?:localhost|127\.0\.0\.1))?$/.exec(specification);
  if (tcp) return Number(tcp[1]) <= 65535 ? `tcp:${Number(tcp[1])}` : undefined;
  const local = /^(localabstract|localreserved|localfilesystem|local):(.+)$/s.exec(specification);
  if (!local) return undefined;
  // "local:" is adb's old name for an abstract one, except that a path means the file system.
  const kind = local[1] === "local" ? (local[2]?.startsWith("/") ? "localfilesystem" : "localabstract") : local[1];
  return `${kind}:${local[2]}`;
}
