/** What attackers send, in ADB's words and against its rules; `hostile-listener.ts` carries it. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type AdbBytes, AdbReader, adbHeader, adbPacket, greeting } from "./adb-bytes.js";
import type { Behaviour } from "./hostile-listener.js";

const MIB = 1024 * 1024;

/** A greeting of 1 MiB; sent over and over it has no end. */
export const BANNER = adbPacket({ command: "CNXN", arg0: 0x0100_0001, arg1: MIB }, Buffer.alloc(MIB, "device::a=b;"));
/** What no picture begins with. */
export const NOISE = Buffer.alloc(64 * 1024, 0xa5);

/** A greeting that is announced with 60,000 bytes and comes at twenty a second. */
export const dribbleBanner: Behaviour = (socket, closed) => {
  socket.resume().write(adbHeader({ command: "CNXN", arg0: 0x0100_0001, arg1: MIB, length: 60_000 }));
  const timer = setInterval(() => socket.write("d"), 50);
  closed.addEventListener("abort", () => clearInterval(timer));
};

/** Greets, then answers OPEN by OKAY and is silent. */
export const okayOnly: Behaviour = (socket) => {
  socket.write(greeting());
  answerPackets(socket, ({ command, arg0 }) =>
    command === "OPEN" ? adbPacket({ command: "OKAY", arg0: 7, arg1: arg0 }) : undefined,
  );
};

/** Asks for proof of the key after each proof. */
export const askForKey: Behaviour = (socket) => {
  answerPackets(socket, () => adbPacket({ command: "AUTH", arg0: 1 }, randomBytes(20)));
};

/** Packets for streams that nobody opened, about 64 KiB of them at a time. */
export function strays(command: "OKAY" | "WRTE" | "CLSE"): () => Buffer {
  const payload = Buffer.alloc(command === "WRTE" ? 1_000 : 0);
  let id = 1_000_000;
  return () => {
    const packets = Array.from({ length: Math.ceil(65_536 / (24 + payload.length)) }, () => {
      id++;
      return adbPacket({ command, arg0: id, arg1: id }, payload);
    });
    return Buffer.concat(packets);
  };
}

/** OPENs from the phone's side, as reverse tunnels make them. */
export function openStreams(host: Socket, count: number): void {
  for (let id = 1; id <= count; id++) host.write(adbPacket({ command: "OPEN", arg0: 1_000_000 + id }, "tcp:22\0"));
}

/** A greeting that promises more than there can be. */
export function exaggerate(packet: AdbBytes): AdbBytes {
  return packet.command === "CNXN" ? { ...packet, arg0: 0xffff_ffff, arg1: 0xffff_ffff } : packet;
}

/** A piece after the other without end, for the services that begin like this. */
export function* forEver(piece: () => Buffer): Iterator<Buffer> {
  for (;;) yield piece();
}

/** 32 KiB of a shell's stdout, in the shell protocol. */
export function shellOutput(): Buffer {
  const packet = Buffer.alloc(5 + 32 * 1024, "x");
  packet[0] = 1;
  packet.writeUInt32LE(32 * 1024, 1);
  return packet;
}

/** How scrcpy's first socket begins, and then a frame that is announced with 100 MB and comes, 64 KiB at a time. */
export function* hugeFrame(): Iterator<Buffer> {
  const head = Buffer.alloc(1 + 64 + 12 + 12);
  head.write("h264", 65, "latin1");
  head.writeUInt32BE(720, 69);
  head.writeUInt32BE(1_280, 73);
  head.writeUInt32BE(0x4000_0000, 77);
  head.writeUInt32BE(100_000_000, 85);
  yield head;
  for (;;) yield NOISE;
}

function answerPackets(socket: Socket, answer: (packet: AdbBytes) => Buffer | undefined): void {
  const reader = new AdbReader();
  socket.on("data", (chunk: Buffer) => {
    for (const packet of reader.push(chunk)) {
      const bytes = answer(packet);
      if (bytes) socket.write(bytes);
    }
  });
}
