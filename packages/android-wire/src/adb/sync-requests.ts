/**
 * What a host asks for on a "sync:" stream (push, pull, ls): AOSP packages/modules/adb, SYNC.TXT and file_sync_protocol.h.
 * The parser holds one request (at most 1,024 bytes of path); file data is passed on in pieces as it comes.
 */
import { type Grammar, Incremental } from "../incremental.js";
import { decodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";

export const syncMaxPath = 1024;
/** The most that one DATA block may carry. */
export const syncMaxData = 64 * 1024;

export type SyncEvent =
  /** STAT: lstat, old answer. */
  | { type: "stat"; path: string }
  /** LST2 and STA2: 64-bit answer; `follow` for STA2. */
  | { type: "stat2"; path: string; follow: boolean }
  | { type: "list"; path: string; v2: boolean }
  | { type: "receive"; path: string }
  /** `mode` as the host sent it, file type included; DATA and DONE follow. */
  | { type: "send"; path: string; mode: number }
  /** May be a view of the chunk pushed: copy what is kept. */
  | { type: "data"; data: Uint8Array }
  /** End of a sent file, with its time in seconds. */
  | { type: "done"; mtime: number }
  | { type: "quit" };

/** Reads sync requests in any chunking. Throws `sync-unknown-request`, `sync-name-too-long`, `sync-oversize-data`, `sync-bad-send`. */
export class SyncRequestParser {
  readonly #bytes: Incremental;

  constructor(onEvent: (event: SyncEvent) => void) {
    this.#bytes = new Incremental(this.#requests(onEvent));
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  finish(): void {
    this.#bytes.finish();
  }

  *#requests(onEvent: (event: SyncEvent) => void): Grammar {
    for (;;) {
      const { id, value } = readHeader(yield 8);
      if (id === "QUIT") onEvent({ type: "quit" });
      else {
        if (!known.has(id)) throw unknownRequest(id);
        if (value > syncMaxPath) throw new WireError("sync-name-too-long", "invalid file name length");
        const text = decodeText(yield value);
        if (id === "SEND") yield* sentFile(text, onEvent);
        else onEvent(pathRequest(id, text));
      }
      this.#bytes.markBoundary();
    }
  }
}

const known: ReadonlySet<string> = new Set(["STAT", "LST2", "STA2", "LIST", "LIS2", "RECV", "SEND"]);

function readHeader(header: Uint8Array): { id: string; value: number } {
  return { id: String.fromCharCode(...header.subarray(0, 4)), value: viewOf(header).getUint32(4, true) };
}

function unknownRequest(id: string): WireError {
  return new WireError("sync-unknown-request", `unknown command ${JSON.stringify(id)}`);
}

function pathRequest(id: string, path: string): SyncEvent {
  switch (id) {
    case "STAT":
      return { type: "stat", path };
    case "LST2":
    case "STA2":
      return { type: "stat2", path, follow: id === "STA2" };
    case "LIST":
    case "LIS2":
      return { type: "list", path, v2: id === "LIS2" };
    default:
      return { type: "receive", path };
  }
}

function* sentFile(pathAndMode: string, onEvent: (event: SyncEvent) => void): Grammar {
  const comma = pathAndMode.lastIndexOf(",");
  if (comma < 0) throw new WireError("sync-bad-send", "missing , in ID_SEND");
  const mode = Number(pathAndMode.slice(comma + 1));
  if (!Number.isInteger(mode) || mode < 0 || mode > 0xffffffff) throw new WireError("sync-bad-send", "bad mode");
  onEvent({ type: "send", path: pathAndMode.slice(0, comma), mode });
  for (;;) {
    const { id, value } = readHeader(yield 8);
    if (id === "DONE") return onEvent({ type: "done", mtime: value });
    if (id !== "DATA") throw unknownRequest(id);
    if (value > syncMaxData) throw new WireError("sync-oversize-data", "oversize data message");
    for (let left = value; left > 0; ) {
      const data: Uint8Array = yield { upTo: left };
      left -= data.length;
      onEvent({ type: "data", data });
    }
  }
}
