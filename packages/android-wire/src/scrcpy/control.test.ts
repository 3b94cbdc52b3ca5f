import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WireError } from "../wire-error.js";
import { encodeControlMessage } from "./control-encoder.js";
import { type ControlMessage, controlMaxMessage } from "./control-message.js";
import { ControlMessageParser } from "./control-parser.js";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const position = { x: 260, y: 1026, width: 1080, height: 1920 };

function read(chunks: readonly Uint8Array[]): { messages: ControlMessage[]; error?: string; held: number } {
  const messages: ControlMessage[] = [];
  const parser = new ControlMessageParser((message) => messages.push(message));
  let held = 0;
  try {
    for (const chunk of chunks) {
      parser.push(chunk);
      held = Math.max(held, parser.held);
    }
    return { messages, held };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { messages, held, error: error.code };
  }
}

/** One of each type, with its bytes. */
const golden: [ControlMessage, string][] = [
  [{ type: "inject-keycode", action: 1, keycode: 66, repeat: 5, metaState: 0x41 }, "00 01 00000042 00000005 00000041"],
  [{ type: "inject-text", text: "héllo" }, "01 00000006 68c3a96c6c6f"],
  [
    {
      type: "inject-touch",
      action: 0,
      pointerId: 0x1234567887654321n,
      position: { ...position, x: 100, y: 200 },
      pressure: 1,
      actionButton: 1,
      buttons: 1,
    },
    "02 00 1234567887654321 00000064 000000c8 0438 0780 ffff 00000001 00000001",
  ],
  [
    {
      type: "inject-touch",
      action: 2,
      pointerId: -1n,
      position: { ...position, x: -1, y: 200 },
      pressure: 0.5,
      actionButton: 0,
      buttons: 0,
    },
    "02 02 ffffffffffffffff ffffffff 000000c8 0438 0780 8000 00000000 00000000",
  ],
  [
    { type: "inject-scroll", position, hScroll: 16, vScroll: -16, buttons: 1 },
    "03 00000104 00000402 0438 0780 7fff 8000 00000001",
  ],
  [{ type: "back-or-screen-on", action: 1 }, "04 01"],
  [{ type: "expand-notification-panel" }, "05"],
  [{ type: "expand-settings-panel" }, "06"],
  [{ type: "collapse-panels" }, "07"],
  [{ type: "get-clipboard", copyKey: 1 }, "08 01"],
  [{ type: "set-clipboard", sequence: 0x0102030405060708n, paste: true, text: "hi" }, "09 0102030405060708 01 00000002 6869"],
  [{ type: "set-display-power", on: true }, "0a 01"],
  [{ type: "rotate-device" }, "0b"],
  [
    { type: "uhid-create", id: 42, vendorId: 0x1234, productId: 0x5678, name: "ABC", descriptor: new Uint8Array([1, 2, 3]) },
    "0c 002a 1234 5678 03 414243 0003 010203",
  ],
  [{ type: "uhid-input", id: 42, data: new Uint8Array([1, 2, 3, 4, 5]) }, "0d 002a 0005 0102030405"],
  [{ type: "uhid-destroy", id: 42 }, "0e 002a"],
  [{ type: "open-hard-keyboard-settings" }, "0f"],
  [{ type: "start-app", name: "firefox" }, "10 07 66697265666f78"],
  [{ type: "reset-video" }, "11"],
];

describe("scrcpy control messages", () => {
  it.each(golden)("writes and reads %o", (message, bytes) => {
    const wire = Buffer.from(bytes.replaceAll(" ", ""), "hex");
    expect(hex(encodeControlMessage(message))).toBe(hex(wire));
    expect(read([wire])).toEqual({ messages: [message], held: 0 });
  });

  it("has a message for each type from 0 to 17, and none above", () => {
    expect(new Set(golden.map(([, bytes]) => Number.parseInt(bytes.slice(0, 2), 16))).size).toBe(18);
    expect(read([new Uint8Array([18])]).error).toBe("unknown-control-type");
  });

  it("reads a row of all of them in any chunking", () => {
    const wire = Buffer.concat(golden.map(([, bytes]) => Buffer.from(bytes.replaceAll(" ", ""), "hex")));
    for (const size of [1, 2, 7, 64]) {
      const chunks = [];
      for (let at = 0; at < wire.length; at += size) chunks.push(wire.subarray(at, at + size));
      expect(read(chunks).messages).toEqual(golden.map(([message]) => message));
    }
  });

  it("keeps touches to whole numbers of its fields, and scrolls to a sixteenth", () => {
    const scroll: ControlMessage = { type: "inject-scroll", position, hScroll: 0.5, vScroll: -3, buttons: 0 };
    expect(read([encodeControlMessage(scroll)]).messages).toEqual([scroll]);
    const far = encodeControlMessage({ ...scroll, hScroll: 1000 });
    expect(read([far]).messages).toEqual([{ ...scroll, hScroll: 16 }]);
  });

  it("takes a clipboard of 256 KiB and names one that is longer, before holding it", () => {
    const text = "x".repeat(controlMaxMessage - 14);
    expect(read([encodeControlMessage({ type: "set-clipboard", sequence: 1n, paste: false, text })]).messages[0]).toMatchObject({
      text,
    });
    expect(() => encodeControlMessage({ type: "set-clipboard", sequence: 1n, paste: false, text: `${text}x` })).toThrow(
      /too long/,
    );
    const announced = Buffer.from("0900000000000000010000ffffff", "hex");
    expect(read([announced])).toEqual({ messages: [], held: 0, error: "message-too-large" });
  });

  it("names a name that does not fit its length", () => {
    expect(() => encodeControlMessage({ type: "start-app", name: "x".repeat(256) })).toThrow(/255/);
    expect(() => encodeControlMessage({ type: "uhid-input", id: 1, data: new Uint8Array(65536) })).toThrow(/65,535/);
  });

  it("answers any bytes with messages or a named error, the same in any chunking, holding no more than a message", () => {
    const known = fc.constantFrom(...golden.map(([, bytes]) => Buffer.from(bytes.replaceAll(" ", ""), "hex")));
    const part = fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), fc.integer({ min: 1, max: 40 }), (parts, size) => {
        const whole = Buffer.concat(parts);
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
        const { held, ...pieces } = read(chunks);
        const { held: heldAtOnce, ...once } = read([whole]);
        expect(pieces).toEqual(once);
        expect(Math.max(held, heldAtOnce)).toBeLessThanOrEqual(controlMaxMessage);
      }),
    );
  });
});
