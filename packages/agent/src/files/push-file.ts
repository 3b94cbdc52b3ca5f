/** Sync's SEND (AOSP packages/modules/adb, SYNC.TXT): a file of this host to a path of a phone. What comes of a half is left to the caller. */
import type { FileHandle } from "node:fs/promises";
import { syncMaxData } from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";
import { untilAborted } from "../tasks/command.js";
import { ByteReader } from "../transports/byte-reader.js";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import { failureOf } from "./places.js";

/** Bytes for one write: a round trip each, through our own connection. */
const PIECE = 4 * syncMaxData;
const ANSWER_MS = 60_000;
const REGULAR = 0o100644;
const LONGEST_WORDS = 1_024;

export interface Push {
  readonly file: FileHandle;
  readonly size: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onSent: (bytes: number) => void;
}

/** Fails with `device_full`, `file_refused`, `phone_failed`, the signal's reason, or the connection's end. */
export async function pushFile(link: PhoneLink, push: Push): Promise<void> {
  const socket = await untilAborted(link.open("sync:"), push.signal);
  try {
    await untilAborted(converse(link, socket, push), push.signal);
  } finally {
    socket.close();
  }
}

/** A phone says at any moment that it cannot go on, and then only throws away what still comes. */
async function converse(link: PhoneLink, socket: PhoneSocket, push: Push): Promise<void> {
  let said = false;
  const answer = readAnswer(socket).finally(() => {
    said = true;
  });
  answer.catch(() => undefined);
  try {
    await send(socket, push, () => said || push.signal.aborted);
  } catch (error) {
    // What it said before it stopped listening is the reason.
    if (said) await answer;
    throw error;
  }
  await link.life.guard(answer, ANSWER_MS, "writing a file");
}

async function send(socket: PhoneSocket, { file, size, path, onSent }: Push, over: () => boolean): Promise<void> {
  const target = Buffer.from(`${path},${REGULAR}`);
  await socket.write(message("SEND", target.length, target));
  for (let at = 0; at < size && !over(); ) {
    // Kept by the connection until the phone has it: each piece has a room of its own.
    const room = Buffer.allocUnsafe(Math.min(PIECE, size - at));
    const { bytesRead } = await file.read(room, 0, room.length, at);
    if (bytesRead === 0) throw new PhonerackError("blob_not_found", "it was cut on this host");
    await socket.write(blocks(room.subarray(0, bytesRead)));
    at += bytesRead;
    onSent(at);
  }
  if (!over()) await socket.write(message("DONE", Math.floor(Date.now() / 1000)));
}

function blocks(bytes: Buffer): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += syncMaxData) {
    const part = bytes.subarray(at, at + syncMaxData);
    parts.push(message("DATA", part.length), part);
  }
  return Buffer.concat(parts);
}

async function readAnswer(socket: PhoneSocket): Promise<void> {
  const reader = new ByteReader(socket);
  const head = Buffer.from(await reader.exactly(8));
  const id = head.toString("latin1", 0, 4);
  if (id === "OKAY") return;
  if (id !== "FAIL") throw new PhonerackError("phone_protocol", "no answer to a file that was sent");
  const length = Math.min(head.readUInt32LE(4), LONGEST_WORDS);
  throw failureOf(Buffer.from(await reader.exactly(length)).toString("utf8"));
}

function message(id: string, value: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Buffer.alloc(8 + data.length);
  bytes.write(id, 0, "latin1");
  bytes.writeUInt32LE(value, 4);
  bytes.set(data, 8);
  return bytes;
}
