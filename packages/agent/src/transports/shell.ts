/**
 * Runs one command on a phone and reads what it prints, within a time and a size: a phone may answer never, for ever, or with gigabytes.
 */
import { ShellProtocolParser } from "@phonerack/android-wire/adb";
import { PhonerackError } from "@phonerack/contract/bus";
import type { PhoneLink, PhoneSocket } from "./link.js";

export interface ShellOptions {
  readonly timeoutMs: number;
  /** Bytes of output accepted; default 1 MiB. */
  readonly maxBytes?: number;
  /** Is given stdout as it comes (may end inside a character). */
  onStdout?(chunk: Uint8Array): void;
}

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const MAX_OUTPUT = 1024 * 1024;
const EXIT_MARK = "@phonerack-exit=";

/** Fails with `device_timeout`, `phone_protocol` (too much output, no exit code), `phone_failed` (shell refused) or the connection's end. */
export async function runShell(link: PhoneLink, command: string, options: ShellOptions): Promise<ShellResult> {
  // Phones before Android 7 have no shell protocol: the exit code is printed, stderr comes with stdout.
  const service = link.shellV2 ? `shell,v2,raw:${command}` : `exec:( ${command} ) 2>&1; echo ${EXIT_MARK}$?`;
  const socket = await link.open(service);
  try {
    const reading = link.shellV2 ? readV2(socket, options) : readPlain(socket, options);
    return await link.life.guard(reading, options.timeoutMs, `'${command.slice(0, 60)}'`);
  } finally {
    socket.close();
  }
}

/** Reads a stream to its end, handing out chunks. Fails with `phone_protocol` beyond `maxBytes`. */
export async function readToEnd(socket: PhoneSocket, maxBytes: number, take: (chunk: Uint8Array) => void): Promise<void> {
  let bytes = 0;
  for (;;) {
    const chunk = await socket.read();
    if (!chunk) return;
    bytes += chunk.length;
    if (bytes > maxBytes) throw new PhonerackError("phone_protocol", `it printed more than ${maxBytes} bytes`);
    take(chunk);
  }
}

async function readV2(socket: PhoneSocket, options: ShellOptions): Promise<ShellResult> {
  const out = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let exitCode: number | undefined;
  const parser = new ShellProtocolParser((event) => {
    if (event.type === "exit") exitCode = event.code;
    else if (event.type === "stdout" || event.type === "stderr") {
      // May be a view of a chunk, which nobody writes to again: no copy is needed.
      out[event.type].push(event.data);
      if (event.type === "stdout") options.onStdout?.(event.data);
    }
  });
  await readToEnd(socket, options.maxBytes ?? MAX_OUTPUT, (chunk) => parse(parser, chunk));
  if (exitCode === undefined) throw new PhonerackError("phone_protocol", "a shell ended without its exit code");
  return { stdout: text(out.stdout), stderr: text(out.stderr), exitCode };
}

function parse(parser: ShellProtocolParser, chunk: Uint8Array): void {
  try {
    parser.push(chunk);
  } catch (cause) {
    throw new PhonerackError("phone_protocol", cause instanceof Error ? cause.message : "bad shell packet", { cause });
  }
}

async function readPlain(socket: PhoneSocket, options: ShellOptions): Promise<ShellResult> {
  const chunks: Uint8Array[] = [];
  await readToEnd(socket, options.maxBytes ?? MAX_OUTPUT, (chunk) => {
    chunks.push(chunk);
    options.onStdout?.(chunk);
  });
  const all = text(chunks);
  const mark = all.lastIndexOf(EXIT_MARK);
  if (mark < 0) throw new PhonerackError("phone_protocol", "a shell ended without its exit code");
  return { stdout: all.slice(0, mark), stderr: "", exitCode: Number.parseInt(all.slice(mark + EXIT_MARK.length), 10) };
}

function text(chunks: readonly Uint8Array[]): string {
  return chunks.length === 1 && chunks[0] ? Buffer.from(chunks[0]).toString("utf8") : Buffer.concat(chunks).toString("utf8");
}
