/**
 * Requests that bind a socket to another side's: "reverse:forward:REMOTE;LOCAL" asked of a device, "host:forward:LOCAL;REMOTE" asked of an
 * adb server, and the answers. AOSP packages/modules/adb, adb.cpp `handle_forward_request` and adb_io.cpp `SendProtocolString`.
 */
import { decodeText, encodeText } from "../text.js";
import { WireError } from "../wire-error.js";

export type ForwardRequest =
  /** `listen` is bound where the request is answered, `connect` opened on the other side for each connection. */
  | { type: "forward"; listen: string; connect: string; rebind: boolean }
  | { type: "kill"; listen: string }
  | { type: "kill-all" }
  | { type: "list" };

/** Reads what follows "reverse:" or "host:". Throws `bad-forward-request`, with the sentence adb itself uses where it has one. */
export function parseForwardRequest(text: string): ForwardRequest {
  if (text === "list-forward") return { type: "list" };
  if (text === "killforward-all") return { type: "kill-all" };
  if (text.startsWith("killforward:")) return { type: "kill", listen: text.slice("killforward:".length) };
  if (!text.startsWith("forward:")) throw new WireError("bad-forward-request", `unknown reverse request: ${text.slice(0, 64)}`);
  const norebind = text.startsWith("forward:norebind:");
  const parts = text.slice(norebind ? "forward:norebind:".length : "forward:".length).split(";");
  const [listen, connect] = parts;
  if (parts.length !== 2 || !listen || !connect) throw new WireError("bad-forward-request", `bad forward: ${text.slice(0, 64)}`);
  return { type: "forward", listen, connect, rebind: !norebind };
}

/** Four hexadecimal digits of length, then the text. */
export function encodeProtocolString(text: string): Uint8Array {
  const bytes = encodeText(text);
  const prefix = encodeText(Math.min(bytes.length, 0xffff).toString(16).padStart(4, "0"));
  const whole = new Uint8Array(4 + Math.min(bytes.length, 0xffff));
  whole.set(prefix);
  whole.set(bytes.subarray(0, 0xffff), 4);
  return whole;
}

/** Reads a protocol string that is complete; `undefined` if it is not one. */
export function parseProtocolString(bytes: Uint8Array): string | undefined {
  const prefix = decodeText(bytes.subarray(0, 4));
  if (!/^[0-9a-fA-F]{4}$/.test(prefix)) return undefined;
  const length = Number.parseInt(prefix, 16);
  return bytes.length === 4 + length ? decodeText(bytes.subarray(4)) : undefined;
}

/** "OKAY", with the port as a protocol string when the request left the choice of it ("tcp:0"). */
export function encodeForwardOkay(port?: number): Uint8Array {
  return port === undefined ? encodeText("OKAY") : encodeText(`OKAY${decodeText(encodeProtocolString(String(port)))}`);
}

export function encodeForwardFail(message: string): Uint8Array {
  return encodeText(`FAIL${decodeText(encodeProtocolString(message))}`);
}

/** The answer to list-forward, which has no OKAY before it. A device knows its host only as "host-N". */
export function encodeForwardList(entries: readonly { serial: string; listen: string; connect: string }[]): Uint8Array {
  return encodeProtocolString(entries.map((entry) => `${entry.serial} ${entry.listen} ${entry.connect}\n`).join(""));
}
