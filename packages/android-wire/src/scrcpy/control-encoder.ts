/** Writes scrcpy's control messages; see control-message.ts. */
import { concatBytes, encodeText, viewOf } from "../text.js";
import { WireError } from "../wire-error.js";
import { type ControlMessage, type ControlPosition, controlMaxMessage, controlType } from "./control-message.js";

/** Encodes one message. Throws `message-too-large` where a length field or the server's buffer would not hold it. */
export function encodeControlMessage(message: ControlMessage): Uint8Array {
  const writer = new FieldWriter();
  writeMessage(writer, message);
  const bytes = writer.bytes();
  if (bytes.length > controlMaxMessage)
    throw new WireError("message-too-large", `A control message of ${bytes.length} bytes is too long.`);
  return bytes;
}

function writeMessage(w: FieldWriter, message: ControlMessage): void {
  switch (message.type) {
    case "inject-keycode":
      return w
        .u8(controlType.injectKeycode)
        .u8(message.action)
        .u32(message.keycode)
        .u32(message.repeat)
        .u32(message.metaState)
        .end();
    case "inject-text":
      return w.u8(controlType.injectText).text32(message.text).end();
    case "inject-touch":
      w.u8(controlType.injectTouch).u8(message.action).u64(message.pointerId).position(message.position);
      return w.u16(unsignedFixed(message.pressure)).u32(message.actionButton).u32(message.buttons).end();
    case "inject-scroll":
      w.u8(controlType.injectScroll).position(message.position);
      return w
        .u16(signedFixed(message.hScroll / 16))
        .u16(signedFixed(message.vScroll / 16))
        .u32(message.buttons)
        .end();
    case "back-or-screen-on":
      return w.u8(controlType.backOrScreenOn).u8(message.action).end();
    case "get-clipboard":
      return w.u8(controlType.getClipboard).u8(message.copyKey).end();
    case "set-clipboard":
      return w
        .u8(controlType.setClipboard)
        .u64(message.sequence)
        .u8(message.paste ? 1 : 0)
        .text32(message.text)
        .end();
    case "set-display-power":
      return w
        .u8(controlType.setDisplayPower)
        .u8(message.on ? 1 : 0)
        .end();
    case "uhid-create":
      w.u8(controlType.uhidCreate).u16(message.id).u16(message.vendorId).u16(message.productId);
      return w.text8(message.name).data16(message.descriptor).end();
    case "uhid-input":
      return w.u8(controlType.uhidInput).u16(message.id).data16(message.data).end();
    case "uhid-destroy":
      return w.u8(controlType.uhidDestroy).u16(message.id).end();
    case "start-app":
      return w.u8(controlType.startApp).text8(message.name).end();
    default:
      return w.u8(bareTypes[message.type]).end();
  }
}

/** Messages that are their type and no more. */
const bareTypes = {
  "expand-notification-panel": controlType.expandNotificationPanel,
  "expand-settings-panel": controlType.expandSettingsPanel,
  "collapse-panels": controlType.collapsePanels,
  "rotate-device": controlType.rotateDevice,
  "open-hard-keyboard-settings": controlType.openHardKeyboardSettings,
  "reset-video": controlType.resetVideo,
} as const;

/** 0 to 1 in 16 bits; 1 is 0xffff, as scrcpy's `sc_float_to_u16fp`. */
function unsignedFixed(value: number): number {
  return Math.min(0xffff, Math.trunc(Math.max(0, Math.min(1, value)) * 0x10000));
}

/** -1 to 1 in 16 bits; 1 is 0x7fff, as scrcpy's `sc_float_to_i16fp`. */
function signedFixed(value: number): number {
  return Math.min(0x7fff, Math.trunc(Math.max(-1, Math.min(1, value)) * 0x8000));
}

class FieldWriter {
  #parts: Uint8Array[] = [];

  u8(value: number): this {
    return this.#push(1, (view) => view.setUint8(0, value));
  }
  u16(value: number): this {
    return this.#push(2, (view) => view.setUint16(0, value));
  }
  u32(value: number): this {
    return this.#push(4, (view) => view.setUint32(0, value));
  }
  u64(value: bigint): this {
    return this.#push(8, (view) => view.setBigUint64(0, BigInt.asUintN(64, value)));
  }
  position(position: ControlPosition): this {
    return this.u32(position.x).u32(position.y).u16(position.width).u16(position.height);
  }
  text8(text: string): this {
    const bytes = encodeText(text);
    if (bytes.length > 0xff) throw new WireError("message-too-large", "A name of more than 255 bytes does not fit.");
    this.u8(bytes.length).#parts.push(bytes);
    return this;
  }
  text32(text: string): this {
    const bytes = encodeText(text);
    this.u32(bytes.length).#parts.push(bytes);
    return this;
  }
  data16(data: Uint8Array): this {
    if (data.length > 0xffff) throw new WireError("message-too-large", "Data of more than 65,535 bytes does not fit.");
    this.u16(data.length).#parts.push(data);
    return this;
  }
  end(): void {}

  bytes(): Uint8Array {
    return concatBytes(this.#parts);
  }

  #push(length: number, write: (view: DataView) => void): this {
    const part = new Uint8Array(length);
    write(viewOf(part));
    this.#parts.push(part);
    return this;
  }
}
