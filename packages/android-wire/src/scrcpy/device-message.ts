/**
 * What a phone tells a scrcpy client on the control socket, big-endian. scrcpy v3.3.1,
 * server/src/main/java/com/genymobile/scrcpy/control/DeviceMessageWriter.java.
 */
import { type Grammar, Incremental } from "../incremental.js";
import { decodeText, encodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";

export type DeviceMessage =
  | { type: "clipboard"; text: string }
  | { type: "ack-clipboard"; sequence: bigint }
  | { type: "uhid-output"; id: number; data: Uint8Array };

export const deviceMessageType = { clipboard: 0, ackClipboard: 1, uhidOutput: 2 } as const;
/** DEVICE_MSG_MAX_SIZE; a longer clipboard is cut. */
export const deviceMaxMessage = 1 << 18;

export function encodeDeviceMessage(message: DeviceMessage): Uint8Array {
  switch (message.type) {
    case "clipboard":
      return clipboard(message.text);
    case "ack-clipboard": {
      const bytes = new Uint8Array(9);
      bytes[0] = deviceMessageType.ackClipboard;
      viewOf(bytes).setBigUint64(1, message.sequence);
      return bytes;
    }
    case "uhid-output": {
      if (message.data.length > 0xffff) throw new WireError("message-too-large", "Data of more than 65,535 bytes does not fit.");
      const bytes = new Uint8Array(5 + message.data.length);
      bytes[0] = deviceMessageType.uhidOutput;
      viewOf(bytes).setUint16(1, message.id);
      viewOf(bytes).setUint16(3, message.data.length);
      bytes.set(message.data, 5);
      return bytes;
    }
  }
}

function clipboard(text: string): Uint8Array {
  let encoded = encodeText(text);
  if (encoded.length > deviceMaxMessage - 5) {
    let end = deviceMaxMessage - 5;
    // Not in the middle of a character: its later bytes are 10xxxxxx.
    while (((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
    encoded = encoded.subarray(0, end);
  }
  const bytes = new Uint8Array(5 + encoded.length);
  bytes[0] = deviceMessageType.clipboard;
  viewOf(bytes).setUint32(1, encoded.length);
  bytes.set(encoded, 5);
  return bytes;
}

/** Reads messages in any chunking; holds at most one field (256 KiB). Throws `unknown-device-message`, `message-too-large`. */
export class DeviceMessageParser {
  readonly #bytes: Incremental;

  constructor(onMessage: (message: DeviceMessage) => void) {
    this.#bytes = new Incremental(this.#messages(onMessage));
  }

  get held(): number {
    return this.#bytes.held;
  }

  push(chunk: Uint8Array): void {
    this.#bytes.push(chunk);
  }

  finish(): void {
    this.#bytes.finish();
  }

  *#messages(onMessage: (message: DeviceMessage) => void): Grammar {
    for (;;) {
      const type = (yield 1)[0] ?? 0;
      const message: DeviceMessage = yield* readMessage(type);
      this.#bytes.markBoundary();
      onMessage(message);
    }
  }
}

function* readMessage(type: number): Generator<number, DeviceMessage, Uint8Array> {
  if (type === deviceMessageType.ackClipboard) return { type: "ack-clipboard", sequence: viewOf(yield 8).getBigUint64(0) };
  if (type === deviceMessageType.uhidOutput) {
    const view = viewOf(yield 4);
    const [id, length] = [view.getUint16(0), view.getUint16(2)];
    return { type: "uhid-output", id, data: new Uint8Array(yield length) };
  }
  if (type !== deviceMessageType.clipboard)
    throw new WireError("unknown-device-message", `scrcpy has no device message of type ${type}.`);
  const length = viewOf(yield 4).getUint32(0);
  if (length > deviceMaxMessage - 5) throw new WireError("message-too-large", `A clipboard of ${length} bytes was announced.`);
  return { type: "clipboard", text: decodeText(yield length) };
}
