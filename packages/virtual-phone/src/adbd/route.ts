/**
 * Which service a host's OPEN means. What Android's production build does not have, this phone refuses too, as adbd does: with CLSE.
 * AOSP packages/modules/adb, daemon/services.cpp.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseShellService } from "@phonerack/android-wire/adb";
import { type LocalSocket, normaliseAddress } from "./local-sockets.js";
import type { ReverseForwards } from "./reverse-service.js";
import type { AdbdParts } from "./services.js";
import { serveShell } from "./shell-service.js";
import type { StreamSocket } from "./stream-socket.js";
import { serveSync } from "./sync-service.js";

/** Serves one stream to its end. */
type Service = (stream: StreamSocket) => Promise<void>;

/** What adbd of a production ("user") build says to those who want more. */
const productionAnswers: Readonly<Record<string, string>> = {
  "root:": "adbd cannot run as root in production builds\n",
  "unroot:": "adbd not running as root\n",
  "remount:": 'Not running as root. Try "adb root" first.\n',
  "disable-verity:": "verity cannot be disabled/enabled - USER build\n",
  "enable-verity:": "verity cannot be disabled/enabled - USER build\n",
};

/** The service by this name, or `undefined` for CLSE. */
export function route(name: string, phone: AdbdParts & { reverse: ReverseForwards }): Service | undefined {
  const shell = parseShellService(name);
  if (shell) return (stream) => serveShell(phone.shell, shell, stream);
  if (name === "sync:") return (stream) => serveSync(phone.files, stream);
  if (name.startsWith("reverse:")) return (stream) => answer(stream, phone.reverse.answer(name.slice("reverse:".length)));
  if (name.startsWith("reboot:")) return (stream) => reboot(stream, () => phone.reboot(name.slice("reboot:".length)));
  if (name === "track-jdwp" || name === "track-app") return trackNothing;
  const text = productionAnswers[name];
  if (text !== undefined) return (stream) => answer(stream, Buffer.from(text));
  return connectInside(name, phone);
}

async function answer(stream: StreamSocket, bytes: Uint8Array): Promise<void> {
  await stream.write(bytes);
  stream.end();
}

/** The stream stays open until the restart cuts it; a short wait lets the answer to its OPEN out, or `adb reboot` prints an error. */
async function reboot(stream: StreamSocket, begin: () => void): Promise<void> {
  await sleep(100, undefined, { ref: false });
  begin();
  for await (const _ of stream.input);
}

/** No app of this phone can be debugged: an empty list that never changes. */
async function trackNothing(stream: StreamSocket): Promise<void> {
  await stream.write(Buffer.from("0000"));
  for await (const _ of stream.input);
  stream.end();
}

function connectInside(name: string, phone: AdbdParts): Service | undefined {
  const address = normaliseAddress(name);
  const local = address ? phone.sockets.connect(address) : undefined;
  return local ? (stream) => join(stream, local) : undefined;
}

/** Carries bytes both ways until either end closes. */
export async function join(stream: StreamSocket, local: LocalSocket): Promise<void> {
  const upward = carry(local.input, (chunk) => stream.write(chunk)).finally(() => stream.end());
  // What the host sent before it closed still reaches the app.
  const downward = carry(stream.input, (chunk) => local.write(chunk)).finally(() => local.finish());
  await Promise.allSettled([upward, downward]);
}

async function carry(from: AsyncIterable<Uint8Array>, write: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  for await (const chunk of from) await write(chunk);
}
