/**
 * Reaches a phone through an adb server, by its transport id. Each service is a connection of its own to the server. Tango's
 * AdbServerTransport keeps every socket it ever opened, so its client is used without it.
 */
import { connect } from "node:net";
import { PhonerackError } from "@phonerack/contract/bus";
import { AdbFeature, AdbServerClient, type AdbSocket } from "@yume-chan/adb";
import { MaybeConsumable, ReadableStream } from "@yume-chan/stream-extra";
import type { Lifeline } from "../transports/lifeline.js";
import { PhoneLink, type RawStream } from "../transports/link.js";

const CONNECT_TIMEOUT_MS = 3_000;
export function serverClient(port: number): AdbServerClient {
  return new AdbServerClient({
    connect: () => connectTcp(port),
    // Sessions use forward tunnels only.
    addReverseTunnel: () => Promise.reject(new Error("no reverse tunnels")),
    removeReverseTunnel: () => undefined,
    clearReverseTunnels: () => undefined,
  });
}

/** Fails with `device_timeout` or `device_not_ready`. The link ends when `life` does: the server's list says when. */
export async function openServerLink(client: AdbServerClient, transportId: bigint, life: Lifeline): Promise<PhoneLink> {
  let features: readonly string[];
  try {
    ({ features } = await life.guard(client.getDeviceFeatures({ transportId }), CONNECT_TIMEOUT_MS, "the adb server"));
  } catch (error) {
    if (error instanceof PhonerackError) throw error;
    throw new PhonerackError("device_not_ready", `the adb server says: ${error instanceof Error ? error.message : "no"}`, {
      cause: error,
    });
  }
  return new PhoneLink(
    {
      shellV2: features.includes(AdbFeature.ShellV2),
      features,
      connect: async (service) => new ServerStream(await client.createDeviceConnection({ transportId }, service)),
      close: () => undefined,
    },
    life,
  );
}

/** A service through the server: its own TCP connection, whose writes say only that the server has the bytes. */
class ServerStream implements RawStream {
  readonly #socket: AdbSocket;
  readonly #reader: ReturnType<AdbSocket["readable"]["getReader"]>;
  readonly #writer: ReturnType<AdbSocket["writable"]["getWriter"]>;
  #closed = false;

  constructor(socket: AdbSocket) {
    this.#socket = socket;
    this.#reader = socket.readable.getReader();
    this.#writer = socket.writable.getWriter();
    for (const half of [this.#reader, this.#writer]) half.closed.catch(() => undefined);
  }

  async read(): Promise<Uint8Array | undefined> {
    return (await this.#reader.read()).value;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#writer.write(bytes);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.cancel().catch(() => undefined);
    Promise.resolve(this.#socket.close()).catch(() => undefined);
  }
}

async function connectTcp(port: number): Promise<AdbServerClient.ServerConnection> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error("the adb server does not answer")));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.setTimeout(0);
  const closed = new Promise<undefined>((resolve) => socket.once("close", () => resolve(undefined)));
  let open = true;
  const readable = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        socket.on("data", (chunk: Buffer) => {
          if (!open) return;
          controller.enqueue(chunk);
          if ((controller.desiredSize ?? 0) <= 0) socket.pause();
        });
        // "close" comes after "end" and after errors alike, so a broken server never leaves a reader waiting.
        socket.on("error", () => undefined);
        socket.on("close", () => {
          if (open) controller.close();
          open = false;
        });
      },
      pull: () => void socket.resume(),
      cancel: () => {
        open = false;
        socket.destroy();
      },
    },
    { highWaterMark: 4 },
  );
  const writable = new MaybeConsumable.WritableStream<Uint8Array>({
    write: (chunk) =>
      new Promise<void>((resolve, reject) => {
        socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => void socket.end(),
    abort: () => void socket.destroy(),
  });
  return { readable, writable, closed, close: () => void socket.destroy() };
}
