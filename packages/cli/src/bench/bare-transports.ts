/** Nothing but Tango: the connections and shell calls an agent cannot do without, with none of what an agent adds. */
import { connect, type Socket } from "node:net";
import {
  type AdbCredentialStore,
  AdbDaemonTransport,
  AdbPacket,
  type AdbPacketData,
  type AdbPacketInit,
  AdbPacketSerializeStream,
} from "@yume-chan/adb";
import {
  type Consumable,
  MaybeConsumable,
  pipeFrom,
  ReadableStream,
  StructDeserializeStream,
  type WritableStream,
} from "@yume-chan/stream-extra";
import type { BringUp } from "./phone-roles.js";

/** As many at once as an agent takes. */
const AT_ONCE = 64;

/** The phones of a bench let everybody in. */
const NO_KEYS: AdbCredentialStore = {
  generateKey: () => {
    throw new Error("this phone asks for a key");
  },
  iterateKeys: () => [],
};

export class BareTransports {
  readonly #services: readonly string[];
  /** Kept open, as an agent keeps them. */
  readonly #open: AdbDaemonTransport[] = [];

  constructor(services: readonly string[]) {
    this.#services = services;
  }

  async bringUp(ports: readonly number[]): Promise<BringUp> {
    const began = performance.now();
    const left = [...ports];
    const reasons = new Set<string>();
    let ready = 0;
    const lane = async () => {
      for (let port = left.shift(); port !== undefined; port = left.shift()) {
        try {
          await this.#one(port);
          ready++;
        } catch (error) {
          reasons.add(error instanceof Error ? error.message : String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return { ms: performance.now() - began, ready, reasons: [...reasons].slice(0, 5) };
  }

  /** The services once more, over the connections that stand. @returns milliseconds */
  async again(services: readonly string[]): Promise<number> {
    const began = performance.now();
    await Promise.all(
      this.#open.map(async (transport) => {
        for (const service of services) {
          const stream = await open(transport, service);
          if (stream) await readAll(stream.readable);
        }
      }),
    );
    return performance.now() - began;
  }

  async #one(port: number): Promise<void> {
    const transport = await openBare(port);
    this.#open.push(transport);
    for (const service of this.#services) {
      const stream = await open(transport, service);
      if (stream && !isEndless(service)) await readAll(stream.readable);
    }
  }
}

/** A plain ADB connection to the phone at this port of this machine. */
export async function openBare(port: number): Promise<AdbDaemonTransport> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const connection = { readable: packetsOf(socket), writable: packetsTo(socket) };
  return AdbDaemonTransport.authenticate({ serial: `bare:${port}`, connection, credentialStore: NO_KEYS });
}

/** Undefined when the phone refuses: some services are only asked for to see whether they are there. */
async function open(transport: AdbDaemonTransport, service: string) {
  try {
    return await transport.connect(service);
  } catch {
    return undefined;
  }
}

/** A log that is followed does not end; having it open is what counts. */
function isEndless(service: string): boolean {
  return service.includes("logcat");
}

async function readAll(readable: ReadableStream<Uint8Array>): Promise<void> {
  const reader = readable.getReader();
  while (!(await reader.read()).done);
}

function packetsOf(socket: Socket): ReadableStream<AdbPacketData> {
  let ended = false;
  const bytes = new ReadableStream<Uint8Array>({
    start: (controller) => {
      socket.on("data", (chunk) => controller.enqueue(new Uint8Array(chunk)));
      socket.once("close", () => ended || controller.close());
      socket.on("error", () => undefined);
    },
    cancel: () => {
      ended = true;
      socket.destroy();
    },
  });
  return bytes.pipeThrough(new StructDeserializeStream(AdbPacket));
}

function packetsTo(socket: Socket): WritableStream<Consumable<AdbPacketInit>> {
  const sink = new MaybeConsumable.WritableStream<Uint8Array>({
    write: (chunk) => new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.write(chunk, () => resolve()))),
  });
  return pipeFrom(sink, new AdbPacketSerializeStream());
}
