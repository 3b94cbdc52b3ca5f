/**
 * Ways in which a phone's daemon can be broken on purpose, to test what stands in front of it. Each lasts until the fault is changed;
 * connections that had one are dropped then.
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { adbCommand, encodeAdbHeader } from "@phonerack/android-wire/adb";

export const adbdFaults = [
  /** Accepts, and never reads or answers; connections that stand freeze too. */
  "hang",
  /** Accepts and closes at once; connections that stand are dropped. */
  "refuse",
  /** Says CNXN and nothing ever after. */
  "silent-after-cnxn",
  /** Carries everything but OKAY. */
  "never-okay",
  /** Random bytes. */
  "garbage",
  /** Half a packet, then silence. */
  "half-packet",
  /** A header whose magic is wrong. */
  "wrong-magic",
  /** A header that announces 4 GiB less a byte. */
  "wrong-length",
  /** A header that announces 100 MiB, and then those bytes. */
  "huge-frame",
  /** CNXN after CNXN, each with 1 MiB of banner. */
  "endless-banner",
] as const;
export type AdbdFault = (typeof adbdFaults)[number];

const nothing = new Uint8Array(0);
const mebibyte = 1024 * 1024;

/** Takes over a connection whose fault replaces the protocol; false if the protocol goes on (perhaps maimed). */
export function takeOver(fault: AdbdFault, socket: Socket): boolean {
  switch (fault) {
    case "hang":
      socket.pause();
      return true;
    case "refuse":
      socket.destroy();
      return true;
    case "garbage":
      pour(socket, () => randomBytes(64 * 1024));
      return true;
    case "half-packet":
      socket.resume();
      socket.write(
        encodeAdbHeader(
          { command: adbCommand.cnxn, arg0: 0x01000001, arg1: mebibyte, payload: nothing },
          { checksum: true },
        ).subarray(0, 11),
      );
      return true;
    case "wrong-magic":
      socket.resume();
      socket.write(header({ length: 0, magic: 0x12345678 }));
      return true;
    case "wrong-length":
      socket.resume();
      socket.write(header({ length: 0xffffffff }));
      return true;
    case "huge-frame":
      pourAfter(socket, header({ length: 100 * mebibyte }), 100);
      return true;
    case "endless-banner":
      pour(socket, () => Buffer.concat([header({ length: mebibyte }), Buffer.alloc(mebibyte, "device::ro.product.name=A;")]));
      return true;
    case "silent-after-cnxn":
    case "never-okay":
      return false;
  }
}

/** Whether a packet is held back under this fault. */
export function swallows(fault: AdbdFault | undefined, packetHeader: Uint8Array): boolean {
  const command = Buffer.from(packetHeader.buffer, packetHeader.byteOffset, packetHeader.byteLength).readUInt32LE(0);
  if (fault === "silent-after-cnxn") return command !== adbCommand.cnxn && command !== adbCommand.auth;
  return fault === "never-okay" && command === adbCommand.okay;
}

function header(fields: { length: number; magic?: number }): Buffer {
  const bytes = Buffer.from(
    encodeAdbHeader({ command: adbCommand.cnxn, arg0: 0x01000001, arg1: mebibyte, payload: nothing }, { checksum: false }),
  );
  bytes.writeUInt32LE(fields.length, 12);
  if (fields.magic !== undefined) bytes.writeUInt32LE(fields.magic, 20);
  return bytes;
}

/** Writes for ever, as fast as the other side reads. */
function pour(socket: Socket, next: () => Uint8Array): void {
  socket.resume();
  const more = (): void => {
    while (!socket.destroyed && socket.write(next()));
  };
  socket.on("drain", () => setImmediate(more));
  more();
}

function pourAfter(socket: Socket, first: Uint8Array, mebibytes: number): void {
  let left = mebibytes;
  socket.resume();
  socket.write(first);
  const more = (): void => {
    while (left-- > 0 && !socket.destroyed && socket.write(Buffer.alloc(mebibyte)));
  };
  socket.on("drain", more);
  more();
}
