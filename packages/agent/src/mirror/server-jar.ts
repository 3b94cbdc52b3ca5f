/**
 * The scrcpy server's jar: which one, whether it is what it should be, and getting it onto a phone once. It lies there under a name with its hash,
 * so that two versions never meet, and is hashed by the phone itself before it is pushed again.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { PhonerackError } from "@phonerack/contract/bus";
import { getPrebuilt } from "@u4/minicap-prebuilt";
import { ByteReader } from "../transports/byte-reader.js";
import type { PhoneLink, PhoneSocket } from "../transports/link.js";
import { runShell } from "../transports/shell.js";

export interface ServerJar {
  readonly version: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  /** Where it lies on a phone. */
  readonly remotePath: string;
}

/** The server of scrcpy's own release v3.3.1, as @u4/minicap-prebuilt ships it. */
const SHIPPED = {
  version: "3.3.1",
  sha256: "a0f70b20aa4998fbf658c94118cd6c8dab6abbb0647a3bdab344d70bc1ebcbb8",
  file: "scrcpy/scrcpy-server-v3.3.1.jar",
} as const;

/** Reads and checks the jar; the shipped one unless another is chosen. Fails with `usage` when its hash is not the one given. */
export async function loadServerJar(chosen?: { path: string; version: string; sha256: string }): Promise<ServerJar> {
  const path = chosen?.path ?? getPrebuilt(SHIPPED.file);
  const { version, sha256 } = chosen ?? SHIPPED;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new PhonerackError("usage", `the scrcpy server ${path} cannot be read`, { cause });
  }
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256.toLowerCase())
    throw new PhonerackError("usage", `the scrcpy server ${path} has SHA-256 ${found}, not ${sha256}`);
  return { version, sha256: found, bytes, remotePath: `/data/local/tmp/phonerack-scrcpy-${found.slice(0, 16)}.jar` };
}

/** Makes sure that the phone has the jar. Call it once per connection: a phone that restarted may have lost it. */
export async function pushServerJar(link: PhoneLink, jar: ServerJar): Promise<void> {
  const check = await runShell(link, `sha256sum ${jar.remotePath} 2>/dev/null`, { timeoutMs: 5_000, maxBytes: 64 * 1024 });
  if (check.stdout.startsWith(jar.sha256)) return;
  const socket = await link.open("sync:");
  try {
    await link.life.guard(send(socket, jar), 20_000, "copying the scrcpy server");
  } finally {
    socket.close();
  }
}

/** Sync's SEND (AOSP packages/modules/adb, SYNC.TXT): path and mode, DATA of at most 64 KiB, DONE with the time of change. */
async function send(socket: PhoneSocket, jar: ServerJar): Promise<void> {
  const DATA = 64 * 1024;
  const target = new TextEncoder().encode(`${jar.remotePath},33188`);
  await socket.write(message("SEND", target.length, target));
  for (let at = 0; at < jar.bytes.length; at += DATA) {
    const piece = jar.bytes.subarray(at, at + DATA);
    await socket.write(message("DATA", piece.length, piece));
  }
  await socket.write(message("DONE", Math.floor(Date.now() / 1000)));
  const reader = new ByteReader(socket);
  const answer = Buffer.from(await reader.exactly(8));
  if (answer.toString("latin1", 0, 4) === "OKAY") return;
  const length = Math.min(answer.readUInt32LE(4), 1024);
  const words =
    answer.toString("latin1", 0, 4) === "FAIL"
      ? Buffer.from(await reader.exactly(length)).toString("utf8")
      : "no answer it knows";
  throw new PhonerackError("phone_failed", `the scrcpy server could not be copied to it: ${words}`);
}

function message(id: string, value: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Buffer.alloc(8 + data.length);
  bytes.write(id, 0, "latin1");
  bytes.writeUInt32LE(value, 4);
  bytes.set(data, 8);
  return bytes;
}
