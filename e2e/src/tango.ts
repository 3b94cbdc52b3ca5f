/** Tango (yume-chan/ya-webadb) straight to a phone's TCP port, over its own stream wrappers: nothing of ours between it and the phone. */
import { connect, type Socket } from "node:net";
import {
  Adb,
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

/** No keys: for phones that let everybody in. */
const noKeys: AdbCredentialStore = {
  generateKey: () => {
    throw new Error("this phone should not ask for a key");
  },
  iterateKeys: () => [],
};

export async function connectTango(port: number): Promise<{ adb: Adb; socket: Socket }> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  const connection = { readable: packetsOf(socket), writable: packetsTo(socket) };
  const transport = await AdbDaemonTransport.authenticate({ serial: `127.0.0.1:${port}`, connection, credentialStore: noKeys });
  return { adb: new Adb(transport), socket };
}

function packetsOf(socket: Socket): ReadableStream<AdbPacketData> {
  let cancelled = false;
  const bytes = new ReadableStream<Uint8Array>({
    start: (controller) => {
      socket.on("data", (chunk) => {
        if (!cancelled) controller.enqueue(new Uint8Array(chunk));
      });
      socket.once("close", () => {
        if (!cancelled) controller.close();
      });
      socket.on("error", () => undefined);
    },
    cancel: () => {
      cancelled = true;
      socket.destroy();
    },
  });
  return bytes.pipeThrough(new StructDeserializeStream(AdbPacket));
}

function packetsTo(socket: Socket): WritableStream<Consumable<AdbPacketInit>> {
  const sink = new MaybeConsumable.WritableStream<Uint8Array>({
    // What Tango still says to a socket that is gone is of no interest; the readable side's end tells it.
    write: (chunk) => new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.write(chunk, () => resolve()))),
    close: () => void socket.end(),
  });
  return pipeFrom(sink, new AdbPacketSerializeStream());
}
