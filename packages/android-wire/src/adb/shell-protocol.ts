/**
 * Shell protocol v2: packets of an id, a length (u32, little-endian) and data, inside one ADB stream. AOSP packages/modules/adb, shell_protocol.h.
 * Also reads the service names that open a shell: "shell:", "shell,v2,TERM=xterm,pty:CMD", "exec:CMD".
 */
import { type Grammar, Incremental } from "../incremental.js";
import { decodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";

export const shellPacketId = { stdin: 0, stdout: 1, stderr: 2, exit: 3, closeStdin: 4, windowSize: 5 } as const;
export const shellHeaderLength = 5;
/** Neither adb nor Tango puts more into one packet than an ADB payload holds. */
export const shellMaxPacket = 1024 * 1024;

export function encodeShellPacket(id: number, data: Uint8Array): Uint8Array {
  const packet = new Uint8Array(shellHeaderLength + data.length);
  packet[0] = id;
  viewOf(packet).setUint32(1, data.length, true);
  packet.set(data, shellHeaderLength);
  return packet;
}

export function encodeShellExit(code: number): Uint8Array {
  return encodeShellPacket(shellPacketId.exit, new Uint8Array([code & 0xff]));
}

/** `data` of stdin, stdout and stderr comes in pieces as the bytes do: where one packet ends and the next begins carries no meaning. */
export type ShellEvent =
  | { type: "stdin" | "stdout" | "stderr"; data: Uint8Array }
  | { type: "exit"; code: number }
  | { type: "close-stdin" }
  | { type: "window-size"; rows: number; columns: number; width: number; height: number }
  /** An id this version does not know; its data is skipped, as Android's reader does. */
  | { type: "unknown"; id: number };

const streamNames = ["stdin", "stdout", "stderr"] as const;
const longestWindowSize = 64;

/** Reads shell packets in any chunking; holds at most 64 bytes. Throws `shell-packet-too-large`. */
export class ShellProtocolParser {
  readonly #bytes: Incremental;

  /** Data in events may be a view of the chunk pushed: copy what is kept. */
  constructor(onEvent: (event: ShellEvent) => void) {
    this.#bytes = new Incremental(this.#packets(onEvent));
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  finish(): void {
    this.#bytes.finish();
  }

  *#packets(onEvent: (event: ShellEvent) => void): Grammar {
    for (;;) {
      const header = yield shellHeaderLength;
      const id = header[0] ?? 0;
      const length = viewOf(header).getUint32(1, true);
      if (length > shellMaxPacket) throw new WireError("shell-packet-too-large", `A shell packet announced ${length} bytes.`);
      const name = streamNames[id];
      if (name) yield* pieces(length, (data) => onEvent({ type: name, data }));
      else if (id === shellPacketId.exit && length === 1) onEvent({ type: "exit", code: (yield 1)[0] ?? 0 });
      else if (id === shellPacketId.windowSize && length <= longestWindowSize) readWindowSize(yield length, onEvent);
      else {
        yield* pieces(length, () => undefined);
        onEvent(id === shellPacketId.closeStdin ? { type: "close-stdin" } : { type: "unknown", id });
      }
      this.#bytes.markBoundary();
    }
  }
}

function* pieces(length: number, take: (piece: Uint8Array) => void): Grammar {
  let left = length;
  while (left > 0) {
    const piece: Uint8Array = yield { upTo: left };
    left -= piece.length;
    take(piece);
  }
}

/** "ROWSxCOLUMNS,WIDTHxHEIGHT", NUL-terminated when adb sends it. A text that is none is ignored, as Android does. */
function readWindowSize(field: Uint8Array, onEvent: (event: ShellEvent) => void): void {
  const match = /^(\d{1,5})x(\d{1,5}),(\d{1,5})x(\d{1,5})\0?$/.exec(decodeText(field));
  if (!match) return;
  const [rows = 0, columns = 0, width = 0, height = 0] = match.slice(1).map(Number);
  onEvent({ type: "window-size", rows, columns, width, height });
}

export interface ShellService {
  /** Shell protocol v2, or plain bytes. */
  v2: boolean;
  pty: boolean;
  term: string;
  /** Empty for an interactive session. */
  command: string;
}

/** Reads the name of a shell or exec service; `undefined` if it is neither. Defaults as in AOSP's daemon/services.cpp `ShellService`. */
export function parseShellService(service: string): ShellService | undefined {
  if (service.startsWith("exec:")) return { v2: false, pty: false, term: "dumb", command: service.slice(5) };
  const match = /^shell((?:,[^:]*)?):(.*)$/s.exec(service);
  if (!match) return undefined;
  const command = match[2] ?? "";
  const result: ShellService = { v2: false, pty: command === "", term: "dumb", command };
  for (const argument of (match[1] ?? "").split(",")) {
    if (argument === "v2") result.v2 = true;
    else if (argument === "pty") result.pty = true;
    else if (argument === "raw") result.pty = false;
    else if (argument.startsWith("TERM=")) result.term = argument.slice(5);
  }
  return result;
}
